//! The spec that a command is given.

use super::super::arguments::SpecArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::super::slips;
use transship::connection::TargetConnection;
use transship::name::shell_word;
use transship::spec;
use transship::spec::{MayBeUnset, Spec};
use transship::target::{TargetError, embedded};

pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

pub(super) fn load(arguments: &SpecArguments) -> Result<Spec, Failure> {
    load_without(arguments, MayBeUnset::default())
}

/// Reads a spec whose connections may be unset as far as the command does not need them.
pub(super) fn load_without(arguments: &SpecArguments, may_be_unset: MayBeUnset) -> Result<Spec, Failure> {
    slips::must_be_spec(&arguments.spec)?;
    Ok(spec::load_without(&arguments.spec, arguments.env.as_deref(), &variable, may_be_unset)?)
}

/// File name of a spec. Documents have it instead of the path, which differs between machines.
pub(super) fn file_name(spec: &Spec) -> String {
    spec.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Whether the target can hold anything. An embedded server that was never created is empty, and is not created to find
/// that out.
pub(super) fn target_is_made(spec: &Spec) -> Result<bool, Failure> {
    match &spec.target.connection {
        TargetConnection::Embedded { spec_directory } => {
            Ok(embedded::inspect(spec_directory).map_err(TargetError::from)?.is_some())
        }
        TargetConnection::Postgres(_) | TargetConnection::Unset { .. } => Ok(true),
    }
}

/// Failure for a target without an applied migration.
pub(super) fn nothing_applied(spec: &Spec) -> Failure {
    let message = format!("nothing has been applied yet: {} holds no table of this migration", spec.target_name());
    let hint = format!("run `transship apply {}`", shell_word(&spec.path.to_string_lossy()));
    Failure::new(Exit::NotRight, message, Some(hint))
}
