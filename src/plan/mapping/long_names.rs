//! Names of more bytes than PostgreSQL keeps. The application asks for the long name, of which PostgreSQL takes the first 63 bytes:
//! it finds neither table nor column.

use super::selection::{column_spec, table_spec};
use super::{MappingDraft, TableMapping};
use crate::name::{LONGEST_NAME, quote_toml_key, quote_toml_text};
use crate::plan::Inputs;
use crate::plan::finding::{Finding, FindingCode, Severity};

impl MappingDraft {
    /// A warning for each table and column whose name is shortened. A name that the spec gives is kept, if it fits.
    pub(super) fn long_names(&mut self, inputs: Inputs<'_>) {
        let (spec, schemas) = (inputs.spec, &inputs.spec.target.schemas);
        let style = spec.target.names;
        let mut findings = Vec::new();
        for TableMapping { source, target, columns, .. } in &self.tables {
            let renamed = table_spec(spec, source).and_then(|table| table.rename.clone());
            let wished = schemas.within(source, |name| renamed.unwrap_or_else(|| style.styled(name).into_owned()));
            let heading = format!("tables.{}", quote_toml_key(source));
            findings.extend(shortened(source, schemas.bare(&wished), schemas.bare(target), &heading));
            for column in columns {
                let renamed = column_spec(spec, source, &column.source).and_then(|column| column.rename.clone());
                let wished = renamed.unwrap_or_else(|| style.styled(&column.source).into_owned());
                let heading = format!("{heading}.columns.{}", quote_toml_key(&column.source));
                let finding = shortened(source, &wished, &column.target, &heading);
                findings.extend(finding.map(|finding| finding.in_column(&column.source)));
            }
        }
        self.findings.extend(findings);
    }
}

/// The finding about a name that is shortened, with the line of spec that says so, under its heading; `None` for one that fits.
pub(in crate::plan) fn shortened(table: &str, wished: &str, target: &str, heading: &str) -> Option<Finding> {
    let length = wished.len();
    let message = format!(
        "PostgreSQL keeps {LONGEST_NAME} bytes of a name, and this one has {length}: it is called {target} there, which the \
         application has to know"
    );
    let lines = format!("# or another name that fits\n[{heading}]\nrename = {}", quote_toml_text(target));
    let finding = Finding::about(FindingCode::NameShortened, Severity::Warns, table, message).suggesting(lines);
    (length > LONGEST_NAME).then_some(finding)
}

/// The note about the keys, indexes and constraints of a table whose names are shortened: statements that name them, such as those
/// of a migration tool, have to know the names in the target.
pub(in crate::plan) fn of_parts(table: &str, names: &[String]) -> Finding {
    const NAMED: usize = 5;
    let (words, has) = match names.len() {
        1 => ("the name of 1".to_owned(), "has"),
        several => (format!("the names of {several}"), "have"),
    };
    let named = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(NAMED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    let message = format!(
        "PostgreSQL keeps {LONGEST_NAME} bytes of a name, and {words} of its keys, indexes and constraints {has} more: the end is left \
         out, and digits keep alike ones apart ({named}{more})"
    );
    Finding { count: names.len() as u64, ..Finding::about(FindingCode::NameShortened, Severity::Notes, table, message) }
}
