//! Primary keys and indexes.

use super::expression::plain;
use super::{Texts, said, word};
use crate::catalog::{Column, Equality, Index, IndexColumn, IndexPurpose, SortOrder};
use crate::dialect::mysql::{Period, prefix_key, quote};

/// The keys of one table.
pub(super) struct TableKeys {
    /// The columns of the primary key.
    pub(super) primary: Option<Vec<String>>,
    /// The indexes beside it.
    pub(super) created: Vec<Index>,
}

/// Reads the rows of `queries/indexes_*.sql` about one table, whose period of the application's is `period`.
pub(super) fn keys(
    table: &str,
    rows: &[Texts],
    columns: &[Column],
    period: Option<&Period>,
    is_mariadb: bool,
) -> TableKeys {
    let refuses_overlaps = |key: &str| period.is_some_and(|period| period.keys.iter().any(|name| name == key));
    let (mut primary, mut created) = (Vec::new(), Vec::<Index>::new());
    let mut primary_by_prefix = Vec::new();
    for row in rows {
        let index = word(row, 1);
        let key = key(row, columns, is_mariadb);
        if index == "PRIMARY" {
            primary.extend(row[3].clone());
            primary_by_prefix.push(key);
            continue;
        }
        let refuses_overlaps = refuses_overlaps(&index);
        if created.last().is_none_or(|last| last.name != index) {
            created.push(Index {
                name: index,
                unique: word(row, 2) == "0",
                columns: Vec::new(),
                predicate: None,
                sql: None,
                purpose: match word(row, 6).as_str() {
                    "FULLTEXT" => IndexPurpose::Words,
                    "SPATIAL" => IndexPurpose::Space,
                    _ if refuses_overlaps => IndexPurpose::Periods,
                    _ => IndexPurpose::Order,
                },
                is_unused: word(row, 7) == "1",
            });
        }
        if let Some(last) = created.last_mut() {
            last.columns.push(key);
        }
    }
    // A primary key over prefixes, or one that refuses overlapping periods: its columns name a row, and an index of its own
    // refuses the rest.
    let beside = if refuses_overlaps("PRIMARY") {
        Some(("overlap_key", IndexPurpose::Periods))
    } else {
        let has_prefix = primary_by_prefix.iter().any(|key| key.column.is_none());
        has_prefix.then_some(("prefix_key", IndexPurpose::Order))
    };
    if let Some((suffix, purpose)) = beside {
        created.push(Index {
            name: format!("{table}_{suffix}"),
            unique: true,
            columns: primary_by_prefix,
            predicate: None,
            sql: None,
            purpose,
            is_unused: false,
        });
    }
    for index in &mut created {
        if let Some(period) = period.filter(|_| index.purpose == IndexPurpose::Periods) {
            // The server keeps their end before their beginning.
            let place = |key: &IndexColumn| {
                let is = |name: &String| key.column.as_ref() == Some(name);
                if is(&period.ends) { 2 } else { usize::from(is(&period.begins)) }
            };
            index.columns.sort_by_key(place);
        }
        index.sql = Some(statement(table, index));
    }
    TableKeys { primary: (!primary.is_empty()).then_some(primary), created }
}

/// The columns of the unique key without NULL that names a row where there is no primary key: the one of the fewest
/// columns.
pub(super) fn naming(indexes: &[Index], columns: &[Column]) -> Option<Vec<String>> {
    let key = |key: &IndexColumn| {
        let name = key.column.as_ref()?;
        columns.iter().any(|column| column.name == *name && column.not_null).then(|| name.clone())
    };
    let names = |index: &Index| index.columns.iter().map(key).collect::<Option<Vec<_>>>();
    indexes.iter().filter(|index| index.unique).filter_map(names).min_by_key(Vec::len)
}

fn key(row: &Texts, columns: &[Column], is_mariadb: bool) -> IndexColumn {
    let name = row[3].clone();
    let column = name.as_ref().and_then(|name| columns.iter().find(|column| column.name == *name));
    // The length of a prefix; a spatial index has one of its own, of the rectangle.
    let prefix = said(row, 5).filter(|_| !matches!(word(row, 6).as_str(), "SPATIAL" | "FULLTEXT"));
    let of_prefix = name.as_ref().zip(prefix).map(|(name, length)| prefix_key(name, &length));
    let expression = of_prefix.or_else(|| said(row, 8).map(|text| plain(&text, is_mariadb)));
    IndexColumn {
        column: name.filter(|_| expression.is_none()),
        expression,
        order: if word(row, 4) == "D" { SortOrder::Descending } else { SortOrder::Ascending },
        equality: column.map_or(Equality::Bytes, |column| column.equality.clone()),
    }
}

/// The index as a statement, for documents.
fn statement(table: &str, index: &Index) -> String {
    let kind = match index.purpose {
        IndexPurpose::Words => "FULLTEXT ",
        IndexPurpose::Space => "SPATIAL ",
        IndexPurpose::Order | IndexPurpose::Periods if index.unique => "UNIQUE ",
        IndexPurpose::Order | IndexPurpose::Periods => "",
    };
    let key = |key: &IndexColumn| {
        let sql = match (&key.column, &key.expression) {
            (Some(column), _) => quote(column),
            (None, expression) => format!("({})", expression.as_deref().unwrap_or_default()),
        };
        if key.order == SortOrder::Descending { format!("{sql} DESC") } else { sql }
    };
    let keys = index.columns.iter().map(key).collect::<Vec<_>>().join(", ");
    let rule = if index.purpose == IndexPurpose::Periods { " WITHOUT OVERLAPS" } else { "" };
    format!("CREATE {kind}INDEX {} ON {} ({keys}{rule})", quote(&index.name), quote(table))
}
