//! A copy of a whole file by SQLite's online backup API (<https://www.sqlite.org/backup.html>), and what a file holds.

use super::new_file::NewFile;
use super::open::classify;
use super::snapshot::Snapshot;
use crate::catalog::{DatabaseContents, TableContents};
use crate::source::SourceError;
use crate::source::copying::{CopyWatch, Copying, Proved, ROWS, RowsDigest};
use crate::value::Cell;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Pages that are copied between two looks at whether to stop.
const PAGES: i32 = 4096;

/// Pause before a step that found the file locked is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// Copies the file at `path` to the new file `copy`, in one state, and gives the contents of that state. In WAL mode writers go
/// on meanwhile; otherwise they wait, as for every reader.
pub(in crate::source) fn back_up(
    path: &Path,
    copy: &Path,
    watch: &CopyWatch<'_>,
) -> Result<DatabaseContents, SourceError> {
    // The transaction of the reader keeps the state that all pages are copied of.
    let Some(reader) = Snapshot::open(path, 1)?.into_readers().into_iter().next() else {
        return Err(SourceError::NotFound { path: path.to_owned() });
    };
    let failed = |error: rusqlite::Error| classify(path, "copying it", &error);
    let unwritten = |error: rusqlite::Error| SourceError::NotCopied { copy: copy.to_owned(), cause: error.to_string() };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut written = Connection::open_with_flags(copy, flags).map_err(unwritten)?;
    // A copy that is not finished is thrown away: no journal is needed to bring it back.
    written.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(unwritten)?;
    {
        let backup = Backup::new(&reader.connection, &mut written).map_err(failed)?;
        loop {
            match backup.step(PAGES).map_err(unwritten)? {
                StepResult::Done => break,
                StepResult::More => {}
                // Other results say that a lock is held; it is waited for.
                _ => std::thread::sleep(PAUSE),
            }
            let progress = backup.progress();
            let (all, rest) = (u64::try_from(progress.pagecount), u64::try_from(progress.remaining));
            let (all, rest) = (all.unwrap_or(0), rest.unwrap_or(0));
            if !watch(Copying::Pages { done: all.saturating_sub(rest), all }) {
                return Err(SourceError::Interrupted { doing: "copying it".to_owned() });
            }
        }
    }
    written.close().map_err(|(_, error)| unwritten(error))?;
    let contents = read(&reader.connection, path, watch)?;
    reader.confirm_still()?;
    let is_on_disk = std::fs::File::open(copy).and_then(|file| file.sync_all());
    is_on_disk.map_err(|cause| SourceError::NotCopied { copy: copy.to_owned(), cause: cause.to_string() })?;
    Ok(contents)
}

/// The contents of the file at `path`, after SQLite's own check of its structure.
pub(in crate::source) fn contents(path: &Path, watch: &CopyWatch<'_>) -> Result<DatabaseContents, SourceError> {
    let Some(reader) = Snapshot::open(path, 1)?.into_readers().into_iter().next() else {
        return Err(SourceError::NotFound { path: path.to_owned() });
    };
    const DOING: &str = "checking its integrity";
    let failed = |error: rusqlite::Error| classify(path, DOING, &error);
    let said: String =
        reader.connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if said != "ok" {
        return Err(SourceError::Corrupt { path: path.to_owned(), doing: DOING.to_owned(), message: said });
    }
    read(&reader.connection, path, watch)
}

fn read(connection: &Connection, path: &Path, watch: &CopyWatch<'_>) -> Result<DatabaseContents, SourceError> {
    let failed = |error: rusqlite::Error| classify(path, "reading its rows", &error);
    let mut contents = DatabaseContents::default();
    for name in names(connection).map_err(failed)? {
        let table = of_table(connection, &name, watch).map_err(failed)?;
        let Some(table) = table else { return Err(SourceError::Interrupted { doing: "reading its rows".to_owned() }) };
        contents.0.insert(name, table);
    }
    Ok(contents)
}

/// The tables that hold rows themselves, the schema's own among them: a virtual table keeps its rows in others.
fn names(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'shadow') ORDER BY name";
    connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect()
}

/// The rows of a table; `None` if a stop was asked for.
fn of_table(connection: &Connection, name: &str, watch: &CopyWatch<'_>) -> rusqlite::Result<Option<TableContents>> {
    let quoted = crate::dialect::sqlite::quote(name);
    // The expression of a generated column may need a function that the application alone has.
    let stored = "SELECT name FROM pragma_table_xinfo(?1) WHERE hidden = 0";
    let stored =
        connection.prepare(stored)?.query_map([name], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    let stored = stored.iter().map(|column| crate::dialect::sqlite::quote(column)).collect::<Vec<_>>();
    let mut statement = connection.prepare(&format!("SELECT {} FROM {quoted}", stored.join(", ")))?;
    let columns = statement.column_count();
    let (mut rows, mut digest) = (statement.query([])?, RowsDigest::default());
    while let Some(row) = rows.next()? {
        let cells = (0..columns).map(|column| row.get_ref(column)).collect::<Result<Vec<_>, _>>()?;
        let number = digest.add(cells.into_iter().map(cell));
        if number % ROWS == 0 && !watch(Copying::Rows { table: name, done: number }) {
            return Ok(None);
        }
    }
    Ok(Some(digest.contents()))
}

fn cell(value: ValueRef<'_>) -> Cell<'_> {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(bytes) => Cell::Text(bytes),
        ValueRef::Blob(bytes) => Cell::Blob(bytes),
    }
}

/// Contents of a copy: read from another copy of it, which is thrown away.
pub(in crate::source) fn prove(copy: &Path, directory: &Path, watch: &CopyWatch<'_>) -> Result<Proved, SourceError> {
    let restored = NewFile::write(copy, &directory.join("restored.db"), watch)?;
    let contents = Some(contents(restored.path(), watch)?);
    Ok(Proved { contents, words: "restored into a new file".to_owned() })
}
