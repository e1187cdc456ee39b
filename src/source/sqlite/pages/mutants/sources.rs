//! The sound files that are mutated. Each has a table `t`.

use super::Random;
use crate::catalog::Table;
use crate::source::sqlite::Snapshot;
use rusqlite::Connection;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// A sound file, and the file for its mutants.
#[derive(Debug)]
pub(super) struct MutantSource {
    pub(super) name: &'static str,
    pub(super) path: PathBuf,
    /// The file's bytes as SQLite wrote them.
    pub(super) image: Vec<u8>,
    pub(super) page_size: usize,
    /// The file as it is open for mutations.
    pub(super) file: File,
    /// The table, as the structure of the sound file has it.
    pub(super) table: Option<Table>,
    /// Number of bytes that hold the structure.
    pub(super) structure: usize,
    /// Relative frequency of the file.
    pub(super) weight: usize,
    /// The page reader has no part in it.
    pub(super) is_left_to_sqlite: bool,
}

impl MutantSource {
    fn of(directory: &Path, name: &'static str, weight: usize, sql: &str) -> Self {
        Self::continued(directory, name, weight, |_| {}, sql)
    }

    /// `begin` may begin the file.
    fn continued(directory: &Path, name: &'static str, weight: usize, begin: impl FnOnce(&Path), sql: &str) -> Self {
        let path = directory.join(format!("{}.db", name.replace(' ', "-")));
        begin(&path);
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").unwrap();
        connection.execute_batch(sql).unwrap_or_else(|error| panic!("{name}: {error}"));
        let check: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(check, "ok", "{name}");
        let page_size: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
        drop(connection);
        let image = std::fs::read(&path).unwrap();
        let file = File::options().read(true).write(true).open(&path).unwrap();
        let is_left_to_sqlite = name.contains("without rowids");
        let page_size = usize::try_from(page_size).unwrap();
        let snapshot = Snapshot::open(&path, 1).unwrap();
        let table = snapshot.reader().catalog().unwrap().table("t").cloned();
        // The statement of a wide table takes more pages than the first, at the beginning of the file.
        let structure = if name.contains("headers") { image.len() } else { page_size };
        Self { name, path, image, page_size, file, table, structure, weight, is_left_to_sqlite }
    }

    /// Restores the whole file.
    pub(super) fn write(&self) {
        // Not `std::fs::write`: file systems bring a file that was emptied and written again to the disk at once.
        self.file.write_all_at(&self.image, 0).unwrap();
        self.file.set_len(self.image.len() as u64).unwrap();
        for suffix in ["-wal", "-shm", "-journal"] {
            let mut name = self.path.clone().into_os_string();
            name.push(suffix);
            drop(std::fs::remove_file(name));
        }
    }

    /// The number of its pages; with those that a mutant has more.
    pub(super) fn pages(&self) -> u64 {
        self.file.metadata().unwrap().len() / 512
    }

    /// A rowid near the existing ones.
    pub(super) fn rowid(&self, random: &mut Random) -> i64 {
        let near = i64::try_from(random.below(1_500)).unwrap();
        match random.below(12) {
            0 => -near,
            1 => i64::MAX - near,
            2 => i64::MIN + near,
            3 => near << 32,
            _ => near,
        }
    }
}

/// A series of numbers, as a table `n` of a column of that name.
fn series(to: u32) -> String {
    format!("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {to})")
}

/// All of them.
pub(super) fn all(directory: &Path) -> Vec<MutantSource> {
    let of = |name, weight, sql: &str| MutantSource::of(directory, name, weight, sql);
    let kinds = "n * 1.5, printf('%.*c', n % 23, 'x'), CASE n % 5 WHEN 0 THEN NULL WHEN 1 THEN n << 40 WHEN 2 THEN -n
        WHEN 3 THEN zeroblob(n % 17) ELSE 'ä' || n END";
    vec![
        of("small pages with overflow", 10, &format!(
            "PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, r REAL, c TEXT, d, e);
             {} INSERT INTO t SELECT n, {kinds}, CASE WHEN n % 7 = 0 THEN hex(randomblob(0)) || printf('%.*c', n * 9, 'y') END FROM n",
            series(160)
        )),
        of("many levels", 4, &format!(
            "PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
             {} INSERT INTO t SELECT n * 2, printf('%.50c', 'z') FROM n",
            series(900)
        )),
        of("ordinary pages", 4, &format!(
            "CREATE TABLE t (a REAL, b, id INTEGER PRIMARY KEY, c TEXT, d); CREATE INDEX i ON t (b) WHERE b > 'y';
             {} INSERT INTO t (id, a, b, c, d) SELECT n * 3, {kinds}, printf('%.*c', n % 40 * 200 * (n % 9 = 0), 'w') FROM n",
            series(250)
        )),
        of("automatic vacuum and free pages", 8, &format!(
            "PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2; CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT, c);
             {} INSERT INTO t SELECT n, n * 0.5, printf('%.*c', n % 11 * 290, 'v'), zeroblob(n % 4 * 900) FROM n;
             DELETE FROM t WHERE id % 3 = 0; INSERT INTO t (a) VALUES (1)",
            series(120)
        )),
        of("columns added later", 8, &format!(
            "PRAGMA page_size = 512; CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT);
             {} INSERT INTO t SELECT n, 'row ' || n FROM n;
             ALTER TABLE t ADD COLUMN b; ALTER TABLE t ADD COLUMN c REAL DEFAULT 7; ALTER TABLE t ADD COLUMN d TEXT DEFAULT 'd';
             {} INSERT INTO t SELECT n + 1000, 'new', n, n, NULL FROM n; ALTER TABLE t ADD COLUMN e",
            series(60), series(60)
        )),
        of("columns added later without defaults", 4, &format!(
            "PRAGMA page_size = 1024; CREATE TABLE t (a TEXT, b INTEGER PRIMARY KEY);
             {} INSERT INTO t SELECT 'row ' || n, n * n FROM n; ALTER TABLE t ADD COLUMN c REAL; ALTER TABLE t ADD COLUMN d",
            series(100)
        )),
        of("without rowids", 1, &format!(
            "PRAGMA page_size = 512; CREATE TABLE t (a TEXT, b INTEGER, c, PRIMARY KEY (a, b)) WITHOUT ROWID;
             {} INSERT INTO t SELECT 'k' || n % 30, n, n * 1.5 FROM n",
            series(200)
        )),
        of("the largest pages and records", 1, &format!(
            "PRAGMA page_size = 65536; CREATE TABLE t (id INTEGER PRIMARY KEY, a BLOB, b TEXT);
             INSERT INTO t VALUES (1, zeroblob(200000), 'after it'), (2, x'00', printf('%.66000c', 'u'));
             {} INSERT INTO t SELECT n + 2, zeroblob(n), 'b' || n FROM n",
            series(90)
        )),
        of("no text in any encoding, extreme rowids", 5,
            "PRAGMA page_size = 512; CREATE TABLE t (a TEXT, b, c REAL);
             INSERT INTO t (rowid, a, b, c) VALUES (-9223372036854775808, CAST(x'ff00fe' AS TEXT), x'', 9e999),
                 (-5, 'a' || char(0) || 'b', CAST(x'c3' AS TEXT), -9e999), (0, '', -9223372036854775808, 0),
                 (1, NULL, 9223372036854775807, 1e-300), (4294967296, 'ß', 1, 2147483648),
                 (9223372036854775806, CAST(zeroblob(700) AS TEXT), 0, 128), (9223372036854775807, 'last', 'x', 32768)",
        ),
        MutantSource::continued(directory, "reserved bytes", 5, reserve, &format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b);
             {} INSERT INTO t SELECT n, printf('%.*c', n % 50 * 20, 's'), n * n FROM n",
            series(110)
        )),
        wide(directory),
    ]
}

/// A file of one page that reserves bytes at the end of each (<https://www.sqlite.org/fileformat2.html>, section 1.3.4).
fn reserve(path: &Path) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch("PRAGMA page_size = 512; PRAGMA user_version = 1").unwrap();
    drop(connection);
    let mut bytes = std::fs::read(path).unwrap();
    assert_eq!(bytes.len(), 512);
    bytes[20] = 16;
    bytes[105..107].copy_from_slice(&496_u16.to_be_bytes());
    std::fs::write(path, bytes).unwrap();
}

/// Records whose header alone is longer than a page.
fn wide(directory: &Path) -> MutantSource {
    let columns = (0..280).map(|column| format!("c{column}")).collect::<Vec<_>>().join(", ");
    let values = (0..280).map(|column| format!("'{column:090}'")).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "PRAGMA page_size = 512; CREATE TABLE t ({columns}); INSERT INTO t VALUES ({values});
         INSERT INTO t (c0, c150, c279) VALUES (1, 'x', 2.5)"
    );
    MutantSource::of(directory, "headers longer than a page", 1, &sql)
}
