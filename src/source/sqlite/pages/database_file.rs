//! The pages of a file by their numbers.

use super::OpenFile;
use crate::source::sqlite::open::page_size;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// The pages of a file that does not change while it is read.
#[derive(Debug, Clone)]
pub(in crate::source::sqlite) struct DatabaseFile {
    file: Arc<OpenFile>,
    pub(super) page_size: usize,
    /// The bytes of a page without those that are reserved for extensions.
    pub(super) usable: usize,
    /// Number of pages of the database; SQLite reads none after them, for any length of the file.
    pub(super) pages: u32,
    /// Whether the file has pointer-map pages, which automatic vacuum needs.
    pub(super) has_pointer_map: bool,
    /// No row of the file has more bytes.
    pub(super) longest_payload: usize,
}

/// A page contradicts the file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::source::sqlite) struct MalformedPage(pub(in crate::source::sqlite) &'static str);

/// The reason why rows cannot be read from their pages.
#[derive(Debug)]
pub(in crate::source::sqlite) enum PageError {
    Malformed(MalformedPage),
    Io(io::Error),
}

impl From<MalformedPage> for PageError {
    fn from(malformed: MalformedPage) -> Self {
        PageError::Malformed(malformed)
    }
}

impl DatabaseFile {
    /// The file's pages, where its text is UTF-8. Its whole state has to be in the file, and a transaction has to be
    /// open on it until all reading is done.
    pub(in crate::source::sqlite) fn of(file: &Arc<OpenFile>, path: &Path) -> Option<Self> {
        if !file.is_at(path) {
            return None;
        }
        let mut header = [0; 100];
        file.read_exact_at(&mut header, 0).ok()?;
        // https://www.sqlite.org/fileformat2.html#the_database_header
        let page_size = page_size(&header)?;
        let usable = page_size.checked_sub(usize::from(header[20]))?;
        let encoding = u32::from_be_bytes([header[56], header[57], header[58], header[59]]);
        let is_known = page_size >= 512 && page_size.is_power_of_two() && usable >= 480 && encoding == 1;
        if !is_known {
            return None;
        }
        let length = file.length().ok()?;
        let (pages, longest_payload) = (pages(&header, length, page_size)?, usize::try_from(length).ok()?);
        let has_pointer_map = header[52..56] != [0; 4];
        Some(Self { file: Arc::clone(file), page_size, usable, pages, has_pointer_map, longest_payload })
    }

    pub(super) fn read_page(&self, page: u32, buffer: &mut [u8]) -> Result<(), PageError> {
        let before = page.checked_sub(1).filter(|before| *before > 0);
        let before = before.ok_or(MalformedPage("the schema's page in the tree of a table"))?;
        if page > self.pages {
            return Err(MalformedPage("a page behind the end of the database").into());
        }
        #[cfg(test)]
        super::mutants::PAGES_READ.with(|read| read.set(read.get() + 1));
        let offset = u64::from(before) * self.page_size as u64;
        self.file.read_exact_at(buffer, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => MalformedPage("a page behind the end of the file").into(),
            _ => PageError::Io(error),
        })
    }

    /// The number of a payload's bytes on its own page, "Cell payload overflow pages" of
    /// <https://www.sqlite.org/fileformat2.html#b_tree_pages>.
    pub(super) fn local_payload(&self, length: usize) -> usize {
        let most = self.usable - 35;
        if length <= most {
            return length;
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let rest = least + (length - least) % (self.usable - 4);
        if rest <= most { rest } else { least }
    }
}

/// The number of the database's pages: by its header if that is valid, else by the file's length (`lockBtree` of
/// SQLite's btree.c; <https://www.sqlite.org/fileformat2.html>, section 1.3.8). `None` if the two contradict each
/// other.
fn pages(header: &[u8; 100], length: u64, page_size: usize) -> Option<u32> {
    let in_file = u32::try_from(length / page_size as u64).ok()?;
    let in_header = u32::from_be_bytes([header[28], header[29], header[30], header[31]]);
    if in_header == 0 || header[24..28] != header[92..96] {
        return Some(in_file);
    }
    (in_header <= in_file).then_some(in_header)
}
