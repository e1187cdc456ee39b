//! Command lines that a user can paste.

use super::super::arguments::SpecArguments;
use super::super::printer;
use transship::name::shell_word;

/// Says which command comes next: `rest` is what stands behind the spec.
pub(super) fn say_next(arguments: &SpecArguments, command: &str, rest: &str) {
    printer::say(&format!("next: {}{rest}", with_spec(arguments, command)));
}

/// Command line of a command about this spec, as a shell takes it.
pub(super) fn with_spec(arguments: &SpecArguments, command: &str) -> String {
    let spec = shell_word(&arguments.spec.to_string_lossy());
    let environment = arguments.env.as_deref().map(|name| format!(" --env {}", shell_word(name))).unwrap_or_default();
    format!("transship {command} {spec}{environment}")
}
