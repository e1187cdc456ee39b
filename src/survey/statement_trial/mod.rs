//! PostgreSQL's own judgement of a plan: its statements are run in the target in order, without a row, in transactions that
//! are always rolled back.
//!
//! Facts that a plan's translation cannot know are known before anything is done: a default that its type cannot hold, a name
//! that is not there, a right that the role lacks; and comparisons whose collation cannot be determined. Nothing of it stays. Statements whose effect outlives a rollback are not
//! run (the value of a sequence, an extension that PostgreSQL does not call trusted, the user's own steps, which are only read),
//! and neither is what would lock a table that stands already. Event triggers of the database do fire, as they will for the run.

mod collation;
mod course;
mod limits;
mod refusal;
mod refused_part;
mod rights;
mod trial;
mod wording;

use crate::plan::{Finding, FindingCode, Plan, Severity, StepKind, StepState, TrialCoverage};
use crate::run::{ExecuteError, Stop, until_stopped};
use crate::spec::{Spec, TablesMode};
use crate::target::conditions::TargetConditions;
use crate::target::ledger::USE;
use crate::target::{Ledger, Session, conditions, structure};
use course::{Course, StepVerdict};
use refusal::StatementRefusals;
use std::collections::BTreeSet;
use trial::StatementTrial;

/// The finding about steps that an earlier run has done differently: a trial would only say that their objects exist.
const CHANGED_SINCE_RUN: FindingCode = FindingCode::ChangedSinceRun;

/// The part of the server's lock table that a trial takes at most: other sessions need it too.
const SHARE_OF_LOCKS: u64 = 3;

/// Has PostgreSQL judge what a plan still has to do, and adds what it refuses to the plan's findings.
///
/// # Errors
/// The connection is lost, or the user asked to stop.
pub async fn judge(spec: &Spec, session: &Session, plan: &mut Plan, stop: &Stop) -> Result<(), ExecuteError> {
    if plan.changes() == 0 {
        return Ok(());
    }
    let conditions = conditions::read(session).await?;
    if let Some((message, suggestion)) = conditions.takes_no_writes() {
        plan.judged = TrialCoverage::none("the target takes no writes");
        plan.add_findings(vec![
            Finding::general(FindingCode::TargetOnlyReads, Severity::Blocks, message).suggesting(suggestion),
        ]);
        return Ok(());
    }
    plan.add_findings(little_room(plan, conditions.free_bytes()).into_iter().collect());
    if plan.findings.iter().any(|finding| finding.code == CHANGED_SINCE_RUN) {
        plan.judged = TrialCoverage::none("an earlier run has made differently what the plan now makes");
        return Ok(());
    }
    let (judged, findings) = until_stopped(session, stop, ask(spec, session, plan, &conditions, stop)).await?;
    plan.judged = judged;
    plan.add_findings(findings);
    Ok(())
}

async fn ask(
    spec: &Spec,
    session: &Session,
    plan: &Plan,
    conditions: &TargetConditions,
    stop: &Stop,
) -> Result<(TrialCoverage, Vec<Finding>), ExecuteError> {
    let schemas = &spec.target.schemas;
    let noun = if schemas.are_of_databases() { "schemas" } else { "schema" };
    let mut refusals = StatementRefusals::new(spec, plan, conditions);
    refusals.add_lacking(rights::ledger(session, schemas).await?, &format!("may not {USE}"));
    if !Ledger::of(&spec.name).is_readable(session).await? {
        let judged = TrialCoverage::none("what earlier runs have done is in the ledger, which the role may not read");
        return Ok((judged, refusals.findings(session).await?));
    }
    refusals.add_lacking(
        rights::schema(session, spec, plan).await?,
        &format!("may not make anything in the {noun} {schemas}"),
    );
    refusals.add_lacking(
        rights::temporary(session, plan).await?,
        "may not make temporary tables, through which rows are copied",
    );
    refusals.add_lacking(
        rights::handed_on(session, spec, plan).await?,
        &format!("may not grant privileges on the {noun} {schemas} (`target.grants`)"),
    );
    wording::read(session, plan, &mut refusals).await?;
    let untried = rights::untried_extensions(session, plan).await?;
    for (extension, _) in untried.iter().filter(|(_, may_be_made)| !**may_be_made) {
        let grant = format!("CREATE EXTENSION {}", crate::name::quote_identifier(extension));
        refusals
            .add_lacking(vec![grant], &format!("may not make the extension {extension}, which requires a superuser"));
    }
    let replaced = match spec.target.tables {
        TablesMode::Replace => structure::read(session, schemas).await?.relations,
        TablesMode::Create | TablesMode::Existing => BTreeSet::new(),
    };
    let untried = untried.into_keys().collect();
    let divided = plan.tables.iter().filter_map(|table| {
        let partitions = table.partitions.as_ref()?;
        Some((table.target.as_str(), partitions.parts.len() as u64))
    });
    let mut course = Course::of(&plan.steps, &untried, &replaced, &divided.collect());
    let parts = course.parts(conditions.lock_slots / SHARE_OF_LOCKS);
    let mut trial = StatementTrial { session, schemas, course: &mut course, refusals: &mut refusals, stop };
    let mut reason = None;
    for part in parts {
        reason = trial.part(&part).await?;
        if reason.is_some() {
            break;
        }
    }
    let is_to_do = |kind: StepKind| kind != StepKind::Check;
    let pending = plan.steps.iter().filter(|step| step.state == StepState::Pending && is_to_do(step.kind())).count();
    let (taken, refused) = (course.count(StepVerdict::Taken), course.count(StepVerdict::Refused));
    let judged = TrialCoverage { done: true, taken, refused, not_tried: pending - taken - refused, reason };
    Ok((judged, refusals.findings(session).await?))
}

/// A finding where what is left to copy is more than the room that is `free` for it. How much that is changes by the minute,
/// and is no part of a plan.
fn little_room(plan: &Plan, free: Option<u64>) -> Option<Finding> {
    let pending = plan.steps.iter().filter(|step| step.is_pending(StepKind::Copy));
    let bytes = pending.filter_map(|step| step.bytes()).sum::<u64>();
    if free? >= bytes {
        return None;
    }
    let message = "the file system with the server's data has less room than the rows to copy take in the source";
    let suggestion =
        "make room; PostgreSQL's tables, indexes and write-ahead log usually take more than the source's file";
    Some(Finding::general(FindingCode::TargetDisk, Severity::Warns, message).suggesting(suggestion))
}
