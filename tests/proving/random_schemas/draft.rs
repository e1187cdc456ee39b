//! Drafts of schemas: plain data that proptest makes and shrinks, turned into SQLite's SQL.

use super::value::{Family, Value};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A database before it is written down.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) encoding: &'static str,
    pub(crate) names: &'static str,
    /// Rows whose foreign keys lead nowhere stay.
    pub(crate) keeps_orphans: bool,
    pub(crate) tables: Vec<Table>,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) key: Key,
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: usize,
    pub(crate) unique: Vec<Vec<Index>>,
    pub(crate) checks: Vec<(&'static str, Index, Index)>,
    pub(crate) indexes: Vec<KeyIndex>,
    pub(crate) references: Vec<Reference>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rowid,
    WithoutRowid,
    Strict,
}

#[derive(Debug, Clone)]
pub(crate) enum Key {
    None,
    /// INTEGER PRIMARY KEY, the rowid itself.
    Rowid {
        ascending: bool,
    },
    AutoIncrement {
        ahead: i64,
    },
    Column(Index),
    Columns(Vec<Index>),
}

#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) family: Family,
    pub(crate) declared: Index,
    pub(crate) values: Vec<Value>,
    pub(crate) not_null: bool,
    pub(crate) default: Option<(Family, Index)>,
    pub(crate) collation: &'static str,
}

#[derive(Debug, Clone)]
pub(crate) struct KeyIndex {
    pub(crate) unique: bool,
    /// A template of an expression or the bare column, the column, an order or collation behind it.
    pub(crate) keys: Vec<(&'static str, Index, &'static str)>,
    pub(crate) predicate: Option<(&'static str, Index, Index)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Reference {
    pub(crate) columns: Vec<Index>,
    pub(crate) parent: Index,
    pub(crate) implicit: bool,
    pub(crate) same_type: bool,
    pub(crate) missing: bool,
    pub(crate) actions: &'static str,
}

/// Conditions over a column `{c}` and perhaps another `{d}`.
const CONDITIONS: [&str; 46] = [
    "{c} IS NOT NULL",
    "{c} IS NULL OR {c} > 0",
    "{c} >= 0",
    "{c} <> ''",
    "{c} != 5",
    "{c} == 1",
    "{c} IN (0, 1)",
    "{c} NOT IN ('a', \"b\")",
    "{c} BETWEEN -5 AND 100",
    "{c} NOT BETWEEN 1.5 AND '3'",
    "length({c}) <= 10",
    "length({c}) > 0 AND {c} <> 'x'",
    "typeof({c}) = 'text'",
    "typeof({c}) IN ('integer', 'null')",
    "{c} LIKE 'A%'",
    "{c} NOT LIKE '%\\_%' ESCAPE '\\'",
    "{c} GLOB '[a-z]*'",
    "{c} NOT GLOB '*[^0-9]*'",
    "json_valid({c})",
    "json_extract({c}, '$.a') = 1",
    "coalesce({c}, 0) >= 0",
    "ifnull({c}, '') <> 'zz'",
    "instr({c}, 'x') = 0",
    "abs({c}) < 100",
    "{c} || 'z' <> 'az'",
    "substr({c}, 1, 1) <> 'q'",
    "substr({c}, -1) = 'a'",
    "upper({c}) = {c}",
    "lower({c}) <> 'ä'",
    "{c} % 2 = 0",
    "{c} / 2 < 10",
    "{c} * 2 < 1000",
    "{c} + {d} > 0",
    "{c} < {d}",
    "{c} IS {d}",
    "{c} IS NOT 1",
    "{c} ISNULL",
    "{c} NOTNULL",
    "{c} NOT NULL",
    "NOT {c}",
    "{c}",
    "CASE WHEN {c} > 0 THEN {d} IS NOT NULL ELSE 1 END",
    "{c} COLLATE NOCASE <> 'ABC'",
    "({c}, 1) <> (1, 2)",
    "{c} > '2000-01-01'",
    "trim({c}) = {c}",
];

/// Keys of indexes over a column `{c}`.
const EXPRESSIONS: [&str; 17] = [
    "lower({c})",
    "upper({c})",
    "{c} || 'x'",
    "{c} + 1",
    "abs({c})",
    "-{c}",
    "{c} * 2.5",
    "length({c})",
    "substr({c}, 1, 3)",
    "json_extract({c}, '$.a')",
    "coalesce({c}, '')",
    "CAST({c} AS TEXT)",
    "CAST({c} AS INTEGER)",
    "nullif({c}, 0)",
    "trim({c}, 'a')",
    "replace({c}, 'a', 'b')",
    "{c} IS NULL",
];

const NAMES: [&str; 30] = [
    "a",
    "b",
    "id",
    "users",
    "Order",
    "select",
    "USER",
    "with space",
    "ta'ble",
    "q\"uote",
    "größe",
    "100%",
    "x.y",
    "rowid",
    "oid",
    "_rowid_",
    "ctid",
    "xmin",
    "日本語",
    "back`tick",
    "semi;colon",
    "{{ x }}",
    "$dollar",
    "a-b",
    "Group",
    "default",
    "a_very_long_name_that_is_longer_than_postgresql_keeps_because_it_has_seventy",
    "brac]ket",
    " ",
    "back\\slash",
];

pub(crate) fn draft() -> impl Strategy<Value = Draft> {
    let encoding = prop_oneof![8 => Just("UTF-8"), 1 => Just("UTF-16le"), 1 => Just("UTF-16be")];
    let names = prop_oneof![6 => Just("preserve"), 1 => Just("lower"), 1 => Just("snake_case")];
    (encoding, names, prop::bool::weighted(0.2), prop::collection::vec(table(), 1..=5))
        .prop_map(|(encoding, names, keeps_orphans, tables)| Draft { encoding, names, keeps_orphans, tables })
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![1 => "[a-z]{1,6}", 1 => select(NAMES.to_vec()).prop_map(str::to_owned)]
}

fn table() -> impl Strategy<Value = Table> {
    let kind = prop_oneof![6 => Just(Kind::Rowid), 1 => Just(Kind::WithoutRowid), 1 => Just(Kind::Strict)];
    let key = prop_oneof![
        1 => Just(Key::None),
        3 => any::<bool>().prop_map(|ascending| Key::Rowid { ascending }),
        1 => select(vec![0, 0, 1, 1000, i64::MAX - 1]).prop_map(|ahead| Key::AutoIncrement { ahead }),
        2 => any::<Index>().prop_map(Key::Column),
        1 => prop::collection::vec(any::<Index>(), 2..4).prop_map(Key::Columns),
    ];
    let columns = prop::collection::vec(column(), 1..=10);
    let rows = prop_oneof![1 => Just(0_usize), 9 => 1..=12_usize];
    let unique = prop::collection::vec(prop::collection::vec(any::<Index>(), 1..3), 0..2);
    let condition = || (select(CONDITIONS.to_vec()), any::<Index>(), any::<Index>());
    let checks = prop::collection::vec(condition(), 0..3);
    let behind =
        || select(vec!["", "", "", " DESC", " ASC", " COLLATE NOCASE", " COLLATE RTRIM", " COLLATE NOCASE DESC"]);
    let index_key = prop_oneof![2 => Just("{c}"), 1 => select(EXPRESSIONS.to_vec())];
    let index = (
        prop::bool::weighted(0.3),
        prop::collection::vec((index_key, any::<Index>(), behind()), 1..4),
        prop::option::weighted(0.3, condition()),
    )
        .prop_map(|(unique, keys, predicate)| KeyIndex { unique, keys, predicate });
    let indexes = prop::collection::vec(index, 0..4);
    let references = prop::collection::vec(reference(), 0..3);
    (name(), kind, key, columns, rows, unique, checks, indexes, references).prop_map(
        |(name, kind, key, columns, rows, unique, checks, indexes, references)| Table {
            name,
            kind,
            key,
            columns,
            rows,
            unique,
            checks,
            indexes,
            references,
        },
    )
}

fn column() -> impl Strategy<Value = Column> {
    let held = select(Family::ALL.to_vec()).prop_flat_map(|family| (Just(family), family.values()));
    let default = prop_oneof![
        2 => Just(None),
        2 => any::<Index>().prop_map(|index| Some((None, index))),
        1 => (select(Family::ALL.to_vec()), any::<Index>()).prop_map(|(family, index)| Some((Some(family), index))),
    ];
    let collation = prop_oneof![8 => Just(""), 1 => Just(" COLLATE NOCASE"), 1 => Just(" COLLATE RTRIM")];
    (name(), held, any::<Index>(), prop::bool::weighted(0.2), default, collation).prop_map(
        |(name, (family, values), declared, not_null, default, collation)| {
            let default = default.map(|(other, index)| (other.unwrap_or(family), index));
            Column { name, family, declared, values, not_null, default, collation }
        },
    )
}

fn reference() -> impl Strategy<Value = Reference> {
    let actions = select(vec![
        "",
        "",
        " ON DELETE CASCADE",
        " ON DELETE SET NULL ON UPDATE CASCADE",
        " ON UPDATE RESTRICT",
        " DEFERRABLE INITIALLY DEFERRED",
        " MATCH FULL",
        " NOT DEFERRABLE INITIALLY IMMEDIATE",
    ]);
    let columns = prop::collection::vec(any::<Index>(), 1..3);
    (columns, any::<Index>(), any::<bool>(), prop::bool::weighted(0.7), prop::bool::weighted(0.05), actions).prop_map(
        |(columns, parent, implicit, same_type, missing, actions)| Reference {
            columns,
            parent,
            implicit,
            same_type,
            missing,
            actions,
        },
    )
}
