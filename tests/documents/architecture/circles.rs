//! Circles of files: a room in which many files use one another has no order in which it could be understood.

use super::paths::{paths, without_tests};
use super::{File, assert_none, files};
use std::collections::{BTreeMap, BTreeSet};

/// A circle of more files than these is to be cut.
const LARGEST_CIRCLE: usize = 3;

/// A file as the module that it is: `src/plan/mapping/mod.rs` is `plan::mapping`.
fn module(path: &str) -> String {
    let inside = path.strip_prefix("src/").unwrap().trim_end_matches(".rs");
    inside.trim_end_matches("/mod").replace('/', "::")
}

/// The modules that each module names, without the unit tests.
fn uses(files: &[File]) -> BTreeMap<String, BTreeSet<String>> {
    let modules = files.iter().map(|file| module(&file.path)).collect::<BTreeSet<_>>();
    let found = files.iter().map(|file| {
        let own = module(&file.path);
        let text = without_tests(&file.text);
        let absolute = paths(text, "crate::").into_iter().map(|(_, path)| path);
        let own_parts = own.split("::").collect::<Vec<_>>();
        let relative = (1..=own_parts.len()).flat_map(|steps| {
            let parent = own_parts[..own_parts.len() - steps].join("::");
            let inside = move |path: String| if parent.is_empty() { path } else { format!("{parent}::{path}") };
            paths(text, &"super::".repeat(steps)).into_iter().map(move |(_, path)| inside(path))
        });
        let used = absolute.chain(relative).filter_map(|path| owner(&modules, &path));
        (own.clone(), used.filter(|used| *used != own).collect())
    });
    found.collect()
}

/// The module in which a path ends: the longest beginning of it that is a file.
fn owner(modules: &BTreeSet<String>, path: &str) -> Option<String> {
    let parts = path.split("::").collect::<Vec<_>>();
    (1..=parts.len()).rev().map(|length| parts[..length].join("::")).find(|module| modules.contains(module))
}

/// The modules that can be reached from one.
fn reached(uses: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let (mut reached, mut waiting) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(module) = waiting.pop() {
        for next in uses.get(&module).into_iter().flatten() {
            if reached.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    reached
}

/// Sets of modules of which each reaches all others.
fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<BTreeSet<String>> {
    let reach = uses.keys().map(|module| (module, reached(uses, module))).collect::<BTreeMap<_, _>>();
    let circle = |module: &String| {
        let back = |other: &&String| reach.get(other).is_some_and(|reach| reach.contains(module));
        reach[module].iter().filter(back).cloned().collect::<BTreeSet<_>>()
    };
    uses.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn circles_are_small() {
    let circles = circles(&uses(&files()));
    let too_large = circles.iter().filter(|circle| circle.len() > LARGEST_CIRCLE);
    assert_none(&too_large.map(|circle| format!("a circle of {}: {circle:?}", circle.len())).collect::<Vec<_>>());
}

#[test]
fn circles_are_found() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("src/a/mod.rs", "mod b;\nuse crate::a::b::B;\n"),
        file("src/a/b.rs", "use super::c::C;\n#[cfg(test)]\nmod tests { use crate::d::D; }\n"),
        file("src/a/c.rs", "use super::A;\nfn f() { crate::d::g() }\n"),
        file("src/d.rs", "use crate::nothing;\n"),
    ];
    let circle = ["a", "a::b", "a::c"].map(str::to_owned).into();
    assert_eq!(circles(&uses(&files)), [circle].into());
}
