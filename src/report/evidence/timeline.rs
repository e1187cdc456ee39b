//! Timeline of a run, gathered from its events.

use crate::name::StepKind;
use crate::run::{CheckResult, Event, TimedEvent};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Events of a run with their times.
#[derive(Debug, Clone, Default)]
pub struct Timeline {
    /// Pieces of work by id: a step's, `verify:TABLE`, `check:NAME`.
    works: BTreeMap<String, TimedWork>,
    /// Results of checks in the order of their answers.
    checks: Vec<CheckResult>,
}

/// Piece of work with its times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimedWork {
    pub(super) started_at: Timestamp,
    /// End; `None` if the work was interrupted.
    pub(super) finished_at: Option<Timestamp>,
    /// Rows copied or compared.
    pub(super) rows: Option<u64>,
    /// Bytes sent.
    pub(super) bytes: Option<u64>,
    pub(super) error: Option<String>,
    pub(super) failed: bool,
}

impl Timeline {
    /// Records an event.
    pub fn follow(&mut self, told: &TimedEvent) {
        match &told.event {
            Event::StepStarted { id, .. } => self.begin(id.clone(), told.at),
            Event::TableStarted { table } => self.begin(verification(table), told.at),
            Event::CheckStarted { check } => self.begin(check_id(check), told.at),
            Event::StepProgress { id, bytes, .. } => {
                if let Some(work) = self.works.get_mut(id) {
                    *work.bytes.get_or_insert(0) += bytes;
                }
            }
            Event::StepDone { id, rows, .. } => self.end(id, told.at, *rows, None, false),
            Event::StepFailed { id, error } => self.end(id, told.at, None, Some(error.clone()), true),
            Event::TableVerified { table, rows, equal } => {
                self.end(&verification(table), told.at, Some(*rows), None, !equal);
            }
            Event::CheckDone(result) => {
                let error = (!result.passed).then(|| result.to_string());
                self.end(&check_id(&result.name), told.at, None, error, result.is_failure());
                self.checks.push(result.clone());
            }
            Event::SurveyProgress { .. }
            | Event::SurveyDone
            | Event::RunStarted { .. }
            | Event::Restored { .. }
            | Event::RunDone { .. } => {}
        }
    }

    /// The same, with other words in the place of each error.
    #[must_use]
    pub fn with_errors(&self, words: impl Fn(&str) -> String) -> Self {
        let mut timeline = self.clone();
        for work in timeline.works.values_mut() {
            work.error = work.error.as_deref().map(&words);
        }
        timeline
    }

    pub(super) fn work(&self, id: &str) -> Option<&TimedWork> {
        self.works.get(id)
    }

    pub(super) fn checks(&self) -> &[CheckResult] {
        &self.checks
    }

    fn begin(&mut self, id: String, at: Timestamp) {
        let work = TimedWork { started_at: at, finished_at: None, rows: None, bytes: None, error: None, failed: false };
        self.works.insert(id, work);
    }

    fn end(&mut self, id: &str, at: Timestamp, rows: Option<u64>, error: Option<String>, failed: bool) {
        if let Some(work) = self.works.get_mut(id) {
            work.finished_at = Some(at);
            work.rows = rows.or(work.rows);
            work.error = error.or(work.error.take());
            work.failed |= failed;
        }
    }
}

/// Id of a table's comparison.
pub(super) fn verification(table: &str) -> String {
    format!("verify:{table}")
}

fn check_id(name: &str) -> String {
    StepKind::Check.id(name).to_string()
}
