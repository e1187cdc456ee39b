//! `transship cutover`: the source held, the rest copied by `apply`, both sides compared by `verify`, and the source given back
//! whenever that does not end well.

use super::super::arguments::{ApplyArguments, DocumentFormat, SpecArguments, VerifyArguments};
use super::super::cutover_arguments::CutoverArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::printer;
use super::super::reports::{ReportFile, Reports};
use super::cutover_pages::Pages;
use super::{
    answered_yes, apply, backup, close, json, load, must_be_answered, stop_on_signal, target_is_made, verify, with_spec,
};
use jiff::Timestamp;
use transship::backup::{Backup, BackupError, Making, Side, Store};
use transship::cutover::{
    Claim, Cutover, CutoverRecord, Expectation, HeldSource, HoldMeans, HoldState, Move, WindowVerdict,
};
use transship::report::{CutoverFacts, CutoverOutcome, cutover_json, cutover_text, expectation_text};
use transship::run::Stop;
use transship::spec::Spec;
use transship::target::ledger::RunState;
use transship::target::{Ledger, Server};

pub(super) async fn run(arguments: CutoverArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    if arguments.release {
        return release(&spec).await;
    }
    must_be_answered(arguments.yes || arguments.dry_run, "--dry-run shows beforehand what will be done")?;
    // The source does not stand still for evidence that cannot be written.
    let pages = Pages::of(&spec, &arguments.spec.spec);
    Reports::must_open(&arguments.report, "check `--report`")?;
    pages.must_open()?;
    let stop = stop_on_signal();
    let claim = claim(&spec)?;
    tell_of_killed(&spec, true);
    let is_applied = is_applied(&spec).await?;
    let earlier = recorded(&spec)?.map(CutoverRecord::standing).filter(|record| record.state != HoldState::Holding);
    let is_done = earlier.as_ref().is_some_and(|record| record.state == HoldState::Done && record.is_of_source(&spec));
    let is_again = is_applied && is_done;
    if is_again {
        printer::say(&format!(
            "this cut-over was done before ({}): an application that was started on the target goes on there, and this one only \
             compares again and copies what the source has changed since",
            CutoverRecord::path(&spec).display()
        ));
    }
    let expectation = expect(&spec, is_applied)?;
    if spec.backup.before_apply {
        make_backup(&spec, &arguments, &stop).await?;
    }
    let (source, target) = (spec.source.connection.redacted(), spec.target_name());
    let told =
        DocumentContext { spec: &spec, source: &source, target: &target, expectation: &expectation, pages: &pages };
    if arguments.dry_run {
        return try_hold(&told, claim, arguments.format).await;
    }
    printer::say(&format!("Nobody writes to {source} from the beginning to the end; the target is {target}"));
    if !arguments.yes && !answered_yes("Cut over now? Only `yes` is taken:", &stop).await? {
        printer::say("nothing was done");
        return Ok(Exit::Done);
    }
    let mut held = HeldSource::take(&spec, claim).await?;
    let hold = (held.means(), held.since());
    tell_of_hold(&held, &arguments);
    let concluded = match stop.is_thrown() {
        true => Err(stopped("before the refresh")),
        false => match pages.make_room(earlier.as_ref()) {
            Ok(()) => conclude(&spec, &arguments, &pages, &mut held, &stop).await,
            Err(failure) => Err(failure),
        },
    };
    match concluded {
        Ok(Ok(until)) => {
            let done = held.end(until).await?;
            tell_done(&told, &arguments, hold, &done)?;
            Ok(Exit::Done)
        }
        not_done => {
            let not_done = not_done.map(|ended| ended.err().unwrap_or(Exit::Failed));
            let (outcome, ended) = give_back(&spec, &arguments, held, is_again, not_done).await;
            told.failed(arguments.format, outcome, hold, ended)
        }
    }
}

/// Says how the source is held, and what lets it go if this process cannot.
fn tell_of_hold(held: &HeldSource, arguments: &CutoverArguments) {
    let means = held.means();
    printer::say(&format!("the source is held: {}", means.words));
    held.notes().iter().for_each(|note| printer::say(&format!("note: {note}")));
    if !means.is_lock {
        let release = release_command(&arguments.spec);
        printer::say(&format!("if this process is killed, the server still only reads, until: {release}"));
    }
}

/// Gives the source back for any reason: the application goes on where it was. With the outcome, the end of the command.
async fn give_back(
    spec: &Spec,
    arguments: &CutoverArguments,
    held: HeldSource,
    is_again: bool,
    not_done: Result<Exit, Failure>,
) -> (CutoverOutcome, Result<Exit, Failure>) {
    let release = release_command(&arguments.spec);
    let only_reads = held.only_reads_as_before();
    let given_back = held.give_back(spec).await;
    match &given_back {
        Ok(()) if is_again => printer::say(
            "the source is as it was before this run; the cut-over was done earlier, and an application that was started on \
             the target goes on there",
        ),
        Ok(()) if only_reads => printer::say(&format!(
            "the source is as it was before this run: it only reads; to let the application write there: {release}"
        )),
        Ok(()) => printer::say("the source is as it was before: the application goes on with it"),
        Err(error) => printer::say(&format!("the source is NOT given back: {error}; run: {release}")),
    }
    match (not_done, given_back) {
        (ended, Ok(())) => (CutoverOutcome::GivenBack, ended),
        (Err(failure), Err(_)) => (CutoverOutcome::NotGivenBack, Err(failure)),
        (Ok(_), Err(error)) => (CutoverOutcome::NotGivenBack, Err(error.into())),
    }
}

/// Reports a cut-over that was done, and says what comes next.
fn tell_done(
    told: &DocumentContext<'_>,
    arguments: &CutoverArguments,
    hold: (HoldMeans, Timestamp),
    done: &Cutover,
) -> Result<(), Failure> {
    let DocumentContext { spec, source, target, expectation, pages } = told;
    match arguments.format {
        DocumentFormat::Text => printer::document(&cutover_text(&spec.name, done, expectation, source, target))?,
        DocumentFormat::Json => told.document(CutoverOutcome::Done, (Exit::Done, None), Some(hold), Some(done))?,
    }
    if spec.cutover.window.is_some_and(|window| done.seconds > window.as_secs_f64()) {
        printer::say("the source was held for longer than `window` of [cutover] allows");
    }
    printer::say(&format!("evidence: {}", pages.verify.display()));
    printer::say("next: start the application on the target");
    let rollback = with_spec(&arguments.spec, "rollback");
    let undo =
        if done.means.is_lock { rollback } else { format!("{rollback}, then {}", release_command(&arguments.spec)) };
    printer::say(&format!("undo, before it writes there: {undo}"));
    Ok(())
}

/// The command that lets the application write to the source again.
fn release_command(arguments: &SpecArguments) -> String {
    with_spec(arguments, "cutover") + " --release"
}

fn stopped(place: &str) -> Failure {
    Failure::new(Exit::Failed, format!("stopped {place}"), None)
}

/// The right to cut over, which one process has at a time.
fn claim(spec: &Spec) -> Result<Claim, Failure> {
    let path = CutoverRecord::path(spec);
    let claimed = CutoverRecord::claim(spec);
    claimed
        .map_err(|error| Failure::new(Exit::Failed, format!("cannot lock {}: {error}", path.display()), None))?
        .ok_or_else(|| {
            let hint = "Wait until it has ended.".to_owned();
            Failure::new(Exit::Failed, "another `transship cutover` of this spec is at work", Some(hint))
        })
}

/// The parts that all documents of a cut-over have in common.
struct DocumentContext<'a> {
    spec: &'a Spec,
    source: &'a str,
    target: &'a str,
    expectation: &'a Expectation,
    pages: &'a Pages,
}

impl DocumentContext<'_> {
    /// Prints the document as JSON.
    fn document(
        &self,
        outcome: CutoverOutcome,
        (exit, error): (Exit, Option<&str>),
        held: Option<(HoldMeans, Timestamp)>,
        done: Option<&Cutover>,
    ) -> Result<(), Failure> {
        let files = [&self.pages.apply, &self.pages.verify].map(|page| page.to_string_lossy());
        let facts = CutoverFacts {
            migration: &self.spec.name,
            source: self.source,
            target: self.target,
            outcome,
            exit_code: exit as i32,
            error,
            held,
            done,
            expectation: self.expectation,
            evidence: done.map(|_| [files[0].as_ref(), files[1].as_ref()]),
        };
        printer::document(&json(cutover_json(&facts))?)
    }

    /// The end of one that did not end well: in JSON a document says so, and how the source is left.
    fn failed(
        &self,
        format: DocumentFormat,
        outcome: CutoverOutcome,
        held: (HoldMeans, Timestamp),
        ended: Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        if format == DocumentFormat::Json {
            let (exit, error) = match &ended {
                Ok(exit) => (*exit, None),
                Err(failure) => (failure.exit(), Some(failure.to_string())),
            };
            self.document(outcome, (exit, error.as_deref()), Some(held), None)?;
        }
        ended
    }
}

/// Refreshes, compares, and writes the end down: the moment until which the source was held, or the exit of a part that did not end
/// well.
async fn conclude(
    spec: &Spec,
    arguments: &CutoverArguments,
    pages: &Pages,
    held: &mut HeldSource,
    stop: &Stop,
) -> Result<Result<Timestamp, Exit>, Failure> {
    match carry_out(spec, arguments, pages, held, stop).await? {
        Exit::Done if stop.is_thrown() => Err(stopped("after the comparison")),
        Exit::Done => Ok(Ok(held.conclude(spec).await?)),
        not_done => Ok(Err(not_done)),
    }
}

/// The refresh and the comparison, each as its own command does it.
async fn carry_out(
    spec: &Spec,
    arguments: &CutoverArguments,
    pages: &Pages,
    held: &mut HeldSource,
    stop: &Stop,
) -> Result<Exit, Failure> {
    let is_part = arguments.format == DocumentFormat::Json;
    let applying = ApplyArguments {
        refresh: true,
        overwrite_changes: arguments.overwrite_changes,
        report: vec![ReportFile::of_page(&pages.apply)?],
        is_part,
        notes: vec![held.note_since()],
        ..ApplyArguments::of(&arguments.spec, true, &arguments.jobs)
    };
    let (applied, _) = apply::carry_out(spec, &applying, stop).await?;
    if applied != Exit::Done {
        return Ok(applied);
    }
    held.done(Move::Refresh);
    let mut report = arguments.report.clone();
    report.push(ReportFile::of_page(&pages.verify)?);
    let verifying = VerifyArguments { is_part, ..VerifyArguments::of(&arguments.spec, report, &arguments.jobs) };
    let verified = verify::carry_out(spec, &verifying, Some(held), stop).await?;
    held.done(Move::Verify);
    Ok(verified)
}

/// Holds the time that the rehearsal expects against the window of the spec.
fn expect(spec: &Spec, is_applied: bool) -> Result<Expectation, Failure> {
    let expectation = Expectation::of(spec, is_applied);
    let expectation = expectation.map_err(|error| Failure::new(Exit::Failed, error.to_string(), None))?;
    let words = expectation_text(&expectation);
    match expectation.verdict() {
        WindowVerdict::TooShort => {
            let hint = "Give it more time (`window` under [cutover]), or leave less to do: `transship apply` beforehand, while \
                        the application runs, leaves only what changes until then."
                .to_owned();
            Err(Failure::new(
                Exit::NotRight,
                format!("the time is too short, and nothing was done: {words}"),
                Some(hint),
            ))
        }
        WindowVerdict::Tight => {
            printer::say(&format!("warning: the time may be short: {words}"));
            Ok(expectation)
        }
        WindowVerdict::Enough | WindowVerdict::Unknown => {
            printer::say(&words);
            Ok(expectation)
        }
    }
}

/// Whether an earlier run, since the last rollback, has loaded everything that there was then.
async fn is_applied(spec: &Spec) -> Result<bool, Failure> {
    if !target_is_made(spec)? {
        return Ok(false);
    }
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let asked = async {
        let session = server.connect().await?;
        let ledger = Ledger::of(&spec.name);
        let runs = if ledger.exists(&session).await? { ledger.read_runs(&session).await? } else { Vec::new() };
        // The newest comes first.
        let mut standing = runs.iter().take_while(|run| run.state != RunState::RolledBack);
        Ok(standing.any(|run| run.state == RunState::Done))
    };
    let asked = asked.await;
    close(server, asked).await
}

/// Makes the backup that `apply` wants, unless there is a fresh one: before the source stands still.
async fn make_backup(spec: &Spec, arguments: &CutoverArguments, stop: &Stop) -> Result<(), Failure> {
    let is_made = target_is_made(spec)?;
    match Store::of(spec).must_be_fresh(spec, is_made, jiff::Timestamp::now()) {
        Err(BackupError::NotFresh { message, .. }) if arguments.dry_run => {
            printer::say(&format!("{message}: the cut-over would make a backup first, before the source is held"));
            return Ok(());
        }
        Err(BackupError::NotFresh { message, .. }) => printer::say(&format!("{message}: a backup is made first")),
        fresh => return Ok(fresh?),
    }
    let sides = Side::BOTH.into_iter().filter(|side| *side == Side::Source || is_made).collect();
    let making = Making { sides, jobs: arguments.jobs.number(), is_proved: false };
    let made = Backup::make(spec, &making, stop, &backup::told()).await?;
    printer::say(&format!("backup: {}", made.path.display()));
    Ok(())
}

/// Keeps writers out for a moment, to see that it can be done.
async fn try_hold(told: &DocumentContext<'_>, claim: Claim, format: DocumentFormat) -> Result<Exit, Failure> {
    let held = HeldSource::take(told.spec, claim).await?;
    let hold = (held.means(), held.since());
    held.notes().iter().for_each(|note| printer::say(&format!("note: {note}")));
    held.give_back(told.spec).await?;
    match format {
        DocumentFormat::Text => printer::document(&format!(
            "{}: a cut-over would begin. The source was held for a moment ({}), and is as it was.\n",
            told.spec.name, hold.0.words
        ))?,
        DocumentFormat::Json => told.document(CutoverOutcome::WouldBegin, (Exit::Done, None), Some(hold), None)?,
    }
    Ok(Exit::Done)
}

fn recorded(spec: &Spec) -> Result<Option<CutoverRecord>, Failure> {
    CutoverRecord::read(spec).map_err(|error| unreadable(spec, &error))
}

fn unreadable(spec: &Spec, error: &std::io::Error) -> Failure {
    let path = CutoverRecord::path(spec);
    Failure::new(Exit::Failed, format!("cannot read or write {}: {error}", path.display()), None)
}

/// Says what a cut-over that was killed has left, and whether one is at work. `is_claimed`: this process has the right to cut over, and
/// no other is at it.
pub(super) fn tell_of_killed(spec: &Spec, is_claimed: bool) {
    let held = match CutoverRecord::read(spec) {
        Ok(record) => record.is_some_and(|record| record.state == HoldState::Holding && record.only_reads()),
        Err(error) => {
            printer::say(&format!("warning: cannot read {}: {error}", CutoverRecord::path(spec).display()));
            false
        }
    };
    if !held {
        return;
    }
    printer::say(if !is_claimed && matches!(CutoverRecord::claim(spec), Ok(None)) {
        "a cut-over is at work: the source only reads"
    } else {
        "an earlier cut-over was killed while the source only read: `transship cutover SPEC` goes on, and with --release the \
         source is as it was before"
    });
}

/// Notes that a cut-over that was done is rolled back, and says that a server still only reads since.
pub(super) fn rolled_back(arguments: &SpecArguments, spec: &Spec) -> Result<(), Failure> {
    CutoverRecord::roll_back(spec).map_err(|error| unreadable(spec, &error))?;
    if recorded(spec)?.is_some_and(|record| record.only_reads()) {
        let release = release_command(arguments);
        printer::say(&format!(
            "the source still only reads since the cut-over; to let the application write there: {release}"
        ));
    }
    Ok(())
}

async fn release(spec: &Spec) -> Result<Exit, Failure> {
    let claim = claim(spec)?;
    let source = spec.source.connection.redacted();
    let words = match HeldSource::release_recorded(spec).await? {
        None => format!("no cut-over of this spec has set {source} to only read: there is nothing to give back\n"),
        Some((former, present)) => {
            let on = |settings: &[(String, String)]| {
                let on = settings.iter().filter(|(_, value)| value != "0");
                on.map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
            };
            match (on(&former), on(&present)) {
                (before, now) if now.is_empty() && before.is_empty() => format!(
                    "{source} can be written again, as before the cut-over; so can every other database of its server\n"
                ),
                (before, now) if now.is_empty() => {
                    format!(
                        "{source} can be written: it only read before the cut-over ({before}), and others have let writers in since\n"
                    )
                }
                (_, now) => format!("{source} is as it was before the cut-over: it only reads ({now})\n"),
            }
        }
    };
    drop(claim);
    printer::document(&words)?;
    Ok(Exit::Done)
}
