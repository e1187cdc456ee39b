//! Walking the B-tree of a table in the order of its rowids (<https://www.sqlite.org/fileformat2.html#b_tree_pages>).
//! The first page of the file is never visited: its tree is the schema's.

use super::overflow::Overflow;
use super::record::{ValuePlace, find_values, varint};
use super::{DatabaseFile, MalformedPage, PageError};

/// No tree of SQLite's is deeper: a file of 2^32 pages fits into a tree of 20 levels (`BTCURSOR_MAX_DEPTH` of btreeInt.h).
const DEEPEST: usize = 20;

/// The kind of a page.
const INTERIOR: u8 = 0x05;
const LEAF: u8 = 0x0D;

/// Reads the rows of a range of rowids, one after the other.
#[derive(Debug)]
pub(super) struct PageCursor<'file> {
    file: &'file DatabaseFile,
    from: i64,
    /// The number of a row's values to find: pages that hold only later values are not read.
    wanted: usize,
    /// Pending pages of every level of the tree, the next one last.
    ahead: Vec<Vec<Subtree>>,
    leaf: Vec<u8>,
    /// The largest rowid that the leaf may hold, by the keys above it.
    most: i64,
    /// The leaf's number.
    page: u32,
    overflow: Overflow<'file>,
    /// Cells of the leaf, and the next of them.
    cells: usize,
    cell: usize,
    /// All rowids that follow are greater.
    last: Option<i64>,
    /// The payload of a row that has overflow pages.
    gathered: Vec<u8>,
    /// The places of the row's wanted values in its payload.
    fields: Vec<ValuePlace>,
}

/// A page, and by the keys beside it the rowids below it: greater than `above` and at most `most`.
#[derive(Debug, Clone, Copy)]
struct Subtree {
    page: u32,
    above: Option<i64>,
    most: i64,
}

/// A row of the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'row> {
    pub(super) rowid: i64,
    /// The record as far as the wanted values go.
    pub(super) record: &'row [u8],
    /// The places of the wanted values in the record.
    pub(super) fields: &'row [ValuePlace],
}

/// The place of a row's payload.
enum PayloadPlace {
    Leaf(std::ops::Range<usize>),
    Gathered,
}

impl<'file> PageCursor<'file> {
    /// Before the first row of the tree with this root whose rowid is `from` or greater.
    pub(super) fn new(file: &'file DatabaseFile, root: u32, from: i64, wanted: usize) -> Self {
        let root = Subtree { page: root, above: None, most: i64::MAX };
        let (ahead, leaf) = (vec![vec![root]], vec![0; file.page_size]);
        Self {
            file,
            from,
            wanted,
            ahead,
            leaf,
            most: i64::MAX,
            page: 0,
            overflow: Overflow::new(file),
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
                // This check also ends a walk through pages that point at each other, and detects a row outside of its
                // subtree's keys: every range that intersects these keys visits the subtree.
                if self.last.is_some_and(|last| rowid <= last) || rowid > self.most {
                    return Err(MalformedPage("rowids are not in their order").into());
                }
                self.last = Some(rowid);
                if rowid >= self.from {
                    let record = match place {
                        PayloadPlace::Leaf(range) => &self.leaf[range],
                        PayloadPlace::Gathered => &self.gathered,
                    };
                    return Ok(Some(Entry { rowid, record, fields: &self.fields }));
                }
            }
            if !self.turn_page()? {
                return Ok(None);
            }
        }
    }

    /// Reads the next page; false if none is left.
    fn turn_page(&mut self) -> Result<bool, PageError> {
        let subtree = loop {
            let Some(level) = self.ahead.last_mut() else { return Ok(false) };
            match level.pop() {
                Some(subtree) => break subtree,
                None => self.ahead.pop(),
            };
        };
        (self.cell, self.cells) = (0, 0);
        self.file.read_page(subtree.page, &mut self.leaf)?;
        let cells = usize::from(self.number_at(3)?);
        // `MX_CELL` of SQLite's btreeInt.h: a cell takes four bytes, and two for its place.
        if cells > (self.file.page_size - 8) / 6 {
            return Err(MalformedPage("a page with more cells than it has room for").into());
        }
        let is_leaf = match self.leaf[0] {
            LEAF => true,
            INTERIOR => false,
            _ => return Err(MalformedPage("a page that is not of a table's tree").into()),
        };
        // Only a table without rows has such a page, its root: a walk meets a row in every leaf, and so ends.
        if cells == 0 && (self.ahead.len() > 1 || !is_leaf) {
            return Err(MalformedPage("a page without cells").into());
        }
        if is_leaf {
            (self.page, self.cells, self.most) = (subtree.page, cells, subtree.most);
            self.last = self.last.max(subtree.above);
        } else if self.ahead.len() < DEEPEST {
            let children = self.children(cells, subtree)?;
            self.ahead.push(children);
        } else {
            return Err(MalformedPage("a tree deeper than SQLite makes them").into());
        }
        Ok(true)
    }

    /// The children of an interior page that can hold rows of the range, the first one last.
    fn children(&self, cells: usize, parent: Subtree) -> Result<Vec<Subtree>, PageError> {
        let (mut children, mut above) = (Vec::with_capacity(cells + 1), parent.above);
        for cell in 0..cells {
            let at = usize::from(self.number_at(12 + 2 * cell)?);
            // All rowids below a child are at most the key beside it.
            let most = varint(&self.leaf, at + 4)?.0.cast_signed();
            if above.is_some_and(|above| most <= above) || most > parent.most {
                return Err(MalformedPage("the keys of a page are not in their order").into());
            }
            if most >= self.from {
                children.push(Subtree { page: self.page_at(at)?, above, most });
            }
            above = Some(most);
        }
        children.push(Subtree { page: self.page_at(8)?, above, most: parent.most });
        children.reverse();
        Ok(children)
    }

    /// The rowid and the payload of a cell of the leaf.
    fn read_cell(&mut self, cell: usize) -> Result<(i64, PayloadPlace), PageError> {
        let at = usize::from(self.number_at(8 + 2 * cell)?);
        let (length, at) = varint(&self.leaf, at)?;
        let (rowid, at) = varint(&self.leaf, at)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= self.file.longest_payload);
        let length = length.ok_or(MalformedPage("a row that is longer than the file"))?;
        let local = self.file.local_payload(length);
        let range = at..at + local;
        let held = self.leaf[..self.file.usable].get(range.clone());
        let held = held.ok_or(MalformedPage("a row goes on behind the end of its page"))?;
        let rowid = rowid.cast_signed();
        if rowid < self.from {
            return Ok((rowid, PayloadPlace::Leaf(range)));
        }
        // A header that is longer than its part on the leaf is read again with the whole record.
        let found = find_values(held, length, self.wanted, &mut self.fields);
        let is_whole = local == length;
        let needed = match found {
            Ok(()) => self.fields.last().map_or(0, |field| field.end),
            Err(malformed) if is_whole => return Err(malformed.into()),
            Err(_) => length,
        };
        if needed <= local {
            return Ok((rowid, PayloadPlace::Leaf(range)));
        }
        self.gathered.clear();
        self.gathered.extend_from_slice(held);
        let first = self.page_at(at + local)?;
        self.overflow.gather(first, self.page, needed, &mut self.gathered)?;
        if found.is_err() {
            find_values(&self.gathered, length, self.wanted, &mut self.fields)?;
        }
        Ok((rowid, PayloadPlace::Gathered))
    }

    fn number_at(&self, at: usize) -> Result<u16, MalformedPage> {
        match self.leaf.get(at..at + 2) {
            Some(&[high, low]) => Ok(u16::from_be_bytes([high, low])),
            _ => Err(MalformedPage("a place behind the end of its page")),
        }
    }

    fn page_at(&self, at: usize) -> Result<u32, MalformedPage> {
        match self.leaf.get(at..at + 4) {
            Some(&[a, b, c, d]) => Ok(u32::from_be_bytes([a, b, c, d])),
            _ => Err(MalformedPage("a place behind the end of its page")),
        }
    }
}
