//! Text that the encoding of the target's database cannot hold.

use crate::catalog::ColumnType;
use crate::dialect::condition::StoredText;
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Plan, Severity, Step, StepKind, TableMapping};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::rows::limits::stored_value;
use crate::survey::rows::{RowCondition, keep_only, matching};
use crate::survey::surveyor::Surveyor;
use crate::value::Reading;

/// The encoding that holds every text (PostgreSQL documentation, section 24.3).
const EVERYTHING: &str = "UTF8";

/// The hint for a database whose encoding cannot hold the text.
const ANOTHER: &str =
    "migrate into a database that holds every text: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0";

/// The largest character that is known to fit: of Latin-1 all 256, which are Unicode's first; of the others ASCII alone.
fn largest(encoding: &str) -> u32 {
    if encoding == "LATIN1" { 255 } else { 127 }
}

/// A finding for each column that is to be copied and holds text beyond what the database's encoding is known to take.
pub(crate) fn find(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    plan: &Plan,
    encoding: Option<&str>,
) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    let Some(encoding) = encoding.filter(|encoding| *encoding != EVERYTHING) else { return Ok(findings) };
    for mapping in plan.copies.iter().filter(|mapping| is_pending(plan, mapping)) {
        let is_text = |column: &ColumnMapping| column.column_type != ColumnType::Bytea;
        for (position, column) in mapping.columns.iter().enumerate().filter(|(_, column)| is_text(column)) {
            let (value, largest) = (stored_value(mapping, position), largest(encoding));
            let (in_bytes, in_json) = (column.reading == Reading::Utf8, column.column_type == ColumnType::Jsonb);
            let beyond = mapping.dialect().is_beyond(&value, largest, StoredText { in_bytes, in_json });
            let found = matching(surveyor, reader, mapping, &beyond)?;
            if found.count > 0 {
                let rows =
                    if found.count == 1 { "1 row holds".to_owned() } else { format!("{} rows hold", found.count) };
                let words = format!("characters that the database's encoding, {encoding}, is not known to hold");
                let message = format!("{rows} {words}");
                let staying = RowCondition::on_values(format!("NOT ({beyond})"));
                let finding = Finding::about(FindingCode::TargetEncoding, Severity::Blocks, &mapping.source, message)
                    .in_column(&column.source)
                    .because(Cause::new(["row holds", "rows hold"], words))
                    .suggesting(keep_only(mapping, &staying).map(|lines| format!("# or {ANOTHER}\n{lines}")));
                findings.push(Finding { count: found.count, examples: found.examples, ..finding });
            }
        }
    }
    Ok(findings)
}

/// The same where nobody has looked at the text of the tables that are still to be copied: an inspect file does not say
/// what it is made of.
pub(crate) fn unknown(plan: &Plan, encoding: Option<&str>) -> Option<Finding> {
    let encoding = encoding.filter(|encoding| *encoding != EVERYTHING)?;
    plan.to_be_copied().next()?;
    let message = format!(
        "the database's encoding is {encoding}: whether it holds all text is not known, for the text was not read"
    );
    Some(Finding::general(FindingCode::TargetEncoding, Severity::Warns, message).suggesting(ANOTHER))
}

fn is_pending(plan: &Plan, mapping: &TableMapping) -> bool {
    let is_of_table = |step: &Step| step.target_table() == Some(mapping.target.as_str());
    plan.steps.iter().any(|step| step.is_pending(StepKind::Copy) && is_of_table(step))
}
