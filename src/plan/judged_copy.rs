//! The copy of a table with columns that PostgreSQL's own input functions read: through a temporary table.

use super::mapping::TableMapping;
use crate::name::{Schemas, quote_identifier};

/// The statements of such a copy, all in the transaction of a chunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyThroughText {
    /// Makes the temporary table, which goes with the transaction.
    pub create: String,
    /// Copies the encoded rows into it.
    pub copy: String,
    /// Has PostgreSQL read the values, on their way into the table.
    pub insert: String,
}

/// The temporary table's name.
const ROWS: &str = "transship_rows";

impl CopyThroughText {
    /// The way of a table's rows; `None` where every column has an encoder.
    pub(super) fn of(mapping: &TableMapping, schemas: &Schemas) -> Option<Self> {
        if !mapping.columns.iter().any(|column| column.is_judged()) {
            return None;
        }
        let table = schemas.qualified(&mapping.target);
        let names = mapping.columns.iter().map(|column| quote_identifier(&column.target)).collect::<Vec<_>>();
        let list = names.join(", ");
        let judged = |at: usize| mapping.columns[at].is_judged();
        let made = names
            .iter()
            .enumerate()
            .map(|(at, name)| if judged(at) { format!("NULL::json AS {name}") } else { name.clone().into_owned() });
        let read = names.iter().enumerate().map(
            |(at, name)| {
                if judged(at) { format!("j{at}.v") } else { format!("r.{name}") }
            },
        );
        let records = names.iter().enumerate().filter(|(at, _)| judged(*at)).map(|(at, name)| {
            let column_type = mapping.columns[at].sql_type();
            format!("CROSS JOIN LATERAL json_to_record(json_build_object('v', r.{name})) AS j{at} (v {column_type})")
        });
        let (made, read) = (made.collect::<Vec<_>>().join(", "), read.collect::<Vec<_>>().join(", "));
        let records = records.collect::<Vec<_>>().join("\n    ");
        Some(Self {
            create: format!(
                "CREATE TEMPORARY TABLE transship_rows ON COMMIT DROP AS\n    SELECT {made} FROM {table} WITH NO DATA;"
            ),
            copy: format!("COPY {ROWS} ({list}) FROM STDIN (FORMAT binary);"),
            insert: format!(
                "INSERT INTO {table} ({list}) OVERRIDING SYSTEM VALUE\n    SELECT {read} FROM {ROWS} AS r\n    {records};"
            ),
        })
    }

    /// The statements as the plan shows them.
    pub(super) fn sql(&self) -> String {
        [&self.create, &self.copy, &self.insert].map(String::as_str).join("\n")
    }
}
