//! Which file uses which: a path is followed to the file that defines the item at its end, through children, imported
//! modules and re-exports, as the compiler does.

use super::File;
use super::paths::{code, expand, without_comments, without_tests, word};
use std::collections::{BTreeMap, BTreeSet};

/// The modules that each module uses, with the names that it uses of each.
pub(super) type Uses = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A file as the module that it is: `src/plan/mapping/mod.rs` is `plan::mapping`, `src/lib.rs` the root.
fn module(path: &str) -> String {
    let inside = path.strip_prefix("src/").unwrap().trim_end_matches(".rs");
    match inside.trim_end_matches("/mod") {
        "lib" => String::new(),
        inside => inside.replace('/', "::"),
    }
}

fn below(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}::{name}") }
}

/// What a module's text says of other modules, unit tests aside. Paths are as they are written.
#[derive(Default)]
struct Said {
    /// Name in this module -> path that it stands for.
    imports: BTreeMap<String, Vec<String>>,
    /// The path of each `use` that is for the module itself.
    used: Vec<Vec<String>>,
    /// The names that are only passed on: `pub use`.
    passed_on: Vec<String>,
    code: String,
}

impl Said {
    fn of(text: &str) -> Said {
        let (text, _) = without_comments(&without_tests(text));
        let (mut said, mut lines) = (Said::default(), text.split_inclusive('\n'));
        while let Some(line) = lines.next() {
            let Some((is_public, first)) = import(line) else {
                said.code.push_str(line);
                continue;
            };
            let mut statement = first.to_owned();
            while !statement.contains(';') {
                statement.push_str(lines.next().expect("a `use` ends"));
            }
            expand("", &statement, &mut |path, alias| {
                let path =
                    path.split("::").filter(|word| *word != "self" || path.starts_with("self")).map(str::to_owned);
                let path = path.collect::<Vec<_>>();
                let name = alias.unwrap_or(path.last().unwrap()).to_owned();
                if is_public {
                    said.passed_on.push(name.clone());
                } else {
                    said.used.push(path.clone());
                }
                said.imports.insert(name, path);
            });
        }
        said
    }

    /// Every path that the module uses itself.
    fn paths(&self) -> Vec<Vec<String>> {
        let (mut found, mut rest, mut before) = (self.used.clone(), self.code.as_str(), ' ');
        while let Some(first) = rest.chars().next() {
            let (name, behind) = word(rest);
            if name.is_empty() {
                (before, rest) = (first, &rest[first.len_utf8()..]);
                continue;
            }
            let (mut path, mut behind) = (vec![name.to_owned()], behind);
            while let Some((next, after)) = behind.strip_prefix("::").map(word).filter(|(next, _)| !next.is_empty()) {
                path.push(next.to_owned());
                behind = after;
            }
            let is_passed_on = self.passed_on.iter().any(|passed_on| passed_on == name);
            // `$crate` is of a macro, whose user has the path.
            if before != '$' && (path.len() > 1 || is_passed_on) {
                found.push(path);
            }
            (before, rest) = ('_', behind);
        }
        found
    }
}

/// What follows `use` if a line begins one, and whether it is a re-export.
fn import(line: &str) -> Option<(bool, &str)> {
    let line = code(line).trim_start();
    if let Some(import) = line.strip_prefix("use ") {
        return Some((false, import));
    }
    let public = line.strip_prefix("pub")?;
    let public = public.strip_prefix('(').and_then(|inside| inside.split_once(')')).map_or(public, |(_, rest)| rest);
    Some((true, public.strip_prefix(" use ")?))
}

/// The modules that are compiled for unit tests only, whose children are too.
fn test_modules(files: &[File]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files {
        let lines = file.text.lines().collect::<Vec<_>>();
        let declared = lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]");
        let names = declared.filter_map(|pair| pair[1].split_once("mod ")?.1.strip_suffix(';'));
        found.extend(names.map(|name| below(&module(&file.path), name)));
    }
    found
}

/// The modules of the crate, by their paths.
struct Modules(BTreeMap<String, Said>);

impl Modules {
    /// The module whose file defines what a path names, and the name; nothing where it leads out of the crate, or names a
    /// module, which is used by the paths through it.
    fn definition(&self, from: &str, path: &[String], depth: usize) -> Option<(String, String)> {
        let (mut at, mut rest) = (from.to_owned(), path);
        match path.first()?.as_str() {
            "crate" => (at, rest) = (String::new(), &path[1..]),
            "self" => rest = &path[1..],
            "super" => {
                while rest.first().is_some_and(|word| word == "super") {
                    at = at.rsplit_once("::").map_or(String::new(), |(parent, _)| parent.to_owned());
                    rest = &rest[1..];
                }
            }
            first => {
                let is_known = self.0.contains_key(&below(from, first));
                if !is_known && !self.0.get(from)?.imports.contains_key(first) {
                    return None;
                }
            }
        }
        while let [name, after @ ..] = rest {
            let (child, import) = (below(&at, name), self.0.get(&at).and_then(|said| said.imports.get(name)));
            let is_own_import = depth > 8;
            if self.0.contains_key(&child) && (!after.is_empty() || import.is_none()) {
                (at, rest) = (child, after);
            } else if let Some(import) = import.filter(|_| !is_own_import) {
                let path = import.iter().chain(after).cloned().collect::<Vec<_>>();
                return self.definition(&at, &path, depth + 1);
            } else {
                return (!at.is_empty()).then_some((at, name.clone()));
            }
        }
        None
    }
}

/// Which module uses which, unit tests aside. A path through a re-export is a use of the file behind it, and a re-export by
/// itself is none.
pub(super) fn uses(files: &[File]) -> Uses {
    let tests = test_modules(files);
    let is_test = |module: &str| tests.iter().any(|test| super::is_below(module, test));
    let said = files.iter().map(|file| (module(&file.path), Said::of(&file.text)));
    let modules = Modules(said.filter(|(module, _)| !is_test(module)).collect());
    let mut uses = Uses::new();
    for (own, said) in &modules.0 {
        let used = uses.entry(own.clone()).or_default();
        for path in said.paths() {
            if let Some((module, name)) = modules.definition(own, &path, 0).filter(|(module, _)| module != own) {
                used.entry(module).or_default().insert(name);
            }
        }
    }
    uses
}

#[test]
fn paths_are_followed_to_their_files() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("src/lib.rs", "pub mod a;\npub mod f;\n"),
        file(
            "src/a/mod.rs",
            "mod b;\nmod c;\n#[cfg(test)]\nmod t;\npub use b::{B, b as other};\nuse c::C;\nstruct A;\n",
        ),
        file("src/a/b.rs", "use super::{A, C as D};\nuse std::fmt::Write;\n"),
        file("src/a/c.rs", "use crate::a;\nfn c() { a::other(); Self::C; Vec::new() }\n"),
        file("src/a/t.rs", "use super::A;\n"),
        file("src/f.rs", "use crate::a::{self, B};\nfn f() -> a::A { g::h() }\n"),
        file("src/g.rs", ""),
    ];
    let found = uses(&files);
    let used = |module: &str| {
        let used =
            found[module].iter().flat_map(|(module, names)| names.iter().map(move |name| format!("{module} {name}")));
        used.collect::<Vec<_>>()
    };
    assert_eq!(used("a"), ["a::c C"]);
    assert_eq!(used("a::b"), ["a A", "a::c C"]);
    assert_eq!(used("a::c"), ["a::b b"]);
    assert_eq!(used("f"), ["a A", "a::b B"]);
    assert!(!found.contains_key("a::t"));
}
