//! Slips: an argument given in the place of another. The error names the command that was meant.

use super::exit::Exit;
use super::failure::Failure;
use clap::error::ErrorKind;
use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use transship::connection::UrlError;
use transship::name::shell_word;

/// Kinds of arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ArgumentKind {
    Directory,
    /// A file with a database in it, or the URL of a source.
    Source,
    Target,
    /// A file that `plan --format json` wrote.
    Plan,
    /// A file that `inspect` wrote.
    Inspection,
    Spec,
    Other,
}

impl ArgumentKind {
    fn of(word: &Path) -> Self {
        let text = word.to_string_lossy();
        if word.is_dir() {
            return ArgumentKind::Directory;
        }
        if !word.is_file() {
            let scheme = text.split_once(':').map(|(scheme, _)| scheme.split('+').next().unwrap_or(scheme));
            return match scheme {
                Some("postgres" | "postgresql" | "embedded") => ArgumentKind::Target,
                Some("sqlite" | "sqlite3" | "file" | "mysql" | "mariadb") => ArgumentKind::Source,
                _ if has_ending(word, &["toml"]) => ArgumentKind::Spec,
                _ => ArgumentKind::Other,
            };
        }
        match contents(word) {
            FileContents::Database => ArgumentKind::Source,
            FileContents::Json(object) if object.contains_key("inspect") => ArgumentKind::Inspection,
            FileContents::Json(object) if object.contains_key("steps") => ArgumentKind::Plan,
            FileContents::Other if has_ending(word, &["toml"]) => ArgumentKind::Spec,
            _ => ArgumentKind::Other,
        }
    }
}

/// Contents of a file, as far as they tell what it is.
enum FileContents {
    Database,
    Json(serde_json::Map<String, serde_json::Value>),
    Other,
}

fn contents(path: &Path) -> FileContents {
    /// Section 1.3.1 of <https://www.sqlite.org/fileformat2.html>.
    const MAGIC: &[u8] = b"SQLite format 3\0";
    let mut begin = [0; MAGIC.len()];
    let Ok(read) = File::open(path).and_then(|mut file| file.read(&mut begin)) else { return FileContents::Other };
    if begin == MAGIC {
        return FileContents::Database;
    }
    if !begin[..read].trim_ascii_start().starts_with(b"{") {
        return FileContents::Other;
    }
    let Ok(text) = std::fs::read_to_string(path) else { return FileContents::Other };
    serde_json::from_str(&text).map_or(FileContents::Other, FileContents::Json)
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|ending| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// A word of the command line as one may print it and a shell takes it: without a password.
fn shown(word: &Path) -> String {
    shell_word(&UrlError::masked(&word.to_string_lossy()))
}

fn wrong(message: String, hint: String) -> Failure {
    Failure::new(Exit::WrongInput, message, Some(hint))
}

/// Answer to a command line that clap does not take.
pub(super) fn answer(error: &clap::Error, words: &[OsString]) -> Option<Failure> {
    let words = words.iter().map(Path::new).filter(|word| !word.to_string_lossy().starts_with('-'));
    let words = words.collect::<Vec<_>>();
    let (first, rest) = words.split_first()?;
    match error.kind() {
        ErrorKind::InvalidSubcommand => without_command(first, rest.first().copied()),
        ErrorKind::MissingRequiredArgument if *first == Path::new("migrate") => without_target(rest),
        ErrorKind::UnknownArgument => one_too_many(&first.to_string_lossy(), rest),
        _ => None,
    }
}

/// `transship app.db …`: there is no command.
fn without_command(first: &Path, second: Option<&Path>) -> Option<Failure> {
    let name = shown(first);
    let second_is = second.map(ArgumentKind::of);
    let (what, hint) = match ArgumentKind::of(first) {
        ArgumentKind::Source => {
            let target = second.filter(|_| second_is == Some(ArgumentKind::Target)).map(shown);
            ("a database", to_migrate(first, target.as_deref()))
        }
        ArgumentKind::Target => {
            let source = second.filter(|_| second_is == Some(ArgumentKind::Source)).map(shown);
            let source = source.as_deref().unwrap_or("SOURCE");
            ("a target", format!("Name the source first: `transship migrate {source} {name}`."))
        }
        ArgumentKind::Spec => {
            let hint = format!(
                "Run `transship plan {name}`, which shows what it would do, `transship apply {name}`, which does it, and \
                 `transship verify {name}`, which proves it."
            );
            ("a spec", hint)
        }
        ArgumentKind::Plan => ("a plan", format!("Run `transship apply SPEC --plan {name}`, which carries it out.")),
        ArgumentKind::Inspection => (
            "what `transship inspect` wrote",
            format!("Run `transship plan SPEC --source {name}`, which plans from it."),
        ),
        ArgumentKind::Other if has_ending(first, &["db", "sqlite", "sqlite3"]) => {
            return Some(wrong(format!("there is no file {name}"), "Check the path of the database.".to_owned()));
        }
        ArgumentKind::Directory | ArgumentKind::Other => return None,
    };
    Some(wrong(format!("{name} is {what}, and a command comes first"), hint))
}

/// `transship migrate app.db`: there is no target.
fn without_target(rest: &[&Path]) -> Option<Failure> {
    let [source] = rest else { return None };
    let name = shown(source);
    if ArgumentKind::of(source) == ArgumentKind::Target {
        let hint = format!("Name the source first: `transship migrate SOURCE {name}`.");
        return Some(wrong("the source is missing".to_owned(), hint));
    }
    let hint = format!(
        "Name it: `transship migrate {name} postgres://USER@HOST/DATABASE`; or for a trial, in a private server: \
         `transship migrate {name} embedded:`."
    );
    Some(wrong("the target is missing".to_owned(), hint))
}

/// `transship plan app.db postgres://…`, `transship init app.db postgres://…`, `transship apply app.toml postgres://…`.
fn one_too_many(command: &str, rest: &[&Path]) -> Option<Failure> {
    let [first, second] = rest else { return None };
    match (command, ArgumentKind::of(first), ArgumentKind::of(second)) {
        ("init", ArgumentKind::Source, ArgumentKind::Target) => {
            let (source, target) = (shown(first), shown(second));
            let hint = format!(
                "Run `transship init {source} -o {} --target {target}`, which writes the spec, or `transship migrate {source} \
                 {target}`, which goes the whole way.",
                spec_of(first)
            );
            Some(wrong("init takes the source alone".to_owned(), hint))
        }
        (_, ArgumentKind::Source, ArgumentKind::Target) => Some(no_spec(first, Some(&shown(second)))),
        (_, ArgumentKind::Spec, ArgumentKind::Target | ArgumentKind::Source) => {
            let hint = format!("Write it there, as `url` of [source] or [target], and leave out {}.", shown(second));
            Some(wrong("source and target stand in the spec".to_owned(), hint))
        }
        _ => None,
    }
}

/// Name of the spec that `init` would write from a source.
fn spec_of(source: &Path) -> String {
    let stem = source.file_stem().filter(|_| source.is_file()).map(|stem| stem.to_string_lossy().into_owned());
    shell_word(&format!("{}.toml", stem.unwrap_or_else(|| "SPEC".to_owned())))
}

/// Both ways to migrate from a source: in one command, and by a spec.
fn to_migrate(source: &Path, target: Option<&str>) -> String {
    let (name, target) = (shown(source), target.unwrap_or("TARGET"));
    format!(
        "Run `transship migrate {name} {target}`, which goes the whole way in one command, or `transship init {name} -o {}`, \
         which writes a spec for plan and apply.",
        spec_of(source)
    )
}

/// Answer to a source where a spec is expected.
fn no_spec(source: &Path, target: Option<&str>) -> Failure {
    wrong(format!("{} is a database, and this command takes a spec", shown(source)), to_migrate(source, target))
}

/// Refuses what cannot be a spec, if it can be told what was meant.
pub(super) fn must_be_spec(path: &Path) -> Result<(), Failure> {
    let name = shown(path);
    Err(match ArgumentKind::of(path) {
        ArgumentKind::Source => no_spec(path, None),
        ArgumentKind::Target => wrong(
            format!("{name} is a target, and this command takes a spec"),
            format!(
                "Run `transship migrate SOURCE {name}`, which goes the whole way, or `transship init SOURCE -o SPEC`, which writes \
                 a spec."
            ),
        ),
        ArgumentKind::Plan => wrong(
            format!("{name} is a plan, and this command takes a spec"),
            format!("Name the spec that it was made from: `transship apply SPEC --plan {name}`."),
        ),
        ArgumentKind::Inspection => wrong(
            format!("{name} is what `transship inspect` wrote, and this command takes a spec"),
            format!("Name the spec too: `transship plan SPEC --source {name}`."),
        ),
        ArgumentKind::Directory | ArgumentKind::Spec | ArgumentKind::Other => return Ok(()),
    })
}

/// Answer to another kind of argument in the place of a plan; `None` if it could be one.
pub(super) fn instead_of_plan(path: &Path) -> Option<Failure> {
    let name = shown(path);
    let what = match ArgumentKind::of(path) {
        ArgumentKind::Inspection => {
            let hint = format!(
                "Make a plan of it by `transship plan SPEC --source {name} --format json --out FILE`; without --source the \
                 plan is made from the source itself."
            );
            return Some(wrong(format!("{name} is what `transship inspect` wrote, and no plan"), hint));
        }
        ArgumentKind::Directory => "a directory",
        ArgumentKind::Source => "a database",
        ArgumentKind::Spec => "a spec",
        ArgumentKind::Plan | ArgumentKind::Target | ArgumentKind::Other => return None,
    };
    let hint = "Write a plan by `transship plan SPEC --format json --out FILE`.".to_owned();
    Some(wrong(format!("{name} is {what}, and no plan"), hint))
}

/// Answer to another kind of argument in the place of an inspected source; `None` if it could be one.
pub(super) fn instead_of_inspection(path: &Path) -> Option<Failure> {
    let name = shown(path);
    let (what, hint) = match ArgumentKind::of(path) {
        ArgumentKind::Plan => (
            "a plan",
            format!(
                "Compare with it by `transship plan SPEC --against {name}`, or carry it out by `transship apply SPEC --plan {name}`."
            ),
        ),
        ArgumentKind::Source => (
            "the source itself",
            "Leave --source out: the spec's `source.url` names the database. The option is for a file of `transship inspect`."
                .to_owned(),
        ),
        ArgumentKind::Directory => ("a directory", "Name the file in it that `transship inspect` wrote.".to_owned()),
        ArgumentKind::Spec => ("a spec", "Write one by `transship inspect SPEC --out FILE`.".to_owned()),
        ArgumentKind::Inspection | ArgumentKind::Target | ArgumentKind::Other => return None,
    };
    Some(wrong(format!("{name} is {what}, and not what `transship inspect` wrote"), hint))
}

/// Answer to another kind of argument in the place of a source; `None` if it could be one.
pub(super) fn instead_of_source(path: &Path) -> Option<Failure> {
    let name = shown(path);
    match ArgumentKind::of(path) {
        ArgumentKind::Directory => {
            let hint = match databases_in(path).as_slice() {
                [] => "Name the file of the database; in this directory there is none.".to_owned(),
                found => format!("Name the file of the database in it: {}.", found.join(", ")),
            };
            Some(wrong(format!("{name} is a directory, not a database"), hint))
        }
        ArgumentKind::Spec => {
            let hint = format!("Run `transship plan {name}` to go on with it; a new spec is written from a database.");
            path.is_file().then(|| wrong(format!("{name} is a spec, not a database"), hint))
        }
        _ => None,
    }
}

/// Answer to source and target in the wrong order; `None` if the first could be a source.
pub(super) fn swapped(source: &Path, target: &Path) -> Option<Failure> {
    let hint = match (ArgumentKind::of(source), ArgumentKind::of(target)) {
        (ArgumentKind::Target, ArgumentKind::Source) => {
            format!("Run `transship migrate {} {}`.", shown(target), shown(source))
        }
        (ArgumentKind::Spec, _) if source.is_file() => {
            let hint = format!("Run `transship apply {}`: a migration that has a spec goes on with it.", shown(source));
            return Some(wrong(format!("{} is a spec, not a database", shown(source)), hint));
        }
        _ => return None,
    };
    Some(wrong("the source comes first, the target second".to_owned(), hint))
}

/// Up to five databases among the files of a directory, as a shell takes them.
fn databases_in(directory: &Path) -> Vec<String> {
    const SHOWN: usize = 5;
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| path.is_file());
    let mut found = files.filter(|path| matches!(contents(path), FileContents::Database)).collect::<Vec<_>>();
    found.sort();
    let named = |path: &Path| path.strip_prefix(".").map_or_else(|_| shown(path), shown);
    found.iter().take(SHOWN).map(|path| named(path)).collect()
}

/// Refuses a directory in the place of the file that an option names; `example` is the name of a file.
pub(super) fn must_not_be_directory(path: &Path, option: &str, example: &str) -> Result<(), Failure> {
    if !path.is_dir() {
        return Ok(());
    }
    let hint = format!("Name a file in it: {option} {}.", shown(&path.join(example)));
    Err(wrong(format!("{} is a directory", shown(path)), hint))
}
