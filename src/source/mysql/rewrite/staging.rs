//! The temporary tables of one table: its rows that come, and the keys of those that go.

use super::value;
use crate::catalog::{Key, KeyRange, RowFilter, RowIdentity, Selection};
use crate::dialect::mysql::{literal, quote, quote_table};
use crate::name::split_database;
use crate::source::mysql::client::{Client, ClientError, PreparedStatement, Value};
use crate::source::mysql::columns::text;
use crate::source::mysql::selection::{equal, literals, select_with_key};
use crate::source::mysql::undefined_bytes::PartialCharacterSets;
use crate::source::rewritten_table::RewrittenTable;
use crate::value::OwnedCell;
use std::collections::HashMap;

/// Column of a staged row for its position.
pub(super) const POSITION: &str = "`transship position`";

/// Column of a staged row: whether it takes the place of another.
pub(super) const OLD: &str = "`transship old`";

/// Most statements for sets of columns that are kept prepared.
const STATEMENTS: usize = 32;

/// The staged rows of a table.
#[derive(Debug)]
pub(super) struct Staging {
    pub(super) table: RewrittenTable,
    /// Name of the temporary table.
    pub(super) name: String,
    /// The table in SQL, with its database where there are several.
    pub(super) quoted: String,
    /// SELECT of the values of a row of the table itself, without a condition.
    pub(super) base: String,
    /// The positions of texts in it, each with that of the bytes that stand in its place.
    pub(super) bytes: Vec<(usize, usize)>,
    /// SELECT of the same values of a staged row.
    pub(super) staged: PreparedStatement,
    pub(super) staged_bytes: Vec<(usize, usize)>,
    /// Number of staged rows, and so the last position.
    pub(super) rows: i64,
    /// Number of staged removals.
    pub(super) removed: u64,
    /// Whether a statement that is refused has written nothing.
    pub(super) is_transactional: bool,
    /// Statements that insert a row, or alter it, by the columns that they give values.
    inserts: HashMap<Vec<usize>, PreparedStatement>,
    updates: HashMap<Vec<usize>, PreparedStatement>,
}

impl Staging {
    /// Makes the temporary tables.
    pub(super) fn make(
        table: RewrittenTable,
        number: usize,
        client: &mut Client,
        sets: &PartialCharacterSets,
        in_databases: bool,
    ) -> Result<Self, ClientError> {
        let (name, from) = (format!("transship_back_{number}"), quote_table(&table.table, in_databases));
        let (database, bare) = match split_database(&table.table).filter(|_| in_databases) {
            Some((database, bare)) => (literal(&database), bare.to_owned()),
            None => ("database()".to_owned(), table.table.clone()),
        };
        // The columns of a table that is joined so take NULL, and keep their types.
        let like = |columns: &[String]| {
            let columns = columns.iter().map(|column| format!("r.{}", quote(column))).collect::<Vec<_>>().join(", ");
            format!("SELECT {columns} FROM (SELECT 1 AS one) AS d LEFT JOIN {from} AS r ON d.one = 2 LIMIT 0")
        };
        let own = format!("{POSITION} BIGINT NOT NULL PRIMARY KEY, {OLD} TINYINT NOT NULL");
        let sql = match table.stored.is_empty() {
            true => format!("CREATE TEMPORARY TABLE {} ({own})", quote(&name)),
            false => format!("CREATE TEMPORARY TABLE {} ({own}) AS {}", quote(&name), like(&table.stored)),
        };
        client.query(&sql)?;
        let key = table.identity.columns();
        if !key.is_empty() {
            client.query(&format!("CREATE TEMPORARY TABLE {} AS {}", quote(&format!("{name}_removed")), like(key)))?;
        }
        let engine = client.query(&format!(
            "SELECT engine FROM information_schema.tables WHERE table_schema = {database} AND table_name = {}",
            literal(&bare)
        ))?;
        let engine = engine.first().and_then(|row| text(row, 0)).unwrap_or_default();
        let selection = Selection {
            table: table.table.clone(),
            columns: table.read.clone(),
            filter: RowFilter::All,
            row_identity: RowIdentity::None,
            range: KeyRange::ALL,
        };
        let base = select_with_key(&selection, &from, sets);
        // Under the table's own name: an expression may say it.
        let alias = quote(&bare);
        let staged = select_with_key(&selection, &format!("{} AS {alias}", quote(&name)), sets);
        let prepared = match client.prepare(&format!("{} WHERE {alias}.{POSITION} = ?", staged.sql)) {
            Ok(prepared) => prepared,
            // An expression may name what a staged row does not have; the names are the next table's then.
            Err(error) => {
                let removed = format!("{name}_removed");
                let drop = "DROP TEMPORARY TABLE IF EXISTS";
                client.query(&format!("{drop} {}, {}", quote(&name), quote(&removed)))?;
                return Err(error);
            }
        };
        Ok(Self {
            table,
            name,
            quoted: from,
            base: base.sql,
            bytes: base.bytes,
            staged: prepared,
            staged_bytes: staged.bytes,
            rows: 0,
            removed: 0,
            is_transactional: engine.eq_ignore_ascii_case("InnoDB"),
            inserts: HashMap::new(),
            updates: HashMap::new(),
        })
    }

    /// Whether rows of the table come, go or change.
    pub(super) fn is_touched(&self) -> bool {
        self.rows > 0 || self.removed > 0
    }

    /// Stages a removal.
    pub(super) fn remove(&mut self, key: &Key, client: &mut Client) -> Result<(), ClientError> {
        let name = quote(&format!("{}_removed", self.name));
        client.query(&format!("INSERT INTO {name} VALUES ({})", literals(key).join(", ")))?;
        self.removed += 1;
        Ok(())
    }

    /// Stages a row and gives its position.
    pub(super) fn stage(
        &mut self,
        old: Option<&Key>,
        cells: &[OwnedCell],
        written: &[usize],
        client: &mut Client,
    ) -> Result<i64, ClientError> {
        let position = self.rows + 1;
        let values = written.iter().map(|at| value(&cells[*at])).collect::<Vec<_>>();
        match old {
            Some(key) => {
                let columns = self.table.stored.iter().map(|column| format!(", {}", quote(column)));
                let columns = columns.collect::<String>();
                client.query(&format!(
                    "INSERT INTO {} ({POSITION}, {OLD}{columns}) SELECT {position}, 1{columns} FROM {} WHERE {}",
                    quote(&self.name),
                    self.quoted,
                    equal(&self.table.identity, key)
                ))?;
                self.set(position, written, &values, client)?;
            }
            None => {
                let given = |values: &[Value]| [&[Value::Int(position)], values].concat();
                let prepared = self.insertion(written, client)?;
                match client.alter(&prepared, &given(&values)) {
                    Err(ClientError::Server { .. }) => {
                        client.alter(&prepared, &given(&vec![Value::NULL; written.len()]))?;
                        self.set(position, written, &values, client)?;
                    }
                    inserted => drop(inserted?),
                }
            }
        }
        self.rows = position;
        Ok(position)
    }

    /// Gives columns of a staged row values. A value that the server does not take at all (a text that is no JSON) becomes NULL.
    pub(super) fn set(
        &mut self,
        position: i64,
        columns: &[usize],
        values: &[Value],
        client: &mut Client,
    ) -> Result<(), ClientError> {
        if columns.is_empty() {
            return Ok(());
        }
        let prepared = self.alteration(columns, client)?;
        match client.alter(&prepared, &[values, &[Value::Int(position)]].concat()) {
            Err(ClientError::Server { code, message }) => match (columns, values) {
                ([_], [Value::NULL]) => Err(ClientError::Server { code, message }),
                ([only], [_]) => self.set(position, &[*only], &[Value::NULL], client),
                _ => columns.iter().zip(values).try_for_each(|(column, value)| {
                    self.set(position, &[*column], std::slice::from_ref(value), client)
                }),
            },
            altered => altered.map(drop),
        }
    }

    fn insertion(&mut self, written: &[usize], client: &mut Client) -> Result<PreparedStatement, ClientError> {
        if let Some(prepared) = self.inserts.get(written) {
            return Ok(*prepared);
        }
        let columns = written.iter().map(|at| format!(", {}", quote(&self.table.stored[*at]))).collect::<String>();
        let places = ", ?".repeat(written.len());
        let sql = format!("INSERT INTO {} ({POSITION}, {OLD}{columns}) VALUES (?, 0{places})", quote(&self.name));
        kept(&mut self.inserts, written, &sql, client)
    }

    fn alteration(&mut self, columns: &[usize], client: &mut Client) -> Result<PreparedStatement, ClientError> {
        if let Some(prepared) = self.updates.get(columns) {
            return Ok(*prepared);
        }
        // The others are set to themselves: a column with ON UPDATE would get the present moment.
        let set = columns.iter().map(|at| format!("{} = ?", quote(&self.table.stored[*at])));
        let is_other = |(at, _): &(usize, &String)| !columns.contains(at);
        let same = self.table.stored.iter().enumerate().filter(is_other);
        let same = same.map(|(_, column)| format!("{0} = {0}", quote(column)));
        let set = set.chain(same).collect::<Vec<_>>().join(", ");
        let sql = format!("UPDATE {} SET {set} WHERE {POSITION} = ?", quote(&self.name));
        kept(&mut self.updates, columns, &sql, client)
    }
}

/// Prepares a statement and keeps it.
fn kept(
    known: &mut HashMap<Vec<usize>, PreparedStatement>,
    columns: &[usize],
    sql: &str,
    client: &mut Client,
) -> Result<PreparedStatement, ClientError> {
    if known.len() >= STATEMENTS {
        for (_, prepared) in known.drain() {
            client.close(prepared.id)?;
        }
    }
    let prepared = client.prepare(sql)?;
    known.insert(columns.to_vec(), prepared);
    Ok(prepared)
}
