//! `transship migrate`: the whole way in one command, for users who have a source and a target and no spec yet.
//!
//! It decides nothing by itself: the spec is the one of `init`, and `apply` and `verify` do with it what they always do.

use super::super::arguments::{ApplyArguments, MigrateArguments, SpecArguments, VerifyArguments};
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::reports::{ReportFile, Reports};
use super::super::{printer, slips};
use super::given_target::{GivenTarget, TARGET};
use super::{apply, init, must_be_answered, stop_on_signal, verify};
use std::path::{Path, PathBuf};
use transship::connection::{SourceConnection, TargetConnection};
use transship::name::shell_word;
use transship::spec::starter::Starter;
use transship::spec::{self, MayBeUnset, Spec};

pub(super) async fn run(arguments: MigrateArguments) -> Result<Exit, Failure> {
    if let Some(slip) = slips::swapped(Path::new(&arguments.source), Path::new(&arguments.target)) {
        return Err(slip);
    }
    let source = init::of_databases(init::source(&arguments.source)?, &arguments.databases)?;
    let path = match &arguments.output {
        Some(path) => path.clone(),
        None => PathBuf::from(format!("{}.toml", init::stem(&source))),
    };
    let target = GivenTarget::parse(&arguments.target)?;
    slips::must_not_be_directory(&path, "--output", &format!("{}.toml", init::stem(&source)))?;
    must_be_answered(arguments.yes, "`transship init SOURCE` and `transship plan` show beforehand what will be done")?;
    let starter = init::starter(&source, Some(&path), target.in_spec())?;
    let passwords = starter.clone();
    if path.exists() {
        printer::say(&format!("{} exists already, and is used as it is", path.display()));
    } else {
        let draft = init::write_draft(starter, Some(&path), Some(&target), arguments.jobs.number()).await?;
        if !draft.open.is_empty() {
            printer::say(&format!("next: decide this in {}, and run the same command again", word(&path)));
            return Ok(Exit::of_answer(false));
        }
    }
    let spec = load(&path, &passwords, &target)?;
    must_be_of(&spec, &source, &target)?;
    let page = path.with_extension("evidence.html");
    let evidence = ReportFile::of_page(&page)?;
    // Before the rows are copied.
    Reports::must_open(std::slice::from_ref(&evidence), "check the directory of the spec")?;
    let of_spec = SpecArguments { spec: path.clone(), env: None };
    let applying = ApplyArguments { shows_plan: true, ..ApplyArguments::of(&of_spec, arguments.yes, &arguments.jobs) };
    let stop = stop_on_signal();
    let (applied, is_done) = apply::carry_out(&spec, &applying, &stop).await?;
    if !is_done {
        printer::say(&format!("the spec stays: transship plan {} shows what would be done", word(&path)));
        return Ok(applied);
    }
    let verifying = VerifyArguments::of(&of_spec, vec![evidence], &arguments.jobs);
    let verified = verify::carry_out(&spec, &verifying, None, &stop).await?;
    let exit = if verified == Exit::Done { applied } else { verified };
    tell_next(&path, &page, exit, &passwords, &target);
    Ok(exit)
}

/// A path as a shell takes it.
fn word(path: &Path) -> String {
    shell_word(&path.to_string_lossy())
}

/// Reads the spec; passwords are those of the command line.
fn load(path: &Path, passwords: &Starter, target: &GivenTarget) -> Result<Spec, Failure> {
    let lookup = |name: &str| passwords.variable(name).or_else(|| target.variable(name));
    Ok(spec::load_without(path, None, &lookup, MayBeUnset::default())?)
}

/// Refuses the spec of another migration: it was there before.
fn must_be_of(spec: &Spec, source: &SourceConnection, target: &GivenTarget) -> Result<(), Failure> {
    let is_same_source = match (&spec.source.connection, source) {
        (SourceConnection::Sqlite { path: one }, SourceConnection::Sqlite { path: other }) => {
            one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
        }
        (one, other) => one.redacted() == other.redacted(),
    };
    // A URL with variables is the one of the spec, whatever they are.
    let is_target = |given: &TargetConnection| spec.target.connection.redacted() == given.redacted();
    if is_same_source && target.connection.as_ref().is_none_or(is_target) {
        return Ok(());
    }
    let message = format!(
        "{} is the spec of another migration: of {} to {}",
        spec.path.display(),
        spec.source.connection.redacted(),
        spec.target_name()
    );
    let hint = "Name another file with --output, or run that migration: transship apply SPEC.".to_owned();
    Err(Failure::new(Exit::WrongInput, message, Some(hint)))
}

fn tell_next(path: &Path, page: &Path, exit: Exit, passwords: &Starter, target: &GivenTarget) {
    let path = word(path);
    printer::say(&format!("evidence: {}", page.display()));
    if exit == Exit::Done {
        printer::say(&format!("next: commit {path}; the same migration elsewhere is `transship apply {path}`"));
    }
    printer::say(&format!("undo: transship rollback {path}"));
    let variables = [(passwords.has_password(), spec::starter::SOURCE_PASSWORD), (target.has_password, TARGET)];
    let variables = variables.iter().filter(|(is_needed, _)| *is_needed).map(|(_, name)| *name).collect::<Vec<_>>();
    if !variables.is_empty() {
        printer::say(&format!("      these commands need {}, which the spec does not hold", variables.join(" and ")));
    }
}
