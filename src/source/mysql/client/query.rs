//! Statements and small answers.

use super::result::{ColumnFormat, ResultColumnOrigin, ResultSet, read_columns, read_origins};
use super::{Client, ClientError};
use crate::dialect::mysql::with_escapes;
use mysql_common::constants::{Command, StatusFlags};
use mysql_common::io::ParseBuf;
use mysql_common::packets::{
    ComStmtExecuteRequestBuilder, ComStmtSendLongData, CommonOkPacket, OkPacketDeserializer, StmtPacket,
};
use mysql_common::proto::MySerialize;
pub(in crate::source::mysql) use mysql_common::value::Value;

/// A row of a small answer: every value as text, in UTF-8 where it is text.
pub(in crate::source::mysql) type TextRow = Vec<Option<Vec<u8>>>;

/// Bytes of a long value that are sent in one packet.
const PIECE: usize = 1 << 20;

/// A statement that the server has prepared.
#[derive(Debug, Clone, Copy)]
pub(in crate::source::mysql) struct PreparedStatement {
    pub(in crate::source::mysql) id: u32,
    /// Number of its parameters.
    pub(in crate::source::mysql) parameters: usize,
}

impl Client {
    /// Executes a statement, in whose texts a backslash is a character like any other, and reads its whole answer as text; no
    /// rows if it gives none.
    ///
    /// # Errors
    /// The server refuses the statement, or the connection is lost.
    pub(in crate::source::mysql) fn query(&mut self, sql: &str) -> Result<Vec<TextRow>, ClientError> {
        self.query_as_written(&with_escapes(sql))
    }

    /// The same for a statement that the server itself has written, whose texts are read by the session's `sql_mode`.
    ///
    /// # Errors
    /// The server refuses the statement, or the connection is lost.
    pub(in crate::source::mysql) fn query_as_written(&mut self, sql: &str) -> Result<Vec<TextRow>, ClientError> {
        self.finish()?;
        let mut bytes = vec![Command::COM_QUERY as u8];
        bytes.extend_from_slice(sql.as_bytes());
        self.command(&bytes)?;
        self.receive()?;
        match self.packet.first() {
            Some(0x00) => {
                let ok: OkPacketDeserializer<'_, CommonOkPacket> = ParseBuf(&self.packet).parse(self.capabilities)?;
                self.status = ok.into_inner().status_flags();
                return Ok(Vec::new());
            }
            Some(0xfb) => return Err(ClientError::protocol("it asks for a file of this machine")),
            _ => {}
        }
        let columns = length(&mut self.packet.as_slice())?;
        read_columns(self, columns)?;
        let mut rows = Vec::new();
        loop {
            self.receive()?;
            if self.is_end() {
                self.note_status();
                return Ok(rows);
            }
            let mut rest = self.packet.as_slice();
            let row = (0..columns).map(|_| text(&mut rest)).collect::<Result<_, _>>()?;
            rows.push(row);
        }
    }

    /// Executes a statement in the binary protocol; its rows are read one by one.
    ///
    /// # Errors
    /// The server refuses the statement, or the connection is lost.
    pub(in crate::source::mysql) fn rows(&mut self, sql: &str) -> Result<ResultSet<'_>, ClientError> {
        let prepared = self.prepare(sql)?;
        if prepared.parameters != 0 {
            return Err(ClientError::protocol("a statement with parameters"));
        }
        let formats = self.execute(prepared.id, &[])?;
        Ok(ResultSet::new(self, Some(prepared.id), formats))
    }

    /// Prepares a statement, in whose texts a backslash is a character like any other, to be executed any number of times and
    /// closed in the end.
    ///
    /// # Errors
    /// The server refuses the statement, or the connection is lost.
    pub(in crate::source::mysql) fn prepare(&mut self, sql: &str) -> Result<PreparedStatement, ClientError> {
        self.prepared(sql).map(|(prepared, _)| prepared)
    }

    /// The columns of tables that the columns of a query's answer are.
    ///
    /// # Errors
    /// The server refuses the query, or the connection is lost.
    pub(in crate::source::mysql) fn origins(&mut self, sql: &str) -> Result<Vec<ResultColumnOrigin>, ClientError> {
        let (prepared, origins) = self.prepared(sql)?;
        self.close(prepared.id)?;
        Ok(origins)
    }

    fn prepared(&mut self, sql: &str) -> Result<(PreparedStatement, Vec<ResultColumnOrigin>), ClientError> {
        self.finish()?;
        let mut bytes = vec![Command::COM_STMT_PREPARE as u8];
        bytes.extend_from_slice(with_escapes(sql).as_bytes());
        self.command(&bytes)?;
        self.receive()?;
        let prepared: StmtPacket = ParseBuf(&self.packet).parse(())?;
        read_columns(self, usize::from(prepared.num_params()))?;
        let origins = read_origins(self, usize::from(prepared.num_columns()))?;
        let parameters = usize::from(prepared.num_params());
        Ok((PreparedStatement { id: prepared.statement_id(), parameters }, origins))
    }

    /// Executes a prepared statement with the values of its parameters, as many as it has; its rows are read one by one.
    ///
    /// # Errors
    /// The server refuses the values, or the connection is lost.
    pub(in crate::source::mysql) fn rows_of(
        &mut self,
        prepared: &PreparedStatement,
        values: &[Value],
    ) -> Result<ResultSet<'_>, ClientError> {
        let formats = self.execute(prepared.id, values)?;
        Ok(ResultSet::new(self, None, formats))
    }

    /// Executes a prepared statement that gives no rows, with the values of its parameters, and gives the number of rows that it
    /// has altered.
    ///
    /// # Errors
    /// The server refuses the statement or the values, or the connection is lost.
    pub(in crate::source::mysql) fn alter(
        &mut self,
        prepared: &PreparedStatement,
        values: &[Value],
    ) -> Result<u64, ClientError> {
        self.send_values(prepared.id, values)?;
        if self.packet.first() != Some(&0x00) {
            return Err(ClientError::protocol("a statement with rows"));
        }
        let ok: OkPacketDeserializer<'_, CommonOkPacket> = ParseBuf(&self.packet).parse(self.capabilities)?;
        let ok = ok.into_inner();
        self.status = ok.status_flags();
        Ok(ok.affected_rows())
    }

    fn execute(&mut self, statement: u32, values: &[Value]) -> Result<Vec<ColumnFormat>, ClientError> {
        self.send_values(statement, values)?;
        if self.packet.first() == Some(&0x00) {
            return Err(ClientError::protocol("a statement without rows"));
        }
        let columns = length(&mut self.packet.as_slice())?;
        let formats = read_columns(self, columns)?;
        self.is_unfinished = true;
        Ok(formats)
    }

    /// Sends the values of a prepared statement, which executes it, and receives the first packet of the answer. Values that
    /// are too long for one packet go before it, in pieces ("COM_STMT_SEND_LONG_DATA" in MySQL's internals), which the server does not
    /// answer.
    fn send_values(&mut self, statement: u32, values: &[Value]) -> Result<(), ClientError> {
        self.finish()?;
        let (execute, is_long) = ComStmtExecuteRequestBuilder::new(statement).build(values);
        let mut bytes = Vec::new();
        if is_long {
            for (parameter, value) in values.iter().enumerate() {
                let Value::Bytes(value) = value else { continue };
                let parameter = u16::try_from(parameter).map_err(|_| ClientError::protocol("too many parameters"))?;
                // An empty value is sent too, in one piece.
                for from in (0..value.len().max(1)).step_by(PIECE) {
                    let piece = &value[from..value.len().min(from + PIECE)];
                    bytes.clear();
                    ComStmtSendLongData::new(statement, parameter, piece).serialize(&mut bytes);
                    self.command(&bytes)?;
                }
            }
            bytes.clear();
        }
        execute.serialize(&mut bytes);
        self.command(&bytes)?;
        self.receive()
    }

    /// Reads the rows that are still to come of an answer whose reader has stopped.
    fn finish(&mut self) -> Result<(), ClientError> {
        self.drain(usize::MAX).map(drop)
    }

    /// Reads at most so many more packets of an answer whose reader has stopped; whether its end has come.
    ///
    /// # Errors
    /// The connection is lost.
    pub(in crate::source::mysql) fn drain(&mut self, packets: usize) -> Result<bool, ClientError> {
        let mut left = packets;
        while self.is_unfinished && left > 0 {
            left -= 1;
            match self.receive() {
                Ok(()) if self.is_end() => self.end_rows(),
                Ok(()) => {}
                // The answer ends with an error: that its query was killed, for instance.
                Err(ClientError::Server { .. }) => self.is_unfinished = false,
                Err(error) => return Err(error),
            }
        }
        if !self.is_unfinished
            && let Some(statement) = self.abandoned.take()
        {
            self.close(statement)?;
        }
        Ok(!self.is_unfinished)
    }

    /// Closes a prepared statement. The server answers nothing.
    pub(in crate::source::mysql) fn close(&mut self, statement: u32) -> Result<(), ClientError> {
        let mut bytes = vec![Command::COM_STMT_CLOSE as u8];
        bytes.extend_from_slice(&statement.to_le_bytes());
        self.command(&bytes)
    }

    /// Notes that the packet has ended the rows of an answer.
    pub(super) fn end_rows(&mut self) {
        self.is_unfinished = false;
        self.note_status();
    }

    /// Takes the server's status from the packet that ends an answer: 0xfe, warnings, status.
    fn note_status(&mut self) {
        if let Some(&[low, high]) = self.packet.get(3..5) {
            self.status = StatusFlags::from_bits_truncate(u16::from_le_bytes([low, high]));
        }
    }

    /// Whether the packet ends a list of columns or rows.
    #[inline]
    pub(super) fn is_end(&self) -> bool {
        self.packet.first() == Some(&0xfe) && self.packet.len() < 9
    }
}

/// A number of the protocol's variable length.
#[inline]
pub(super) fn length(rest: &mut &[u8]) -> Result<usize, ClientError> {
    match rest.split_first() {
        Some((first, after)) if *first < 0xfb => {
            *rest = after;
            Ok(usize::from(*first))
        }
        Some((first, after)) => long_length(*first, after, rest),
        None => Err(ClientError::protocol("a packet that is cut short")),
    }
}

#[cold]
fn long_length<'a>(first: u8, after: &'a [u8], rest: &mut &'a [u8]) -> Result<usize, ClientError> {
    let short = || ClientError::protocol("a packet that is cut short");
    let bytes = match first {
        0xfc => 2,
        0xfd => 3,
        0xfe => 8,
        _ => return Err(ClientError::protocol("a length that is none")),
    };
    let (number, after) = after.split_at_checked(bytes).ok_or_else(short)?;
    *rest = after;
    let number = number.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    usize::try_from(number).map_err(|_| ClientError::protocol("a length beyond memory"))
}

fn text(rest: &mut &[u8]) -> Result<Option<Vec<u8>>, ClientError> {
    if let Some((0xfb, after)) = rest.split_first() {
        *rest = after;
        return Ok(None);
    }
    let length = length(rest)?;
    let (value, after) =
        rest.split_at_checked(length).ok_or_else(|| ClientError::protocol("a value that is cut short"))?;
    *rest = after;
    Ok(Some(value.to_vec()))
}
