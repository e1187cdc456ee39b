//! Columns by the type that the source declares: one line of `[types]` may settle a finding about many of them.

use super::lines::{SuggestedLines, is_comment};
use crate::catalog::{Catalog, ColumnType, DeclaredType};
use crate::name::{named, quote_toml_text};
use crate::plan::finding::Finding;
use crate::plan::mapping::{column_spec, is_comparable, referenced_columns, rule_for, table_spec};
use crate::plan::{Inputs, TableMapping};
use crate::spec::{ColumnSpec, TypeRule};
use crate::value::Reading;
use std::collections::{BTreeMap, BTreeSet};
use toml::{Table, Value};

/// Declared types named for several columns.
const NAMED: usize = 3;

/// Beginning of a comment with other settings in place of those above it.
const ALTERNATIVE: &str = "# or: ";

/// Keys of a column that a line of `[types]` may say for all columns without taking anything from one that does not need it.
const HARMLESS: [&str; 8] = [
    "fraction",
    "leading_zeros",
    "letter_case",
    "on_bad_value",
    "repeated_time",
    "storage_class",
    "trailing_spaces",
    "zero_dates",
];

/// Columns of the plan, by table and column of the source.
#[derive(Debug, Clone, Default)]
pub(in crate::plan) struct DeclaredColumns(BTreeMap<SourceColumn, DeclaredColumn>);

/// A table and a column of the source.
type SourceColumn = (String, String);

#[derive(Debug, Clone)]
struct DeclaredColumn {
    declared: DeclaredType,
    column_type: ColumnType,
    reading: Reading,
    /// The spec's word on the column itself.
    own: ColumnSpec,
    /// The line of `[types]` that holds for it.
    rule: Option<TypeRule>,
    /// The columns that it references, whose types go before a line of `[types]`.
    referenced: Vec<SourceColumn>,
}

impl DeclaredColumns {
    pub(in crate::plan) fn of(inputs: Inputs<'_>, tables: &[TableMapping]) -> Self {
        let spec = inputs.spec;
        let mut references = references(inputs.catalog, tables);
        let columns = tables.iter().flat_map(|table| table.columns.iter().map(move |column| (table, column)));
        let columns = columns.map(|(table, column)| {
            let declared = DeclaredType::parse(&column.declared_type);
            let rule = rule_for(spec, &declared).cloned();
            let own = column_spec(spec, &table.source, &column.source).cloned().unwrap_or_default();
            let by_table = table_spec(spec, &table.source).and_then(|table| table.on_bad_value);
            let own = ColumnSpec { on_bad_value: own.on_bad_value.or(by_table), ..own };
            let (column_type, reading) = (column.column_type.clone(), column.reading);
            let key = (table.source.clone(), column.source.clone());
            let referenced = references.remove(&key).unwrap_or_default();
            (key, DeclaredColumn { declared, column_type, reading, own, rule, referenced })
        });
        Self(columns.collect())
    }

    fn get(&self, finding: &Finding) -> Option<&DeclaredColumn> {
        self.0.get(&(finding.table.clone()?, finding.column.clone()?))
    }

    /// `DATETIME`, `DATETIME or TIMESTAMP`; `None` if there are too many, or a column has no type.
    pub(super) fn declared_as(&self, findings: &[Finding]) -> Option<String> {
        let types = findings.iter().map(|finding| Some(self.get(finding)?.declared.to_string()));
        let types = types.collect::<Option<BTreeSet<_>>>()?.into_iter().collect::<Vec<_>>();
        if types.len() > NAMED || types.iter().any(String::is_empty) {
            return None;
        }
        let (last, others) = types.split_last()?;
        Some(if others.is_empty() { last.clone() } else { format!("{} or {last}", others.join(", ")) })
    }

    /// The lines of `[types]` that settle all of these findings and change no other column; `None` if there are none.
    pub(super) fn line_for_all(&self, findings: &[Finding], lines: &[SuggestedLines<'_>]) -> Option<String> {
        let own = findings.iter().zip(lines).map(|(finding, lines)| lines.of_column(finding));
        let own = own.collect::<Option<Vec<_>>>()?;
        let (first, before) = (settings(own.first()?), &lines.first()?.before);
        if own.iter().any(|own| settings(own) != first) || lines.iter().any(|lines| lines.before != *before) {
            return None;
        }
        let (types, entries) = self.entries(findings, &first.join("\n").parse::<Table>().ok()?)?;
        let heading = ["# for all columns declared ".to_owned() + &types, "[types]".to_owned()];
        let text = before.iter().map(|line| (*line).to_owned()).chain(heading).chain(entries);
        Some(text.chain(alternatives(&own)).collect::<Vec<_>>().join("\n"))
    }

    /// The first alternative that all of these findings name and that one line of `[types]` can say, in comments.
    pub(super) fn choice_for_all(&self, findings: &[Finding], lines: &[SuggestedLines<'_>]) -> Option<String> {
        let own = findings.iter().zip(lines).map(|(finding, lines)| lines.of_column(finding));
        let own = alternatives(&own.collect::<Option<Vec<_>>>()?);
        let choices = own.iter().filter_map(|line| line.strip_prefix(ALTERNATIVE)).flat_map(|line| line.split("; "));
        let choices = choices.filter_map(|choice| format!("choice = {{ {choice} }}").parse::<Table>().ok());
        let mut choices = choices.filter_map(|mut choice| match choice.remove("choice") {
            Some(Value::Table(settings)) => self.entries(findings, &settings),
            _ => None,
        });
        let (types, entries) = choices.next()?;
        let entries = entries.iter().map(|entry| format!("# {entry}")).collect::<Vec<_>>().join("\n");
        Some(format!("# one choice for all columns declared {types}, or each as below:\n# [types]\n{entries}"))
    }

    /// Whether a column keeps the type of a key that it references, whatever line of `[types]` gives these columns another.
    fn keeps_type_of_key(
        &self,
        column: &DeclaredColumn,
        settings: &Table,
        given: &BTreeSet<(Option<&String>, Option<&String>)>,
    ) -> bool {
        let wanted = settings.get("type").and_then(Value::as_str).and_then(|wanted| wanted.parse::<ColumnType>().ok());
        let Some(wanted) = wanted.filter(|wanted| *wanted != column.column_type) else { return false };
        column.referenced.iter().any(|place| {
            let is_given = given.contains(&(Some(&place.0), Some(&place.1)));
            let key = self.0.get(place).filter(|_| !is_given);
            key.is_some_and(|key| !is_comparable(&wanted, &key.column_type))
        })
    }

    /// The declared types of these columns, and a line of `[types]` for each that gives all of them these settings and leaves
    /// other columns as they are.
    fn entries(&self, findings: &[Finding], settings: &Table) -> Option<(String, Vec<String>)> {
        let members = findings.iter().map(|finding| self.get(finding)).collect::<Option<Vec<_>>>()?;
        if !members.iter().all(|column| column.takes(settings)) {
            return None;
        }
        let keys = findings.iter().map(|finding| (finding.table.as_ref(), finding.column.as_ref()));
        let keys = keys.collect::<BTreeSet<_>>();
        if members.iter().any(|column| self.keeps_type_of_key(column, settings, &keys)) {
            return None;
        }
        let types = members.iter().map(|column| column.declared.to_string()).collect::<BTreeSet<_>>();
        let mut entries = Vec::new();
        for name in &types {
            let declared = DeclaredType::parse(name);
            let reached = self.0.iter().filter(|(_, column)| column.is_reached_by(&declared)).collect::<Vec<_>>();
            let (settings, rule) = settled(settings, &declared, &reached)?;
            let mut others = reached.iter().filter(|((table, column), _)| !keys.contains(&(Some(table), Some(column))));
            if others.any(|(_, column)| column.rule != rule || !column.stays_under(&settings)) {
                return None;
            }
            let said = rule.as_ref().map(TypeRule::settings).unwrap_or_default();
            let all = said.into_iter().filter(|(key, _)| !settings.contains_key(key)).chain(settings.clone());
            entries.push(format!("{} = {}", quote_toml_text(name), inline(&all.collect())));
        }
        Some((types.into_iter().collect::<Vec<_>>().join(", "), entries))
    }
}

/// The columns that each column references by the foreign keys of the source, between tables that are migrated.
fn references(catalog: &Catalog, tables: &[TableMapping]) -> BTreeMap<SourceColumn, Vec<SourceColumn>> {
    let place =
        |table: &TableMapping, column: &str| Some((table.source.clone(), table.column_of(column)?.source.clone()));
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for child in tables {
        for key in catalog.table(&child.source).into_iter().flat_map(|table| &table.foreign_keys) {
            let Some(parent) = named(tables, |table| &table.source, &key.referenced_table) else { continue };
            for (column, referenced) in key.columns.iter().zip(referenced_columns(catalog, key)) {
                if let Some((column, referenced)) = place(child, column).zip(place(parent, &referenced)) {
                    found.entry(column).or_default().push(referenced);
                }
            }
        }
    }
    found
}

/// The lines that are no comments.
fn settings<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    lines.iter().filter(|line| !is_comment(line)).copied().collect()
}

/// The alternatives that all columns have, each in its narrowest form: `on_bad_value = "reject"` where some take no NULL.
fn alternatives(columns: &[&[&str]]) -> Vec<String> {
    let key = |line: &str| line.split('=').next().unwrap_or_default().to_owned();
    let comments =
        |lines: &[&str]| lines.iter().filter(|line| is_comment(line)).map(|line| (*line).to_owned()).collect();
    let mut all = columns.iter().map(|lines| comments(lines));
    let first: Vec<String> = all.next().unwrap_or_default();
    all.fold(first, |kept, other: Vec<String>| {
        let narrower = |line: String| {
            let same = other.iter().find(|other| key(other) == key(&line))?.clone();
            Some(if same.len() < line.len() { same } else { line })
        };
        kept.into_iter().filter_map(narrower).collect()
    })
}

/// The settings for one declared type, without a type that its columns have anyway, and the line that holds for them so
/// far.
fn settled(
    settings: &Table,
    declared: &DeclaredType,
    reached: &[(&(String, String), &DeclaredColumn)],
) -> Option<(Table, Option<TypeRule>)> {
    // A pattern's star would mean any text, and a column without a type has no line.
    if declared.base.is_empty() || declared.to_string().contains('*') {
        return None;
    }
    let rule = reached.first()?.1.rule.clone();
    let mut settings = settings.clone();
    let wanted = settings.get("type").and_then(Value::as_str).and_then(|wanted| wanted.parse::<ColumnType>().ok());
    if settings.len() > 1 && reached.iter().all(|(_, column)| Some(&column.column_type) == wanted.as_ref()) {
        settings.remove("type");
    }
    Some((settings, rule))
}

impl DeclaredColumn {
    /// Whether a line of `[types]` can decide this in place of a line for the column; it cannot where the column has a
    /// line that decides otherwise.
    fn takes(&self, settings: &Table) -> bool {
        let is_known = |key: &String| ["type", "from"].contains(&key.as_str()) || HARMLESS.contains(&key.as_str());
        let says = |key: &String| match key.as_str() {
            "from" => self.own.from.is_some(),
            "on_bad_value" => self.own.on_bad_value.is_some(),
            key => self.own.forgetting.words().any(|(said, _)| said == key),
        };
        !settings.is_empty() && self.own.column_type.is_none() && settings.keys().all(|key| is_known(key) && !says(key))
    }

    /// Whether a line about this declared type would be the most specific one for the column.
    fn is_reached_by(&self, declared: &DeclaredType) -> bool {
        let specificity = declared.matches(&self.declared);
        let is_more_specific = self.rule.as_ref().is_none_or(|rule| specificity >= Some(rule.declared.specificity()));
        specificity.is_some() && is_more_specific && self.own.column_type.is_none()
    }

    /// Whether the column stays as it is under these settings.
    fn stays_under(&self, settings: &Table) -> bool {
        settings.iter().all(|(key, value)| match (key.as_str(), value.as_str()) {
            ("type", Some(wanted)) => wanted.parse().ok().as_ref() == Some(&self.column_type),
            ("from", Some(wanted)) => self.own.from.is_some() || self.reading.to_string() == wanted,
            (key, _) => HARMLESS.contains(&key),
        })
    }
}

/// The value of a line: a type alone, or a table that begins with it.
fn inline(settings: &Table) -> String {
    if let (1, Some(Value::String(alone))) = (settings.len(), settings.get("type")) {
        return quote_toml_text(alone);
    }
    let mut entries = settings.iter().collect::<Vec<_>>();
    entries.sort_by_key(|(key, _)| (*key != "type", *key != "from"));
    let entries = entries.into_iter().map(|(key, value)| format!("{key} = {value}")).collect::<Vec<_>>();
    format!("{{ {} }}", entries.join(", "))
}
