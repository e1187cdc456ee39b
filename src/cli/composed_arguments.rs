//! Arguments that a command makes for another one, which is a part of it.

use super::argument_parts::{DocumentFormat, JobCount, SpecArguments};
use super::arguments::{ApplyArguments, VerifyArguments};
use super::reports::ReportFile;

impl ApplyArguments {
    /// `apply` as a part of another command, as it is without options.
    pub(super) fn of(spec: &SpecArguments, yes: bool, jobs: &JobCount) -> Self {
        Self {
            spec: spec.clone(),
            plan: None,
            yes,
            refresh: false,
            overwrite_changes: false,
            no_profile: false,
            show_values: false,
            format: DocumentFormat::Text,
            report: Vec::new(),
            jobs: jobs.clone(),
            is_part: false,
            shows_plan: false,
            notes: Vec::new(),
        }
    }
}

impl VerifyArguments {
    /// `verify` as a part of another command: of all tables, as it is without options.
    pub(super) fn of(spec: &SpecArguments, report: Vec<ReportFile>, jobs: &JobCount) -> Self {
        Self {
            spec: spec.clone(),
            format: DocumentFormat::Text,
            examples: 5,
            sample: None,
            table: Vec::new(),
            show_values: false,
            report,
            jobs: jobs.clone(),
            is_part: false,
        }
    }
}
