//! A dump by the server's own program, and what the databases hold.

mod floats;
mod plain_session;
mod pour;
mod private_server;
pub(super) mod script;
mod tool;

use super::client::{Client, ClientError};
use super::columns::text;
use super::database::Database;
use super::new_database::{self, is_no_mark};
use super::snapshot::{MigratedTables, Reader, ServerMoment, Snapshot, failure, list_databases};
use crate::catalog::DatabaseContents;
use crate::connection::MysqlSource;
use crate::source::SourceError;
use crate::source::copying::{CopyWatch, Copying, Proved, ROWS, RowsDigest, SourceCopy};
use crate::source::new_database::is_mark;
use floats::{Dumped, Floats};
use private_server::PrivateServer;
use script::run_script;
use std::fs::File;
use std::path::{Path, PathBuf};
use tool::Tool;

/// The dump in its directory.
const FILE: &str = "source.sql";

/// Dumps the databases into a directory.
pub(in crate::source) fn back_up(
    server: &MysqlSource,
    directory: &Path,
    watch: &CopyWatch<'_>,
) -> Result<SourceCopy, SourceError> {
    let mut moment = ServerMoment::now(server)?;
    let is_mariadb = moment.client().is_mariadb();
    let version =
        moment.client().query("SELECT version()").map_err(|error| failure(server, "asking for its version", &error))?;
    let version = version.first().and_then(|row| text(row, 0)).unwrap_or_default();
    let engine = format!("{} {version}", if is_mariadb { "MariaDB" } else { "MySQL" });
    let without_transactions = {
        let tables = MigratedTables::read(moment.client(), server, &|_| true);
        tables.map_err(|error| failure(server, "listing its tables", &error))?.unversioned
    };
    let names: &[_] = if is_mariadb { &["mariadb-dump", "mysqldump"] } else { &["mysqldump", "mariadb-dump"] };
    let tool = Tool::find(names, Some(is_mariadb), server)?;
    plain_session::must_see_all_rows(server, &tool)?;
    if tool.is_mariadb() && !is_mariadb {
        let generated = generated_columns(moment.client(), server);
        let generated = generated.map_err(|error| failure(server, "looking for generated columns", &error))?;
        tool.must_not_write(&generated)?;
    }
    let copy = directory.join(FILE);
    let mut command = tool.command();
    command.args(["--quick", "--routines", "--events", "--triggers", "--hex-blob", "--skip-add-drop-table"]);
    command.arg("--default-character-set=utf8mb4");
    // A dump in one transaction is of one moment; for tables that know none, everybody who writes has to wait.
    let is_one = if without_transactions.is_empty() { "--single-transaction" } else { "--lock-all-tables" };
    command.arg(is_one);
    if tool.is_mariadb() {
        // Former versions of the rows of tables that keep them: from 10.11 on.
        command.args(tool.knows("--dump-history").then_some("--dump-history"));
    } else {
        command.args(["--no-tablespaces", "--set-gtid-purged=OFF"]);
    }
    let mut result = std::ffi::OsString::from("--result-file=");
    result.push(&copy);
    command.arg(result);
    if server.databases.is_empty() {
        command.arg("--").arg(&server.database);
    } else {
        command.arg("--databases").arg("--").args(&server.databases);
    }
    tool.run(&mut command, watch)?;
    // Where nobody has written since before the dump, what is there now is what was dumped.
    let reader = open(server)?;
    let is_still = moment.lasts(server, !without_transactions.is_empty())?;
    let dumped = Dumped { file: &copy, program: tool.name(), is_still, is_mariadb };
    let floats = floats::complete(&reader, server, &dumped, watch)?;
    let is_on_disk = File::open(&copy).and_then(|file| file.sync_all());
    is_on_disk.map_err(|cause| SourceError::NotCopied { copy: copy.clone(), cause: cause.to_string() })?;
    let contents = if is_still { Some(read(&reader, server, watch)?) } else { None };
    let remark = remark(is_still, &floats);
    Ok(SourceCopy { engine, tool: tool.version().to_owned(), file: FILE, contents, remark })
}

/// The columns that the server computes.
fn generated_columns(client: &mut Client, server: &MysqlSource) -> Result<Vec<String>, ClientError> {
    let sql = "SELECT c.table_name, c.column_name FROM information_schema.columns AS c \
               JOIN information_schema.tables AS t USING (table_schema, table_name) \
               WHERE c.table_schema = database() AND c.generation_expression <> '' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2";
    let mut columns = Vec::new();
    for database in Database::all_of(server) {
        database.enter(client)?;
        let rows = client.query(sql)?;
        let named = rows.iter().filter_map(|row| text(row, 0).zip(text(row, 1)));
        columns.extend(named.map(|(table, column)| format!("{}.{column}", database.known(&table))));
    }
    Database::leave(client, server)?;
    Ok(columns)
}

/// The remark on a dump that is not known to be the source, value by value.
fn remark(is_still: bool, floats: &Floats) -> Option<String> {
    let mut remarks = Vec::new();
    if !is_still {
        remarks.push(
            "others wrote to the source during the dump, or may have, so what the dump holds is not known by value: its checksum alone is compared"
                .to_owned(),
        );
        remarks.extend((floats.completed > 0).then(|| {
            "its values of FLOAT with more than six digits were read beside the dump: in rows that others wrote meanwhile they may have \
             six"
            .to_owned()
        }));
    }
    if floats.lost > 0 {
        remarks.push(format!(
            "the server writes FLOAT with six digits, and {} values of {} have lost the others: the table keeps a history, or has no key by \
             which they could be written again while others write; make the columns DOUBLE",
            floats.lost,
            floats.columns.join(", ")
        ));
    }
    if !floats.checked.is_empty() {
        remarks.push(format!(
            "the server may refuse such values by a CHECK over {}: `--verify` restores them to see",
            floats.checked.join(", ")
        ));
    }
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// Contents of the databases.
pub(in crate::source) fn contents(
    server: &MysqlSource,
    watch: &CopyWatch<'_>,
) -> Result<DatabaseContents, SourceError> {
    let reader = open(server)?;
    read(&reader, server, watch)
}

/// Fills an empty database from a dump; or, from a dump of several, empty databases of the same names, or a server without any.
pub(in crate::source) fn restore(copy: &Path, server: &MysqlSource, watch: &CopyWatch<'_>) -> Result<(), SourceError> {
    let several = server.databases.iter().map(|name| one_of(server, name)).collect::<Vec<_>>();
    let mut found = Vec::new();
    if server.database.is_empty() {
        found.extend(list_databases(server)?.first().map(|name| format!("it has the database {name}")));
    } else if several.is_empty() {
        found.extend(tables_in(server)?.map(|table| format!("it has {table}")));
    }
    for one in &several {
        found.extend(tables_in(one)?.map(|table| format!("{} has {table}", one.database)));
    }
    if let Some(what) = found.into_iter().next() {
        return Err(SourceError::NotEmpty { place: server.redacted(), what });
    }
    let dump = File::open(copy).map_err(|cause| SourceError::Unreadable { path: copy.to_owned(), cause })?;
    if server.database.is_empty() || !new_database::is_unfinished(server)? {
        return run_script(dump, server, false, watch).map(drop);
    }
    // Statements about events of several databases say whose these are.
    let events = run_script(dump, server, true, watch)?;
    new_database::keep_events(several.first().unwrap_or(server), &events)
}

/// One of the server's databases, as if there were no others.
fn one_of(server: &MysqlSource, name: &str) -> MysqlSource {
    MysqlSource { database: name.to_owned(), databases: Vec::new(), ..server.clone() }
}

/// A table or view in the server's database; `None` if there is none.
fn tables_in(server: &MysqlSource) -> Result<Option<String>, SourceError> {
    let sql = format!(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = database() AND {} LIMIT 1",
        is_no_mark()
    );
    let answer = ServerMoment::now(server)?.client().query(&sql);
    let rows = answer.map_err(|error| failure(server, "looking for tables", &error))?;
    Ok(rows.first().map(|row| text(row, 0).unwrap_or_else(|| "a table".to_owned())))
}

fn open(server: &MysqlSource) -> Result<Reader, SourceError> {
    let lost = || SourceError::NotFound { path: PathBuf::from(&server.database) };
    Snapshot::open(server, 1, None, &|_| true)?.into_readers().into_iter().next().ok_or_else(lost)
}

fn read(reader: &Reader, server: &MysqlSource, watch: &CopyWatch<'_>) -> Result<DatabaseContents, SourceError> {
    let mut contents = DatabaseContents::default();
    let doing = "reading its rows";
    let is_counted = |name: &str| !is_mark(name, !server.databases.is_empty());
    for table in reader.catalog()?.tables.into_iter().filter(|table| is_counted(&table.name)) {
        let mut client = reader.client();
        let sql = format!("SELECT * FROM {}", reader.quoted(&table.name));
        let mut rows = client.rows(&sql).map_err(|error| failure(server, doing, &error))?;
        let columns = rows.columns();
        let mut digest = RowsDigest::default();
        while let Some(row) = rows.next().map_err(|error| failure(server, doing, &error))? {
            let number = digest.add((0..columns).map(|column| row.cell(column)));
            if number.is_multiple_of(ROWS) && !watch(Copying::Rows { table: &table.name, done: number }) {
                return Err(SourceError::Interrupted { doing: doing.to_owned() });
            }
        }
        contents.0.insert(table.name, digest.contents());
    }
    Ok(contents)
}

/// Contents of a dump: read from a private server that is filled from it, and thrown away.
pub(in crate::source) fn prove(
    server: &MysqlSource,
    copy: &Path,
    directory: &Path,
    watch: &CopyWatch<'_>,
) -> Result<Proved, SourceError> {
    let is_mariadb = ServerMoment::now(server)?.client().is_mariadb();
    let private = match PrivateServer::start(is_mariadb, directory, watch)? {
        Ok(private) => private,
        Err(reason) => return Ok(Proved { contents: None, words: reason }),
    };
    let several = &server.databases;
    let database = if several.is_empty() { private.create_database()? } else { String::new() };
    restore(copy, &private.address(&database, &[]), watch)?;
    let first = several.first().cloned().unwrap_or(database);
    let restored = contents(&private.address(&first, several), watch)?;
    Ok(Proved { contents: Some(restored), words: "restored into a private server".to_owned() })
}
