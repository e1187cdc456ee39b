//! Statements and small answers.

use super::result::{ResultSet, read_columns};
use super::{Client, ClientError};
use mysql_common::constants::Command;
use mysql_common::io::ParseBuf;
use mysql_common::packets::{ComStmtExecuteRequestBuilder, StmtPacket};
use mysql_common::proto::MySerialize;
use mysql_common::value::Value;

/// A row of a small answer: every value as text, in UTF-8 where it is text.
pub(in crate::source::mysql) type TextRow = Vec<Option<Vec<u8>>>;

impl Client {
    /// Executes a statement and reads its whole answer as text; no rows if it gives none.
    ///
    /// # Errors
    /// The server refuses the statement, or the connection is lost.
    pub(in crate::source::mysql) fn query(&mut self, sql: &str) -> Result<Vec<TextRow>, ClientError> {
        self.finish()?;
        let mut bytes = vec![Command::COM_QUERY as u8];
        bytes.extend_from_slice(sql.as_bytes());
        self.command(&bytes)?;
        self.receive()?;
        match self.packet.first() {
            Some(0x00) => return Ok(Vec::new()),
            Some(0xfb) => return Err(ClientError::protocol("it asks for a file of this machine")),
            _ => {}
        }
        let columns = length(&mut self.packet.as_slice())?;
        read_columns(self, columns)?;
        let mut rows = Vec::new();
        loop {
            self.receive()?;
            if self.is_end() {
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
    pub(in crate::source::mysql) fn rows(
        &mut self,
        sql: &str,
        parameters: &[Value],
    ) -> Result<ResultSet<'_>, ClientError> {
        self.finish()?;
        let mut bytes = vec![Command::COM_STMT_PREPARE as u8];
        bytes.extend_from_slice(sql.as_bytes());
        self.command(&bytes)?;
        self.receive()?;
        let prepared: StmtPacket = ParseBuf(&self.packet).parse(())?;
        read_columns(self, usize::from(prepared.num_params()))?;
        read_columns(self, usize::from(prepared.num_columns()))?;
        if usize::from(prepared.num_params()) != parameters.len() {
            return Err(ClientError::protocol("another number of parameters than the statement has"));
        }
        let (execute, is_long) = ComStmtExecuteRequestBuilder::new(prepared.statement_id()).build(parameters);
        if is_long {
            return Err(ClientError::protocol("parameters of more than 16 MB"));
        }
        bytes.clear();
        execute.serialize(&mut bytes);
        self.command(&bytes)?;
        self.receive()?;
        if self.packet.first() == Some(&0x00) {
            return Err(ClientError::protocol("a statement without rows"));
        }
        let columns = length(&mut self.packet.as_slice())?;
        let formats = read_columns(self, columns)?;
        self.is_unfinished = true;
        Ok(ResultSet::new(self, prepared.statement_id(), formats))
    }

    /// Reads the rows that are still to come of an answer whose reader has stopped.
    fn finish(&mut self) -> Result<(), ClientError> {
        while self.is_unfinished {
            match self.receive() {
                Ok(()) => self.is_unfinished = !self.is_end(),
                // The answer ends with an error: that its query was killed, for instance.
                Err(ClientError::Server { .. }) => self.is_unfinished = false,
                Err(error) => return Err(error),
            }
        }
        Ok(())
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
