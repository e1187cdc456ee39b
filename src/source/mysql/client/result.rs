//! Rows of an answer in the binary protocol.

use super::packet::{PacketWalk, Slot};
use super::{Client, ClientError};
use mysql_common::constants::{ColumnFlags, ColumnType};
use mysql_common::io::ParseBuf;
use mysql_common::packets::Column;

/// The format of one column's values in a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source::mysql) struct ColumnFormat {
    /// The type in the protocol.
    pub(in crate::source::mysql) column_type: ColumnType,
    /// Whether an integer has no sign.
    pub(in crate::source::mysql) is_unsigned: bool,
    /// Whether the value is bytes, not text: of the character set `binary` (63).
    pub(in crate::source::mysql) is_binary: bool,
    /// Whether the column orders its values by their position in its definition, not as text: ENUM and SET.
    pub(in crate::source::mysql) is_by_position: bool,
    /// Digits of a fraction of a second; 31 if they are not fixed.
    pub(in crate::source::mysql) decimals: u8,
}

impl ColumnFormat {
    /// Whether the value is a number, which comes as text where it is no 64-bit integer with a sign.
    pub(in crate::source::mysql) fn is_number(self) -> bool {
        matches!(
            self.column_type,
            ColumnType::MYSQL_TYPE_DECIMAL
                | ColumnType::MYSQL_TYPE_NEWDECIMAL
                | ColumnType::MYSQL_TYPE_LONGLONG
                | ColumnType::MYSQL_TYPE_BIT
        )
    }
}

/// Rows of one answer, as they come.
#[derive(Debug)]
pub(in crate::source::mysql) struct ResultSet<'client> {
    client: &'client mut Client,
    /// The statement that is closed after the last row; `None` for one that is executed again.
    statement: Option<u32>,
    formats: Vec<ColumnFormat>,
    slots: Vec<Slot>,
    /// Texts that the packet does not hold as such: dates and times.
    written: Vec<u8>,
    /// The positions of values, each with that of the value that stands in its place where it is not NULL.
    replaced: Vec<(usize, usize)>,
}

impl<'client> ResultSet<'client> {
    pub(super) fn new(client: &'client mut Client, statement: Option<u32>, formats: Vec<ColumnFormat>) -> Self {
        Self { client, statement, formats, slots: Vec::new(), written: Vec::new(), replaced: Vec::new() }
    }

    /// The same rows, in which other values stand in the place of these where they are not NULL.
    pub(in crate::source::mysql) fn replacing(mut self, replaced: &[(usize, usize)]) -> Self {
        self.replaced.extend_from_slice(replaced);
        self
    }

    /// The number of columns.
    pub(in crate::source::mysql) fn columns(&self) -> usize {
        self.formats.len()
    }

    /// The formats of the columns.
    pub(in crate::source::mysql) fn formats(&self) -> &[ColumnFormat] {
        &self.formats
    }

    /// The next row, valid until the one after it is read; `None` after the last.
    ///
    /// # Errors
    /// The connection is lost, or the query was ended.
    #[inline]
    pub(in crate::source::mysql) fn next(&mut self) -> Result<Option<PacketWalk<'_>>, ClientError> {
        if !self.client.is_unfinished {
            return Ok(None);
        }
        if let Err(error) = self.client.receive() {
            self.client.is_unfinished = false;
            return Err(error);
        }
        if self.client.is_end() {
            self.client.end_rows();
            return Ok(None);
        }
        super::packet::walk(&self.client.packet, &self.formats, &mut self.slots, &mut self.written)?;
        for (position, other) in &self.replaced {
            if let Some(slot @ Slot::Blob(..)) = self.slots.get(*other).copied() {
                self.slots[*position] = slot;
            }
        }
        Ok(Some(PacketWalk {
            packet: &self.client.packet,
            written: &self.written,
            slots: &self.slots,
            formats: &self.formats,
        }))
    }
}

impl Drop for ResultSet<'_> {
    fn drop(&mut self) {
        if self.client.is_unfinished {
            self.client.abandoned = self.statement;
            return;
        }
        // A lost connection shows with the next statement.
        let _told_with_the_next_statement = self.statement.map(|statement| self.client.close(statement));
    }
}

/// Reads the definitions of columns, and the packet that ends them.
pub(super) fn read_columns(client: &mut Client, columns: usize) -> Result<Vec<ColumnFormat>, ClientError> {
    read_definitions(client, columns, |column| {
        let is_listed = column.flags().intersects(ColumnFlags::ENUM_FLAG | ColumnFlags::SET_FLAG);
        ColumnFormat {
            column_type: column.column_type(),
            is_unsigned: column.flags().contains(ColumnFlags::UNSIGNED_FLAG),
            // The labels of an ENUM are text even in the character set binary.
            is_binary: column.character_set() == 63 && !is_listed,
            is_by_position: is_listed,
            decimals: column.decimals(),
        }
    })
}

/// The column of a table that a column of an answer is; its names are empty for an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::source::mysql) struct ResultColumnOrigin {
    pub(in crate::source::mysql) database: String,
    pub(in crate::source::mysql) table: String,
    pub(in crate::source::mysql) column: String,
}

/// Reads where columns come from, and the packet that ends their definitions.
pub(super) fn read_origins(client: &mut Client, columns: usize) -> Result<Vec<ResultColumnOrigin>, ClientError> {
    read_definitions(client, columns, |column| ResultColumnOrigin {
        database: column.schema_str().into_owned(),
        table: column.org_table_str().into_owned(),
        column: column.org_name_str().into_owned(),
    })
}

fn read_definitions<T>(
    client: &mut Client,
    columns: usize,
    read: impl Fn(&Column) -> T,
) -> Result<Vec<T>, ClientError> {
    let mut definitions = Vec::with_capacity(columns);
    for _ in 0..columns {
        client.receive()?;
        definitions.push(read(&ParseBuf(&client.packet).parse(())?));
    }
    if columns > 0 {
        client.receive()?;
        if !client.is_end() {
            return Err(ClientError::protocol("a list of columns without its end"));
        }
    }
    Ok(definitions)
}
