//! The times of a run, gathered from its events.

use crate::name::StepKind;
use crate::plan::Plan;
use crate::run::{Event, Events, TimedEvent};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;

/// A phase of the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunPhase {
    /// Both sides are looked at, the values are read, the plan is made and judged.
    Survey,
    /// Schemas, types, tables; keys and triggers of the application's tables that are detached.
    Structure,
    /// The rows.
    Copies,
    /// Primary keys, unique constraints, indexes and CHECK constraints.
    Indexes,
    /// Foreign keys, and what was detached from the application's tables.
    ForeignKeys,
    /// Sequences, triggers, views, privileges, the spec's own steps, statistics, checks; and the time between steps.
    Rest,
    /// Both sides are compared.
    Verify,
}

impl RunPhase {
    /// Every phase, in the order of the way.
    pub const ALL: [Self; 7] =
        [Self::Survey, Self::Structure, Self::Copies, Self::Indexes, Self::ForeignKeys, Self::Rest, Self::Verify];

    /// The phase in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Survey => "looking at both sides",
            Self::Structure => "structure",
            Self::Copies => "copying",
            Self::Indexes => "keys and indexes",
            Self::ForeignKeys => "foreign keys",
            Self::Rest => "everything else",
            Self::Verify => "verify",
        }
    }

    fn of(kind: StepKind) -> Self {
        match kind {
            StepKind::Role
            | StepKind::Schema
            | StepKind::Extension
            | StepKind::Collation
            | StepKind::Setting
            | StepKind::SetAside
            | StepKind::Type
            | StepKind::Generator
            | StepKind::Table
            | StepKind::Detach
            | StepKind::Truncate => Self::Structure,
            StepKind::Copy => Self::Copies,
            StepKind::PrimaryKey | StepKind::Unique | StepKind::Index | StepKind::Constraint => Self::Indexes,
            StepKind::ForeignKey | StepKind::Validate | StepKind::Restore => Self::ForeignKeys,
            StepKind::Sequence
            | StepKind::Trigger
            | StepKind::View
            | StepKind::Grant
            | StepKind::Step
            | StepKind::Analyze
            | StepKind::Merge
            | StepKind::Check => Self::Rest,
        }
    }
}

/// The time of one step.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepTime {
    /// Its id.
    pub id: String,
    /// Its phase.
    pub phase: RunPhase,
    /// The table in the source that it is about.
    pub table: Option<String>,
    /// Seconds from its beginning to its end; others may have run beside it.
    pub seconds: f64,
    /// Rows in the target, for a copy.
    pub rows: Option<u64>,
    /// Bytes sent, for a copy.
    pub bytes: u64,
}

/// Piece of work between two moments.
#[derive(Debug, Clone)]
struct TimedPiece {
    began: Timestamp,
    ended: Option<Timestamp>,
    rows: Option<u64>,
    bytes: u64,
}

/// The events of a run, as far as its times are concerned.
#[derive(Debug, Clone, Default)]
pub(super) struct RecordedEvents {
    works: BTreeMap<String, TimedPiece>,
    run: Option<(Timestamp, Option<Timestamp>)>,
    /// Words that a step gave on its way.
    pub(super) warnings: Vec<(String, String)>,
}

/// Recorder of events, which hands them on.
pub(super) struct Recorder {
    task: JoinHandle<RecordedEvents>,
}

impl Recorder {
    /// Starts to record; `to` hears everything as well.
    pub(super) fn start(to: Events) -> (Events, Self) {
        let (sender, mut receiver) = unbounded_channel::<TimedEvent>();
        let task = tokio::spawn(async move {
            let mut recorded = RecordedEvents::default();
            while let Some(told) = receiver.recv().await {
                recorded.follow(&told);
                to.tell(told.event);
            }
            recorded
        });
        (Events::new(sender), Self { task })
    }

    /// Waits until everything is recorded; the senders must be dropped.
    pub(super) async fn finish(self) -> RecordedEvents {
        self.task.await.unwrap_or_default()
    }
}

impl RecordedEvents {
    fn follow(&mut self, told: &TimedEvent) {
        match &told.event {
            Event::RunStarted { .. } => self.run = Some((told.at, None)),
            Event::RunDone { .. } => {
                if let Some((_, end)) = &mut self.run {
                    *end = Some(told.at);
                }
            }
            Event::StepStarted { id, .. } => {
                let work = TimedPiece { began: told.at, ended: None, rows: None, bytes: 0 };
                self.works.insert(id.clone(), work);
            }
            Event::StepProgress { id, bytes, .. } => {
                if let Some(work) = self.works.get_mut(id) {
                    work.bytes += bytes;
                }
            }
            Event::StepDone { id, rows, warning, .. } => {
                self.end(id, told.at, *rows);
                self.warnings.extend(warning.iter().map(|warning| (id.clone(), warning.clone())));
            }
            Event::StepFailed { id, .. } => self.end(id, told.at, None),
            _ => {}
        }
    }

    fn end(&mut self, id: &str, at: Timestamp, rows: Option<u64>) {
        if let Some(work) = self.works.get_mut(id) {
            (work.ended, work.rows) = (Some(at), rows);
        }
    }

    /// The steps of the plan that were done, with their times, in the plan's order.
    pub(super) fn steps(&self, plan: &Plan) -> Vec<StepTime> {
        let one = |step: &crate::plan::Step| {
            let id = step.id.to_string();
            let work = self.works.get(&id)?;
            Some(StepTime {
                phase: RunPhase::of(step.kind()),
                table: step.source_table().map(str::to_owned),
                seconds: seconds(work.began, work.ended?),
                rows: work.rows,
                bytes: work.bytes,
                id,
            })
        };
        plan.steps.iter().filter_map(one).collect()
    }

    /// The run's time by phase. Where steps of several phases ran at once, each gets its share of that time, so that the phases
    /// add up to the run.
    pub(super) fn phases(&self, plan: &Plan) -> BTreeMap<RunPhase, f64> {
        let Some((began, Some(ended))) = self.run else { return BTreeMap::new() };
        let mut moments = vec![(began, None), (ended, None)];
        for step in &plan.steps {
            let work = self.works.get(&step.id.to_string());
            if let Some(TimedPiece { began, ended: Some(ended), .. }) = work {
                let phase = RunPhase::of(step.kind());
                moments.extend([(*began, Some((phase, 1_i32))), (*ended, Some((phase, -1)))]);
            }
        }
        moments.sort_by_key(|(at, _)| *at);
        let (mut phases, mut active) = (BTreeMap::<RunPhase, f64>::new(), BTreeMap::<RunPhase, i32>::new());
        let mut last = began;
        for (at, change) in moments {
            let passed = seconds(last, at);
            let all = active.values().sum::<i32>();
            if all > 0 {
                for (phase, number) in &active {
                    *phases.entry(*phase).or_default() += passed * f64::from(*number) / f64::from(all);
                }
            } else {
                *phases.entry(RunPhase::Rest).or_default() += passed;
            }
            if let Some((phase, difference)) = change {
                *active.entry(phase).or_default() += difference;
            }
            last = at;
        }
        phases
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64().max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_step_has_a_phase_and_phases_have_words() {
        for kind in StepKind::ALL {
            assert!(!matches!(RunPhase::of(kind), RunPhase::Survey | RunPhase::Verify), "{kind}");
        }
        let words = RunPhase::ALL.map(RunPhase::words);
        assert_eq!(words.iter().collect::<std::collections::BTreeSet<_>>().len(), words.len());
    }
}
