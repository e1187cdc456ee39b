//! `--report` of `apply` and `verify`: gathers the facts, and writes them whatever the outcome of the command.

use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::reports::Reports;
use super::file_name;
use jiff::Timestamp;
use std::collections::BTreeMap;
use transship::apply::RunRecord;
use transship::catalog::SnapshotState;
use transship::plan::Plan;
use transship::report::evidence::{CommandEnd, DecidingOptions, EvidencedCommand, RunFacts};
use transship::report::{Evidence, Timeline};
use transship::run::Stop;
use transship::source::library_version;
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
    /// Options of the command that decide about findings.
    pub(super) options: DecidingOptions,
    /// The runs before a comparison.
    pub(super) record: Option<RunRecord>,
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
        command: EvidencedCommand<'_>,
        ended: Result<(CommandEnd, Exit), Failure>,
    ) -> Result<Exit, Failure> {
        if !self.is_wanted() {
            return ended.map(|(_, exit)| exit);
        }
        let (outcome, exit_code, message) = match &ended {
            Ok((outcome, exit)) => (*outcome, *exit, None),
            Err(failure) => {
                (outcome_of(failure, stop), failure.exit(), Some(without_place(spec, &failure.to_string())))
            }
        };
        let notes = seen.notes.iter().map(|note| without_place(spec, note)).collect::<Vec<_>>();
        // A step that fails tells of its server as the command does.
        let timeline = seen.timeline.with_errors(|error| without_place(spec, error));
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
            notes: &notes,
            library: library_version(&spec.source.connection),
            postgresql: seen.postgresql.as_deref(),
            snapshot: seen.snapshot.as_ref(),
            decisions: &spec.decisions,
            options: seen.options,
            timeline: &timeline,
            plan: seen.plan.as_ref(),
        });
        let written = self.reports.write(&evidence);
        let (_, exit) = ended?;
        written.map(|()| exit)
    }
}

/// Note for readers of the evidence if the server was a private trial server.
pub(super) fn trial_note(spec: &Spec) -> Vec<String> {
    let note = "The target was the trial server that transship keeps under .transship, and no other server.";
    if spec.is_trial() { vec![note.to_owned()] } else { Vec::new() }
}

/// Outcome for a failure.
fn outcome_of(failure: &Failure, stop: &Stop) -> CommandEnd {
    match failure.exit() {
        Exit::NotRight => CommandEnd::Refused,
        Exit::Failed if stop.is_thrown() => CommandEnd::Interrupted,
        _ => CommandEnd::Failed,
    }
}

/// Removes the servers' addresses from a message: many people read an archive.
pub(super) fn without_place(spec: &Spec, message: &str) -> String {
    let of_source = spec.source.connection.places();
    let of_target = spec.target.connection.places();
    let places = of_source.iter().map(|place| (place, "the source"));
    let mut places = places.chain(of_target.iter().map(|place| (place, "the target"))).collect::<Vec<_>>();
    // An address holds the name of its host.
    places.sort_by_key(|(place, _)| std::cmp::Reverse(place.len()));
    places.iter().fold(message.to_owned(), |message, (place, side)| replaced(&message, place, side))
}

/// The message with other words in the place of a name, where that is a word of its own.
fn replaced(message: &str, place: &str, side: &str) -> String {
    let mut words = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find(place).filter(|_| !place.is_empty()) {
        let (before, after) = (&rest[..at], &rest[at + place.len()..]);
        // A short host name may be a part of another word.
        let is_word = !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric);
        words.push_str(before);
        let is_said = words.strip_suffix(' ').is_some_and(|words| words.ends_with(side));
        match (is_word, is_said) {
            (false, _) => words.push_str(place),
            (true, false) => words.push_str(side),
            // `the source mysql://…`: the side stands before it.
            (true, true) => words.truncate(words.len() - 1),
        }
        rest = after;
    }
    words + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use transship::spec;

    #[test]
    fn no_message_names_a_server() {
        let text = "spec = 1\nname = \"shop\"\n[source]\nurl = \"mysql://courier@db.internal:3306/shop\"\n\
                    [target]\nurl = \"postgres://ada@pg.internal/shop\"\nschema = \"shop\"\n";
        let spec = spec::read(text, Path::new("shop.toml"), None, &|_| None).unwrap();
        let told = without_place(
            &spec,
            "the connection to the source mysql://courier@db.internal:3306/shop was lost: db.internal:3306 is away, and so is \
             pg.internal",
        );
        assert_eq!(told, "the connection to the source was lost: the source is away, and so is the target");
    }
}
