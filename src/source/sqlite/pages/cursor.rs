//! Walking the B-tree of a table in the order of its rowids (<https://www.sqlite.org/fileformat2.html#b_tree_pages>). The
//! first page of the file is never met: its tree is the schema's.

use super::record::{Field, find_fields, varint};
use super::{DatabaseFile, Malformed, PageError};

/// No tree of SQLite's is deeper: a file of 2^32 pages fits into a tree of 20 levels (`BTCURSOR_MAX_DEPTH` of btreeInt.h).
const DEEPEST: usize = 20;

/// What kind of page it is.
const INTERIOR: u8 = 0x05;
const LEAF: u8 = 0x0D;

/// Gives the rows of a range of rowids, one after the other.
#[derive(Debug)]
pub(super) struct Cursor<'file> {
    file: &'file DatabaseFile,
    from: i64,
    /// How many of a row's values are looked at: pages that hold only others are not read.
    wanted: usize,
    /// For every level of the tree the pages still to be visited, the next one last.
    ahead: Vec<Vec<u32>>,
    leaf: Vec<u8>,
    /// Cells of the leaf, and the next of them.
    cells: usize,
    cell: usize,
    last: Option<i64>,
    /// The payload of a row that does not fit onto its page.
    gathered: Vec<u8>,
    /// Where the row's wanted values stand in its payload.
    fields: Vec<Field>,
}

/// A row of the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'row> {
    pub(super) rowid: i64,
    /// The record as far as the wanted values go.
    pub(super) record: &'row [u8],
    /// Where these stand in it.
    pub(super) fields: &'row [Field],
}

/// Where the payload of a row stands.
enum Place {
    Leaf(std::ops::Range<usize>),
    Gathered,
}

impl<'file> Cursor<'file> {
    /// Before the first row of the tree with this root whose rowid is `from` or greater.
    pub(super) fn new(file: &'file DatabaseFile, root: u32, from: i64, wanted: usize) -> Self {
        let (ahead, leaf) = (vec![vec![root]], vec![0; file.page_size]);
        Self {
            file,
            from,
            wanted,
            ahead,
            leaf,
            cells: 0,
            cell: 0,
            last: None,
            gathered: Vec::new(),
            fields: Vec::new(),
        }
    }

    /// The next row.
    pub(super) fn next(&mut self) -> Result<Option<Entry<'_>>, PageError> {
        loop {
            while self.cell < self.cells {
                self.cell += 1;
                let (rowid, place) = self.read_cell(self.cell - 1)?;
                // Also what ends a walk through pages that point at each other.
                if self.last.is_some_and(|last| rowid <= last) {
                    return Err(Malformed("rowids are not in their order").into());
                }
                self.last = Some(rowid);
                if rowid >= self.from {
                    let record = match place {
                        Place::Leaf(range) => &self.leaf[range],
                        Place::Gathered => &self.gathered,
                    };
                    return Ok(Some(Entry { rowid, record, fields: &self.fields }));
                }
            }
            if !self.turn_page()? {
                return Ok(None);
            }
        }
    }

    /// Goes to the next page; none is left where it returns false.
    fn turn_page(&mut self) -> Result<bool, PageError> {
        let page = loop {
            let Some(level) = self.ahead.last_mut() else { return Ok(false) };
            match level.pop() {
                Some(page) => break page,
                None => self.ahead.pop(),
            };
        };
        (self.cell, self.cells) = (0, 0);
        self.file.read_page(page, &mut self.leaf)?;
        let cells = usize::from(self.number_at(3)?);
        // Only a table without rows has such a page, its root: a walk meets a row in every leaf, and so comes to an end.
        if cells == 0 && self.ahead.len() > 1 {
            return Err(Malformed("a page without cells").into());
        }
        match self.leaf[0] {
            LEAF => {
                self.cells = cells;
                Ok(true)
            }
            INTERIOR if self.ahead.len() < DEEPEST => {
                let children = self.children(cells)?;
                self.ahead.push(children);
                Ok(true)
            }
            INTERIOR => Err(Malformed("a tree deeper than SQLite makes them").into()),
            _ => Err(Malformed("a page that is not of a table's tree").into()),
        }
    }

    /// The children of an interior page that can hold rows of the range, the first one last.
    fn children(&self, cells: usize) -> Result<Vec<u32>, PageError> {
        let mut children = vec![self.page_at(8)?];
        for cell in (0..cells).rev() {
            let at = usize::from(self.number_at(12 + 2 * cell)?);
            // All rowids below a child are at most the key beside it.
            let (greatest, _) = varint(&self.leaf, at + 4)?;
            if greatest.cast_signed() < self.from {
                break;
            }
            children.push(self.page_at(at)?);
        }
        Ok(children)
    }

    /// The rowid and the payload of a cell of the leaf.
    fn read_cell(&mut self, cell: usize) -> Result<(i64, Place), PageError> {
        let at = usize::from(self.number_at(8 + 2 * cell)?);
        let (length, at) = varint(&self.leaf, at)?;
        let (rowid, at) = varint(&self.leaf, at)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= self.file.longest_payload);
        let length = length.ok_or(Malformed("a row that is longer than the file"))?;
        let local = self.file.local_payload(length);
        let range = at..at + local;
        let held = self.leaf.get(range.clone()).ok_or(Malformed("a row goes on behind the end of its page"))?;
        let rowid = rowid.cast_signed();
        if rowid < self.from {
            return Ok((rowid, Place::Leaf(range)));
        }
        // A header that is longer than what stands here is read again with all of the record.
        let found = find_fields(held, length, self.wanted, &mut self.fields);
        let is_whole = local == length;
        let needed = match found {
            Ok(()) => self.fields.last().map_or(0, |field| field.end),
            Err(malformed) if is_whole => return Err(malformed.into()),
            Err(_) => length,
        };
        if needed <= local {
            return Ok((rowid, Place::Leaf(range)));
        }
        self.gathered.clear();
        self.gathered.extend_from_slice(held);
        let overflow = self.page_at(at + local)?;
        self.file.gather(overflow, needed, &mut self.gathered)?;
        if found.is_err() {
            find_fields(&self.gathered, length, self.wanted, &mut self.fields)?;
        }
        Ok((rowid, Place::Gathered))
    }

    fn number_at(&self, at: usize) -> Result<u16, Malformed> {
        match self.leaf.get(at..at + 2) {
            Some(&[high, low]) => Ok(u16::from_be_bytes([high, low])),
            _ => Err(Malformed("a place behind the end of its page")),
        }
    }

    fn page_at(&self, at: usize) -> Result<u32, Malformed> {
        match self.leaf.get(at..at + 4) {
            Some(&[a, b, c, d]) => Ok(u32::from_be_bytes([a, b, c, d])),
            _ => Err(Malformed("a place behind the end of its page")),
        }
    }
}
