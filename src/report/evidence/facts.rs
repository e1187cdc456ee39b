//! Evidence from the facts that a command knows at its end.

use super::decision::{DecidingOptions, decision};
use super::timeline::{TimedWork, Timeline, verification};
use super::{
    CommandEnd, Digests, Evidence, EvidenceVersions, FindingEvidence, RowCounts, RunEvidence, StepEvidence,
    StepOutcome, TableEvidence, TableState,
};
use crate::apply::{Account, Accounts, RunRecord};
use crate::catalog::SnapshotState;
use crate::name::Schemas;
use crate::plan::{Plan, Step, StepState};
use crate::run::CheckResult;
use crate::spec::Decision;
use crate::target::ledger::{RunRow, StepLine};
use crate::verify::{ChangedRows, TableResult, Verification};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The version of the document's form.
const FORM: u32 = 1;

/// Facts that a command knows at its end, whatever its outcome.
#[derive(Debug, Clone, Copy)]
pub struct RunFacts<'a> {
    /// Command that made the evidence.
    pub command: EvidencedCommand<'a>,
    /// The migration's name.
    pub migration: &'a str,
    /// The spec's file name.
    pub spec: &'a str,
    /// The schemas in the target.
    pub schemas: &'a Schemas,
    /// When the command began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// Outcome of the command.
    pub outcome: CommandEnd,
    /// The exit code that follows.
    pub exit_code: i32,
    /// The error, without host names.
    pub message: Option<&'a str>,
    /// Notes for the reader.
    pub notes: &'a [String],
    /// The version of the library that reads the source; `None` for a server.
    pub library: Option<&'static str>,
    /// The server's version, if it was reached.
    pub postgresql: Option<&'a str>,
    /// The state of a server that was read; `None` for a file.
    pub snapshot: Option<&'a SnapshotState>,
    /// The decisions of the spec.
    pub decisions: &'a [Decision],
    /// Options of the command that decide about findings.
    pub options: DecidingOptions,
    /// Events with their times.
    pub timeline: &'a Timeline,
    /// The plan, if one was made.
    pub plan: Option<&'a Plan>,
}

/// The command and its result.
#[derive(Debug, Clone, Copy)]
pub enum EvidencedCommand<'a> {
    /// `apply`, with the state of the ledger afterwards.
    Apply(Option<&'a Accounts>),
    /// `verify`, with its result, and the ledger's record of the runs.
    Verify(Option<&'a Verification>, Option<&'a RunRecord>),
}

impl<'a> EvidencedCommand<'a> {
    fn name(self) -> &'static str {
        match self {
            Self::Apply(_) => "apply",
            Self::Verify(..) => "verify",
        }
    }

    /// The result of a comparison that came to its end.
    fn verification(self) -> Option<&'a Verification> {
        match self {
            Self::Apply(_) => None,
            Self::Verify(verification, _) => verification,
        }
    }

    /// The ledger's runs, the newest first.
    fn runs(self) -> &'a [RunRow] {
        match self {
            Self::Apply(Some(Accounts { runs, .. })) | Self::Verify(_, Some(RunRecord { runs, .. })) => runs,
            Self::Apply(None) | Self::Verify(_, None) => &[],
        }
    }
}

impl Evidence {
    /// Makes the document.
    #[must_use]
    pub fn of(facts: RunFacts<'_>) -> Self {
        let tables = facts.plan.map(|plan| tables(plan, facts.schemas, facts.command)).unwrap_or_default();
        let verified = facts.command.verification();
        let run = match facts.command {
            EvidencedCommand::Apply(_) => facts.command.runs().first(),
            EvidencedCommand::Verify(..) => None,
        };
        Self {
            evidence: FORM,
            command: facts.command.name(),
            outcome: facts.outcome,
            passed: facts.exit_code == 0,
            exit_code: facts.exit_code,
            message: facts.message.map(str::to_owned),
            notes: facts.notes.to_vec(),
            sample: verified.and_then(|verification| verification.sample),
            migration: facts.migration.to_owned(),
            spec: facts.spec.to_owned(),
            schema: facts.schemas.to_string(),
            started_at: time(facts.started_at),
            finished_at: time(facts.finished_at),
            milliseconds: milliseconds(facts.started_at, facts.finished_at),
            versions: EvidenceVersions {
                transship: env!("CARGO_PKG_VERSION"),
                postgresql: facts.postgresql.map(str::to_owned),
                library: facts.library,
            },
            run: run.map(|run| run.id),
            source_snapshot: facts.snapshot.cloned(),
            digests: facts.plan.map(|plan| Digests { plan: plan.digest.clone(), inputs: plan.inputs.clone() }),
            decisions: facts.decisions.to_vec(),
            rows: row_counts(&tables),
            tables,
            findings: facts.plan.map(|plan| findings(plan, facts.options)).unwrap_or_default(),
            omitted: facts.plan.map(|plan| plan.omitted.clone()).unwrap_or_default(),
            not_compared: verified.map(|verification| verification.not_compared.clone()).unwrap_or_default(),
            checks: sorted(verified.map_or_else(|| facts.timeline.checks(), |verification| &verification.checks)),
            views: verified.map(|verification| verification.views.clone()).unwrap_or_default(),
            structure: verified.map(|verification| verification.structure.clone()).unwrap_or_default(),
            sequences: verified.map(|verification| verification.sequences.clone()).unwrap_or_default(),
            judged_by_postgresql: verified
                .map(|verification| verification.judged_by_postgresql.clone())
                .unwrap_or_default(),
            steps: steps(facts),
            runs: facts.command.runs().iter().rev().map(run_of).collect(),
        }
    }
}

/// The rows of all tables.
fn row_counts(tables: &[TableEvidence]) -> RowCounts {
    let sum = |of: fn(&RowCounts) -> u64| tables.iter().map(|table| of(&table.rows)).sum();
    RowCounts {
        source: sum(|rows| rows.source),
        loaded: sum(|rows| rows.loaded),
        already_there: sum(|rows| rows.already_there),
        rejected: sum(|rows| rows.rejected),
        filtered: sum(|rows| rows.filtered),
        kept: sum(|rows| rows.kept),
        adds_up: !tables.is_empty() && tables.iter().all(|table| table.rows.adds_up),
    }
}

/// The plan's findings, each with what has decided it.
fn findings(plan: &Plan, options: DecidingOptions) -> Vec<FindingEvidence> {
    let decided = plan.findings.iter().map(|finding| {
        let (decided_by, decision) = decision(finding, plan, options);
        FindingEvidence { finding: finding.clone(), decided_by, decision }
    });
    decided.collect()
}

fn run_of(row: &RunRow) -> RunEvidence {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let ended = row.finished_at.as_deref().and_then(time);
    RunEvidence {
        run: row.id,
        state: row.state,
        started_at: row.started_at.clone(),
        finished_at: row.finished_at.clone(),
        milliseconds: time(&row.started_at).zip(ended).map(|(began, ended)| milliseconds(began, ended)),
    }
}

/// Sorted by name, for the order of the answers is random.
fn sorted(checks: &[CheckResult]) -> Vec<CheckResult> {
    let mut checks = checks.to_vec();
    checks.sort_by(|one, two| one.name.cmp(&two.name));
    checks
}

fn tables(plan: &Plan, schemas: &Schemas, command: EvidencedCommand<'_>) -> Vec<TableEvidence> {
    let mut tables = plan.tables.iter().collect::<Vec<_>>();
    tables.sort_by(|one, two| one.source.cmp(&two.source));
    let table = |mapping: &&crate::plan::TableMapping| {
        let unknown = TableEvidence {
            table: mapping.source.clone(),
            schema: schemas.are_of_databases().then(|| schemas.schema_of(&mapping.target).to_owned()),
            target: schemas.bare(&mapping.target).to_owned(),
            state: TableState::NotLoaded,
            rows: RowCounts { source: mapping.size.rows, ..RowCounts::default() },
            nulled_values: 0,
            shortened_values: 0,
            sampled_rows: None,
            source_digest: None,
            target_digest: None,
            missing: None,
            extra: None,
            different: None,
            examples: Vec::new(),
            problem: None,
            target_preferred_rows: 0,
            keys: ChangedRows::default(),
        };
        match command {
            EvidencedCommand::Apply(accounts) => {
                let mut accounts = accounts.into_iter().flat_map(|accounts| &accounts.tables);
                match accounts.find(|account| account.table == mapping.source) {
                    Some(account) => applied(account, unknown),
                    None => unknown,
                }
            }
            EvidencedCommand::Verify(verification, _) => {
                let mut results = verification.into_iter().flat_map(|verification| &verification.tables);
                match results.find(|result| result.table == mapping.source) {
                    Some(result) => verified(result, unknown),
                    None => TableEvidence { state: TableState::NotCompared, ..unknown },
                }
            }
        }
    };
    tables.iter().map(table).collect()
}

fn applied(account: &Account, unknown: TableEvidence) -> TableEvidence {
    let state = match (account.is_whole(), account.closes()) {
        (_, true) => TableState::Loaded,
        (true, false) => TableState::DoesNotAddUp,
        (false, false) => TableState::NotLoaded,
    };
    TableEvidence {
        state,
        rows: RowCounts {
            source: account.source_rows,
            loaded: account.loaded_rows,
            already_there: account.already_there_rows,
            rejected: account.rejected_rows,
            filtered: account.filtered_rows,
            kept: 0,
            adds_up: account.closes(),
        },
        nulled_values: account.nulled_values,
        shortened_values: account.shortened_values,
        ..unknown
    }
}

fn verified(result: &TableResult, unknown: TableEvidence) -> TableEvidence {
    // Rows beyond those that the target may keep were loaded from the source.
    let loaded = result.target_rows.saturating_sub(result.kept_rows() + result.already_there_rows);
    TableEvidence {
        state: if result.is_equal() { TableState::Equal } else { TableState::NotEqual },
        rows: RowCounts {
            source: result.source_rows,
            loaded,
            already_there: result.already_there_rows,
            rejected: result.rejected_rows,
            filtered: result.filtered_rows,
            kept: result.kept_rows(),
            adds_up: result.adds_up(),
        },
        nulled_values: result.nulled_values,
        shortened_values: result.shortened_values,
        sampled_rows: result.sampled_rows,
        source_digest: result.source_digest.clone(),
        target_digest: result.target_digest.clone(),
        missing: Some(result.missing),
        extra: Some(result.extra),
        different: Some(result.different),
        examples: result.examples.clone(),
        problem: result.problem.clone(),
        target_preferred_rows: result.target_preferred_rows,
        keys: result.keys.clone(),
        ..unknown
    }
}

fn steps(facts: RunFacts<'_>) -> Vec<StepEvidence> {
    let Some(plan) = facts.plan else { return Vec::new() };
    match facts.command {
        EvidencedCommand::Apply(accounts) => {
            let lines = accounts.into_iter().flat_map(|accounts| &accounts.steps);
            let lines = lines.map(|line| (line.id.as_str(), line)).collect::<BTreeMap<_, _>>();
            let step = |step: &Step| {
                let id = step.id.to_string();
                let line = lines.get(id.as_str()).copied();
                let work = facts.timeline.work(&id);
                let state = match (work, step.state) {
                    (None, StepState::Done) => StepOutcome::DoneBefore,
                    (work, _) => state(work),
                };
                let known = (id, step.kind().word(), step.source_table().map(str::to_owned));
                let timed = timed(facts, known, step.after.iter().map(ToString::to_string).collect(), state, work);
                match line {
                    Some(line) if state == StepOutcome::DoneBefore => before(timed, line),
                    line => StepEvidence { run: line.map(|line| line.run), ..timed },
                }
            };
            plan.steps.iter().map(step).collect()
        }
        EvidencedCommand::Verify(_, record) => {
            let compared = plan.tables.iter().map(|table| {
                let id = verification(&table.source);
                let work = facts.timeline.work(&id);
                timed(facts, (id, "verify", Some(table.source.clone())), Vec::new(), state(work), work)
            });
            let checks = plan.steps.iter().filter(|step| step.kind() == crate::plan::StepKind::Check).map(|step| {
                let id = step.id.to_string();
                let work = facts.timeline.work(&id);
                timed(facts, (id, "check", None), Vec::new(), state(work), work)
            });
            // Each step that a run has done, with the times of the ledger.
            let lines = record.into_iter().flat_map(|record| &record.steps);
            let lines = lines.map(|line| (line.id.as_str(), line)).collect::<BTreeMap<_, _>>();
            let done = plan.steps.iter().filter_map(|step| {
                let id = step.id.to_string();
                let line = lines.get(id.as_str())?;
                let after = step.after.iter().map(ToString::to_string).collect();
                let known = (id, step.kind().word(), step.source_table().map(str::to_owned));
                // A check is asked again by each command.
                let is_check = step.kind() == crate::plan::StepKind::Check;
                (!is_check).then(|| before(timed(facts, known, after, StepOutcome::DoneBefore, None), line))
            });
            compared.chain(checks).chain(done).collect()
        }
    }
}

/// A step of an earlier run, with its times from the ledger.
fn before(step: StepEvidence, line: &StepLine) -> StepEvidence {
    StepEvidence {
        run: Some(line.run),
        started_at: Some(line.started_at.clone()),
        finished_at: Some(line.finished_at.clone()),
        milliseconds: Some(line.milliseconds),
        rows: line.rows,
        ..step
    }
}

fn state(work: Option<&TimedWork>) -> StepOutcome {
    match work {
        None => StepOutcome::NotDone,
        Some(work) if work.failed => StepOutcome::Failed,
        Some(TimedWork { finished_at: None, .. }) => StepOutcome::Interrupted,
        Some(_) => StepOutcome::Done,
    }
}

fn timed(
    facts: RunFacts<'_>,
    (id, kind, table): (String, &'static str, Option<String>),
    after: Vec<String>,
    state: StepOutcome,
    work: Option<&TimedWork>,
) -> StepEvidence {
    let finished_at = work.and_then(|work| work.finished_at);
    StepEvidence {
        id,
        kind,
        run: None,
        table,
        after,
        state,
        started_at: work.map(|work| time(work.started_at)),
        finished_at: finished_at.map(time),
        offset: work.map(|work| milliseconds(facts.started_at, work.started_at)),
        milliseconds: work.zip(finished_at).map(|(work, end)| milliseconds(work.started_at, end)),
        rows: work.and_then(|work| work.rows),
        bytes: work.and_then(|work| work.bytes),
        error: work.and_then(|work| work.error.clone()),
    }
}

/// ISO 8601 in UTC, to the millisecond.
fn time(at: Timestamp) -> String {
    format!("{at:.3}")
}

fn milliseconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.as_millisecond() - from.as_millisecond()).unwrap_or(0)
}
