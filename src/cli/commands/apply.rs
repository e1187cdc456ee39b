//! `transship apply`

use super::super::arguments::{ApplyArguments, DocumentFormat};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::super::progress::{Progress, Show};
use super::super::reports::Reports;
use super::evidence::{ObservedFacts, Witness, trial_note, without_place};
use super::{
    answered_yes, close, file_name, json, load, must_be_answered, saved_plan, say_next, show, stop_on_signal,
    target_is_made, tell_target, with_spec,
};
use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};
use transship::apply::{Accounts, Applied, RefreshPolicy, Run, RunOptions};
use transship::backup::Store;
use transship::plan::{FactOrigin, NO_TABLES, Plan, SavedPlan, StepKind};
use transship::rehearse::{EstimateComparison, MeasuredRun, Record, RecordError};
use transship::report::evidence::{CommandEnd, DecidingOptions, EvidencedCommand};
use transship::report::plan::PlanContext;
use transship::report::{applied_text, comparison_event, comparison_text, left_behind_words, plan, plan_summary};
use transship::run::{CheckResult, Events, ExecuteError, Stop};
use transship::spec::Spec;
use transship::survey::{Depth, survey};
use transship::target::Server;

pub(super) async fn run(arguments: ApplyArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    let (exit, is_done) = carry_out(&spec, &arguments, &stop_on_signal()).await?;
    if exit == Exit::Done && is_done && arguments.format == DocumentFormat::Text {
        say_next(&arguments.spec, "verify", "");
    }
    Ok(exit)
}

/// Applies a spec, and writes the evidence that was asked for. False where the answer to the question was no.
pub(super) async fn carry_out(spec: &Spec, arguments: &ApplyArguments, stop: &Stop) -> Result<(Exit, bool), Failure> {
    must_be_answered(arguments.yes, "`transship plan` shows beforehand what will be done")?;
    if spec.backup.before_apply {
        Store::of(spec).must_be_fresh(spec, target_is_made(spec)?, jiff::Timestamp::now())?;
    }
    let saved = arguments.plan.as_deref().map(saved_plan).transpose()?;
    let witness = Witness::new(Reports::open(&arguments.report)?);
    let (mut seen, mut accounts) = (ObservedFacts { notes: trial_note(spec), ..ObservedFacts::default() }, None);
    seen.notes.extend(arguments.notes.iter().cloned());
    seen.options = DecidingOptions { refresh: arguments.refresh, overwrite_changes: arguments.overwrite_changes };
    let result = serve(arguments, saved.as_ref(), spec, stop, &mut seen, &mut accounts).await;
    let is_done = !matches!(result, Ok(CommandEnd::Declined));
    let ended = result.map(|outcome| (outcome, Exit::of_answer(!matches!(outcome, CommandEnd::ChecksFailed))));
    let exit = witness.write(spec, stop, &seen, EvidencedCommand::Apply(accounts.as_ref()), ended)?;
    Ok((exit, is_done))
}

/// Opens the server, applies the plan, and reports the outcome.
pub(crate) async fn serve(
    arguments: &ApplyArguments,
    saved: Option<&SavedPlan>,
    spec: &Spec,
    stop: &Stop,
    seen: &mut ObservedFacts,
    accounts: &mut Option<Accounts>,
) -> Result<CommandEnd, Failure> {
    let waited = Cell::new(Duration::ZERO);
    let (is_needless, shows_plan) = (arguments.yes, arguments.shows_plan);
    let mut asking = Confirmation { spec, stop, is_needless, shows_plan, allowed: None, waited };
    if !arguments.yes && !target_is_made(spec)? && !ask_beforehand(arguments, saved, &mut asking, seen).await? {
        return Ok(declined());
    }
    let server = Arc::new(Server::open(&spec.target.connection, &spec.name).await?);
    let began = Instant::now();
    let result = plan_and_run(arguments, saved, &asking, &server, seen).await;
    if let Some(plan) = &seen.plan {
        // Counts of the ledger are evidence of a failed run as well.
        match Accounts::read(&server, plan, &seen.filtered).await {
            Ok(read) => {
                seen.postgresql = Some(read.postgresql.clone());
                *accounts = Some(read);
            }
            Err(error) => {
                let words = without_place(spec, &error.to_string());
                seen.notes.push(format!("The ledger could not be read afterwards: {words}"));
            }
        }
    }
    let result = match Arc::into_inner(server) {
        Some(server) => close(server, result).await,
        None => result,
    };
    let Some((applied, left_behind)) = result? else { return Ok(declined()) };
    let seconds = began.elapsed().saturating_sub(asking.waited.get()).as_secs_f64();
    if let Some(words) = left_behind.filter(|_| arguments.format == DocumentFormat::Text) {
        let plan = with_spec(&arguments.spec, "plan");
        show(&format!("{words}: `{plan}` says what and why.\n"), arguments.is_part)?;
    }
    tell_target(spec, if arguments.is_part { DocumentFormat::Json } else { arguments.format })?;
    if arguments.format == DocumentFormat::Text {
        show(&applied_text(&spec.name, &applied, seconds), arguments.is_part)?;
    }
    if let Some(comparison) = held_against_rehearsal(spec, seen, &applied, seconds) {
        let words = comparison_text(&comparison);
        match arguments.format {
            DocumentFormat::Text => show(&format!("{words}\n"), arguments.is_part)?,
            DocumentFormat::Json => printer::document(&json(comparison_event(&comparison))?)?,
        }
        seen.notes.push(words);
    }
    Ok(if applied.checks.iter().any(CheckResult::is_failure) {
        CommandEnd::ChecksFailed
    } else if applied.steps == 0 {
        CommandEnd::NothingToDo
    } else {
        CommandEnd::Done
    })
}

/// The time of a whole run beside the estimate of its rehearsal, which keeps it. A record that cannot be read or written is no
/// reason to fail.
fn held_against_rehearsal(
    spec: &Spec,
    seen: &ObservedFacts,
    applied: &Applied,
    seconds: f64,
) -> Option<EstimateComparison> {
    let (digest, steps) = seen.whole.as_ref()?;
    let run = MeasuredRun::new(jiff::Timestamp::now(), seconds, applied.rows);
    let kept = || {
        let target = spec.target.connection.redacted();
        let Some(record) = Record::read(spec)?.filter(|_| applied.steps == *steps) else { return Ok(None) };
        let Some(record) = record.measuring(digest, &target, run) else { return Ok(None) };
        record.write(spec)?;
        Ok(record.comparison())
    };
    match kept() {
        Ok(comparison) => comparison,
        Err::<_, RecordError>(error) => {
            printer::say(&format!("warning: {error}"));
            None
        }
    }
}

fn declined() -> CommandEnd {
    printer::say("nothing was done");
    CommandEnd::Declined
}

/// Depth to which the values are read before anything is written.
fn depth(arguments: &ApplyArguments) -> Depth {
    if arguments.no_profile { Depth::AtCopied } else { Depth::AtValues }
}

/// Asks before a private server is created: a no leaves nothing on the disk. The plan is the one for an empty target;
/// the run makes its own, and asks again only if it differs.
async fn ask_beforehand(
    arguments: &ApplyArguments,
    saved: Option<&SavedPlan>,
    asking: &mut Confirmation<'_>,
    seen: &mut ObservedFacts,
) -> Result<bool, Failure> {
    let (events, progress) = Progress::start(Show::ToPeople);
    let surveyed = survey(asking.spec, None, arguments.jobs.number(), depth(arguments), asking.stop, &events).await;
    drop(events);
    progress.finish().await?;
    let plan = surveyed?.plan;
    refuse_drift(saved, &plan)?;
    let blocking = plan.blocking().cloned().collect::<Vec<_>>();
    if !blocking.is_empty() {
        printer::say(&plan::findings(&blocking));
        return Err(ExecuteError::Blocked { findings: blocking.len() }.into());
    }
    let allowed = asking.allows(&plan).await?;
    asking.allowed = allowed.then(|| plan.digest.clone());
    seen.plan = Some(plan).filter(|_| !allowed && !arguments.report.is_empty());
    Ok(allowed)
}

/// Plans, asks, and applies; `None` if the answer was no.
async fn plan_and_run(
    arguments: &ApplyArguments,
    saved: Option<&SavedPlan>,
    asking: &Confirmation<'_>,
    server: &Arc<Server>,
    seen: &mut ObservedFacts,
) -> Result<Option<(Applied, Option<String>)>, Failure> {
    let (spec, stop) = (asking.spec, asking.stop);
    let show = if arguments.format == DocumentFormat::Json { Show::ToPrograms } else { Show::ToPeople };
    let (events, progress) = Progress::start(show);
    let again = match (arguments.refresh, arguments.overwrite_changes) {
        (false, _) => RefreshPolicy::Nothing,
        (true, false) => RefreshPolicy::WhatHasChanged,
        (true, true) => RefreshPolicy::OverwritingChanges,
    };
    if arguments.no_profile {
        printer::say("the values are not checked beforehand (--no-profile): one that does not fit stops the copy");
    }
    let options = RunOptions { again, jobs: arguments.jobs.number(), depth: depth(arguments) };
    let prepared = Run::prepare(spec.clone(), Arc::clone(server), options, stop, &events).await;
    let result = match prepared {
        Ok(mut run) => match refuse_drift(saved, run.plan()) {
            Err(drifted) => Err(drifted.into()),
            Ok(()) => match remember(&mut run, !arguments.report.is_empty(), seen).await {
                Ok(()) => execute(run, asking, &events).await,
                Err(error) => Err(error.into()),
            },
        },
        Err(error) => Err(error.into()),
    };
    if let Err(EarlyEnd { private: Some(words), .. }) = &result
        && arguments.show_values
    {
        printer::say(&format!("PostgreSQL's words: {words}"));
    }
    let result = result.map_err(|stopped| stopped.failure);
    drop(events);
    let (timeline, shown) = progress.finish_with_timeline().await;
    seen.timeline = timeline;
    let applied = result?;
    shown.map(|()| applied)
}

/// Keeps the facts that evidence needs of a run that is about to begin.
async fn remember(run: &mut Run, is_wanted: bool, seen: &mut ObservedFacts) -> Result<(), ExecuteError> {
    let plan = run.plan();
    seen.whole = (plan.changes() == plan.steps.len()).then(|| (plan.digest.clone(), plan.steps.len()));
    if is_wanted {
        seen.plan = Some(run.plan().clone());
        seen.snapshot = run.snapshot_state().cloned();
        seen.filtered = run.count_filtered().await?;
    }
    Ok(())
}

/// Refuses if anything has drifted since the plan was reviewed. Nothing is written.
fn refuse_drift(saved: Option<&SavedPlan>, plan: &Plan) -> Result<(), Failure> {
    let Some(saved) = saved else { return Ok(()) };
    let drift = saved.drift(plan);
    if drift.is_empty() {
        return Ok(());
    }
    printer::say("has drifted since the plan was made:");
    drift.iter().for_each(|what| printer::say(&format!("  {what}")));
    let hint =
        "Make a new plan and review it: `transship plan SPEC --against FILE` shows what is different.".to_owned();
    Err(Failure::new(Exit::NotRight, "the plan is out of date, and nothing was done", Some(hint)))
}

/// Reason of an early end, and PostgreSQL's message apart, for it may hold values.
struct EarlyEnd {
    failure: Failure,
    private: Option<String>,
}

impl From<Failure> for EarlyEnd {
    fn from(failure: Failure) -> Self {
        Self { failure, private: None }
    }
}

impl From<ExecuteError> for EarlyEnd {
    fn from(error: ExecuteError) -> Self {
        let private = error.private_words().map(str::to_owned);
        Self { failure: error.into(), private }
    }
}

/// Outcome of the run, and the omitted objects in words; `None` if the answer was no.
async fn execute(
    run: Run,
    asking: &Confirmation<'_>,
    events: &Events,
) -> Result<Option<(Applied, Option<String>)>, EarlyEnd> {
    let stop = asking.stop;
    let left_behind = left_behind_words(run.plan());
    let blocking = run.plan().blocking().cloned().collect::<Vec<_>>();
    if blocking.is_empty() {
        if let Some(said) = without_tables(run.plan()).filter(|_| !asking.shows_plan) {
            printer::say(&said);
        }
        if let Some(said) = overwritten(run.plan()) {
            printer::say(&said);
        }
        if run.plan().changes() > 0 && !asking.allows(run.plan()).await? {
            return Ok(None);
        }
    } else {
        printer::say(&plan::findings(&blocking));
    }
    let is_detached = run.plan().steps.iter().any(|step| step.kind() == StepKind::Restore);
    let executed = run.execute(stop, events).await;
    if is_detached && !matches!(executed, Ok(_) | Err(ExecuteError::Blocked { .. })) {
        printer::say(
            "Note: foreign keys and triggers of the application that could not be restored are named by `transship \
             status`; the next apply detaches and restores all of them.",
        );
    }
    match executed {
        Ok(applied) => Ok(Some((applied, left_behind))),
        Err(ExecuteError::Interrupted) => {
            let hint = "Run the same command again to continue: committed work is kept.".to_owned();
            Err(Failure::new(Exit::Failed, "interrupted before the end", Some(hint)).into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Rows of others that a refresh is about to overwrite: reported with `--yes` too.
fn overwritten(plan: &Plan) -> Option<String> {
    let findings = plan.findings.iter().filter(|finding| finding.code.is_of_overwritten_rows()).cloned();
    let findings = findings.collect::<Vec<_>>();
    (!findings.is_empty()).then(|| plan::findings(&findings))
}

/// A migration without a table: reported with `--yes` too.
fn without_tables(plan: &Plan) -> Option<String> {
    let finding = plan.findings.iter().find(|finding| finding.code == NO_TABLES)?;
    Some(plan::findings(std::slice::from_ref(finding)))
}

/// Question before anything is written.
struct Confirmation<'a> {
    spec: &'a Spec,
    stop: &'a Stop,
    /// `--yes`
    is_needless: bool,
    /// Whether the plan is shown in short, and not its last line alone.
    shows_plan: bool,
    /// The digest of a plan to which the answer was yes.
    allowed: Option<String>,
    /// Time that the answer took: it is no part of the run.
    waited: Cell<Duration>,
}

impl Confirmation<'_> {
    /// The plan in short: decisions, findings, types, and what stays behind.
    fn shown(&self, plan: &Plan) -> String {
        let spec = self.spec;
        let context = PlanContext {
            spec: &file_name(spec),
            schemas: &spec.target.schemas,
            target: &spec.target_shape(),
            decisions: &spec.decisions,
            environment: spec.environment.as_deref(),
            looked_at: FactOrigin::default(),
            notes: &[],
            profile: None,
        };
        plan_summary(plan, context)
    }

    /// Prints the work and the target, and asks for consent at the terminal unless it was given.
    async fn allows(&self, plan: &Plan) -> Result<bool, Failure> {
        if self.allowed.as_ref() == Some(&plan.digest) {
            return Ok(true);
        }
        let target = self.spec.target_name();
        let words = if self.shows_plan { self.shown(plan) } else { plan::summary(plan) };
        printer::say(words.trim_end());
        if self.is_needless {
            printer::say(&format!("Applying to {target}"));
            return Ok(true);
        }
        let asked = Instant::now();
        let answer = answered_yes(&format!("Apply to {target}? Only `yes` is taken:"), self.stop).await;
        self.waited.set(self.waited.get() + asked.elapsed());
        answer
    }
}
