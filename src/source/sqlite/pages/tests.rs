//! Every row as SQLite reads it.

use crate::catalog::{Key, KeyRange, KeyValue, RowFilter, SelectedColumn, Selection};
use crate::source::sqlite::{Reader, Snapshot};
use crate::source::{ReadFailure, Row, SourceError};
use crate::value::Cell;
use proptest::prelude::*;
use rusqlite::Connection;
use rusqlite::types::Value;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A row: its key, then its values, each in a form that tells 1 from 1.0 and text from a BLOB.
type ShownRows = Vec<Vec<String>>;

struct Source {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl Source {
    fn of(sql: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("source.db");
        Connection::open(&path).unwrap().execute_batch(sql).unwrap();
        Self { _directory: directory, path }
    }

    /// The rows that both ways of reading give for all columns of table `t`, in a range of rowids.
    fn both(&self, range: &KeyRange) -> [Result<ShownRows, SourceError>; 2] {
        let reader = reader(&self.path);
        let selection = whole_table(&reader, range);
        assert!(reader.pages.is_some(), "the file alone is the state");
        let stored = rows(&reader, &selection);
        [stored, rows(&reader.through_sqlite(), &selection)]
    }

    fn assert_alike(&self) -> ShownRows {
        let [stored, by_sqlite] = self.both(&KeyRange::ALL).map(Result::unwrap);
        assert_eq!(stored, by_sqlite);
        stored
    }
}

fn reader(path: &Path) -> Reader {
    Snapshot::open(path, 1).unwrap().into_readers().remove(0)
}

fn whole_table(reader: &Reader, range: &KeyRange) -> Selection {
    let catalog = reader.catalog().unwrap();
    let table = catalog.table("t").unwrap();
    Selection {
        table: table.name.clone(),
        columns: table.columns.iter().map(|column| SelectedColumn::Named(column.name.clone())).collect(),
        filter: RowFilter::All,
        row_identity: table.row_identity.clone(),
        range: range.clone(),
    }
}

fn rows(reader: &Reader, selection: &Selection) -> Result<ShownRows, SourceError> {
    let mut rows = ShownRows::new();
    let told = |cell: Cell<'_>| match cell {
        // Two NaNs differ, their bits do not.
        Cell::Real(real) => format!("Real({:#x})", real.to_bits()),
        other => format!("{other:?}"),
    };
    let read = reader.for_each_row(selection, |row| {
        let cells = (0..selection.columns.len()).map(|position| row.cell(position));
        rows.push(Row::Sqlite(row).key().chain(cells).map(told).collect());
        Ok::<_, Infallible>(())
    });
    match read {
        Ok(visited) => {
            assert_eq!(visited, rows.len() as u64);
            Ok(rows)
        }
        Err(ReadFailure::Source(error)) => Err(error),
        Err(ReadFailure::Caller(never)) => match never {},
    }
}

fn range(from: Option<i64>, below: Option<i64>) -> KeyRange {
    let key = |rowid| Key(vec![KeyValue::Integer(rowid)]);
    KeyRange { from: from.map(key), below: below.map(key) }
}

#[test]
fn numbers_at_the_edges_of_every_length() {
    let source = Source::of(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL, n NUMERIC, d DOUBLE PRECISION, f FLOATING POINT, any)",
    );
    let mut values = vec!["NULL".to_owned(), "'1.0'".to_owned(), "x''".to_owned(), "''".to_owned(), "9e999".to_owned()];
    for bits in [0_u32, 1, 7, 8, 15, 16, 23, 24, 31, 32, 47, 48, 52, 53, 62] {
        let power = 1_i64 << bits;
        values.extend([power - 1, power, -power, -power - 1].iter().map(i64::to_string));
        values.push(format!("{power}.0"));
        values.push(format!("{power}.5"));
    }
    values.extend([i64::MAX, i64::MIN + 1].iter().map(i64::to_string));
    values.extend(["-0.0", "1e308", "5e-324", "(-9223372036854775807 - 1)"].map(str::to_owned));
    let mut sql = String::new();
    for value in &values {
        writeln!(sql, "INSERT INTO t (r, n, d, f, any) VALUES ({value}, {value}, {value}, {value}, {value});").unwrap();
    }
    Connection::open(&source.path).unwrap().execute_batch(&sql).unwrap();
    let rows = source.assert_alike();
    assert_eq!(rows.len(), values.len());
    // A real number without fraction stands as an integer in the file.
    assert!(rows.iter().any(|row| row[2] == "Real(0x3ff0000000000000)" && row[6] == "Integer(1)"));
}

#[test]
fn rows_from_before_a_column_was_added() {
    let source = Source::of(
        "CREATE TABLE t (a TEXT, b GENERATED ALWAYS AS (a || '!') VIRTUAL, c INTEGER);
         INSERT INTO t (a, c) VALUES ('one', 1);
         ALTER TABLE t ADD COLUMN d REAL;
         INSERT INTO t (a, c, d) VALUES ('two', 2, 2);
         ALTER TABLE t ADD COLUMN e TEXT DEFAULT 'said ''before''';
         INSERT INTO t (a, c, d, e) VALUES ('three', 3, 3.5, NULL);
         ALTER TABLE t DROP COLUMN c;
         ALTER TABLE t ADD COLUMN f REAL NOT NULL DEFAULT 7;",
    );
    let reader = reader(&source.path);
    let mut selection = whole_table(&reader, &KeyRange::ALL);
    // With a generated column SQLite reads; without it only the rows that lack a column with a default.
    selection.columns.remove(1);
    let stored = rows(&reader, &selection).unwrap();
    assert_eq!(stored, rows(&reader.through_sqlite(), &selection).unwrap());
    let before = |text: &str| format!("{:?}", Cell::Text(text.as_bytes()));
    assert_eq!(
        stored[0][1..],
        [before("one"), "Null".to_owned(), before("said 'before'"), "Real(0x401c000000000000)".to_owned()]
    );
    source.assert_alike();
}

#[test]
fn pages_of_values_that_are_not_wanted_are_not_read() {
    let source = Source::of(
        "CREATE TABLE t (a, long, longer); INSERT INTO t VALUES ('a', zeroblob(9000), zeroblob(1 << 20)), ('b', 'c', 'd')",
    );
    let file = std::fs::OpenOptions::new().write(true).open(&source.path).unwrap();
    let read = |columns: usize| {
        let reader = reader(&source.path);
        let mut selection = whole_table(&reader, &KeyRange::ALL);
        selection.columns.truncate(columns);
        rows(&reader, &selection)
    };
    let by_sqlite = [1, 2].map(|columns| read(columns).unwrap());
    let length = file.metadata().unwrap().len();
    file.set_len(length - (900 << 10)).unwrap();
    // The file has its length again, but the last column's pages hold nothing.
    file.set_len(length).unwrap();
    assert_eq!([1, 2].map(|columns| read(columns).unwrap()), by_sqlite);
    assert!(matches!(read(3), Err(SourceError::Corrupt { .. })));
}

#[test]
fn names_keys_and_orders_of_columns() {
    for table in [
        "t (a, \"I d\" INTEGER PRIMARY KEY, b)",
        "t (a, \"I d\" INTEGER PRIMARY KEY DESC, b)",
        "t (a, rowid TEXT, b)",
        "t (a ANY, oid INTEGER PRIMARY KEY, b ANY) STRICT",
        "t (a ANY, r REAL, b ANY) STRICT",
    ] {
        let rows = "('x', 5, 2.5), (NULL, -7, x'00'), (3, 9223372036854775807, '')";
        let source = Source::of(&format!("CREATE TABLE {table}; INSERT INTO t VALUES {rows}"));
        assert_eq!(source.assert_alike().len(), 3, "{table}");
        let [stored, by_sqlite] = source.both(&range(Some(-7), Some(5))).map(Result::unwrap);
        assert_eq!(stored, by_sqlite, "{table}");
    }
}

#[test]
fn what_is_in_the_log_is_left_to_sqlite() {
    let source = Source::of("PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    let writer = Connection::open(&source.path).unwrap();
    let link = source.path.with_file_name("link.db");
    std::os::unix::fs::symlink(&source.path, &link).unwrap();
    let read = |path: &Path| {
        let reader = reader(path);
        let rows = rows(&reader, &whole_table(&reader, &KeyRange::ALL)).unwrap().len();
        (reader.pages.is_some(), rows)
    };
    assert_eq!(read(&link), (true, 0));
    writer.execute_batch("INSERT INTO t VALUES (1)").unwrap();
    assert_eq!((read(&source.path), read(&link)), ((false, 1), (false, 1)));
    writer.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let reader = reader(&source.path);
    let selection = whole_table(&reader, &KeyRange::ALL);
    assert!(reader.pages.is_some());
    // No checkpoint writes into the file while it is read.
    writer.execute_batch("INSERT INTO t VALUES (2); PRAGMA wal_checkpoint(PASSIVE); DELETE FROM t").unwrap();
    writer.execute_batch("PRAGMA wal_checkpoint(PASSIVE)").unwrap();
    assert_eq!(rows(&reader, &selection).unwrap().len(), 1);
}

/// A lock that this process had lost would be missed by another process only: this one's connections share theirs. So
/// the test runs itself once more, as the writer.
#[test]
fn a_writer_waits_until_everybody_has_read() {
    const WRITES: &str = "TRANSSHIP_TEST_WRITES_TO";
    if let Some(path) = std::env::var_os(WRITES) {
        let writer = Connection::open(path).unwrap();
        writer.busy_timeout(std::time::Duration::ZERO).unwrap();
        return writer.execute_batch("DELETE FROM t").unwrap();
    }
    let source = Source::of("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
    let write = || {
        let writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "source::sqlite::pages::tests::a_writer_waits_until_everybody_has_read"])
            .env(WRITES, &source.path)
            .output()
            .unwrap();
        (writer.status.success(), String::from_utf8_lossy(&writer.stdout).into_owned())
    };
    let first = reader(&source.path);
    // Opening and closing the file once more drops no lock.
    drop(reader(&source.path));
    let (wrote, said) = write();
    assert!(!wrote && said.contains("database is locked"), "{said}");
    assert_eq!(rows(&first, &whole_table(&first, &KeyRange::ALL)).unwrap().len(), 1);
    drop(first);
    let (wrote, said) = write();
    assert!(wrote, "{said}");
    assert_eq!(source.assert_alike().len(), 0);
}

#[test]
fn another_encoding_is_left_to_sqlite() {
    let source = Source::of("PRAGMA encoding = 'UTF-16'; CREATE TABLE t (a); INSERT INTO t VALUES ('größer')");
    let reader = reader(&source.path);
    assert!(reader.pages.is_none());
    assert_eq!(
        rows(&reader, &whole_table(&reader, &KeyRange::ALL)).unwrap()[0][1],
        format!("{:?}", Cell::Text("größer".as_bytes()))
    );
}

/// Pages of a table with many levels and long rows, with bytes of them changed: an error or other rows, but an end.
#[test]
fn damaged_pages_are_refused_or_read_to_an_end() {
    let source = Source::of(
        "PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, a, b);
         WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 900)
         INSERT INTO t SELECT n, n * 1.5, zeroblob(n % 40 * (n % 7 = 0) * 60) FROM s",
    );
    let whole = std::fs::read(&source.path).unwrap();
    let (mut refused, mut seed) = (0, 20_240_229_u64);
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..400 {
        let mut damaged = whole.clone();
        for _ in 0..4 {
            // The schema stays, and most damage hits a page's header, where it does the most.
            let page = 1 + random(whole.len() / 512 - 1);
            let byte = if random(3) > 0 { random(16) } else { random(512) };
            damaged[page * 512 + byte] = [0, 1, 5, 13, 0x7F, 0x80, 0xFF][random(7)];
        }
        std::fs::write(&source.path, damaged).unwrap();
        let reader = reader(&source.path);
        match rows(&reader, &whole_table(&reader, &KeyRange::ALL)) {
            Ok(_) => {}
            Err(SourceError::Corrupt { message, .. }) => {
                assert!(message.starts_with("database disk image is malformed: "), "{message}");
                refused += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert!(refused > 100, "{refused}");
}

fn value() -> impl Strategy<Value = Value> {
    let length = prop_oneof![8 => 0..40_usize, 2 => 40..1_500_usize, 1 => 1_500..9_000_usize];
    prop_oneof![
        1 => Just(Value::Null),
        2 => any::<i64>().prop_map(Value::Integer),
        2 => (-300..300_i64).prop_map(Value::Integer),
        1 => any::<f64>().prop_map(Value::Real),
        1 => (-9..9_i32).prop_map(|whole| Value::Real(f64::from(whole))),
        3 => (length.clone(), "[a-zß東]").prop_map(|(length, letter)| Value::Text(letter.repeat(length))),
        2 => (length, any::<u8>()).prop_map(|(length, byte)| Value::Blob(vec![byte; length])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Tables of any page size, grown, deleted from and grown again, read whole and in ranges.
    #[test]
    fn any_table(
        page_size in prop_oneof![Just(512), Just(1_024), Just(4_096), Just(65_536)],
        vacuum in 0..3,
        rows in prop::collection::vec((any::<i16>(), value(), value(), value()), 1..250),
        deleted in any::<u8>(),
        more in prop::collection::vec((any::<i64>(), value(), value(), value()), 0..20),
        bounds in (any::<i16>(), any::<i16>()),
    ) {
        let source = Source::of(&format!(
            "PRAGMA page_size = {page_size}; PRAGMA auto_vacuum = {vacuum};
             CREATE TABLE t (a REAL, id INTEGER PRIMARY KEY, b, c TEXT); CREATE INDEX i ON t (b)"
        ));
        let connection = Connection::open(&source.path).unwrap();
        let insert = |rows: Vec<(i64, Value, Value, Value)>| {
            connection.execute_batch("BEGIN").unwrap();
            for (id, a, b, c) in rows {
                connection.execute("INSERT OR REPLACE INTO t VALUES (?2, ?1, ?3, ?4)", (id, a, b, c)).unwrap();
            }
            connection.execute_batch("COMMIT").unwrap();
        };
        insert(rows.into_iter().map(|(id, a, b, c)| (i64::from(id), a, b, c)).collect());
        connection.execute("DELETE FROM t WHERE id % 256 < ?1", [deleted]).unwrap();
        insert(more);
        drop(connection);
        let all = source.assert_alike();
        let (from, below) = (i64::from(bounds.0), i64::from(bounds.1));
        let mut parts = ShownRows::new();
        for range in [range(None, Some(from.min(below))), range(Some(from.min(below)), Some(from.max(below))), range(Some(from.max(below)), None)] {
            let [stored, by_sqlite] = source.both(&range).map(Result::unwrap);
            prop_assert_eq!(&stored, &by_sqlite);
            parts.extend(stored);
        }
        prop_assert_eq!(parts, all);
    }
}
