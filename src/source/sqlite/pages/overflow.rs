//! Overflow pages: chains that hold the part of a row that does not fit onto its own page
//! (<https://www.sqlite.org/fileformat2.html>, section 1.6).

use super::{DatabaseFile, MalformedPage, PageError};

/// The kinds of overflow pages in the pointer map: the first of a chain, and those behind it.
const FIRST: u8 = 3;
const NEXT: u8 = 4;

/// Offset of the page for SQLite's locks, which holds no data (section 1.4).
const LOCK_BYTES: u64 = 1 << 30;

/// Reads chains.
#[derive(Debug)]
pub(super) struct Overflow<'file> {
    file: &'file DatabaseFile,
    page: Vec<u8>,
    /// Pages left to visit: each belongs to one row, so a walk over rows that share pages ends.
    budget: u32,
    /// A page of the pointer map, and its number.
    map: Option<(u32, Vec<u8>)>,
}

impl<'file> Overflow<'file> {
    pub(super) fn new(file: &'file DatabaseFile) -> Self {
        Self { file, page: Vec::new(), budget: file.pages, map: None }
    }

    /// Appends the content of the chain that begins at `first` until there are `length` bytes. `leaf` is the page of
    /// its row.
    pub(super) fn gather(
        &mut self,
        first: u32,
        leaf: u32,
        length: usize,
        payload: &mut Vec<u8>,
    ) -> Result<(), PageError> {
        self.page.resize(self.file.page_size, 0);
        let (mut next, mut kind, mut owner) = (first, FIRST, leaf);
        while payload.len() < length {
            self.budget = self.budget.checked_sub(1).ok_or(MalformedPage("an overflow page of several rows"))?;
            if self.file.has_pointer_map {
                self.confirm(next, kind, owner)?;
            }
            self.file.read_page(next, &mut self.page)?;
            (kind, owner) = (NEXT, next);
            next = u32::from_be_bytes([self.page[0], self.page[1], self.page[2], self.page[3]]);
            let taken = (length - payload.len()).min(self.file.usable - 4);
            payload.extend_from_slice(&self.page[4..4 + taken]);
        }
        Ok(())
    }

    /// Confirms that the pointer map has the page as the successor of its owner (section 1.8). SQLite uses the map when
    /// it needs only the number of the next page (`getOverflowPage` of btree.c).
    fn confirm(&mut self, page: u32, kind: u8, owner: u32) -> Result<(), PageError> {
        let otherwise = || MalformedPage("an overflow page that the pointer map knows otherwise").into();
        if self.entry(page)? != Some((kind, owner)) {
            return Err(otherwise());
        }
        let mut guess = owner.saturating_add(1);
        while guess <= self.file.pages && self.place(guess).is_none() {
            guess += 1;
        }
        if kind == NEXT && guess != page && guess <= self.file.pages && self.entry(guess)? == Some((kind, owner)) {
            return Err(otherwise());
        }
        Ok(())
    }

    /// The pointer map's entry for a page: its kind, and the page that points at it.
    fn entry(&mut self, page: u32) -> Result<Option<(u8, u32)>, PageError> {
        let Some((map, at)) = self.place(page) else { return Ok(None) };
        let mut bytes = match self.map.take() {
            Some((number, bytes)) if number == map => bytes,
            other => {
                let mut bytes = other.map_or_else(|| vec![0; self.file.page_size], |(_, bytes)| bytes);
                self.file.read_page(map, &mut bytes)?;
                bytes
            }
        };
        bytes.resize(self.file.page_size, 0);
        let entry = match bytes.get(at..at + 5) {
            Some(&[kind, a, b, c, d]) if at + 5 <= self.file.usable => Some((kind, u32::from_be_bytes([a, b, c, d]))),
            _ => None,
        };
        self.map = Some((map, bytes));
        Ok(entry)
    }

    /// The page of the pointer map and the offset in it of a page's entry (`PTRMAP_PAGENO` of btreeInt.h); `None` for
    /// pages without an entry.
    fn place(&self, page: u32) -> Option<(u32, usize)> {
        let lock_bytes = u32::try_from(LOCK_BYTES / self.file.page_size as u64).ok()? + 1;
        let group = u32::try_from(self.file.usable / 5).ok()? + 1;
        let mut map = page.checked_sub(2)? / group * group + 2;
        if map == lock_bytes {
            map += 1;
        }
        let behind = page.checked_sub(map + 1).filter(|_| page != lock_bytes)?;
        Some((map, usize::try_from(behind).ok()? * 5))
    }
}
