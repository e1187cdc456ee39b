//! A copy of a source, its progress, and the digest of the rows in it.

use crate::catalog::{DatabaseContents, TableContents};
use crate::value::Cell;
use xxhash_rust::xxh3::Xxh3;

/// The progress of a copy, or of reading what one holds.
#[derive(Debug, Clone, Copy)]
pub enum Copying<'a> {
    /// Pages of a file.
    Pages {
        /// Number of copied pages.
        done: u64,
        /// All.
        all: u64,
    },
    /// Rows of a table.
    Rows {
        /// The table.
        table: &'a str,
        /// Number of rows read.
        done: u64,
    },
    /// A program of the server's is at work, and says nothing of how far it is.
    Program,
}

/// Listener to the progress; it answers whether to go on.
pub type CopyWatch<'w> = dyn Fn(Copying<'_>) -> bool + 'w;

/// A copy of a source.
#[derive(Debug, Clone)]
pub struct SourceCopy {
    /// The source's engine in words, with the server's version.
    pub engine: String,
    /// The program that made the copy, with its version.
    pub tool: String,
    /// The file in the directory that was given.
    pub file: &'static str,
    /// The contents of the state that was copied; `None` if they are not known.
    pub contents: Option<DatabaseContents>,
    /// A remark for the user, such as the reason why the contents are not known.
    pub remark: Option<String>,
}

/// The rows of one table as they are added, in any order.
#[derive(Debug, Default)]
pub(in crate::source) struct RowsDigest {
    rows: u64,
    sum: u128,
}

impl RowsDigest {
    /// Adds a row, and gives the number of those added.
    pub(in crate::source) fn add<'a>(&mut self, cells: impl Iterator<Item = Cell<'a>>) -> u64 {
        let mut hasher = Xxh3::new();
        for cell in cells {
            // Tag and length before the bytes: no two different rows are alike.
            let mut add = |tag: u8, bytes: &[u8]| {
                hasher.update(&[tag]);
                hasher.update(&(bytes.len() as u64).to_le_bytes());
                hasher.update(bytes);
            };
            match cell {
                Cell::Null => add(0, &[]),
                Cell::Integer(number) => add(1, &number.to_le_bytes()),
                Cell::Real(number) => add(2, &number.to_bits().to_le_bytes()),
                Cell::Text(bytes) => add(3, bytes),
                Cell::Blob(bytes) => add(4, bytes),
            }
        }
        self.sum = self.sum.wrapping_add(hasher.digest128());
        self.rows += 1;
        self.rows
    }

    /// The whole table.
    pub(in crate::source) fn contents(&self) -> TableContents {
        TableContents { rows: self.rows, digest: format!("{:032x}", self.sum) }
    }
}

/// Rows that are read between two looks at whether to stop.
pub(in crate::source) const ROWS: u64 = 10_000;

/// The outcome of restoring a copy into a place that is thrown away.
#[derive(Debug, Clone)]
pub struct Proved {
    /// Its contents; `None` if there is no such place.
    pub contents: Option<DatabaseContents>,
    /// The place in words, or the reason why there is none.
    pub words: String,
}
