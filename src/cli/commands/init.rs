//! `transship init`

use super::super::arguments::InitArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::progress::{Progress, Show};
use super::super::{printer, slips};
use super::given_target::GivenTarget;
use super::plan::{self, PlanTarget};
use super::{close, stop_on_signal, variable};
use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Component, Path, PathBuf};
use transship::connection::{SourceConnection, UrlError, parse_server_url};
use transship::name::shell_word;
use transship::name::visible::visible_name;
use transship::plan::{Finding, MIGRATION_TOOL, NO_TABLES};
use transship::report::left_behind_words;
use transship::run::{ExecuteError, Stop};
use transship::source::list_databases;
use transship::spec::starter::{Recipe, SOURCE_PASSWORD, Starter, StarterFacts};
use transship::spec::{self, MayBeUnset};
use transship::survey::{APPLICATION_NUMBERS, ApplicationTables, Draft, DraftError, draft};
use transship::target::{Server, Session};

/// Placeholder for the spec's path if it is written to standard output.
const UNWRITTEN: &str = "SPEC";

/// Hint for a target that cannot be reached.
const UNSEEN: &str = "name a variable that is not set here, as in --target '${DATABASE_URL}', to write the spec without \
                      reading the target";

pub(super) async fn run(arguments: InitArguments) -> Result<Exit, Failure> {
    let source = of_databases(source(&arguments.source)?, &arguments.databases)?;
    if let Some(path) = &arguments.output {
        refuse_to_overwrite(path, &source)?;
    }
    let target = arguments.target.as_deref().map(GivenTarget::parse).transpose()?;
    let output = arguments.output.as_deref();
    let mut starter = starter(&source, output, target.as_ref().and_then(GivenTarget::in_spec))?;
    if let Some(name) = &arguments.recipe {
        follow(&mut starter, name, &source)?;
    }
    let draft = write_draft(starter, output, target.as_ref(), arguments.jobs.number()).await?;
    if !draft.open.is_empty() {
        return Ok(Exit::of_answer(false));
    }
    if let Some(path) = output {
        printer::say(&format!("next: {}", plan_of(Some(path))));
        if target.as_ref().is_none_or(|target| target.has_password)
            && variable("DATABASE_URL").is_none_or(|url| url.is_empty())
        {
            printer::say(
                "      before apply, set DATABASE_URL=postgres://USER:PASSWORD@HOST:PORT/DATABASE (or embedded: for a trial)",
            );
        }
    }
    Ok(Exit::Done)
}

/// Begins the spec with a recipe.
fn follow(starter: &mut Starter, name: &str, source: &SourceConnection) -> Result<(), Failure> {
    let wrong = |message: String, hint: String| Failure::new(Exit::WrongInput, message, Some(hint));
    let recipe = Recipe::named(name).map_err(|unknown| wrong(unknown.to_string(), unknown.hint))?;
    if !matches!(source, SourceConnection::Sqlite { .. }) {
        let message = format!("the recipe {} is for a SQLite file, and {} is none", recipe.name, source.redacted());
        return Err(wrong(message, "Leave --recipe out: init decides by what the source holds.".to_owned()));
    }
    starter.follow(recipe);
    Ok(())
}

/// Name of a migration from this source, if nobody gives one: of the file, or of the database.
pub(super) fn stem(source: &SourceConnection) -> String {
    match source {
        SourceConnection::Sqlite { path } => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        SourceConnection::Mysql(server) => match server.databases() {
            [] => server.database().to_owned(),
            databases => databases.join("_"),
        },
        SourceConnection::Unset { .. } => String::new(),
    }
}

/// The beginning of a spec in the file `output`. `target` is the target's URL as the spec has it.
pub(super) fn starter(
    source: &SourceConnection,
    output: Option<&Path>,
    target: Option<&str>,
) -> Result<Starter, Failure> {
    let stem = match output {
        Some(path) => path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        None => stem(source),
    };
    let directory = output.unwrap_or(Path::new(UNWRITTEN)).parent().unwrap_or(Path::new(""));
    Starter::new(&stem, &seen_from(source.clone(), directory)?, target).map_err(|path| {
        let hint = "Give the file a name in UTF-8: a spec is UTF-8 text.".to_owned();
        Failure::new(Exit::WrongInput, format!("the path {path} is not UTF-8"), Some(hint))
    })
}

/// Looks at the source, and at the target if it is given, writes the spec into the file `output` or to standard output, and says what was decided and what is
/// still open.
pub(super) async fn write_draft(
    starter: Starter,
    output: Option<&Path>,
    target: Option<&GivenTarget>,
    jobs: usize,
) -> Result<Draft, Failure> {
    let has_password = starter.has_password();
    let stop = stop_on_signal();
    let path = output.unwrap_or(Path::new(UNWRITTEN));
    let reached = match target {
        Some(target) => reach_target(&starter, path, target, &stop).await?,
        None => None,
    };
    let (events, progress) = Progress::start(Show::ToPeople);
    let session = reached.as_ref().map(|(_, session)| session);
    let drafted = draft(starter, path, session, jobs, &stop, &events).await;
    drop(events);
    progress.finish().await?;
    let drafted = drafted.map_err(|error| match error {
        DraftError::Spec(error) => error.into(),
        DraftError::Execute(error) => Failure::from(error),
        DraftError::AnotherApplication(_) => {
            let hint = "Leave --recipe out: init decides by what the source holds.".to_owned();
            Failure::new(Exit::WrongInput, error.to_string(), Some(hint))
        }
    });
    let draft = match reached {
        Some((server, session)) => {
            drop(session);
            close(server, drafted).await?
        }
        None => drafted?,
    };
    match output {
        None => printer::document(&draft.text)?,
        Some(path) => {
            write_new(path, &draft.text)?;
            printer::say(&format!("{}: {}", path.display(), summary(&draft)));
        }
    }
    if has_password {
        printer::say(&format!(
            "the password of the source is not written into the spec: set {SOURCE_PASSWORD} before the next command"
        ));
    }
    tell_owners(&draft);
    tell_of_source(&draft);
    if let Some(words) = left_behind_words(&draft.plan) {
        printer::say(&format!("{words}: `{}` says what and why", plan_of(output)));
    }
    if draft.is_ahead {
        printer::say(&format!(
            "the target was not read, so it is not known which values it takes: `{}` says what is still to decide",
            plan_of(output)
        ));
    }
    if let Some(words) = given_up(&draft) {
        printer::say(&words);
    }
    for altering in &draft.altering {
        printer::say(&format!("values are altered, as decided: {altering}"));
    }
    for losing in &draft.losing {
        printer::say(&format!("left behind or removed, as the recipe has it: {losing}"));
    }
    for open in &draft.open {
        printer::say(&format!("still open: {}", open.words));
        open.advice.iter().flat_map(|advice| advice.lines()).for_each(|line| printer::say(&format!("      {line}")));
    }
    Ok(draft)
}

/// Connects to the target of the spec that is being written. `None` for one that is not there yet, or that is not named
/// here: the spec is then that of an empty target.
async fn reach_target(
    starter: &Starter,
    path: &Path,
    target: &GivenTarget,
    stop: &Stop,
) -> Result<Option<(Server, Session)>, Failure> {
    let lookup = |name: &str| starter.variable(name).or_else(|| target.variable(name));
    let may_be_unset = MayBeUnset { source: false, target: true };
    let spec = spec::read_without(&starter.write(&StarterFacts::default()), path, None, &lookup, may_be_unset)?;
    let hinted = |failure: Failure| if stop.is_thrown() { failure } else { failure.hinting(UNSEEN) };
    Ok(match plan::reach(&spec, stop).await.map_err(hinted)? {
        PlanTarget::Reached(reached) => Some(*reached),
        PlanTarget::NotMade => None,
        PlanTarget::NotNamed(error) => {
            printer::say(&format!("{error}; the spec is for an empty target"));
            None
        }
    })
}

/// Says whose tables the spec is about: those that stand in the target, or those that a migration tool of the source owns.
fn tell_owners(draft: &Draft) {
    if let Some(ApplicationTables { schemas, found, of, names: _ }) = &draft.own_tables {
        let (noun, has) = if schemas.iter().count() == 1 { ("schema", "has") } else { ("schemas", "have") };
        let schemas = visible_name(&schemas.to_string()).into_owned();
        printer::say(&format!(
            "the {noun} {schemas} of the target {has} {found} of the source's {of} tables: the spec fills them (tables = \"existing\")"
        ));
        if draft.lacks_rights {
            printer::say(
                "the role of the target lacks rights that the load requires: `transship plan` names the statements that give \
                 them",
            );
        }
        return;
    }
    for finding in draft.plan.each_finding().filter(|finding| finding.code == MIGRATION_TOOL) {
        printer::say(&format!("{}: {}", visible_name(&finding.place()), finding.message));
        finding.suggestion.as_deref().iter().for_each(|advice| printer::say(&format!("      {advice}")));
    }
}

/// Says what no line of the spec is about: a source without a table, and what stands outside of all tables.
fn tell_of_source(draft: &Draft) {
    let is_told = |finding: &&Finding| [NO_TABLES, APPLICATION_NUMBERS].contains(&finding.code);
    for finding in draft.plan.findings.iter().filter(is_told) {
        printer::say(&finding.message);
        finding.suggestion.iter().for_each(|advice| printer::say(&format!("      {}", advice.text)));
    }
}

/// The source with the databases that are asked for. Of a server at least one has to be: without one, those that there are
/// are named.
pub(super) fn of_databases(source: SourceConnection, databases: &[String]) -> Result<SourceConnection, Failure> {
    let wrong = |message: String, hint: String| Err(Failure::new(Exit::WrongInput, message, Some(hint)));
    match source {
        SourceConnection::Mysql(server) if !databases.is_empty() => {
            if !server.database().is_empty() && !databases.iter().any(|name| name.trim() == server.database()) {
                let message = format!("the URL names the database {}, and --database does not", server.database());
                return wrong(message, "Name it too, or take it out of the URL.".to_owned());
            }
            let mut named = Vec::new();
            for name in databases.iter().map(|name| name.trim().to_owned()) {
                if !named.contains(&name) {
                    named.push(name);
                }
            }
            Ok(SourceConnection::Mysql(Box::new(server.with_databases(named))))
        }
        SourceConnection::Mysql(server) if server.database().is_empty() => {
            let source = SourceConnection::Mysql(server);
            let names = list_databases(&source).map_err(ExecuteError::from).map_err(Failure::from)?;
            let names = match names.as_slice() {
                [] => "none that this user may see".to_owned(),
                names => names.iter().map(|name| visible_name(name)).collect::<Vec<_>>().join(", "),
            };
            let hint = "Name one in the URL, as in mysql://USER@HOST/DATABASE; or several, each of which goes into a schema of \
                        its own: --database ONE,TWO";
            wrong(format!("the URL names no database; the server has {names}"), hint.to_owned())
        }
        source if !databases.is_empty() => {
            let message = format!("--database is about a server, and {} is a file", source.redacted());
            wrong(message, "Leave it out.".to_owned())
        }
        source => Ok(source),
    }
}

/// Command that shows the plan of the spec.
fn plan_of(output: Option<&Path>) -> String {
    format!("transship plan {}", shell_word(&output.unwrap_or(Path::new(UNWRITTEN)).to_string_lossy()))
}

fn summary(draft: &Draft) -> String {
    let tables = if draft.tables == 1 { "1 table".to_owned() } else { format!("{} tables", draft.tables) };
    let altering = draft.altering.len();
    match draft.decisions {
        decisions if draft.recipe.is_some() && decisions > 0 => {
            let made = if decisions == 1 { "1 decision" } else { &format!("{decisions} decisions") };
            let are = if draft.by_recipe == decisions { "as" } else { &format!("{} of them as", draft.by_recipe) };
            let of = draft.recipe.map_or("", |recipe| recipe.application);
            let more = [
                (altering, "alters values", "alter values"),
                (draft.losing.len(), "leaves behind or removes", "leave behind or remove"),
            ];
            let more = more.iter().filter(|(number, ..)| *number > 0).map(|(number, one, many)| {
                format!("; {number} of them {}, as said below", if *number == 1 { one } else { many })
            });
            format!("{tables}, {made}, {are} the recipe for {of} has it{}", more.collect::<String>())
        }
        decisions if altering > 0 => {
            let some = if altering == 1 { "1 of them alters".to_owned() } else { format!("{altering} of them alter") };
            let made = if decisions == 1 { "1 decision" } else { &format!("{decisions} decisions") };
            format!("{tables}, {made} made so that no row is left behind; {some} values, as said below")
        }
        0 if !draft.open.is_empty() => format!("{tables}, nothing decided"),
        0 => format!("{tables}, nothing to decide"),
        1 => format!("{tables}, 1 decision made so that nothing is lost; its reason stands beside it"),
        decisions => {
            format!("{tables}, {decisions} decisions made so that nothing is lost; the reasons stand beside them")
        }
    }
}

/// Constraints and indexes that the spec omits, so that rows which they refuse can stay.
fn given_up(draft: &Draft) -> Option<String> {
    let by_spec = draft.plan.omitted.iter().filter(|omitted| omitted.finding.is_none());
    let given_up = by_spec.filter(|omitted| omitted.kind.refuses_rows());
    let names = given_up.map(|omitted| format!("{} {}", omitted.kind, visible_name(&omitted.name))).collect::<Vec<_>>();
    (!names.is_empty()).then(|| format!("left behind for the rows that they refuse: {}", names.join(", ")))
}

/// Source of a URL, or of the path of an existing file.
pub(super) fn source(written: &OsString) -> Result<SourceConnection, Failure> {
    let path = Path::new(written);
    let is_url = written.to_str().is_some_and(|text| parse_server_url(text, Path::new("")).is_ok());
    if let Some(slip) = slips::instead_of_source(path).filter(|_| !is_url) {
        return Err(slip);
    }
    if !is_url && path.is_file() {
        return Ok(SourceConnection::Sqlite { path: path.to_owned() });
    }
    let text = written.to_string_lossy();
    if !text.starts_with("sqlite:") && text.contains("${") {
        let hint = format!(
            "Write the URL in double quotes, so that the shell puts the variable's value in; the spec has ${{{SOURCE_PASSWORD}}} \
             in place of the password whatever its variable is here."
        );
        return Err(Failure::new(Exit::WrongInput, "the source's URL has a variable in it".to_owned(), Some(hint)));
    }
    let parsed = parse_server_url(&text, Path::new(""));
    let parsed = match parsed {
        // Files that the URL names are seen from here, and from wherever the spec will be.
        Ok(SourceConnection::Mysql(_)) => {
            let here = std::env::current_dir().map_err(|error| Failure::new(Exit::Failed, error.to_string(), None))?;
            parse_server_url(&text, &here)
        }
        parsed => parsed,
    };
    if let Ok(SourceConnection::Sqlite { path }) = &parsed
        && let Some(relative) = text.strip_prefix("sqlite:///").filter(|relative| Path::new(relative).is_file())
        && !path.exists()
    {
        let hint =
            format!("Write sqlite:{relative}: after three slashes a path begins at the root, unlike in SQLAlchemy.");
        return Err(Failure::new(Exit::WrongInput, format!("there is no file {}", path.display()), Some(hint)));
    }
    parsed.map_err(|error| {
        let looks_like_a_path = !text.contains("://") && !text.contains(':');
        let (message, hint) = if looks_like_a_path {
            (format!("there is no file {text}"), Some("a source is sqlite:PATH, or the path of a file".to_owned()))
        } else {
            (format!("`{}`: {}", UrlError::masked(&text), error.message), error.hint)
        };
        Failure::new(Exit::WrongInput, message, hint)
    })
}

/// Source as a spec in `directory` names it: a relative path stays relative, to that directory.
fn seen_from(source: SourceConnection, directory: &Path) -> Result<SourceConnection, Failure> {
    let SourceConnection::Sqlite { path } = source else { return Ok(source) };
    if path.is_absolute() {
        return Ok(SourceConnection::Sqlite { path });
    }
    let missing = |path: &Path, error: &std::io::Error| {
        Failure::new(Exit::WrongInput, format!("{}: {error}", path.display()), None)
    };
    let here = |path: &Path| if path.as_os_str().is_empty() { PathBuf::from(".") } else { path.to_owned() };
    let real = |path: &Path| here(path).canonicalize().map_err(|error| missing(&here(path), &error));
    let from = real(directory)?;
    let to = real(path.parent().unwrap_or(Path::new("")))?.join(path.file_name().unwrap_or_default());
    Ok(SourceConnection::Sqlite { path: relative(&from, &to) })
}

/// Relative path from one absolute path to another.
fn relative(from: &Path, to: &Path) -> PathBuf {
    let shared = from.components().zip(to.components()).take_while(|(one, other)| one == other).count();
    let up = from.components().skip(shared).map(|_| Component::ParentDir);
    up.chain(to.components().skip(shared)).collect()
}

fn refuse_to_overwrite(path: &Path, source: &SourceConnection) -> Result<(), Failure> {
    slips::must_not_be_directory(path, "-o", &format!("{}.toml", stem(source)))?;
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::new(Exit::WrongInput, format!("{}: {error}", path.display()), None)),
        Ok(_) => Err(there_already(path)),
    }
}

fn there_already(path: &Path) -> Failure {
    let hint = "Name another file, or remove this one: init never overwrites a file.".to_owned();
    Failure::new(Exit::WrongInput, format!("{} is there already", path.display()), Some(hint))
}

/// Writes a file that must not exist, even if it was created since the check.
fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let written = File::create_new(path).and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => there_already(path),
        _ => Failure::new(Exit::WrongInput, format!("cannot write {}: {error}", path.display()), None),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_from_the_spec() {
        for (from, to, expected) in
            [("/a", "/a/x.db", "x.db"), ("/a/specs", "/a/x.db", "../x.db"), ("/a/specs", "/b/c/x.db", "../../b/c/x.db")]
        {
            assert_eq!(relative(Path::new(from), Path::new(to)), Path::new(expected));
        }
    }
}
