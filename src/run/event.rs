//! Events of a run, for the part that shows them.

use super::CheckResult;
use crate::target::ledger::RunState;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use tokio::sync::mpsc::UnboundedSender;

/// An event and its time. As JSON it is the event's object with the key `at`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimedEvent {
    /// Time of the event.
    #[serde(serialize_with = "to_milliseconds")]
    pub at: Timestamp,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// ISO 8601 in UTC, to the millisecond.
fn to_milliseconds<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

/// Event of a run. As JSON it is one object with the key `event`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The survey reads values before anything is written.
    SurveyProgress {
        /// The source table.
        table: String,
        /// Rows read.
        rows: u64,
        /// Rows of it.
        of: u64,
    },
    /// The survey has its answers.
    SurveyDone,
    /// A run begins.
    RunStarted {
        /// The migration.
        migration: String,
        /// The plan's digest.
        digest: String,
        /// Steps to do.
        steps: usize,
        /// Rows to copy.
        rows: u64,
        /// Estimated bytes to copy.
        bytes: u64,
        /// Server, database and schema, without user and password.
        target: String,
        /// Number of objects of the source that are left behind without a line of the spec.
        left_behind: u64,
    },
    /// A step begins.
    StepStarted {
        /// Its id.
        id: String,
        /// Rows to copy, for a copy.
        rows: Option<u64>,
    },
    /// A copy has progressed.
    StepProgress {
        /// Its id.
        id: String,
        /// Rows since the last such event.
        rows: u64,
        /// Bytes sent since the last such event.
        bytes: u64,
    },
    /// A step is done and committed.
    StepDone {
        /// Its id.
        id: String,
        /// Rows in the target, for a copy.
        rows: Option<u64>,
        /// Milliseconds since it began.
        milliseconds: u64,
        /// The wrong answer of a check with `severity = "warn"`, or a deviation of the step from the plan.
        #[serde(skip_serializing_if = "Option::is_none")]
        warning: Option<String>,
    },
    /// A step failed; nothing of it remains in the target.
    StepFailed {
        /// Its id.
        id: String,
        /// The error.
        error: String,
    },
    /// A failed or interrupted run has restored the keys and triggers of a table of the application.
    #[serde(rename = "put_back")]
    Restored {
        /// The table in the target.
        table: String,
        /// Keys and triggers that are not as before, in words and with the reason.
        rest: Vec<String>,
    },
    /// A table's comparison begins.
    TableStarted {
        /// The source table.
        table: String,
    },
    /// A table was compared on both sides.
    TableVerified {
        /// The source table.
        table: String,
        /// Its rows in the source.
        rows: u64,
        /// Whether both sides are equal.
        equal: bool,
    },
    /// A check is asked.
    CheckStarted {
        /// The check's name.
        check: String,
    },
    /// A check got its answer.
    CheckDone(CheckResult),
    /// The run has ended.
    RunDone {
        /// done, failed or interrupted.
        state: RunState,
        /// Steps done in this run.
        steps: usize,
        /// Rows copied in this run.
        rows: u64,
        /// Rows that the target had already (`existing_rows = "merge"`), of this run and earlier ones.
        #[serde(skip_serializing_if = "is_none")]
        already_there: u64,
        /// Rows that the spec rejects, of this run and earlier ones.
        rejected: u64,
        /// Values that became NULL as the spec says, in this run and earlier ones.
        nulled: u64,
        /// Values that lost digits as the spec says, in this run and earlier ones.
        shortened: u64,
        /// Milliseconds since it began.
        milliseconds: u64,
    },
}

fn is_none(rows: &u64) -> bool {
    *rows == 0
}

/// Sender of events. Clones send to the same channel.
#[derive(Debug, Clone)]
pub struct Events {
    sender: UnboundedSender<TimedEvent>,
}

impl Events {
    /// Sender into this channel.
    #[must_use]
    pub fn new(sender: UnboundedSender<TimedEvent>) -> Self {
        Self { sender }
    }

    /// Sends an event; without effect if the receiver is gone.
    pub fn tell(&self, event: Event) {
        if self.sender.send(TimedEvent { at: Timestamp::now(), event }).is_err() {
            tracing::trace!("nobody listens to events");
        }
    }
}

/// Whole milliseconds since a moment.
pub(crate) fn milliseconds(since: std::time::Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}
