//! `[env.NAME]`: overlays of the document, laid over its tree before any value is read from it.

use super::problem::{Problem, Problems, code};
use super::read::kind;
use crate::name::hint_of_known;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The names of the document's overlays.
pub(super) fn environments(document: &DeTable<'_>) -> Vec<String> {
    match document.get("env").map(Spanned::get_ref) {
        Some(DeValue::Table(overlays)) => overlays.keys().map(|name| name.get_ref().to_string()).collect(),
        _ => Vec::new(),
    }
}

/// Reports values that are no overlay, and keys that an overlay cannot have.
pub(super) fn check_overlays(document: &DeTable<'_>, problems: &Problems) {
    let Some((key, value)) = document.get_key_value("env") else {
        return;
    };
    let no_table = |span, kind: &str| {
        Problem::new(code::WRONG_TYPE, span, format!("an overlay must be a table, not {kind}"))
            .label("expected a table")
            .hint("write [env.NAME.source], [env.NAME.target], …")
    };
    let DeValue::Table(overlays) = value.get_ref() else {
        return problems.report(no_table(key.span(), kind(value.get_ref())));
    };
    for (name, overlay) in overlays {
        let DeValue::Table(overlay) = overlay.get_ref() else {
            problems.report(no_table(name.span(), kind(overlay.get_ref())));
            continue;
        };
        for fixed in ["spec", "env"] {
            if let Some((key, _)) = overlay.get_key_value(fixed) {
                let message = format!("`{fixed}` cannot be laid over");
                problems.report(
                    Problem::new(code::UNKNOWN_KEY, key.span(), message)
                        .label("not a key of an overlay")
                        .hint("write it at the top: an overlay has the keys of the document, without `spec` and `env`"),
                );
            }
        }
    }
}

/// Lays one overlay over the document.
pub(super) fn apply(document: &mut DeTable<'_>, name: &str, problems: &Problems) {
    let overlay = match document.get("env").map(Spanned::get_ref) {
        Some(DeValue::Table(overlays)) => overlays.get(name).map(|overlay| overlay.get_ref().clone()),
        _ => None,
    };
    match overlay {
        Some(DeValue::Table(mut overlay)) => {
            overlay.remove("env");
            overlay.remove("spec");
            lay_over(document, overlay);
        }
        // Reported by `check_overlays`.
        Some(_) => {}
        None => {
            let names = environments(document);
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            let span = document.get_key_value("env").map_or(0..0, |(key, _)| key.span());
            let problem = Problem::new(code::UNKNOWN_ENVIRONMENT, span, format!("there is no environment `{name}`"));
            problems.report(problem.label("not among these").hint(if known.is_empty() {
                format!("write one, which begins with [env.{name}]: the spec has no overlays")
            } else {
                hint_of_known(name, &known, "the spec has")
            }));
        }
    }
}

/// Tables merge; any other value replaces the base's, and keeps its own place in the file.
fn lay_over<'i>(base: &mut DeTable<'i>, overlay: DeTable<'i>) {
    for (key, value) in overlay {
        let name: &str = key.get_ref();
        let merges = value.get_ref().is_table() && base.get(name).is_some_and(|old| old.get_ref().is_table());
        if !merges {
            base.remove(name);
            base.insert(key, value);
        } else if let (DeValue::Table(overlay), Some(DeValue::Table(base))) =
            (value.into_inner(), base.get_mut(name).map(Spanned::get_mut))
        {
            lay_over(base, overlay);
        }
    }
}
