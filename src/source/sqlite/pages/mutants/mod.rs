//! Thousands of damaged and hostile files against the page reader, with SQLite as the judge.
//!
//! Rule: the page reader refuses the file, or it gives the same rows as SQLite's full scan of the table; and it refuses
//! no file that passes SQLite's `integrity_check`. So it may refuse files that SQLite reads carelessly, and it may not
//! give a row or a value that SQLite does not give. The parts of a table are judged together: if each of them is read,
//! together they are the whole table.
//!
//! `MUTANTS=200000 cargo test --lib mutants` tries more; `SEED=7` takes another course.

mod mutations;
mod sources;

use crate::catalog::{Key, KeyRange, RowFilter, RowIdentity, SelectedColumn, Selection};
use crate::source::sqlite::{Reader, Snapshot};
use crate::source::{ReadFailure, Row, SourceError};
use crate::value::Cell;
use mutations::Mutation;
use rusqlite::Connection;
use sources::MutantSource;
use std::cell::Cell as Counter;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use xxhash_rust::xxh3::xxh3_64;

thread_local! {
    /// Pages that were read, so that a walk without an end is a failure and not a test that hangs.
    pub(super) static PAGES_READ: Counter<u64> = const { Counter::new(0) };
}

/// Default number of mutants.
const MUTANTS: u64 = 20_000;

/// Limit on the memory of the process, in bytes.
const MEMORY: u64 = 256 << 20;

/// Refusals of files that pass `integrity_check`: SQLite never writes such values.
const BEYOND_INTEGRITY_CHECK: [&str; 2] = ["a value of a reserved type", "a record without a header"];

/// A small generator of numbers (Marsaglia's xorshift), so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn byte(&mut self) -> u8 {
        self.below(256).to_be_bytes()[7]
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

/// The rows that were read, each as a hash of its values and their kinds.
type RowHashes = Result<Vec<u64>, String>;

/// Outcome of a mutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum MutantOutcome {
    /// It could not be opened, or its structure could not be read.
    RefusedAtOpening,
    /// The table is read by SQLite alone.
    LeftToSqlite,
    /// The page reader refused what SQLite refuses.
    RefusedByBoth,
    /// The page reader refused what SQLite read.
    Refused,
    /// Both gave the same rows.
    Alike,
}

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).ok().map_or(otherwise, |number| number.parse().unwrap())
}

/// Runs itself once more in a process of its own, so that its memory can be measured. Its counts are written into the
/// file that `TRANSSHIP_TEST_MUTANTS` names.
#[test]
fn mutants_give_no_wrong_value() {
    const REPORT: &str = "TRANSSHIP_TEST_MUTANTS";
    if let Some(report) = std::env::var_os(REPORT) {
        return try_mutants(number("MUTANTS", MUTANTS), Path::new(&report));
    }
    let directory = tempfile::tempdir().unwrap();
    let report = directory.path().join("report");
    let tried = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "source::sqlite::pages::mutants::mutants_give_no_wrong_value"])
        .env(REPORT, &report)
        .output()
        .unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(tried.status.success(), "{}{}", said(&tried.stdout), said(&tried.stderr));
    assert!(std::fs::read_to_string(report).unwrap().contains(" mutants: "), "nothing was tried");
}

fn try_mutants(mutants: u64, report: &Path) {
    let directory = tempfile::tempdir().unwrap();
    let sources = sources::all(directory.path());
    let before = memory("VmSize");
    let seed = number("SEED", 0x2545_f491_4f6c_dd1d) | 1;
    let (mut verdicts, mut reasons) = (BTreeMap::<MutantOutcome, u64>::new(), BTreeMap::<String, u64>::new());
    let mut wrong = Vec::new();
    let weights = sources.iter().flat_map(|source| std::iter::repeat_n(source, source.weight)).collect::<Vec<_>>();
    for source in &sources {
        source.write();
        let verdict = judge(source, true, &mut Random(seed), &mut reasons).unwrap();
        let expected = if source.is_left_to_sqlite { MutantOutcome::LeftToSqlite } else { MutantOutcome::Alike };
        assert_eq!(verdict, expected, "{} is sound", source.name);
    }
    for number in 0..mutants {
        // Each mutant has its own seed, so that it can be repeated without those before it.
        let mut random = Random((seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1);
        for _ in 0..4 {
            random.byte();
        }
        let source = weights[random.below(weights.len())];
        let mutation = Mutation::of(source, &mut random);
        mutation.apply(source);
        let verdict = judge(source, mutation.changes_structure(source), &mut random, &mut reasons);
        mutation.take_back(source);
        match verdict {
            Ok(verdict) => *verdicts.entry(verdict).or_default() += 1,
            Err(found) if wrong.len() < 50 => {
                wrong.push(format!("mutant {number} of {}: {found}\n{mutation}", source.name));
            }
            Err(_) => {}
        }
    }
    let (peak, size) = (memory("VmHWM"), memory("VmPeak").saturating_sub(before));
    let said = format!(
        "{mutants} mutants: {verdicts:?}, {} MiB at most, {} MiB more than before\nrefused: {reasons:#?}\n",
        peak >> 20,
        size >> 20
    );
    std::fs::write(report, said).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.concat());
    assert!(peak < MEMORY && size < MEMORY, "{peak} bytes, {size} more than before");
    let of = |verdict| verdicts.get(&verdict).copied().unwrap_or(0);
    let read = of(MutantOutcome::Alike) + of(MutantOutcome::Refused) + of(MutantOutcome::RefusedByBoth);
    assert!(read * 2 > mutants, "too few come to the page reader: {verdicts:?}");
    assert!(of(MutantOutcome::Alike) * 10 > mutants && of(MutantOutcome::RefusedByBoth) * 10 > mutants, "{verdicts:?}");
}

/// Bytes by the kernel's account of this process (`proc_pid_status(5)`); zero if there is none.
fn memory(line: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status.lines().find_map(|text| text.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = kilobytes.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// Reads the table `t` of a source from the disk in every way; the error says what is wrong.
fn judge(
    source: &MutantSource,
    is_structure_changed: bool,
    random: &mut Random,
    reasons: &mut BTreeMap<String, u64>,
) -> Result<MutantOutcome, String> {
    let Ok(snapshot) = Snapshot::open(&source.path, 1) else { return Ok(MutantOutcome::RefusedAtOpening) };
    let reader = snapshot.into_readers().remove(0);
    let sound = source.table.as_ref().filter(|_| !is_structure_changed);
    let Some(table) = sound.cloned().or_else(|| reader.catalog().ok()?.table("t").cloned()) else {
        return Ok(MutantOutcome::RefusedAtOpening);
    };
    let columns = table.columns.iter().map(|column| SelectedColumn::Named(column.name.clone())).collect::<Vec<_>>();
    let identity = &table.row_identity;
    let whole = Selection {
        table: table.name.clone(),
        columns: columns.clone(),
        filter: RowFilter::All,
        row_identity: identity.clone(),
        range: KeyRange::ALL,
    };
    let is_by_pages = reader.pages.is_some() && matches!(identity, RowIdentity::Integer { .. });
    if !is_by_pages {
        // SQLite reads both times; only a panic could be wrong.
        return rows(&reader, &whole, source)
            .map_or(Ok(MutantOutcome::RefusedByBoth), |_| Ok(MutantOutcome::LeftToSqlite));
    }
    let chosen = (0..columns.len()).filter(|_| random.below(2) == 0).collect::<Vec<_>>();
    let part = chosen.iter().map(|at| columns[*at].clone()).collect();
    let (one, two) = (source.rowid(random), source.rowid(random));
    let stored = rows(&reader, &whole, source);
    let few = Selection { columns: part, ..whole.clone() };
    let stored_few = rows(&reader, &few, source);
    let bounds = [None, Some(one.min(two)), Some(one.max(two)), None].map(|bound| bound.map(Key::from));
    let parts = bounds.windows(2).map(|bounds| {
        let range = KeyRange { from: bounds[0].clone(), below: bounds[1].clone() };
        rows(&reader, &Selection { range, ..whole.clone() }, source)
    });
    let parts = parts.collect::<Result<Vec<_>, _>>().map(|parts| parts.concat());
    let reader = reader.through_sqlite();
    let by_sqlite = rows(&reader, &whole, source);
    // SQLite may read few columns out of an index, which may be damaged as well: so out of all columns of the table too.
    let few_of_all = rows_of(&reader, &whole, &chosen, source);
    let few_by_sqlite = rows(&reader, &few, source);
    let few_by_sqlite = if stored_few == few_of_all { few_of_all } else { few_by_sqlite };
    let alike = |what: &str, ours: &RowHashes, theirs: &RowHashes| match (ours, theirs) {
        (Err(_), _) => Ok(()),
        (Ok(ours), Ok(theirs)) if ours == theirs => Ok(()),
        (Ok(ours), Ok(theirs)) => {
            let at = ours.iter().zip(theirs).position(|(ours, theirs)| ours != theirs);
            Err(format!("{what}: {} rows for {}, the first difference at {at:?}", ours.len(), theirs.len()))
        }
        (Ok(ours), Err(error)) => Err(format!("{what}: {} rows for SQLite's {error}", ours.len())),
    };
    alike("the whole table", &stored, &by_sqlite)?;
    alike("some columns", &stored_few, &few_by_sqlite)?;
    alike("its parts", &parts, &by_sqlite)?;
    let Some(refused) = [&stored, &parts, &stored_few].into_iter().find_map(|rows| rows.as_ref().err()) else {
        return Ok(MutantOutcome::Alike);
    };
    *reasons.entry(refused.clone()).or_default() += 1;
    if by_sqlite.is_err() {
        return Ok(MutantOutcome::RefusedByBoth);
    }
    if !BEYOND_INTEGRITY_CHECK.iter().any(|reason| refused.contains(reason)) && is_sound(&reader.connection) {
        return Err(format!("refused, and SQLite finds nothing wrong: {refused}"));
    }
    Ok(MutantOutcome::Refused)
}

fn is_sound(connection: &Connection) -> bool {
    let check = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
    check.is_ok_and(|answer| answer == "ok")
}

/// The rows, or the message of the refusal.
fn rows(reader: &Reader, selection: &Selection, source: &MutantSource) -> RowHashes {
    let all = (0..selection.columns.len()).collect::<Vec<_>>();
    rows_of(reader, selection, &all, source)
}

/// The same with the values of these columns alone.
fn rows_of(reader: &Reader, selection: &Selection, columns: &[usize], source: &MutantSource) -> RowHashes {
    let (mut rows, mut bytes) = (Vec::new(), Vec::new());
    PAGES_READ.set(0);
    let read = reader.for_each_row(selection, |row| {
        bytes.clear();
        columns.iter().for_each(|at| push(row.cell(*at), &mut bytes));
        Row::Sqlite(row).key().for_each(|cell| push(cell, &mut bytes));
        rows.push(xxh3_64(&bytes));
        // SQLite's own walk through pages that point at each other takes long, but ends.
        Ok(())
    });
    // Every leaf has a row, a leaf is below at most twenty pages, and an overflow page is read once.
    assert!(PAGES_READ.get() <= 22 * source.pages() + 22, "{} pages read", PAGES_READ.get());
    match read {
        Ok(_) => Ok(rows),
        Err(ReadFailure::Source(SourceError::Corrupt { message, .. })) => Err(message),
        Err(ReadFailure::Source(error)) => Err(error.to_string().replace(&source.path.display().to_string(), "FILE")),
        Err(ReadFailure::Caller(())) => unreachable!(),
    }
}

fn push(cell: Cell<'_>, bytes: &mut Vec<u8>) {
    let (kind, value): (u8, &[u8]) = match cell {
        Cell::Null => (0, &[]),
        Cell::Integer(integer) => (1, &integer.to_be_bytes()),
        Cell::Real(real) => (2, &real.to_bits().to_be_bytes()),
        Cell::Text(text) => (3, text),
        Cell::Blob(blob) => (4, blob),
    };
    bytes.push(kind);
    bytes.extend_from_slice(&value.len().to_be_bytes());
    bytes.extend_from_slice(value);
}
