//! Parts that the target alone has: tables and columns that the source has no place for, and state that does not allow a way back.

use super::rows::ColumnPositions;
use crate::catalog::{Catalog, SelectedColumn, Table};
use crate::name::{Schemas, quote_identifier};
use crate::plan::{ColumnMapping, Finding, FindingCode, Plan, Severity, Step, StepKind, StepState, TableMapping};
use crate::proof::asking::is_asked;
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::survey::{SOURCE_SQL_REFUSED, Survey};
use crate::target::{Ledger, Session, structure};
use crate::verify::{LostColumn, RowDifference, TableResult, lost_columns};

/// Finding of a table that only the target has.
const TABLE: FindingCode = FindingCode::TableOfTargetAlone;

/// Finding of a column that only the target has.
const COLUMN: FindingCode = FindingCode::ColumnOfTargetAlone;

/// Finding of a column or table that is not what `apply` left.
const ALTERED: FindingCode = FindingCode::AlteredInTarget;

/// Finding of a value that the source computes otherwise.
const COMPUTED: FindingCode = FindingCode::ComputedInSource;

/// Finding of rows that are not turned back.
const WITHOUT_WAY: FindingCode = FindingCode::NoWayBack;

/// Findings about the basis: it has to be what was migrated.
pub(super) fn of_basis(survey: &Survey) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (table, chunks) in &survey.changed {
        let is_made = |step: &Step| step.kind() == StepKind::Table && step.source_table() == Some(table.as_str());
        let number = chunks.len();
        // Of a table that was there before, nothing says which types its columns had: another one makes other bytes of the same rows.
        let (message, suggestion) = if survey.plan.steps.iter().any(is_made) {
            (
                format!(
                    "{number} of its chunks are not what was copied: rows that only the basis has would look as if they were \
                     removed"
                ),
                "take the backup that was made before the cut-over as the basis: --backup NAME; or bring the target up to date: transship apply SPEC --refresh",
            )
        } else {
            (
                format!(
                    "{number} of its chunks are not what was copied: the basis was written to since, or a column of the \
                     target's own table was altered since"
                ),
                "give the columns in the target the types that they had; or take the backup that was made before the cut-over as the basis: --backup NAME",
            )
        };
        findings
            .push(Finding::about(FindingCode::SourceChanged, Severity::Blocks, table, message).suggesting(suggestion));
    }
    for mapping in survey.plan.tables.iter().filter(|mapping| !is_loaded(&survey.plan, mapping)) {
        let message = "its rows were not all copied into the target: they would look as if they were removed";
        findings.push(
            Finding::about(FindingCode::NotApplied, Severity::Blocks, &mapping.source, message)
                .suggesting("complete the migration: transship apply SPEC"),
        );
    }
    findings.extend(survey.plan.tables.iter().filter_map(without_way));
    findings.extend(survey.plan.each_finding().filter(|finding| finding.code == SOURCE_SQL_REFUSED).cloned());
    findings
}

/// The finding about a table whose values are no longer those that an encoder has written: what PostgreSQL itself has read, and
/// ids that were mapped, are not turned back.
fn without_way(mapping: &TableMapping) -> Option<Finding> {
    let message = match mapping.columns.iter().find(|column| is_asked(column)) {
        Some(column) => {
            format!("PostgreSQL itself has read the values of {}: they have no way back yet", column.source)
        }
        None if mapping.is_staged() => {
            "its rows were brought together with those of the target: they have no way back yet".to_owned()
        }
        None => return None,
    };
    let advice = "restore the source from its backup; rows written since the cut-over have to be carried over by hand";
    Some(Finding::about(WITHOUT_WAY, Severity::Blocks, &mapping.source, message).suggesting(advice))
}

/// Whether the rows of a table are there.
fn is_loaded(plan: &Plan, mapping: &TableMapping) -> bool {
    let is_done = |step: &&Step| step.kind() == StepKind::Copy && step.state == StepState::Done;
    plan.steps.iter().filter(is_done).any(|step| step.source_table() == Some(mapping.source.as_str()))
}

/// Findings about columns that others have altered or taken away since: no value of theirs can be read for what it was.
pub(super) async fn of_structure(session: &Session, spec: &Spec, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
    let schemas = &spec.target.schemas;
    let lost = lost_columns(session, &Ledger::of(&spec.name), schemas, plan).await?;
    Ok(lost.iter().map(|lost| of_lost(lost, schemas)).collect())
}

fn of_lost(lost: &LostColumn<'_>, schemas: &Schemas) -> Finding {
    let (mapping, table) = (lost.mapping, schemas.qualified(&lost.mapping.target));
    let shown = schemas.shown(&mapping.target);
    let about = |message: String| Finding::about(ALTERED, Severity::Blocks, &mapping.source, message);
    let Some(column) = lost.column else {
        let message = format!("{shown} is gone in the target, or has another name");
        return about(message).suggesting("-- in the target: give the table its name and its place again");
    };
    let name = quote_identifier(&column.target);
    let (message, suggestion) = match &lost.type_words {
        None => (
            format!("{shown}.{} is gone in the target, or has another name", column.target),
            format!("-- in the target: ALTER TABLE {table} RENAME COLUMN … TO {name}"),
        ),
        Some(now) => (
            format!(
                "{shown}.{} was {} and was altered to {now} in the target: its values no longer say what they mean in the source",
                column.target,
                column.type_words()
            ),
            format!("-- in the target: ALTER TABLE {table} ALTER COLUMN {name} TYPE {} USING …", column.type_words()),
        ),
    };
    about(message).in_column(&column.source).suggesting(suggestion)
}

/// Findings about rows and values that have no place in the source.
pub(super) async fn of_target(
    session: &Session,
    spec: &Spec,
    plan: &Plan,
    catalog: &Catalog,
    accepted: &[String],
) -> Result<Vec<Finding>, ExecuteError> {
    let (schemas, mut findings) = (&spec.target.schemas, Vec::new());
    let is_accepted = |name: &str| accepted.iter().any(|accepted| accepted == name);
    for (table, columns) in structure::read_own_columns(session, schemas).await? {
        let Some(mapping) = plan.tables.iter().find(|mapping| mapping.target == table) else {
            findings.extend(of_table(session, schemas, &table, catalog, is_accepted(&table)).await?);
            continue;
        };
        for column in &columns {
            let is_mapped = mapping.columns.iter().any(|mapped| mapped.target == *column);
            let is_search = mapping.search.as_ref().is_some_and(|search| search.column == *column);
            if is_mapped || is_search {
                continue;
            }
            let name = format!("{table}.{column}");
            findings.extend(of_column(session, schemas, mapping, column, &name, is_accepted(&name)).await?);
        }
    }
    Ok(findings)
}

async fn of_table(
    session: &Session,
    schemas: &Schemas,
    table: &str,
    catalog: &Catalog,
    is_accepted: bool,
) -> Result<Option<Finding>, ExecuteError> {
    let sql = format!("SELECT count(*) FROM {}", schemas.qualified(table));
    let rows = count(session, &sql).await?;
    if rows == 0 {
        return Ok(None);
    }
    let shown = schemas.shown(table);
    // The source has it too, and the spec leaves it out: it stays as it was.
    let is_left_out = catalog.table(table).is_some();
    let severity = if is_accepted || is_left_out { Severity::Notes } else { Severity::Blocks };
    let message = match is_left_out {
        true => format!("{shown} of the target is not part of the migration: the source's own table stays as it was"),
        false => format!("the source has no table for {shown}: its rows do not go back"),
    };
    let finding = Finding { count: rows, ..Finding::general(TABLE, severity, message) };
    let finding = Finding { examples: vec![shown], ..finding };
    Ok(Some(if severity == Severity::Blocks { finding.suggesting(format!("--leave-behind {table}")) } else { finding }))
}

async fn of_column(
    session: &Session,
    schemas: &Schemas,
    mapping: &TableMapping,
    column: &str,
    name: &str,
    is_accepted: bool,
) -> Result<Option<Finding>, ExecuteError> {
    let sql = format!("SELECT count({}) FROM {}", quote_identifier(column), schemas.qualified(&mapping.target));
    let values = count(session, &sql).await?;
    if values == 0 {
        return Ok(None);
    }
    let severity = if is_accepted { Severity::Notes } else { Severity::Blocks };
    let message = format!("the source has no column for {name} of the target: its values do not go back");
    let finding = Finding { count: values, ..Finding::about(COLUMN, severity, &mapping.source, message) };
    Ok(Some(if is_accepted { finding } else { finding.suggesting(format!("--leave-behind {name}")) }))
}

async fn count(session: &Session, sql: &str) -> Result<u64, ExecuteError> {
    const DOING: &str = "counting rows that only the target has";
    let counted: i64 = session.query_one(sql, &[], DOING).await?.get(0);
    // A count that is none would let rows stay behind unseen.
    u64::try_from(counted).map_err(|_| ExecuteError::Task(format!("{DOING}: {counted} is no count")))
}

/// Findings about columns that the source computes and the target stores, where the value is another one: nothing can be written there.
pub(super) fn of_computed(
    result: &TableResult,
    mapping: &TableMapping,
    places: &ColumnPositions,
    table: &Table,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (column, _) in mapping.columns.iter().zip(&places.stored).filter(|(_, place)| place.is_none()) {
        let is_of_it = |example: &&RowDifference| example.column.as_ref() == Some(&column.target);
        let examples = result.examples.iter().filter(is_of_it).map(|example| example.key.clone()).collect::<Vec<_>>();
        if examples.is_empty() {
            continue;
        }
        let declared = table.columns.iter().find(|declared| declared.name == column.source);
        let expression = declared.and_then(|declared| declared.generated.as_ref()?.expression.as_deref());
        let message = format!(
            "the source computes it{}, and the target holds another value: a value that is computed cannot be written",
            expression.map(|sql| format!(" as {sql}")).unwrap_or_default()
        );
        let finding = Finding::about(COMPUTED, Severity::Blocks, &mapping.source, message).in_column(&column.source);
        let finding = Finding { count: examples.len() as u64, examples, ..finding };
        findings.push(
            finding.suggesting(
                "give the column in the target the value that the source computes, in these rows and others",
            ),
        );
    }
    findings
}

/// Whether the spec reads a column by an expression.
pub(super) fn has_expression(mapping: &TableMapping) -> bool {
    expressions(mapping).next().is_some()
}

fn expressions(mapping: &TableMapping) -> impl Iterator<Item = &ColumnMapping> {
    mapping.columns.iter().filter(|column| matches!(column.selected(), SelectedColumn::Computed(_)))
}

/// The finding of an expression that cannot be read of a row that is staged beside its table. The engine's words are given where no
/// row was read yet: they may quote values.
pub(super) fn without_reading(mapping: &TableMapping, words: Option<&str>) -> Finding {
    let columns = expressions(mapping).map(|column| column.source.as_str()).collect::<Vec<_>>();
    let words = words.map(|words| format!(": {words}")).unwrap_or_default();
    let message = format!(
        "`source_sql` of {} cannot be read of a row that goes back, beside its table{words}",
        columns.join(", ")
    );
    let finding = Finding::about(WITHOUT_WAY, Severity::Blocks, &mapping.source, message);
    let finding = if let [only] = columns.as_slice() { finding.in_column(only) } else { finding };
    finding.suggesting("let `source_sql` name columns that the source stores, and none that it computes")
}
