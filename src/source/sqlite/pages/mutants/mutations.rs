//! Mutations of a file: random bytes, and bytes of the file format's fields.

use super::Random;
use super::sources::MutantSource;
use std::fmt;
use std::os::unix::fs::FileExt;

/// Changes of a file: bytes with their offsets, and its length.
#[derive(Debug, Default)]
pub(super) struct Mutation {
    patches: Vec<(usize, Vec<u8>)>,
    length: Option<usize>,
}

impl fmt::Display for Mutation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, bytes) in &self.patches {
            let shown = &bytes[..bytes.len().min(24)];
            writeln!(formatter, "at {at} {} bytes: {}", bytes.len(), hex::encode(shown))?;
        }
        self.length.map_or(Ok(()), |length| writeln!(formatter, "length {length}"))
    }
}

/// A page of a table's tree, as far as its header goes.
struct TreePage {
    start: usize,
    is_leaf: bool,
    cells: usize,
}

impl Mutation {
    /// A random mutation of the source.
    pub(super) fn of(source: &MutantSource, random: &mut Random) -> Self {
        let mut mutation = Self::default();
        for _ in 0..=random.of(&[0, 0, 0, 1, 2]) {
            match random.below(20) {
                0 => mutation.bytes(source, random),
                1 => mutation.bit(source, random),
                2 | 3 => mutation.page_header(source, random),
                4 | 5 => mutation.cell_pointer(source, random),
                6..=11 => mutation.cell(source, random),
                12 | 13 => mutation.child(source, random),
                14 | 15 => mutation.overflow(source, random),
                16 => mutation.database_header(source, random),
                17 => mutation.schema(source, random),
                18 => mutation.page(source, random),
                _ => mutation.length(source, random),
            }
        }
        mutation
    }

    /// Writes the changes.
    pub(super) fn apply(&self, source: &MutantSource) {
        for (at, bytes) in &self.patches {
            source.file.write_all_at(bytes, *at as u64).unwrap();
        }
        if let Some(length) = self.length {
            source.file.set_len(length as u64).unwrap();
        }
    }

    /// Restores the file.
    pub(super) fn take_back(&self, source: &MutantSource) {
        let touches_header = self.patches.iter().any(|(at, _)| *at < 100);
        if self.length.is_some() || touches_header {
            return source.write();
        }
        for (at, bytes) in &self.patches {
            source.file.write_all_at(&source.image[*at..at + bytes.len()], *at as u64).unwrap();
        }
    }

    /// Whether the first page is changed, and with it perhaps the structure.
    pub(super) fn changes_structure(&self, source: &MutantSource) -> bool {
        self.length.is_some() || self.patches.iter().any(|(at, _)| *at < source.structure)
    }

    /// Puts bytes at a place, as far as the file goes.
    fn put(&mut self, source: &MutantSource, at: usize, bytes: &[u8]) {
        let room = source.image.len().saturating_sub(at).min(bytes.len());
        if room > 0 {
            self.patches.push((at, bytes[..room].to_vec()));
        }
    }

    fn bytes(&mut self, source: &MutantSource, random: &mut Random) {
        for _ in 0..=random.below(4) {
            let at = random.below(source.image.len());
            let bytes = (0..=random.below(4)).map(|_| random.byte()).collect::<Vec<_>>();
            self.put(source, at, &bytes);
        }
    }

    fn bit(&mut self, source: &MutantSource, random: &mut Random) {
        let at = random.below(source.image.len());
        self.put(source, at, &[source.image[at] ^ 1 << random.below(8)]);
    }

    /// The type of a page, the number of its cells, where they begin.
    fn page_header(&mut self, source: &MutantSource, random: &mut Random) {
        let Some(page) = tree_page(source, random) else { return };
        match random.below(4) {
            0 => {
                let kind = random.of(&[0, 2, 5, 10, 13, 255]);
                self.put(source, page.start, &[kind]);
            }
            1 | 2 => {
                let cells = u16::try_from(page.cells).unwrap();
                let any = random.below(65_536);
                let other = [cells + 1, cells.saturating_sub(1), 0, 1, u16::MAX, u16::try_from(any).unwrap()];
                self.put(source, page.start + 3, &random.of(&other).to_be_bytes());
            }
            _ => {
                let at = random.below(12);
                self.put(source, page.start + at, &[random.byte()]);
            }
        }
    }

    fn cell_pointer(&mut self, source: &MutantSource, random: &mut Random) {
        let Some(page) = tree_page(source, random) else { return };
        let (one, two) = (random.below(page.cells), random.below(page.cells));
        let usable = source.page_size - usize::from(source.image[20]);
        let pointer = match random.below(4) {
            0 => page.pointer(source, two),
            1 => usable.saturating_sub(random.below(40)),
            2 => random.below(source.page_size),
            _ => (page.pointer(source, one) + random.below(9)).saturating_sub(4),
        };
        let pointer = u16::try_from(pointer.min(65_535)).unwrap();
        if random.below(3) == 0 {
            // Swaps two pointers.
            let first = u16::try_from(page.pointer(source, one)).unwrap();
            self.put(source, page.pointer_place(two), &first.to_be_bytes());
        }
        self.put(source, page.pointer_place(one), &pointer.to_be_bytes());
    }

    /// The length of a payload, a rowid, the header of a record, a value.
    fn cell(&mut self, source: &MutantSource, random: &mut Random) {
        let Some(page) = tree_page(source, random) else { return };
        let mut at = page.start + page.pointer(source, random.below(page.cells));
        if !page.is_leaf {
            // The key behind the child's number.
            at += 4 * usize::from(random.below(3) > 0);
        } else if random.below(3) > 0 {
            // Behind the payload's length and the rowid: the record.
            at = varint_end(source, varint_end(source, at));
            let behind = [0, 1, 2, 3, random.below(12), random.below(40)];
            at += random.of(&behind);
        }
        let old = source.image.get(at).copied().unwrap_or(0);
        let more = [old.wrapping_add(1), old.wrapping_sub(1), old ^ 0x80, 0x7F, 0x80, 0xFF, 0, random.byte()];
        match random.below(8) {
            0 => self.put(source, at, &[0xFF; 9]),
            1 => self.put(source, at, &[0x81, random.byte()]),
            2 => {
                // Another type of value, the reserved ones among them.
                let kind = random.below(16);
                self.put(source, at, &[u8::try_from(kind).unwrap()]);
            }
            3 => self.put(source, at, &[0x80, 0x80, 0x80, 0x80, random.byte()]),
            _ => self.put(source, at, &[random.of(&more)]),
        }
    }

    /// The number of a page below an interior page.
    fn child(&mut self, source: &MutantSource, random: &mut Random) {
        let Some(page) = interior_page(source, random) else { return self.cell(source, random) };
        let child = page_number(source, random, page.start);
        let at = match random.below(3) {
            0 => page.start + 8,
            _ => page.start + page.pointer(source, random.below(page.cells)),
        };
        self.put(source, at, &child);
    }

    /// The first page of a chain, at the end of what a leaf holds of a row, or a next one, at the beginning of a page.
    fn overflow(&mut self, source: &MutantSource, random: &mut Random) {
        let start = random.below(source.image.len() / source.page_size) * source.page_size;
        let next = page_number(source, random, start);
        if random.below(2) == 0 && start > 0 {
            return self.put(source, start, &next);
        }
        let Some(page) = tree_page(source, random).filter(|page| page.is_leaf) else { return };
        let usable = source.page_size - usize::from(source.image[20]);
        let at = page.start + page.pointer(source, random.below(page.cells));
        let (length, _) = varint(source, at);
        let payload = varint_end(source, varint_end(source, at));
        let (most, least) = (usable - 35, (usable - 12) * 32 / 255 - 23);
        if length > most && length < source.image.len() {
            let rest = least + (length - least) % (usable - 4);
            self.put(source, payload + if rest <= most { rest } else { least }, &next);
        }
    }

    fn database_header(&mut self, source: &MutantSource, random: &mut Random) {
        let pages = u32::try_from(source.image.len() / source.page_size).unwrap();
        let any = [random.byte(), random.byte(), random.byte(), random.byte()];
        let (at, bytes): (usize, Vec<u8>) = match random.below(12) {
            0 => (16, random.of(&[[2, 0], [4, 0], [16, 0], [0, 1], [0, 0], [any[0], any[1]]]).to_vec()),
            1 => (20, vec![random.of(&[0, 1, 4, 16, 32, 33, 255])]),
            2 => (18, vec![random.of(&[1, 2, 3]), random.of(&[1, 2, 3])]),
            3 => (21 + random.below(3), vec![any[0]]),
            4 => (24, any.to_vec()),
            5 | 6 => (28, random.of(&[pages - 1, pages + 1, 1, 2, pages / 2, u32::MAX, 0]).to_be_bytes().to_vec()),
            7 => (32 + random.below(8), vec![any[0]]),
            8 => (44, vec![0, 0, 0, random.of(&[0, 1, 2, 3, 4, 5, 255])]),
            9 => (56, vec![0, 0, 0, random.of(&[0, 1, 2, 3, 4, 255])]),
            10 => (52 + random.below(4), vec![any[0]]),
            _ => (random.below(100), any.to_vec()),
        };
        self.put(source, at, &bytes);
    }

    /// The first page after the header, which holds the structure.
    fn schema(&mut self, source: &MutantSource, random: &mut Random) {
        for _ in 0..=random.below(2) {
            let at =
                if random.below(2) == 0 { 100 + random.below(24) } else { 100 + random.below(source.page_size - 100) };
            self.put(source, at, &[random.byte()]);
        }
    }

    /// A page that is replaced by another, or emptied.
    fn page(&mut self, source: &MutantSource, random: &mut Random) {
        let (size, pages) = (source.page_size, source.image.len() / source.page_size);
        let (from, to) = (random.below(pages) * size, random.below(pages) * size);
        let bytes = if random.below(4) == 0 { vec![0; size] } else { source.image[from..from + size].to_vec() };
        self.put(source, to, &bytes);
    }

    fn length(&mut self, source: &MutantSource, random: &mut Random) {
        let length = source.image.len();
        self.length = Some(match random.below(4) {
            0 => random.below(length),
            1 => length - random.below(source.page_size * 2).min(length - 1),
            2 => length + random.below(source.page_size * 3),
            _ => length - source.page_size,
        });
    }
}

impl TreePage {
    fn pointer_place(&self, cell: usize) -> usize {
        self.start + if self.is_leaf { 8 } else { 12 } + 2 * cell
    }

    /// Offset of a cell in its page.
    fn pointer(&self, source: &MutantSource, cell: usize) -> usize {
        let at = self.pointer_place(cell);
        usize::from(u16::from_be_bytes([source.image[at], source.image[at + 1]]))
    }
}

/// A page that looks like one of a table's tree. Roots and other interior pages are chosen more often than their share.
fn tree_page(source: &MutantSource, random: &mut Random) -> Option<TreePage> {
    if random.below(3) == 0
        && let Some(page) = interior_page(source, random)
    {
        return Some(page);
    }
    any_page(source, random, &[5, 13])
}

fn interior_page(source: &MutantSource, random: &mut Random) -> Option<TreePage> {
    any_page(source, random, &[5])
}

fn any_page(source: &MutantSource, random: &mut Random, kinds: &[u8]) -> Option<TreePage> {
    let pages = source.image.len() / source.page_size;
    let first = random.below(pages);
    (0..pages).map(|page| (first + page) % pages * source.page_size).filter(|start| *start > 0).find_map(|start| {
        let kind = source.image[start];
        let cells = usize::from(u16::from_be_bytes([source.image[start + 3], source.image[start + 4]]));
        let is_page = kinds.contains(&kind) && (1..source.page_size / 6).contains(&cells);
        is_page.then_some(TreePage { start, is_leaf: kind == 13, cells })
    })
}

/// The number of any page: itself, none, the schema's, one behind the end.
fn page_number(source: &MutantSource, random: &mut Random, start: usize) -> [u8; 4] {
    let pages = u32::try_from(source.image.len() / source.page_size).unwrap();
    let own = u32::try_from(start / source.page_size).unwrap() + 1;
    let any = 1 + u32::try_from(random.below(source.image.len() / source.page_size)).unwrap();
    random.of(&[0, 1, own, own + 1, own.saturating_sub(1), pages, pages + 1, u32::MAX, any, any, any]).to_be_bytes()
}

fn varint(source: &MutantSource, at: usize) -> (usize, usize) {
    let bytes = &source.image[at.min(source.image.len())..];
    super::super::record::varint(bytes, 0).map_or((0, at), |(value, end)| (usize::try_from(value).unwrap(), at + end))
}

fn varint_end(source: &MutantSource, at: usize) -> usize {
    varint(source, at).1
}
