//! Keys of MySQL: rows by ranges of them, references by them, and what they keep apart.

use crate::support::mariadb::{MariaDb, mariadb};
use crate::support::migration::Migration;
use crate::support::mysql::{Mysql, mysql};
use crate::support::mysql_server::MysqlServer;
use std::collections::BTreeMap;
use std::convert::Infallible;
use transship::catalog::{Key, KeyRange, RowFilter, RowIdentity, SelectedColumn, Selection, Table};
use transship::plan::steps::{MappedEnds, references};
use transship::source::{ForeignKeyEnd, Reader, Snapshot};
use transship::spec;

/// Keys of every type: the definition of the columns, their names, and their values for a number `seq` from 0 on. MySQL
/// itself has no UUID and no INET6.
const KEYS: [(&str, &str, &str); 19] = [
    ("k BIGINT", "k", "seq * 7.0 - 5000"),
    ("k BIGINT UNSIGNED", "k", "18446744073709551615 - seq * 3"),
    ("k DECIMAL(40, 3)", "k", "1000000000000000000000000000000000000 + seq / 1000"),
    ("k FLOAT", "k", "(seq - 700.0) / 7"),
    ("k DOUBLE", "k", "0.1 + seq * 1.0e-16 * 2"),
    ("k DATE", "k", "DATE_ADD('0999-12-31', INTERVAL seq DAY)"),
    ("k DATETIME(6)", "k", "DATE_ADD('2024-02-29', INTERVAL seq MICROSECOND)"),
    ("k TIMESTAMP(3)", "k", "DATE_ADD('2024-03-31', INTERVAL seq * 1000 MICROSECOND)"),
    ("k TIME(2)", "k", "SEC_TO_TIME(seq * 900.25 - 700000)"),
    ("k BIT(40)", "k", "seq * 65537"),
    ("k VARBINARY(20)", "k", "CONCAT(UNHEX(LPAD(HEX(seq), 4, '0')), x'0027ff5c')"),
    ("k VARCHAR(30) COLLATE utf8mb4_general_ci", "k", "CONCAT(CHAR(65 + seq MOD 26), 'é''\\%', seq)"),
    ("k VARCHAR(30) COLLATE utf8mb4_bin", "k", "CONCAT('😀\"`', CHAR(97 + seq MOD 26), seq, ' ')"),
    ("k VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_german2_ci", "k", "CONCAT('ÄÖ', seq MOD 37, 'ß', seq)"),
    ("k UUID", "k", "CONCAT(LPAD(HEX(seq * 7919), 8, '0'), '-0000-1000-8000-', LPAD(HEX(seq), 12, '0'))"),
    ("k INET6", "k", "CONCAT('fe80::', HEX(seq))"),
    ("k ENUM('zeta', 'alpha', 'Mid'), n INT", "k, n", "1 + seq MOD 3, seq"),
    ("n INT, k SET('z', 'a', 'm')", "n, k", "seq DIV 8, seq MOD 8"),
    (
        "y YEAR, t SMALLINT, k VARCHAR(9) COLLATE utf8mb4_unicode_ci",
        "y, t, k",
        "IF(seq MOD 9 = 0, 0, 1901 + seq MOD 5), seq MOD 11 - 5.0, seq",
    ),
];

const ROWS: u64 = 1500;

/// The numbers from 0 to 1499.
const NUMBERS: &str = "CREATE TABLE digits (d BIGINT);
    INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
    CREATE TABLE numbers AS SELECT a.d + b.d * 10 + c.d * 100 + e.d * 1000 AS seq
        FROM digits a, digits b, digits c, digits e HAVING seq < 1500;\n";

/// The keys that a server has.
fn keys_of(is_mariadb: bool) -> impl Iterator<Item = (usize, &'static (&'static str, &'static str, &'static str))> {
    let is_known = move |definition: &str| is_mariadb || !definition.contains("UUID") && !definition.contains("INET6");
    KEYS.iter().enumerate().filter(move |(_, (definition, ..))| is_known(definition))
}

/// The tables `k0`, `k1`, … of these keys. They are analyzed: a server that counts a table's rows by itself in the middle of an
/// INSERT believes that it has few, and then prefers its whole index to a range of it.
fn tables(is_mariadb: bool) -> String {
    let table = |(at, (columns, key, values)): (usize, &(&str, &str, &str))| {
        format!(
            "CREATE TABLE k{at} ({columns}, PRIMARY KEY ({key})) DEFAULT CHARSET utf8mb4;
             INSERT INTO k{at} ({key}) SELECT {values} FROM numbers;
             ANALYZE TABLE k{at};\n"
        )
    };
    "SET sql_mode = 'NO_BACKSLASH_ESCAPES', time_zone = '+00:00';\n".to_owned()
        + NUMBERS
        + &keys_of(is_mariadb).map(table).collect::<String>()
}

/// A snapshot of a database of the server.
fn snapshot(server: &MysqlServer, database: &str) -> Snapshot {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("spec.toml");
    let url = server.url(database);
    let text = format!("spec = 1\nname = \"keys\"\n[source]\nurl = \"{url}\"\n[target]\nurl = \"embedded:\"\n");
    std::fs::write(&path, text).unwrap();
    let spec = spec::load(&path, None, &|_| None).unwrap();
    Snapshot::open(&spec.source.connection, 1, None, &|_| true).unwrap()
}

/// The rows of a range, each by its key, with their number.
fn rows(reader: &Reader, table: &Table, range: KeyRange) -> BTreeMap<String, u64> {
    let selection = Selection {
        table: table.name.clone(),
        columns: table.columns.iter().map(|column| SelectedColumn::Named(column.name.clone())).collect(),
        filter: RowFilter::All,
        row_identity: table.row_identity.clone(),
        range,
    };
    let mut found = BTreeMap::new();
    let read = reader.for_each_row(&selection, |row| {
        *found.entry(format!("{:?}", row.key().collect::<Vec<_>>())).or_insert(0) += 1;
        Ok::<(), Infallible>(())
    });
    read.unwrap();
    found
}

/// The number of entries of indexes and tables that the server has walked over.
fn walked(server: &MysqlServer) -> u64 {
    let status = server.ask("", "SHOW GLOBAL STATUS LIKE 'Handler_read%'");
    status.lines().filter_map(|line| line.split('\t').nth(1)?.parse::<u64>().ok()).sum()
}

#[test]
fn chunks_hold_each_row_once_whatever_the_type_of_the_key() {
    // Servers of its own: what they walk over is counted.
    hold_each_row_once(&MariaDb::start(&[]), true);
    if let Some(server) = Mysql::start(&[]) {
        hold_each_row_once(&server, false);
    }
}

fn hold_each_row_once(server: &MysqlServer, is_mariadb: bool) {
    let database = server.create_database();
    server.ask(&database, &tables(is_mariadb));
    let snapshot = snapshot(server, &database);
    let reader = snapshot.reader();
    let catalog = reader.catalog().unwrap();
    for (at, (definition, ..)) in keys_of(is_mariadb) {
        let table = catalog.table(&format!("k{at}")).unwrap();
        let all = rows(reader, table, KeyRange::ALL);
        assert_eq!(all.len() as u64, ROWS, "{definition}");
        let columns = table.row_identity.columns().to_vec();
        for parts in [2, 7, 40] {
            let bounds = reader.key_bounds(table, &columns, ROWS, parts).unwrap();
            // An ENUM at the beginning of a key cannot cut it: its ranges use no index.
            let is_whole = definition.starts_with("k ENUM");
            assert_eq!(bounds.len() as u64, if is_whole { 0 } else { parts - 1 }, "{definition}");
            let before = walked(server);
            let mut found = BTreeMap::new();
            let ends = bounds.iter().cloned().map(Some);
            let from = std::iter::once(None).chain(ends.clone());
            for (from, below) in from.zip(ends.chain([None])) {
                let in_range = rows(reader, table, KeyRange { from, below });
                assert!(in_range.len() as u64 <= ROWS / parts + 1 || is_whole, "{definition}: {}", in_range.len());
                for (key, count) in in_range {
                    *found.entry(key).or_insert(0) += count;
                }
            }
            assert_eq!(found, all, "{definition} in {parts} parts");
            // Asking for it walks over some hundred entries of the server's own.
            let walked = walked(server) - before;
            assert!(walked < ROWS + 10 * parts + 600, "{definition}: {walked} entries walked over, in {parts} parts");
        }
    }
}

/// Tables with keys of several columns, of nothing but the key, and with a unique index that is not the order of the rows: their
/// definitions and values.
const GROWN: [(&str, &str, &str); 5] = [
    ("numbered", "(k BIGINT PRIMARY KEY, pad VARCHAR(60))", "seq, repeat('x', 50)"),
    ("paired", "(x INT, y INT, pad VARCHAR(60), PRIMARY KEY (x, y))", "seq DIV 40, seq MOD 40, repeat('x', 50)"),
    ("linked", "(x INT, y INT, PRIMARY KEY (x, y))", "seq DIV 40, seq MOD 40"),
    (
        "named",
        "(a INT NOT NULL, b INT NOT NULL, k VARCHAR(30) COLLATE utf8mb4_bin NOT NULL, pad VARCHAR(60), UNIQUE (a, b), UNIQUE `its``key` (k))",
        "seq DIV 40, seq MOD 40, concat('k', seq * 7919 MOD 1511), repeat('x', 50)",
    ),
    (
        "parted",
        "(x INT, y INT, pad VARCHAR(60), PRIMARY KEY (x, y)) PARTITION BY HASH (x) PARTITIONS 2",
        "seq DIV 40, seq MOD 40, repeat('x', 50)",
    ),
];

/// Makes the tables, whose statistics stay those of the time when they had ten rows: the server reads them anew once a table has
/// another name, or is opened anew.
fn grow(server: &MysqlServer, database: &str) {
    let grown = |(name, definition, values): &(&str, &str, &str)| {
        let (columns, partitions) = definition.split_once(" PARTITION").unwrap_or((definition, ""));
        let partitions = if partitions.is_empty() { String::new() } else { format!(" PARTITION{partitions}") };
        format!(
            "CREATE TABLE small_{name} {columns} STATS_PERSISTENT = 1 STATS_AUTO_RECALC = 0{partitions};
             INSERT INTO small_{name} SELECT {values} FROM numbers WHERE seq < 10;
             ANALYZE TABLE small_{name};
             INSERT INTO small_{name} SELECT {values} FROM numbers WHERE seq >= 10;
             RENAME TABLE small_{name} TO {name}; FLUSH TABLES {name};
             SELECT count(*) FROM {name};\n"
        )
    };
    server.ask(database, &(NUMBERS.to_owned() + &GROWN.iter().map(grown).collect::<String>()));
    // At least one for each partition.
    let believed = "SELECT count(*) FROM information_schema.tables WHERE table_schema = database() AND table_rows BETWEEN 10 AND 12
        AND table_name IN ('numbered', 'paired', 'linked', 'named', 'parted')";
    assert_eq!(server.ask(database, believed), "5\n");
}

#[test]
fn chunks_are_read_by_their_key_whatever_the_statistics_say() {
    // Servers of its own: what they walk over is counted.
    walk_once(&MariaDb::start(&[]));
    if let Some(server) = Mysql::start(&[]) {
        walk_once(&server);
    }
}

fn walk_once(server: &MysqlServer) {
    const PARTS: u64 = 20;
    let database = server.create_database();
    grow(server, &database);
    let snapshot = snapshot(server, &database);
    let reader = snapshot.reader();
    let catalog = reader.catalog().unwrap();
    let mut wrong = Vec::new();
    for (name, ..) in GROWN {
        let table = catalog.table(name).unwrap();
        let columns = table.row_identity.columns().to_vec();
        let all = rows(reader, table, KeyRange::ALL);
        let bounds = reader.key_bounds(table, &columns, ROWS, PARTS).unwrap();
        assert_eq!((all.len() as u64, bounds.len() as u64), (ROWS, PARTS - 1), "{name}");
        let ends = bounds.iter().cloned().map(Some);
        let ranges = std::iter::once(None).chain(ends.clone()).zip(ends.chain([None]));
        let ranges = ranges.map(|(from, below)| KeyRange { from, below }).collect::<Vec<_>>();
        let selections = ranges.iter().map(|range| Selection {
            table: table.name.clone(),
            columns: Vec::new(),
            filter: RowFilter::All,
            row_identity: table.row_identity.clone(),
            range: range.clone(),
        });
        let selections = selections.collect::<Vec<_>>();
        let mut within = |doing: &str, work: &mut dyn FnMut()| {
            let before = walked(server);
            work();
            // Asking for it walks over some hundred entries of the server's own.
            let walked = walked(server) - before;
            if walked > ROWS + 20 * PARTS + 600 {
                wrong.push(format!("{doing} {name}: {walked}"));
            }
        };
        within("cutting", &mut || assert_eq!(reader.key_bounds(table, &columns, ROWS, PARTS).unwrap(), bounds));
        within("reading", &mut || {
            let mut found = BTreeMap::new();
            ranges.iter().for_each(|range| found.append(&mut rows(reader, table, range.clone())));
            assert_eq!(found, all, "{name}");
        });
        let counted = selections.iter().map(|selection| reader.count_rows(selection).unwrap());
        assert_eq!(counted.sum::<u64>(), ROWS);
        // Nothing but the key: an aggregate over it alone, as a count is, may walk over the whole of its index.
        if name != "linked" {
            let largest = ["max(pad)".to_owned()];
            within("asking about", &mut || {
                selections.iter().for_each(|selection| reader.aggregate(selection, &largest, |_| {}).unwrap());
            });
        }
    }
    assert!(wrong.is_empty(), "entries walked over: {}", wrong.join(", "));
}

#[test]
fn a_bound_outlives_the_ledger_to_the_bit() {
    let server = mariadb();
    let database = server.create_database();
    server.ask(&database, &tables(true));
    let snapshot = snapshot(server, &database);
    let reader = snapshot.reader();
    for table in reader.catalog().unwrap().tables.iter().filter(|table| table.primary_key.is_some()) {
        let columns = table.row_identity.columns().to_vec();
        let bounds = reader.key_bounds(table, &columns, ROWS, 5).unwrap();
        let kept = serde_json::to_string(&bounds).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Key>>(&kept).unwrap(), bounds, "{}", table.name);
    }
}

#[test]
fn orphans_are_those_that_differ_in_a_byte() {
    find_orphans(mariadb());
    if let Some(server) = mysql() {
        find_orphans(server);
    }
}

fn find_orphans(server: &MysqlServer) {
    let database = server.create_database();
    // Types that a foreign key may have, a value that is there, and values that are spelled otherwise or not there.
    let cases = [
        ("DECIMAL(30, 2)", "12345678901234567890123456.78", "12345678901234567890123456.79"),
        ("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551614"),
        ("DOUBLE", "0.1", "0.10000000000000002"),
        ("VARBINARY(9)", "x'00ff5c27'", "x'00ff5c'"),
        ("DATETIME(6)", "'2024-02-29 00:00:00.000001'", "'2024-02-29 00:00:00.000002'"),
        ("VARCHAR(20) COLLATE utf8mb4_general_ci", "'Ada'", "'ADA '"),
        ("VARCHAR(20) COLLATE utf8mb4_bin", "'é😀'", "'é😀 '"),
        ("VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_swedish_ci", "'It''s\\%'", "'IT''S\\%'"),
    ];
    let mut sql = "SET foreign_key_checks = 0, sql_mode = 'NO_BACKSLASH_ESCAPES';\n".to_owned();
    for (at, (column, there, other)) in cases.iter().enumerate() {
        sql.push_str(&format!(
            "CREATE TABLE p{at} (k {column} PRIMARY KEY) DEFAULT CHARSET utf8mb4;
             CREATE TABLE c{at} (id INT PRIMARY KEY, k {column}, FOREIGN KEY (k) REFERENCES p{at} (k)) DEFAULT CHARSET utf8mb4;
             INSERT INTO p{at} VALUES ({there});
             INSERT INTO c{at} VALUES (1, {there}), (2, {other}), (3, NULL), (4, {there}), (5, {other});\n"
        ));
    }
    server.ask(&database, &sql);
    let snapshot = snapshot(server, &database);
    let reader = snapshot.reader();
    let catalog = reader.catalog().unwrap();
    for (at, (column, ..)) in cases.iter().enumerate() {
        let (child, parent) = (catalog.table(&format!("c{at}")).unwrap(), catalog.table(&format!("p{at}")).unwrap());
        let key = &child.foreign_keys[0];
        let end = |table, filter| ForeignKeyEnd { table, columns: vec!["k".to_owned()], filter };
        for filter in [None, Some("k IS NOT NULL -- all of them")] {
            let (own, referenced) = (end(child, filter), end(parent, filter));
            let orphans = reader.orphans(key, &own, &referenced).unwrap();
            assert_eq!(orphans, (2, vec!["id=2".to_owned(), "id=5".to_owned()]), "{column}");
            let found = reader.references(key, &own, &referenced).unwrap();
            assert_eq!(found, (2, vec!["id=1".to_owned(), "id=4".to_owned()]), "{column}");
        }
        // The condition that a suggestion gives is of the same mind.
        let condition = references(&catalog, child, MappedEnds::default(), key, None);
        assert_eq!(reader.count_matching(&child.name, None, &[condition]).unwrap(), [3], "{column}");
        assert!(matches!(parent.row_identity, RowIdentity::Key { .. }), "{column}");
    }
}

#[test]
fn a_key_of_several_columns_is_followed_where_all_are_given() {
    follow_several_columns(mariadb());
    if let Some(server) = mysql() {
        follow_several_columns(server);
    }
}

fn follow_several_columns(server: &MysqlServer) {
    let database = server.create_database();
    // Keys in another order than their columns, at the head of a wider index, and alone in one that is unique.
    server.ask(
        &database,
        "SET foreign_key_checks = 0;
             CREATE TABLE place (region INT, town INT, PRIMARY KEY (region, town));
             CREATE TABLE visit (id INT PRIMARY KEY, town INT, region INT, day DATE, UNIQUE (region, town, day),
                FOREIGN KEY (region, town) REFERENCES place (region, town));
             CREATE TABLE mayor (id INT PRIMARY KEY, region INT, town INT, UNIQUE (region, town),
                FOREIGN KEY (region, town) REFERENCES place (region, town));
             INSERT INTO place VALUES (1, 1), (1, 2), (2, 1);
             INSERT INTO visit VALUES (1, 1, 1, '2026-01-01'), (2, 1, 1, '2026-01-02'), (3, 2, 1, '2026-01-01'),
                (4, 2, 2, '2026-01-01'), (5, 2, 2, '2026-01-02'), (6, NULL, 9, NULL), (7, 9, NULL, NULL);
             INSERT INTO mayor VALUES (1, 1, 1), (2, 2, 2), (3, NULL, 9);",
    );
    let snapshot = snapshot(server, &database);
    let reader = snapshot.reader();
    let catalog = reader.catalog().unwrap();
    let columns = ["region".to_owned(), "town".to_owned()];
    let end = |name| ForeignKeyEnd { table: catalog.table(name).unwrap(), columns: columns.to_vec(), filter: None };
    let orphans =
        |name| reader.orphans(&catalog.table(name).unwrap().foreign_keys[0], &end(name), &end("place")).unwrap();
    assert_eq!(orphans("visit"), (2, vec!["id=4".to_owned(), "id=5".to_owned()]));
    assert_eq!(orphans("mayor"), (1, vec!["id=2".to_owned()]));
}

/// Collations, and values of which each is tried after the ones before it. Both servers have to be of one mind; what they
/// are not of one mind about is in the documentation.
const TRIED: [&str; 14] =
    ["Ada", "ADA", "ada ", "Áda", "Zoë", "zoe", "Bar", "Bär", "bår", "Müller", "Muller", "Mueller", "a b", "ab"];

#[test]
fn a_key_refuses_in_the_target_what_it_refuses_in_the_source() {
    let of_mariadb = [
        "utf8mb4_general_ci",
        "utf8mb4_unicode_520_ci",
        "utf8mb4_unicode_nopad_ci",
        "utf8mb4_uca1400_as_ci",
        "utf8mb4_uca1400_as_cs",
        "utf8mb4_uca1400_ai_cs",
        "utf8mb4_swedish_ci",
        "utf8mb4_german2_ci",
        "utf8mb4_bin",
        "utf8mb4_nopad_bin",
    ];
    refuse_alike(mariadb(), &of_mariadb);
    let of_mysql = [
        "utf8mb4_general_ci",
        "utf8mb4_unicode_520_ci",
        "utf8mb4_0900_ai_ci",
        "utf8mb4_0900_as_ci",
        "utf8mb4_0900_as_cs",
        "utf8mb4_sv_0900_ai_ci",
        "utf8mb4_de_pb_0900_ai_ci",
        "utf8mb4_bin",
        "utf8mb4_0900_bin",
    ];
    if let Some(server) = mysql() {
        refuse_alike(server, &of_mysql);
    }
}

fn refuse_alike(server: &MysqlServer, collations: &[&str]) {
    for comparison in ["keys", "columns"] {
        let tables = collations.iter().map(|collation| {
            format!(
                "CREATE TABLE u_{collation} (name VARCHAR(30) COLLATE {collation}, UNIQUE (name));
                 CREATE TABLE p_{collation} (name VARCHAR(30) COLLATE {collation} PRIMARY KEY);\n"
            )
        });
        let tables = tables.collect::<String>();
        let spec = format!(
            "spec = 1\nname = \"keys\"\n[source]\nurl = \"${{CASE_SOURCE}}\"\n[target]\nurl = \"${{CASE_TARGET}}\"\nschema = \"app\"\ncomparison = \"{comparison}\"\n"
        );
        let migration = Migration::from_mariadb(server, &tables, &spec);
        migration.apply().exits(0);
        let source = server.create_database();
        server.ask(&source, &tables);
        for collation in collations {
            for kind in ["u", "p"] {
                for value in TRIED {
                    let insert =
                        format!("INSERT IGNORE INTO {kind}_{collation} VALUES ('{value}'); SELECT row_count()");
                    let is_taken = server.ask(&source, &insert).trim() == "1";
                    let insert = format!(
                        "INSERT INTO app.{kind}_{collation} VALUES ('{value}') ON CONFLICT DO NOTHING RETURNING 1"
                    );
                    let was_taken = !migration.database.ask(&insert).is_empty();
                    assert_eq!(was_taken, is_taken, "{value} in {collation}, {comparison}, {kind}");
                }
            }
        }
    }
}
