//! Rows of the source that reference by a number what the source does not bring, where the target's table holds other rows: they
//! would become children of rows that merely have that number.

use super::words::{START_OVER, rows};
use super::{IDS, TargetContents, TargetInquiry};
use crate::catalog::selection::enclosed;
use crate::catalog::{Catalog, EqualityOperator, KeyRange, NAMED_ROWS};
use crate::name::{quote_identifier, quote_literal, quote_toml_key, quote_toml_text};
use crate::plan::mapping::KeptReference;
use crate::plan::merge_sql::{MergeSql, STAGED};
use crate::plan::steps::{MappedEnds, references};
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, Plan, Severity, TableMapping, mapping};
use crate::rows::staging::{RowsToStage, stage};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::spec::OnBadValue;
use std::collections::{BTreeMap, BTreeSet};

/// Code of the finding.
const CODE: FindingCode = FindingCode::ForeignKeyToOtherRows;

/// The references of a table that may lead to rows which only the target has.
pub(super) fn followed<'a>(
    mapping: &'a TableMapping,
    held: &'a TargetContents,
) -> impl Iterator<Item = &'a KeptReference> {
    mapping.kept_references.iter().filter(|reference| held.rows.contains_key(&reference.target))
}

/// Follows the references of all these tables, which are to be copied.
pub(super) async fn find(
    looking: &TargetInquiry<'_>,
    (plan, catalog, held): (&Plan, &Catalog, &TargetContents),
    tables: &[&TableMapping],
    reader: &mut Option<Reader>,
) -> Result<Vec<Finding>, ExecuteError> {
    let doing = "following references to rows that the target holds";
    let mut referenced = BTreeMap::<&str, BTreeSet<&String>>::new();
    for reference in tables.iter().flat_map(|mapping| followed(mapping, held)) {
        referenced.entry(&reference.table).or_default().extend(&reference.referenced);
    }
    let (mut parents, mut findings) = (BTreeMap::new(), Vec::new());
    for (at, (source, columns)) in referenced.into_iter().enumerate() {
        let Some(parent) = plan.copied(source) else { continue };
        let narrow = narrowed(parent, |column| columns.contains(&column.target));
        let relation = format!("transship_parents_{at}");
        staged(looking, &narrow, vec![KeyRange::ALL], reader, doing).await?;
        looking
            .run(
                vec![format!("ALTER TABLE {STAGED} RENAME TO {relation}"), format!("ANALYZE pg_temp.{relation}")],
                doing,
            )
            .await?;
        parents.insert(source.to_owned(), (parent, format!("pg_temp.{relation}")));
    }
    for child in tables {
        let identity = identity(child);
        let (mut judged, mut asked) = (Vec::new(), Vec::new());
        for reference in followed(child, held) {
            let Some((parent, relation)) = parents.get(&reference.table) else { continue };
            let is_judged = |mapping: &TableMapping, names: &[String]| {
                mapping.columns.iter().any(|column| names.contains(&column.target) && column.is_judged())
            };
            if is_judged(child, &reference.columns) || is_judged(parent, &reference.referenced) {
                judged.push(reference);
            } else {
                asked.push((reference, *parent, relation));
            }
        }
        findings.extend(
            judged.into_iter().map(|reference| not_followed(child, reference, held.is_loaded(&reference.table))),
        );
        if asked.is_empty() {
            continue;
        }
        let is_read = |column: &ColumnMapping| {
            identity.contains(&column.target)
                || asked.iter().any(|(reference, ..)| reference.columns.contains(&column.target))
        };
        let narrow = narrowed(child, is_read);
        staged(looking, &narrow, held.ranges(child, looking.changed), reader, doing).await?;
        for (reference, parent, relation) in asked {
            let part = orphans(looking, child, reference, parent, relation);
            let [count] = looking.numbers(&format!("SELECT count(*) {part}"), doing).await?;
            let named = words(&narrow, &identity);
            let some = |part: &str| format!("SELECT {named} {part} ORDER BY 1 LIMIT {NAMED_ROWS}");
            if count > 0 {
                let examples = looking.texts(&some(&part), doing).await?;
                let finding = finding(looking, catalog, child, reference, parent, count);
                findings.push(Finding { count, examples, ..finding });
            }
            if is_mapped(child, reference) {
                let part = spelled_otherwise(child, reference, parent, relation);
                let [count] = looking.numbers(&format!("SELECT count(*) {part}"), doing).await?;
                if count > 0 {
                    let examples = looking.texts(&some(&part), doing).await?;
                    let is_loaded = held.is_loaded(&reference.table);
                    let finding = not_the_same_bytes(child, reference, parent, count, is_loaded);
                    findings.push(Finding { count, examples, ..finding });
                }
            }
        }
        looking.run(vec![format!("DROP TABLE {STAGED}")], doing).await?;
    }
    Ok(findings)
}

/// Puts the source's own values of some columns into the temporary table.
async fn staged(
    looking: &TargetInquiry<'_>,
    narrow: &TableMapping,
    ranges: Vec<KeyRange>,
    reader: &mut Option<Reader>,
    doing: &str,
) -> Result<(), ExecuteError> {
    let sql = MergeSql::of(narrow, &looking.spec.target.schemas, &looking.spec.name, IDS);
    looking.run(vec![sql.create()], doing).await?;
    let rows = RowsToStage { mapping: narrow, ranges, copy: &sql.copy() };
    stage(looking.session, reader, rows, looking.zone, looking.stop).await?;
    Ok(())
}

/// The mapping of these columns, and of those for which a row is rejected.
pub(super) fn narrowed(mapping: &TableMapping, is_read: impl Fn(&ColumnMapping) -> bool) -> TableMapping {
    let mut narrow = mapping.clone();
    narrow.columns.retain(|column| column.on_bad_value == OnBadValue::Reject || !column.is_judged() && is_read(column));
    narrow
}

/// The target's columns that name a row of the source.
fn identity(mapping: &TableMapping) -> Vec<String> {
    let sources = mapping.row_identity.declared_columns().unwrap_or_default();
    sources.iter().filter_map(|source| mapping.target_column(source)).map(str::to_owned).collect()
}

/// An expression that names a row of the temporary table by its key.
fn words(mapping: &TableMapping, identity: &[String]) -> String {
    let named = mapping.columns.iter().filter(|column| identity.contains(&column.target));
    let parts = named.map(|column| {
        let name = quote_literal(&format!("{}=", column.source));
        format!("{name} || coalesce(row_.{}::text, 'NULL')", quote_identifier(&column.target))
    });
    let parts = parts.collect::<Vec<_>>();
    if parts.is_empty() { "NULL::text".to_owned() } else { format!("concat_ws(', ', {})", parts.join(", ")) }
}

/// The FROM part of the query for rows whose reference leads to no row of the source: all of them if the reference
/// follows mapped ids, otherwise those for which the target has a row.
fn orphans(
    looking: &TargetInquiry<'_>,
    child: &TableMapping,
    reference: &KeptReference,
    parent: &TableMapping,
    relation: &str,
) -> String {
    let own = reference.columns.iter().map(|name| format!("row_.{}", quote_identifier(name))).collect::<Vec<_>>();
    let meets = if is_mapped(child, reference) {
        "true".to_owned()
    } else {
        let table = looking.spec.target.schemas.qualified(&parent.target);
        format!("EXISTS (SELECT FROM {table} AS there WHERE {})", equal(child, reference, parent, "there"))
    };
    format!(
        "FROM {STAGED} AS row_ WHERE num_nulls({}) = 0 AND NOT EXISTS (SELECT FROM {relation} AS parent WHERE {}) AND {meets}",
        own.join(", "),
        equal(child, reference, parent, "parent")
    )
}

/// The query's part from FROM on for rows whose reference leads to a row of the source by the target's operator and not by its
/// bytes: mapped ids are followed by these, by a run and by the proof.
fn spelled_otherwise(child: &TableMapping, reference: &KeptReference, parent: &TableMapping, relation: &str) -> String {
    let pairs = reference
        .columns
        .iter()
        .zip(&reference.referenced)
        .map(|(column, referenced)| by_bytes(column, "parent", referenced));
    format!(
        "FROM {STAGED} AS row_ WHERE EXISTS (SELECT FROM {relation} AS parent WHERE {}) \
         AND NOT EXISTS (SELECT FROM {relation} AS parent WHERE {})",
        equal(child, reference, parent, "parent"),
        pairs.collect::<Vec<_>>().join(" AND ")
    )
}

/// The condition for a reference to lead to a row of the relation `other`, as the target's foreign key would follow it.
fn equal(child: &TableMapping, reference: &KeptReference, parent: &TableMapping, other: &str) -> String {
    let pairs = reference.columns.iter().zip(&reference.referenced).zip(&reference.equality);
    let pairs = pairs.map(|((column, referenced), operator)| {
        let find = |mapping: &TableMapping, name: &String| {
            mapping.columns.iter().find(|column| column.target == *name).cloned()
        };
        let is_plain = match (find(child, column), find(parent, referenced)) {
            (Some(one), Some(other)) => {
                let are_numbers = one.column_type.is_number() && other.column_type.is_number();
                are_numbers || !operator.is_built_in() && one.type_words() == other.type_words()
            }
            _ => false,
        };
        if !is_plain {
            return by_bytes(column, other, referenced);
        }
        // Numbers of two types have an operator of their own.
        let operator = if operator.is_built_in() { &EqualityOperator::default() } else { operator };
        format!("row_.{} {operator} {other}.{}", quote_identifier(column), quote_identifier(referenced))
    });
    pairs.collect::<Vec<_>>().join(" AND ")
}

/// The condition for two values to be written alike.
fn by_bytes(column: &str, other: &str, referenced: &str) -> String {
    let text = |value: String| format!("{value}::text COLLATE pg_catalog.\"C\"");
    let one = text(format!("row_.{}", quote_identifier(column)));
    format!("{one} OPERATOR(pg_catalog.=) {}", text(format!("{other}.{}", quote_identifier(referenced))))
}

/// Whether the reference follows ids that are mapped.
fn is_mapped(child: &TableMapping, reference: &KeptReference) -> bool {
    let mut mapped = child.mapped_references.iter().flat_map(|mapped| &mapped.columns);
    mapped.any(|column| reference.columns.contains(column))
}

fn finding(
    looking: &TargetInquiry<'_>,
    catalog: &Catalog,
    child: &TableMapping,
    reference: &KeptReference,
    parent: &TableMapping,
    count: u64,
) -> Finding {
    let key = child.reference_in_source(&reference.columns, parent, &reference.referenced);
    let columns = key.as_ref().map_or(&reference.columns, |key| &key.columns).join(", ");
    let there = looking.spec.target.schemas.shown(&parent.target);
    let (verb, would) = if count == 1 { ("references", "it") } else { ("reference", "they") };
    let why = |would: &str| {
        if is_mapped(child, reference) {
            format!("in {there} the same id belongs, or may come to belong, to another row")
        } else {
            format!("{there} holds another row under the same key, which {would} would then reference")
        }
    };
    let message =
        format!("{} {verb} by ({columns}) no row of {} that is copied: {}", rows(count), parent.source, why(would));
    let cause = Cause {
        detail: Some(format!(" by ({columns})")),
        end: format!(": {}", why("they")),
        ..Cause::new(["row references", "rows reference"], format!("no row of {} that is copied", parent.source))
    };
    let finding = Finding::about(CODE, Severity::Blocks, &child.source, message).because(cause);
    let table = quote_toml_key(&child.source);
    let rejects = parent.columns.iter().any(|column| column.on_bad_value == OnBadValue::Reject);
    let source = catalog.table(&child.source).filter(|_| !rejects);
    let Some((source, key)) = source.zip(key) else {
        return finding.suggesting(format!(
            "# copy the rows that they reference as well, or leave these behind:\n# [tables.{table}]\n# where = \"…\""
        ));
    };
    let ends = MappedEnds { child: Some(child), parent: Some(parent) };
    let condition = references(catalog, source, ends, &key, mapping::filter(looking.spec, &parent.source));
    let own = mapping::filter(looking.spec, &child.source);
    let condition = own.map_or_else(|| condition.clone(), |own| format!("{} AND ({condition})", enclosed(own)));
    let condition = quote_toml_text(&condition);
    finding.suggesting(format!(
        "# leaves these rows behind; to keep them, copy the rows that they reference, or set the columns to NULL in the source\n\
         [tables.{table}]\nwhere = {condition}"
    ))
}

/// The finding about references that are spelled in another way than the ids which they follow.
fn not_the_same_bytes(
    child: &TableMapping,
    reference: &KeptReference,
    parent: &TableMapping,
    count: u64,
    is_loaded: bool,
) -> Finding {
    let verb = if count == 1 { "references" } else { "reference" };
    let message = format!(
        "{} {verb} {} by ({}) in another spelling than the key's own, such as other case: mapped ids are followed byte for byte",
        rows(count),
        parent.source,
        reference.columns.join(", ")
    );
    let finding = Finding::about(FindingCode::MergeReference, Severity::Blocks, &child.source, message);
    if is_loaded {
        return finding.suggesting(format!("write the references in the source as the key has them; {START_OVER}"));
    }
    finding.suggesting(format!(
        "# the primary key names the rows of both sides; `merge.key` goes. Or write the references in the source as the key has them\n\
         [tables.{}]\nexisting_rows = \"merge\"",
        quote_toml_key(&parent.source)
    ))
}

/// The finding about a reference by values that only PostgreSQL reads.
fn not_followed(child: &TableMapping, reference: &KeptReference, is_loaded: bool) -> Finding {
    let message = format!(
        "whether rows reference by ({}) rows that only the target has is not known: PostgreSQL itself reads these values",
        reference.columns.join(", ")
    );
    let finding = Finding::about(CODE, Severity::Blocks, &child.source, message);
    if is_loaded {
        return finding.suggesting(format!("correct these references in the source; {START_OVER}"));
    }
    finding.suggesting(format!(
        "# only where the application's rows can go: removes them first\n# [tables.{}]\n# existing_rows = \"truncate\"",
        quote_toml_key(&reference.table)
    ))
}
