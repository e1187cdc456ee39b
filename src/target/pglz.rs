//! The length of PostgreSQL's own compression: whether a long key fits into an index depends on it.

/// Shorter input is kept as it is (`PGLZ_strategy_default`).
const LEAST_INPUT: usize = 32;
/// At least this percentage has to be saved.
const LEAST_SAVING: usize = 25;
/// Compression is given up if so many bytes bring no match.
const FIRST_SUCCESS_BY: usize = 1024;
/// A match of this length is good enough, and how fast the demand falls, in percent.
const GOOD_MATCH: usize = 128;
const GOOD_MATCH_DROP: usize = 10;
/// The history: entries, and the farthest offset that a tag can name.
const HISTORY: usize = 4096;
const FARTHEST: usize = 0x0fff;
const LONGEST_MATCH: usize = 273;
/// No entry.
const NONE: usize = 0;

/// Position in the input, in a list of positions that begin alike.
#[derive(Clone, Copy, Default)]
struct HistoryEntry {
    next: usize,
    previous: usize,
    list: usize,
    position: usize,
}

/// The last positions by how they begin (`pglz_hist_add` in `pg_lzcompress.c`).
struct History {
    lists: Vec<usize>,
    entries: Vec<HistoryEntry>,
    next: usize,
    recycles: bool,
}

/// The bytes that PostgreSQL's pglz makes of the input; `None` if it finds no saving.
///
/// It is `pglz_compress` with the default strategy, step by step, without writing the output: the answer is exact for
/// a server whose `default_toast_compression` is `pglz`.
#[must_use]
pub fn compressed_length(input: &[u8]) -> Option<usize> {
    if input.len() < LEAST_INPUT {
        return None;
    }
    let greatest = input.len() * (100 - LEAST_SAVING) / 100;
    let mut history = History::new(input.len());
    let (mut at, mut written, mut items, mut found) = (0, 0, 0_usize, false);
    while at < input.len() {
        if written >= greatest || (!found && written >= FIRST_SUCCESS_BY) {
            return None;
        }
        // A byte of flags stands before every eight items.
        written += usize::from(items.is_multiple_of(8));
        items += 1;
        let length = history.longest_match(input, at);
        if length > 2 {
            found = true;
            written += if length > 17 { 3 } else { 2 };
            for _ in 0..length {
                history.add(input, at);
                at += 1;
            }
        } else {
            written += 1;
            history.add(input, at);
            at += 1;
        }
    }
    (written < greatest).then_some(written)
}

impl History {
    fn new(input: usize) -> Self {
        let lists = match input {
            0..128 => 512,
            128..256 => 1024,
            256..512 => 2048,
            512..1024 => 4096,
            _ => 8192,
        };
        Self { lists: vec![NONE; lists], entries: vec![HistoryEntry::default(); HISTORY + 1], next: 1, recycles: false }
    }

    /// The list of the four bytes at a position; fewer at the end (`pglz_hist_idx`, where a byte has a sign).
    fn list(&self, input: &[u8], at: usize) -> usize {
        let byte = |offset: usize| i32::from(input[at + offset].cast_signed());
        let index =
            if input.len() - at < 4 { byte(0) } else { (byte(0) << 6) ^ (byte(1) << 4) ^ (byte(2) << 2) ^ byte(3) };
        // The number of lists is a power of two: the mask takes the sign away.
        usize::try_from(index & i32::try_from(self.lists.len() - 1).unwrap_or(i32::MAX)).unwrap_or(0)
    }

    fn add(&mut self, input: &[u8], at: usize) {
        let (list, entry) = (self.list(input, at), self.next);
        if self.recycles {
            let HistoryEntry { next, previous, list, .. } = self.entries[entry];
            if previous == NONE {
                self.lists[list] = next;
            } else {
                self.entries[previous].next = next;
            }
            if next != NONE {
                self.entries[next].previous = previous;
            }
        }
        let first = self.lists[list];
        self.entries[entry] = HistoryEntry { next: first, previous: NONE, list, position: at };
        if first != NONE {
            self.entries[first].previous = entry;
        }
        self.lists[list] = entry;
        self.next += 1;
        if self.next > HISTORY {
            self.next = 1;
            self.recycles = true;
        }
    }

    /// The length of the longest match that pglz finds worth looking for (`pglz_find_match`).
    fn longest_match(&self, input: &[u8], at: usize) -> usize {
        let (mut longest, mut good) = (0, GOOD_MATCH);
        let mut entry = self.lists[self.list(input, at)];
        while entry != NONE {
            let HistoryEntry { next, position, .. } = self.entries[entry];
            if at - position >= FARTHEST {
                break;
            }
            let alike = input[at..].iter().zip(&input[position..]).take(LONGEST_MATCH);
            longest = longest.max(alike.take_while(|(one, two)| one == two).count());
            entry = next;
            if entry != NONE {
                if longest >= good {
                    break;
                }
                good -= good * GOOD_MATCH_DROP / 100;
            }
        }
        longest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // tests/planning/profile.rs holds the lengths against PostgreSQL's own.
    #[test]
    fn what_is_short_or_repeats_nothing_is_not_compressed() {
        assert_eq!(compressed_length(b"short"), None);
        let hashes = (0_u32..100).flat_map(|number| blake3::hash(&number.to_be_bytes()).as_bytes().to_owned());
        assert_eq!(compressed_length(&hashes.collect::<Vec<_>>()), None);
        assert!(compressed_length(&[b'a'; 10_000]).is_some_and(|length| length < 150));
    }
}
