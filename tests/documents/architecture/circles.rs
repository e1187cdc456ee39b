//! Circles of files: a room in which many files use one another has no order in which it could be understood. A use is a path
//! to an item; calls of methods name no file, and are not seen.

use super::uses::{Uses, uses};
use super::{File, assert_none, files};
use std::collections::{BTreeMap, BTreeSet};

/// A circle of more files than these is to be cut.
const LARGEST_CIRCLE: usize = 3;

/// The modules that can be reached from one.
fn reached(uses: &Uses, from: &str) -> BTreeSet<String> {
    let (mut reached, mut waiting) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(module) = waiting.pop() {
        for next in uses.get(&module).into_iter().flat_map(|used| used.keys()) {
            if reached.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    reached
}

/// Sets of modules of which each reaches all others.
fn circles(uses: &Uses) -> BTreeSet<BTreeSet<String>> {
    let reach = uses.keys().map(|module| (module, reached(uses, module))).collect::<BTreeMap<_, _>>();
    let circle = |module: &String| {
        let back = |other: &&String| reach.get(other).is_some_and(|reach| reach.contains(module));
        reach[module].iter().filter(back).cloned().collect::<BTreeSet<_>>()
    };
    uses.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

/// A circle with every use by which it is one.
fn shown(circle: &BTreeSet<String>, uses: &Uses) -> String {
    let mut shown = format!("a circle of {}:", circle.len());
    for module in circle {
        for (used, names) in uses[module].iter().filter(|(used, _)| circle.contains(*used)) {
            let names = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
            shown.push_str(&format!("\n  {module} uses {names} of {used}"));
        }
    }
    shown
}

#[test]
fn circles_are_small() {
    let uses = uses(&files());
    let too_large = circles(&uses).into_iter().filter(|circle| circle.len() > LARGEST_CIRCLE);
    assert_none(&too_large.map(|circle| shown(&circle, &uses)).collect::<Vec<_>>());
}

#[test]
fn circles_are_found() {
    let file = |path: &str, text: &str| File { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file("src/a/mod.rs", "mod b;\nmod c;\npub use c::C;\nstruct A;\nfn f() { b::g() }\n"),
        file("src/a/b.rs", "use super::C;\n#[cfg(test)]\nmod tests {\n    use crate::d::D;\n}\n"),
        file("src/a/c.rs", "use super::A;\nfn f() { crate::d::g() }\n"),
        file("src/d.rs", "use crate::nothing;\n"),
    ];
    let uses = uses(&files);
    let circle = BTreeSet::from(["a", "a::b", "a::c"].map(str::to_owned));
    assert_eq!(circles(&uses), [circle.clone()].into());
    assert_eq!(shown(&circle, &uses), "a circle of 3:\n  a uses g of a::b\n  a::b uses C of a::c\n  a::c uses A of a");
}
