//! `--report` of `apply` and `verify`: gathers the facts, and writes them whatever the outcome of the command.

use super::super::failure::{Exit, Failure};
use super::super::reports::Reports;
use super::file_name;
use jiff::Timestamp;
use std::collections::BTreeMap;
use transship::catalog::SnapshotState;
use transship::plan::Plan;
use transship::report::evidence::{Command, Outcome, RunFacts};
use transship::report::{Evidence, Timeline};
use transship::run::Stop;
use transship::source::engine_version;
use transship::spec::Spec;

/// Facts that are known from the beginning.
#[derive(Debug)]
pub(super) struct Witness {
    reports: Reports,
    started_at: Timestamp,
}

/// Facts that are known at the end beside the result.
#[derive(Debug, Default)]
pub(super) struct ObservedFacts {
    pub(super) plan: Option<Plan>,
    pub(super) postgresql: Option<String>,
    /// The state of a server that was read.
    pub(super) snapshot: Option<SnapshotState>,
    pub(super) notes: Vec<String>,
    pub(super) timeline: Timeline,
    /// Digest and number of steps of a plan of which nothing was done before.
    pub(super) whole: Option<(String, usize)>,
    /// Rows that the spec's filters leave behind, by source table.
    pub(super) filtered: BTreeMap<String, u64>,
}

impl Witness {
    pub(super) fn new(reports: Reports) -> Self {
        Self { reports, started_at: Timestamp::now() }
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.reports.are_wanted()
    }

    /// Writes the evidence and returns the result; the failure to write a report is returned only if nothing else
    /// failed.
    pub(super) fn write(
        self,
        spec: &Spec,
        stop: &Stop,
        seen: &ObservedFacts,
        command: Command<'_>,
        ended: Result<Outcome, Failure>,
        exit: Exit,
    ) -> Result<Exit, Failure> {
        if !self.is_wanted() {
            return ended.map(|_| exit);
        }
        let (outcome, exit_code, message) = match &ended {
            Ok(outcome) => (*outcome, exit, None),
            Err(failure) => {
                (outcome_of(failure, stop), failure.exit(), Some(without_place(spec, &failure.to_string())))
            }
        };
        let evidence = Evidence::of(RunFacts {
            command,
            migration: &spec.name,
            spec: &file_name(spec),
            schemas: &spec.target.schemas,
            started_at: self.started_at,
            finished_at: Timestamp::now(),
            outcome,
            exit_code: exit_code as i32,
            message: message.as_deref(),
            notes: &seen.notes,
            sqlite: engine_version(),
            postgresql: seen.postgresql.as_deref(),
            snapshot: seen.snapshot.as_ref(),
            timeline: &seen.timeline,
            plan: seen.plan.as_ref(),
        });
        let written = self.reports.write(&evidence);
        ended?;
        written.map(|()| exit)
    }
}

/// Note for readers of the evidence if the server was a private trial server.
pub(super) fn trial_note(spec: &Spec) -> Vec<String> {
    let note = "The target was the trial server that transship keeps under .transship, and no other server.";
    if spec.is_trial() { vec![note.to_owned()] } else { Vec::new() }
}

/// Outcome for a failure.
fn outcome_of(failure: &Failure, stop: &Stop) -> Outcome {
    match failure.exit() {
        Exit::NotRight => Outcome::Refused,
        Exit::Failed if stop.is_thrown() => Outcome::Interrupted,
        _ => Outcome::Failed,
    }
}

/// Removes the servers' addresses from a message: many people read an archive.
pub(super) fn without_place(spec: &Spec, message: &str) -> String {
    let places = spec.target.connection.places();
    places.iter().fold(message.to_owned(), |message, place| {
        let mut words = String::with_capacity(message.len());
        let mut rest = message.as_str();
        while let Some(at) = rest.find(place.as_str()) {
            let (before, after) = (&rest[..at], &rest[at + place.len()..]);
            // A short host name may be a part of another word.
            let is_word = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
            words.push_str(before);
            words.push_str(if is_word { "(the target)" } else { place });
            rest = after;
        }
        words + rest
    })
}
