//! Text that looks as if it was encoded in UTF-8 twice: 'Ã¼' where 'ü' was meant.
//!
//! It comes of a client that said another character set than it wrote in, to a server that converts between the two. A value
//! counts as such a text where undoing the second encoding gives valid UTF-8 again, which text in a language hardly ever does.

use crate::catalog::ColumnProfile;
use crate::name::quote_toml_key;
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Severity, TableMapping};
use crate::rows::encoder::{name_row, shortened};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::rows::{FoundRows, for_each, integer_key, selection};
use crate::survey::surveyor::{Depth, Surveyor};
use crate::value::text::is_twice_encoded;
use crate::value::{Cell, Reading};

/// The code of the finding.
pub(crate) const DOUBLE_ENCODING: FindingCode = FindingCode::DoubleEncoding;

/// Whether the values of a column are counted by how often they were encoded.
pub(crate) fn is_counted(mapping: &TableMapping, column: &ColumnMapping) -> bool {
    mapping.dialect().recodes_text() && column.column_type.is_text() && column.labels.is_empty()
}

/// Whether the contents of a column give reason to ask: some look encoded twice, and the spec does not say how they are meant.
pub(crate) fn is_suspicious(column: &ColumnMapping, profile: &ColumnProfile) -> bool {
    profile.encoded_twice > 0 && column.reading == Reading::Stored
}

/// The finding about a column with such values.
pub(crate) fn find(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    position: usize,
) -> Result<Option<Finding>, ExecuteError> {
    let (mut found, mut once, mut scratch) = (FoundRows::default(), 0, Vec::new());
    for_each(surveyor, reader, &selection(mapping, &[position], None), |row| {
        let Cell::Text(text) = row.cell(0) else { return };
        if is_twice_encoded(text, &mut scratch) {
            found.add_as(integer_key(row), || {
                let value = (surveyor.depth == Depth::ShowingValues).then(|| format!(": {}", shortened(row.cell(0))));
                name_row(mapping, row) + value.as_deref().unwrap_or_default()
            });
        } else if !text.is_ascii() {
            once += 1;
        }
    })?;
    Ok((found.count > 0).then(|| finding(mapping, &mapping.columns[position], found, once)))
}

fn finding(mapping: &TableMapping, column: &ColumnMapping, found: FoundRows, once: u64) -> Finding {
    let values = if found.count == 1 { "1 value looks".to_owned() } else { format!("{} values look", found.count) };
    let others = match once {
        0 => "no other has characters beyond ASCII".to_owned(),
        1 => "1 other with characters beyond ASCII does not".to_owned(),
        _ => format!("{once} others with characters beyond ASCII do not"),
    };
    let message = format!(
        "{values} as if encoded in UTF-8 twice, {others}: unless the spec decides otherwise they arrive as they are"
    );
    let header = format!("[tables.{}.columns.{}]", quote_toml_key(&mapping.source), quote_toml_key(&column.source));
    // The other one of the two would refuse values, or hide that some are new.
    let undone = if once == 0 { Reading::DoubleUtf8 } else { Reading::MixedUtf8 };
    let others = if once == 0 { "" } else { ", and leaves the others as they are" };
    let suggestion = format!(
        "# undoes the second encoding{others}; what computes with it (views, checks, generated columns) stays behind then:\n\
         {header}\nfrom = \"{undone}\"\n# or, where they are meant so: from = \"{}\"",
        Reading::Text
    );
    let finding = Finding::about(DOUBLE_ENCODING, Severity::Warns, &mapping.source, message);
    let cause = "as if encoded in UTF-8 twice: unless the spec decides otherwise they arrive as they are";
    let finding = finding.in_column(&column.source).suggesting(suggestion);
    let finding = finding.because(Cause::new(["value looks", "values look"], cause));
    Finding { count: found.count, examples: found.examples, ..finding }
}
