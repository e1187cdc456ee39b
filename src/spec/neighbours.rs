//! Specs beside a path that is none: most often one of them was meant.

use crate::name::{did_you_mean, nearest};
use std::path::{Path, PathBuf};

/// Specs that a hint names at most.
const SHOWN: usize = 3;

/// Hint for a spec that does not exist.
pub(super) fn hint_of_missing(path: &Path) -> String {
    let directory = path.parent().unwrap_or(Path::new(""));
    let specs = specs_in(directory);
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let names = specs.iter().map(|spec| name(spec)).collect::<Vec<_>>();
    // The ending is often left out.
    let written = name(&path.with_extension("toml"));
    match nearest(&written, names.iter().map(String::as_str)) {
        Some(near) => did_you_mean(&directory.join(near).display().to_string()),
        None => format!("write one by `transship init SOURCE -o {}`: a spec is a TOML file", path.display()),
    }
}

/// Hint for a directory in the place of a spec.
pub(super) fn hint_of_directory(directory: &Path) -> String {
    match specs_in(directory).as_slice() {
        [] => "name the spec's file; `transship init SOURCE -o FILE` writes one".to_owned(),
        specs => {
            let without_dot = |path: &PathBuf| path.strip_prefix(".").unwrap_or(path).display().to_string();
            let shown = specs.iter().take(SHOWN).map(without_dot).collect::<Vec<_>>().join(", ");
            let more = if specs.len() > SHOWN { ", …" } else { "" };
            format!("name the spec's file in it: {shown}{more}")
        }
    }
}

/// The specs of a directory, sorted: TOML files with a line `spec = `.
fn specs_in(directory: &Path) -> Vec<PathBuf> {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let files =
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let is_spec = |path: &PathBuf| {
        let is_version = |line: &str| line.strip_prefix("spec").is_some_and(|rest| rest.trim_start().starts_with('='));
        std::fs::read_to_string(path).is_ok_and(|text| text.lines().any(is_version))
    };
    let mut specs = files.filter(is_spec).collect::<Vec<_>>();
    specs.sort();
    specs
}
