//! Rows that both sides have with other values in columns that others reference: whichever side's values they get, rows elsewhere may
//! lose what they reference, or come to another row.

use super::{TargetContents, TargetInquiry};
use crate::catalog::{ColumnType, EqualityOperator};
use crate::name::quote_identifier;
use crate::plan::mapping::KeptReference;
use crate::plan::merge_sql::MergeSql;
use crate::plan::{Plan, TableMapping};
use crate::run::ExecuteError;
use crate::spec::MergeSide;
use crate::target::dependencies::read_keys_to;
use std::collections::BTreeSet;

/// Obstacles to one side's values for rows that differ, in words.
pub(super) async fn in_the_way(
    looking: &TargetInquiry<'_>,
    (plan, held): (&Plan, &TargetContents),
    mapping: &TableMapping,
    sql: &MergeSql<'_>,
    side: MergeSide,
    doing: &str,
) -> Result<Vec<String>, ExecuteError> {
    let asked = match side {
        MergeSide::Target => of_target(plan, mapping),
        MergeSide::Source => of_source(looking, plan, held, mapping, sql, doing).await?,
    };
    let (there, mut found) = (sql.there(), BTreeSet::new());
    for (words, condition) in asked {
        let [count] = looking.numbers(&format!("SELECT count(*) {there} WHERE {condition}"), doing).await?;
        if count > 0 {
            found.insert(words);
        }
    }
    Ok(found.into_iter().collect())
}

/// Rows of the source that reference values which the target's rows do not get.
fn of_target(plan: &Plan, mapping: &TableMapping) -> Vec<(String, String)> {
    let references = plan.tables.iter().flat_map(|child| child.kept_references.iter().map(move |key| (child, key)));
    let references = references.filter(|(_, key)| key.table == mapping.source);
    let ask = |(child, key): (&TableMapping, &KeptReference)| {
        let sources = key.referenced.iter().map(|name| source_name(mapping, name)).collect::<Vec<_>>().join(", ");
        let words = format!("{} references ({sources}), which the target's row has otherwise", child.source);
        (words, changed(mapping, key))
    };
    references.map(ask).collect()
}

/// Rows of the target that reference values which the source's take the place of, and columns that take none.
async fn of_source(
    looking: &TargetInquiry<'_>,
    plan: &Plan,
    held: &TargetContents,
    mapping: &TableMapping,
    sql: &MergeSql<'_>,
    doing: &str,
) -> Result<Vec<(String, String)>, ExecuteError> {
    let schemas = &looking.spec.target.schemas;
    let mut asked = Vec::new();
    for name in mapping.merges.iter().flat_map(|merging| &merging.fixed) {
        let words = format!("{} is GENERATED ALWAYS AS IDENTITY, and takes no other value", source_name(mapping, name));
        asked.push((words, format!("NOT ({})", sql.same_in(std::slice::from_ref(name)))));
    }
    // Whether a row that is brought together itself gets another reference is known only once it is staged: it counts as one that stays.
    let stays = |child: &&TableMapping| child.keeps_rows && held.rows.contains_key(&child.target);
    for child in plan.tables.iter().filter(stays) {
        let table = schemas.qualified(&child.target);
        for key in child.kept_references.iter().filter(|key| key.table == mapping.source) {
            let pairs = key.columns.iter().zip(&key.referenced).zip(&key.equality);
            let pairs = pairs.map(|((column, referenced), operator)| {
                equal(mapping, referenced, operator, "there", ("child", column))
            });
            let pairs = pairs.collect::<Vec<_>>().join(" AND ");
            let condition = format!(
                "{} AND EXISTS (SELECT FROM (SELECT * FROM {table} WHERE {}) AS child WHERE {pairs})",
                changed(mapping, key),
                looking.others
            );
            let words =
                format!("rows of {} that stay reference ({})", schemas.shown(&child.target), key.referenced.join(", "));
            asked.push((words, condition));
        }
    }
    let is_migrated = |schema: &str, table: &str| {
        plan.tables.iter().any(|mapping| {
            let place = schemas.place(&mapping.target);
            (place.schema, place.name) == (schema, table)
        })
    };
    for key in read_keys_to(looking.session, &schemas.qualified(&mapping.target), doing).await? {
        if is_migrated(&key.schema, &key.table) {
            continue;
        }
        let (schema, table) = (quote_identifier(&key.schema), quote_identifier(&key.table));
        let name = format!("{schema}.{table}");
        let differs = format!("NOT ({})", sql.same_in(&key.referenced));
        let referenced = key.referenced.join(", ");
        let words = match &key.condition {
            Some(_) => format!("rows of {name}, which is not migrated, reference ({referenced})"),
            None => format!("rows of {name}, which the role may not read, may reference ({referenced})"),
        };
        asked.push((
            words,
            match key.condition {
                Some(condition) => format!("{differs} AND EXISTS (SELECT FROM {name} AS child WHERE {condition})"),
                None => differs,
            },
        ));
    }
    Ok(asked)
}

/// The condition for the source's row to be referenced by other values than the target's.
fn changed(mapping: &TableMapping, key: &KeptReference) -> String {
    let names = key.referenced.iter().map(|name| format!("row_.{}", quote_identifier(name))).collect::<Vec<_>>();
    let pairs = key.referenced.iter().zip(&key.equality);
    let pairs = pairs.map(|(name, operator)| equal(mapping, name, operator, "row_", ("there", name)));
    let pairs = pairs.collect::<Vec<_>>().join(" AND ");
    format!("pg_catalog.num_nulls({}) = 0 AND ({pairs}) IS NOT TRUE", names.join(", "))
}

/// The condition for the referenced column of one relation and a column of another to be equal to a foreign key: by the operator of
/// numbers and of types with one of their own, else as they are written.
fn equal(
    mapping: &TableMapping,
    referenced: &str,
    operator: &EqualityOperator,
    one: &str,
    (other, column): (&str, &str),
) -> String {
    let (referenced_name, column) = (quote_identifier(referenced), quote_identifier(column));
    let column_type = mapping.columns.iter().find(|column| column.target == referenced);
    let is_number = column_type.is_some_and(|column| column.column_type.is_number());
    let is_citext = column_type.is_some_and(|column| column.column_type == ColumnType::Citext);
    if is_number {
        return format!("{one}.{referenced_name} OPERATOR(pg_catalog.=) {other}.{column}");
    }
    if is_citext {
        return format!("{one}.{referenced_name} {operator} {other}.{column}");
    }
    let text = |of: &str, name: &str| format!("{of}.{name}::text COLLATE pg_catalog.\"C\"");
    format!("{} OPERATOR(pg_catalog.=) {}", text(one, &referenced_name), text(other, &column))
}

/// The source's name of a column.
fn source_name<'a>(mapping: &'a TableMapping, target: &'a str) -> &'a str {
    mapping.columns.iter().find(|column| column.target == target).map_or(target, |column| &column.source)
}
