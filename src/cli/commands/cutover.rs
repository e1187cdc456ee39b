//! `transship cutover`: the source held, the rest copied by `apply`, both sides compared by `verify`, and the source given back
//! whenever that does not end well.

use super::super::arguments::{ApplyArguments, Format, SpecArguments, VerifyArguments};
use super::super::cutover_arguments::CutoverArguments;
use super::super::failure::{Exit, Failure};
use super::super::printer;
use super::super::reports::ReportFile;
use super::{answered_yes, apply, backup, close, load, stop_on_signal, target_is_made, verify, with_spec};
use std::path::Path;
use transship::backup::{Backup, BackupError, Making, Side, Store};
use transship::cutover::{CutoverRecord, Expectation, HeldSource, Move, State, Verdict};
use transship::report::{cutover_text, expectation_text};
use transship::run::Stop;
use transship::spec::Spec;
use transship::target::ledger::RunState;
use transship::target::{Ledger, Server};

pub(super) async fn run(arguments: CutoverArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    if arguments.release {
        return release(&spec).await;
    }
    apply::must_be_answered(arguments.yes || arguments.dry_run)?;
    let stop = stop_on_signal();
    tell_of_killed(&spec)?;
    let is_applied = is_applied(&spec).await?;
    let is_again = is_applied && is_done(&spec)?;
    if is_again {
        printer::say(&format!(
            "this cut-over was done before ({}): an application that was started on the target goes on there, and this one only \
             compares again and copies what the source has changed since",
            CutoverRecord::path(&spec).display()
        ));
    }
    expect(&spec, is_applied)?;
    if spec.backup.before_apply {
        make_backup(&spec, &arguments, &stop).await?;
    }
    if arguments.dry_run {
        return try_hold(&spec).await;
    }
    let (source, target) = (spec.source.connection.redacted(), spec.target_name());
    printer::say(&format!("Nobody writes to {source} from the beginning to the end; the target is {target}"));
    if !arguments.yes && !answered_yes("Cut over now? Only `yes` is taken:", &stop).await? {
        printer::say("nothing was done");
        return Ok(Exit::Done);
    }
    let mut held = HeldSource::take(&spec).await?;
    printer::say(&format!("the source is held: {}", held.words()));
    let page = arguments.spec.spec.with_extension("cutover.html");
    let moved = match stop.is_thrown() {
        true => Err(Failure::new(Exit::Failed, "stopped before the refresh", None)),
        false => carry_out(&spec, &arguments, &page, &mut held).await,
    };
    match moved {
        Ok(Exit::Done) => {}
        not_done => {
            // The application goes on where it was, for any reason.
            let given_back = held.give_back(&spec).await;
            match &given_back {
                Ok(()) if is_again => printer::say(
                    "the source is as it was before this run; the cut-over was done earlier, and an application that was started on \
                     the target goes on there",
                ),
                Ok(()) => printer::say("the source can be written again, as before: the application goes on with it"),
                Err(error) => printer::say(&format!(
                    "the source is NOT given back: {error}; run: {}",
                    with_spec(&arguments.spec, "cutover") + " --release"
                )),
            }
            let exit = not_done?;
            given_back?;
            return Ok(exit);
        }
    }
    let done = held.finish(&spec).await?;
    printer::document(&cutover_text(&spec.name, &done, &source, &target))?;
    if spec.cutover.window.is_some_and(|window| done.seconds > window.as_secs_f64()) {
        printer::say("the source stood still for longer than `window` of [cutover] gives");
    }
    printer::say(&format!("evidence: {}", page.display()));
    printer::say("next: start the application on the target");
    printer::say(&format!("undo, before it writes there: {}", with_spec(&arguments.spec, "rollback")));
    Ok(Exit::Done)
}

/// The refresh and the comparison, each as its own command does it.
async fn carry_out(
    spec: &Spec,
    arguments: &CutoverArguments,
    page: &Path,
    held: &mut HeldSource,
) -> Result<Exit, Failure> {
    let spec_arguments = || SpecArguments { spec: arguments.spec.spec.clone(), env: arguments.spec.env.clone() };
    let evidence = |path: &Path| {
        ReportFile::parse(&path.to_string_lossy()).map_err(|error| Failure::new(Exit::WrongInput, error, None))
    };
    let applying = ApplyArguments {
        spec: spec_arguments(),
        plan: None,
        yes: true,
        refresh: true,
        overwrite_changes: arguments.overwrite_changes,
        no_profile: false,
        show_values: false,
        format: Format::Text,
        report: vec![evidence(&page.with_extension("apply.html"))?],
        jobs: arguments.jobs.clone(),
    };
    let (applied, _) = apply::carry_out(spec, &applying).await?;
    if applied != Exit::Done {
        return Ok(applied);
    }
    held.done(Move::Refresh);
    let mut report = arguments.report.clone();
    report.push(evidence(page)?);
    let verifying = VerifyArguments {
        spec: spec_arguments(),
        format: Format::Text,
        examples: 5,
        sample: None,
        table: Vec::new(),
        show_values: false,
        report,
        jobs: arguments.jobs.clone(),
    };
    let verified = verify::carry_out(spec, &verifying, Some(held.words())).await?;
    held.done(Move::Verify);
    Ok(verified)
}

/// Holds the time that the rehearsal expects against the window of the spec.
fn expect(spec: &Spec, is_applied: bool) -> Result<(), Failure> {
    let expectation = Expectation::of(spec, is_applied);
    let expectation = expectation.map_err(|error| Failure::new(Exit::Failed, error.to_string(), None))?;
    let words = expectation_text(&expectation);
    match expectation.verdict() {
        Verdict::TooShort => {
            let hint = "Give it more time (`window` under [cutover]), or leave less to do: `transship apply` beforehand, while \
                        the application runs, leaves only what changes until then."
                .to_owned();
            Err(Failure::new(
                Exit::NotRight,
                format!("the time is too short, and nothing was done: {words}"),
                Some(hint),
            ))
        }
        Verdict::Tight => {
            printer::say(&format!("warning: the time may be short: {words}"));
            Ok(())
        }
        Verdict::Enough | Verdict::Unknown => {
            printer::say(&words);
            Ok(())
        }
    }
}

/// Whether an earlier run has loaded everything that there was then.
async fn is_applied(spec: &Spec) -> Result<bool, Failure> {
    if !target_is_made(spec)? {
        return Ok(false);
    }
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let asked = async {
        let session = server.connect().await?;
        let ledger = Ledger::of(&spec.name);
        let runs = if ledger.exists(&session).await? { ledger.runs(&session).await? } else { Vec::new() };
        Ok(runs.iter().any(|run| run.state == RunState::Done))
    };
    let asked = asked.await;
    close(server, asked).await
}

/// Makes the backup that `apply` wants, unless there is a fresh one: before the source stands still.
async fn make_backup(spec: &Spec, arguments: &CutoverArguments, stop: &Stop) -> Result<(), Failure> {
    let is_made = target_is_made(spec)?;
    match Store::of(spec).must_be_fresh(spec, is_made, jiff::Timestamp::now()) {
        Err(BackupError::NotFresh { message, .. }) if !arguments.dry_run => {
            printer::say(&format!("{message}: a backup is made first"));
        }
        fresh => return Ok(fresh?),
    }
    let sides = Side::BOTH.into_iter().filter(|side| *side == Side::Source || is_made).collect();
    let making = Making { sides, jobs: arguments.jobs.number(), is_proved: false };
    let made = Backup::make(spec, &making, stop, &backup::told()).await?;
    printer::say(&format!("backup: {}", made.path.display()));
    Ok(())
}

/// Keeps writers out for a moment, to see that it can be done.
async fn try_hold(spec: &Spec) -> Result<Exit, Failure> {
    let held = HeldSource::take(spec).await?;
    let words = held.words();
    held.give_back(spec).await?;
    printer::document(&format!(
        "{}: a cut-over would begin. The source was held for a moment ({words}), and is as it was.\n",
        spec.name
    ))?;
    Ok(Exit::Done)
}

/// Whether an earlier cut-over was done.
fn is_done(spec: &Spec) -> Result<bool, Failure> {
    Ok(recorded(spec)?.is_some_and(|record| record.state == State::Done))
}

fn recorded(spec: &Spec) -> Result<Option<CutoverRecord>, Failure> {
    CutoverRecord::read(spec).map_err(|error| {
        let path = CutoverRecord::path(spec);
        Failure::new(Exit::Failed, format!("cannot read {}: {error}", path.display()), None)
    })
}

/// Says what a cut-over that was killed has left.
pub(super) fn tell_of_killed(spec: &Spec) -> Result<(), Failure> {
    if recorded(spec)?.is_some_and(|record| record.state == State::Holding && !record.former.is_empty()) {
        printer::say(
            "an earlier cut-over was killed while the source only read: `transship cutover SPEC` goes on, and with --release the \
             source is as it was before",
        );
    }
    Ok(())
}

async fn release(spec: &Spec) -> Result<Exit, Failure> {
    let source = spec.source.connection.redacted();
    let words = if HeldSource::release_recorded(spec).await? {
        format!("{source} can be written again, as before the cut-over\n")
    } else {
        format!("no cut-over of this spec has set {source} to only read: there is nothing to give back\n")
    };
    printer::document(&words)?;
    Ok(Exit::Done)
}
