//! Full-text search: a tsvector column that PostgreSQL keeps by itself (documentation, chapter 12).

use super::selection::table_spec;
use super::{ColumnMapping, FullTextSearch, MappingDraft, TableMapping};
use crate::catalog::ColumnType;
use crate::name::{quote_identifier, quote_toml_key, quote_toml_text};
use crate::plan::Inputs;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::spec::SearchSpec;

/// Whether the words of all these columns are found by what the spec says.
pub(crate) fn finds(given: Option<&SearchSpec>, columns: &[String]) -> bool {
    let is_found =
        |name: &String| given.is_some_and(|given| given.columns.iter().any(|given| given.eq_ignore_ascii_case(name)));
    given.is_some() && columns.iter().all(is_found)
}

/// The line of spec for the words of these columns beside those that the spec has already: a table has one `search`.
pub(crate) fn search_line(given: Option<&SearchSpec>, columns: Vec<String>, config: &str) -> String {
    let mut all = given.map(|given| given.columns.clone()).unwrap_or_default();
    for column in columns {
        if !all.iter().any(|known| known.eq_ignore_ascii_case(&column)) {
            all.push(column);
        }
    }
    let list = all.iter().map(|column| quote_toml_text(column)).collect::<Vec<_>>().join(", ");
    let config = quote_toml_text(given.map_or(config, |given| &given.config));
    let named = given.filter(|given| given.column != "search");
    let named = named.map(|given| format!(", column = {}", quote_toml_text(&given.column))).unwrap_or_default();
    format!("search = {{ columns = [{list}], config = {config}{named} }}")
}

/// The message about several full-text indexes of one table.
pub(crate) fn full_text_words(names: &[&str]) -> String {
    let are = match names {
        [one] => format!("{one} is a full-text index"),
        several => format!("{} are full-text indexes", several.join(", ")),
    };
    format!("{are} over it; PostgreSQL has a tsvector column with a GIN index")
}

impl MappingDraft {
    /// Adds the column of `search`; it has to be known by then which columns PostgreSQL computes.
    pub(super) fn searches(&mut self, inputs: Inputs<'_>) {
        let mut findings = Vec::new();
        for mapping in &mut self.tables {
            let by_spec = table_spec(inputs.spec, &mapping.source);
            let Some(search) = by_spec.and_then(|by_spec| by_spec.search.as_ref()) else { continue };
            let mut texts = Vec::new();
            let without = without_no_text(mapping, search);
            for name in &search.columns {
                match text(mapping, name, without.as_deref()) {
                    Ok(text) => texts.push(text),
                    Err(finding) => findings.push(*finding),
                }
            }
            if texts.is_empty() && without.is_none() {
                continue;
            }
            if mapping.columns.iter().any(|column| column.target == search.column) {
                let message = format!("the search column would be called {} as another column is", search.column);
                findings.push(
                    Finding::about(FindingCode::NameCollision, Severity::Blocks, &mapping.source, message)
                        .suggesting("give `search` another `column`"),
                );
            }
            mapping.search =
                Some(FullTextSearch { column: search.column.clone(), config: search.config.clone(), texts });
        }
        self.findings.extend(findings);
    }
}

/// The line of spec for `search` without the columns that have no text; `None` if it has no other.
fn without_no_text(mapping: &TableMapping, search: &SearchSpec) -> Option<String> {
    let is_text = |name: &String| {
        let column = mapping.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name));
        column.is_none_or(|column| searched(column).is_some())
    };
    let columns = search.columns.iter().filter(|name| is_text(name)).cloned().collect::<Vec<_>>();
    let kept = SearchSpec { columns, ..search.clone() };
    (!kept.columns.is_empty()).then(|| search_line(Some(&kept), Vec::new(), &search.config))
}

/// The text of a column in PostgreSQL's SQL; `None` for a type of which words are no part.
fn searched(column: &ColumnMapping) -> Option<String> {
    let quoted = quote_identifier(&column.target);
    match column.column_type {
        ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) => Some(quoted.into_owned()),
        ColumnType::Citext | ColumnType::SmallInt | ColumnType::Integer | ColumnType::BigInt => {
            Some(format!("{quoted}::text"))
        }
        _ => None,
    }
}

/// The text of a column, or why it has none. `without` is the line of spec for `search` without such columns.
fn text(mapping: &TableMapping, name: &str, without: Option<&str>) -> Result<String, Box<Finding>> {
    let about =
        |code, message: String| Finding::about(code, Severity::Blocks, &mapping.source, message).in_column(name);
    let Some(column) = mapping.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name)) else {
        let known = mapping.columns.iter().map(|column| column.source.as_str());
        let finding = about(FindingCode::UnknownColumn, "`search` names a column that is not migrated".to_owned());
        return Err(Box::new(finding.suggesting_nearest(name, known)));
    };
    if column.generated.is_some() {
        let finding =
            about(FindingCode::SearchInGenerated, "PostgreSQL does not search in a column that it computes".to_owned());
        let (table, key) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
        return Err(Box::new(finding.suggesting(format!("[tables.{table}.columns.{key}]\ngenerated = false"))));
    }
    searched(column).ok_or_else(|| {
        let message = format!("`search` looks for words in a column that is {}", column.column_type);
        let finding = about(FindingCode::SearchInNoText, message);
        // The columns that are left have their words; without any of them nothing is lost but a search that finds nothing.
        Box::new(match without {
            Some(line) => finding.suggesting(format!("[tables.{}]\n{line}", quote_toml_key(&mapping.source))),
            None => Finding { severity: Severity::Warns, ..finding }.suggesting("remove `search`"),
        })
    })
}
