//! Generated columns, which PostgreSQL computes and stores (documentation, section 5.3).
//!
//! A column that the source computes when it is read (VIRTUAL) becomes STORED. What cannot be translated is a plain column with the values that the source shows.

use super::as_made::{standing, stays};
use super::selection::column_spec;
use super::{ColumnMapping, MappingDraft, TableMapping};
use crate::catalog::{Column, ReferentialAction, Table};
use crate::dialect::Dialect;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::Scope;
use crate::dialect::expression::{Bounded, Untranslatable};
use crate::dialect::postgresql::collated_constant;
use crate::name::quote_toml_key;
use crate::plan::Inputs;
use crate::plan::excess::{ExcessOf, ExpressionExcess};
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace};
use crate::plan::step::StepKind;
use crate::spec::{OnBadValue, Spec, SqlOrOmitted};

impl MappingDraft {
    /// The expressions, once the columns' types are settled.
    pub(super) fn generated(&mut self, inputs: Inputs<'_>) {
        let (mut omitted, mut excesses) = (Vec::new(), Vec::new());
        for mapping in &mut self.tables {
            let Some(table) = inputs.catalog.table(&mapping.source) else { continue };
            let is_generated = |column: &&Column| column.generated.is_some();
            let names = table.columns.iter().filter(is_generated).map(|column| column.name.clone());
            let names = names.collect::<Vec<_>>();
            let (dialect, scope) = (mapping.dialect(), mapping.scope(table).without_generated(&names));
            let id = StepKind::Table.id(&mapping.target);
            let made = mapping.as_made(inputs, &id).map(|made| (mapping.clone(), made));
            let made_scope = made.as_ref().map(|(_, made)| made.scope(table).without_generated(&names));
            for column in &mut mapping.columns {
                let source = table.column(&column.source).and_then(|column| column.generated.as_ref());
                let by_spec = column_spec(inputs.spec, &table.name, &column.source);
                let given = by_spec.and_then(|by_spec| by_spec.generated.as_ref());
                let place = || OmittedPlace::column(&table.name, &column.source);
                match (given, source) {
                    (Some(SqlOrOmitted::Sql(sql)), _) => {
                        let shown = format!("{}.{}", mapping.target, column.target);
                        let suggestion = "without `generated` in the spec the stored values are copied".to_owned();
                        let finding = computed_by_target(table, &column.source, &shown, sql, suggestion);
                        self.findings.extend(finding);
                        column.generated = Some(sql.clone());
                        column.identity = false;
                    }
                    (Some(SqlOrOmitted::LeftBehind), Some(_)) => {
                        let cause = "its values are copied into a plain column, as the spec says";
                        omitted.push((place(), OmissionReason::known(cause)));
                    }
                    // Values that the spec computes are copied.
                    (None, Some(_)) if column.source_sql.is_some() => {
                        let cause = "the values of `source_sql` are copied into a plain column";
                        omitted.push((place(), OmissionReason::known(cause)));
                    }
                    (None, Some(source)) => {
                        let text = source.expression.as_deref().unwrap_or("unknown");
                        let by =
                            |scope: &Scope<'_>| translated(dialect, table, column, source.expression.as_deref(), scope);
                        let (translation, against) = match made_scope.as_ref().map(&by) {
                            // A plain column stays one: its values are copied.
                            Some(Err(reason)) => (Err(reason), None),
                            made => standing(by(&scope), made, |today, made| today.sql == made.sql),
                        };
                        if let Some((reason, (today, made))) = against.zip(made.as_ref()) {
                            let object = format!("the computed column {}", column.source);
                            let finding = stays(&table.name, &object, &reason, &[(today, made)]);
                            self.standing.extend(finding.map(|finding| (id.clone(), finding)));
                        }
                        match translation {
                            Ok(Bounded { sql, excesses: parts }) => {
                                excesses.extend(ExpressionExcess::all(
                                    ExcessOf::Generated,
                                    &table.name,
                                    &column.source,
                                    parts,
                                ));
                                column.generated = Some(sql);
                            }
                            Err(reason) => {
                                let keys = (quote_toml_key(&table.name), quote_toml_key(&column.source));
                                let heading = format!("tables.{}.columns.{}", keys.0, keys.1);
                                let reason = format!("its values are copied into a plain column, for {}", reason.0);
                                let reason = OmissionReason::undecided(&reason, text, &heading, "generated", "…");
                                omitted.push((place(), reason));
                            }
                        }
                    }
                    (_, None) => {}
                }
                // A column that is not copied has no treatment of bad values.
                if column.generated.is_some() {
                    column.on_bad_value = OnBadValue::Stop;
                }
            }
        }
        self.excesses.extend(excesses);
        for (place, reason) in omitted {
            self.omit(OmittedObject::Generated, place, reason);
        }
        self.tables_without_values();
    }

    /// Findings about tables all of whose columns PostgreSQL computes: no row could be copied into them.
    fn tables_without_values(&mut self) {
        let is_empty = |mapping: &&TableMapping| mapping.copied().columns.is_empty() && !mapping.columns.is_empty();
        for mapping in self.tables.iter().filter(is_empty) {
            let message = "no column of it is left to copy: PostgreSQL would compute all of them";
            self.findings.push(
                Finding::about(FindingCode::NoColumns, Severity::Blocks, &mapping.source, message)
                    .suggesting("write `generated = false` for one of its columns, or keep another"),
            );
        }
    }
}

impl TableMapping {
    /// The generated columns that PostgreSQL computes by a translation, each with its expression in the source's own SQL.
    #[must_use]
    pub fn translated_columns<'t>(&self, spec: &Spec, table: &'t Table) -> Vec<(&'t str, &'t str)> {
        let by_spec = |column: &Column| column_spec(spec, &table.name, &column.name)?.generated.as_ref();
        let of = |column: &'t Column| {
            let expression = column.generated.as_ref()?.expression.as_deref()?;
            let mapped = self.columns.iter().find(|mapped| mapped.source == column.name)?;
            (mapped.generated.is_some() && by_spec(column).is_none()).then_some((column.name.as_str(), expression))
        };
        table.columns.iter().filter_map(of).collect()
    }
}

/// A warning if the target computes a column whose values the source stores: these are not written, and what PostgreSQL
/// makes of the others need not be the same. They are compared once all rows are loaded.
pub(super) fn computed_by_target(
    table: &Table,
    column: &str,
    shown: &str,
    expression: &str,
    suggestion: String,
) -> Option<Finding> {
    // A column that the source computes as well has no stored values to lose.
    if table.column(column).is_some_and(|column| column.generated.is_some()) {
        return None;
    }
    let message = format!(
        "PostgreSQL computes {shown} itself ({expression}): the stored values are not written; `verify` names the rows whose computed value is another"
    );
    let finding = Finding::about(FindingCode::TargetComputes, Severity::Warns, &table.name, message);
    Some(finding.in_column(column).suggesting(suggestion))
}

fn translated(
    dialect: &dyn Dialect,
    table: &Table,
    column: &ColumnMapping,
    expression: Option<&str>,
    scope: &Scope<'_>,
) -> Result<Bounded, Untranslatable> {
    let expression = expression.ok_or_else(|| Untranslatable("it cannot be found in CREATE TABLE".to_owned()))?;
    if !column.reading.is_plain() {
        return Err(Untranslatable(format!("its values are read by from = \"{}\"", column.reading)));
    }
    // https://www.sqlite.org/gencol.html, section 2.1: the result is converted as the declared type says.
    if dialect.coercion(column.converting_type()).makes_numbers()
        && ValueKind::of(&column.column_type) == ValueKind::Text
    {
        return Err(Untranslatable(format!("{} makes numbers of its texts, row by row", dialect.system())));
    }
    // PostgreSQL documentation, CREATE TABLE: a generated column cannot be set by a foreign key.
    use ReferentialAction::{Cascade, SetDefault, SetNull};
    let sets = |update: ReferentialAction, delete: ReferentialAction| {
        matches!(update, Cascade | SetNull | SetDefault) || matches!(delete, SetNull | SetDefault)
    };
    let is_set = table.foreign_keys.iter().any(|key| {
        key.columns.iter().any(|name| name.eq_ignore_ascii_case(&column.source)) && sets(key.on_update, key.on_delete)
    });
    if is_set {
        return Err(Untranslatable("a foreign key sets it".to_owned()));
    }
    let bounded = dialect.generated(expression, scope, &column.column_type)?;
    match collated_constant(&bounded.sql) {
        Some(part) => {
            Err(Untranslatable(format!("PostgreSQL computes `{part}` while it makes the column, without a collation")))
        }
        None => Ok(bounded),
    }
}
