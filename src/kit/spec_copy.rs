//! The spec as the kit carries it: with the files that it names, and with variables where its URLs hold an address that is
//! another one in a container, or a password.

use super::address::Address;
use super::request::{KitFile, KitRequest};
use super::{names, source};
use crate::connection::secret;
use crate::name::quote_toml_text;
use crate::spec::{Spec, WrittenPiece, WrittenUrl};
use crate::template::Override;
use std::ops::Range;
use std::path::{Component, Path};

/// Directory of the spec in the kit.
const DIRECTORY: &str = "spec";

/// The spec and the files that it names.
pub(super) fn copies(request: &KitRequest<'_>) -> Vec<KitFile> {
    let KitRequest { spec, written, step_files, ddl_templates, .. } = *request;
    let mut edits = Vec::new();
    let mut files = Vec::new();
    let prefix = names::variable(&spec.name);
    for written in request.overlays.iter().map(|overlay| &overlay.written).chain([written]) {
        edits.extend(source_edit(&written.source, spec, &prefix));
        edits.extend(target_edit(&written.target));
    }
    for ((place, path), text) in super::step_files(written, request.overlays).into_iter().zip(step_files) {
        let name = if is_plain(path) { path.clone() } else { format!("steps/{}", names::file_name(path)) };
        if name != *path {
            edits.push((place.clone(), name.clone()));
        }
        files.push(copy(&name, text));
    }
    if let Some((place, path)) = &written.templates {
        let directory = if is_plain(path) { path.trim_end_matches('/') } else { "templates" };
        if directory != path {
            edits.push((place.clone(), directory.to_owned()));
        }
        let name = |file: &Override| file.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let copies =
            ddl_templates.iter().filter_map(|file| Some(copy(&format!("{directory}/{}", name(file)?), &file.text)));
        files.extend(copies);
        if ddl_templates.is_empty() {
            // The spec names the directory, which has to be there.
            files.push(copy(&format!("{directory}/README"), "No template replaces one of the statements."));
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files.dedup();
    files.insert(0, copy(&file_name(spec), &edited(&written.text, edits)));
    files
}

/// File name of the spec.
pub(super) fn file_name(spec: &Spec) -> String {
    spec.path.file_name().map(|name| names::file_name(&name.to_string_lossy())).unwrap_or_default()
}

fn copy(path: &str, text: &str) -> KitFile {
    let text = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    KitFile { path: format!("{DIRECTORY}/{path}"), text, is_program: false }
}

/// Whether a path leads down from the spec's directory.
fn is_plain(path: &str) -> bool {
    !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

/// The source's URL in the copy, where it is another.
fn source_edit(url: &WrittenUrl, spec: &Spec, prefix: &str) -> Option<(Range<usize>, String)> {
    if let Some((variable, _)) = source::file(url, prefix) {
        let is_named = url.variables().any(|name| name == variable);
        return (!is_named).then(|| (url.place.clone(), format!("sqlite:${{{variable}}}")));
    }
    let address = Address::of(url)?;
    if let Some((name, default)) = url.whole_variable() {
        return default
            .filter(|default| secret::mask(default) != **default)
            .map(|_| (url.place.clone(), format!("${{{name}}}")));
    }
    let mut edited = written_text(url);
    if address.password.as_ref().is_some_and(|password| password.as_variable().is_none()) {
        edited = with_password(&edited, &source::password(&address, prefix));
    }
    if let Some((variable, host)) = source::local_host(url, spec) {
        edited = source::with_host(&edited, &host, &format!("${{{variable}:-{host}}}"));
    }
    (edited != written_text(url)).then(|| (url.place.clone(), edited))
}

/// The target's URL in the copy is always one variable, without a password in its default.
fn target_edit(url: &WrittenUrl) -> Option<(Range<usize>, String)> {
    match url.whole_variable() {
        None => Some((url.place.clone(), "${DATABASE_URL}".to_owned())),
        Some((name, Some(default))) if secret::mask(default) != default => {
            Some((url.place.clone(), format!("${{{name}}}")))
        }
        Some(_) => None,
    }
}

/// The URL as the file has it.
fn written_text(url: &WrittenUrl) -> String {
    let piece = |piece: &WrittenPiece| match piece {
        WrittenPiece::Literal(text) => text.replace("${", "$${"),
        WrittenPiece::Variable { name, default: None } => format!("${{{name}}}"),
        WrittenPiece::Variable { name, default: Some(default) } => format!("${{{name}:-{default}}}"),
    };
    url.pieces.iter().map(piece).collect()
}

/// A URL with a variable in the place of its password, from the first colon behind the slashes to the last `@`; and of every
/// parameter that would be a secret, which is left out.
fn with_password(url: &str, variable: &str) -> String {
    let secret = (|| {
        let start = url.find("://")? + 3;
        let at = start + url[start..].rfind('@')?;
        let colon = start + url[start..at].find(':')?;
        Some((colon + 1, at))
    })();
    let replaced = secret.map(|(from, to)| format!("{}${{{variable}}}{}", &url[..from], &url[to..]));
    secret::mask(&replaced.unwrap_or_else(|| url.to_owned()))
}

/// The text with other strings at some places, and with masked passwords in its comments.
fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(place, _)| place.start);
    edits.dedup_by_key(|(place, _)| place.start);
    let mut copy = String::with_capacity(text.len());
    let mut done = 0;
    for (place, value) in edits {
        copy.push_str(&text[done..place.start]);
        copy.push_str(&quote_toml_text(&value));
        done = place.end;
    }
    copy.push_str(&text[done..]);
    let line = |line: &str| if line.trim_start().starts_with('#') { secret::mask(line) } else { line.to_owned() };
    copy.split_inclusive('\n').map(line).collect()
}
