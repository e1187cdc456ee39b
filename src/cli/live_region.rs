//! Lines at the foot of the terminal that change while a command works.
//!
//! The printer alone writes them, so that no other line can come between their drawing and their removal. Every line is cut
//! to the terminal's width: a line that wraps takes rows that nobody counts.

use textwrap::core::display_width;

/// Size of a terminal, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TerminalSize {
    pub(super) columns: usize,
    pub(super) rows: usize,
}

/// Lines that are wanted, and widths of those that are drawn. The cursor rests at the beginning of the last drawn line.
#[derive(Debug)]
pub(super) struct LiveRegion {
    lines: Vec<String>,
    drawn: Vec<usize>,
    is_paused: bool,
}

impl LiveRegion {
    pub(super) const fn new() -> Self {
        Self { lines: Vec::new(), drawn: Vec::new(), is_paused: false }
    }

    pub(super) fn is_drawn(&self) -> bool {
        !self.drawn.is_empty()
    }

    /// Replaces the lines. They are drawn by [`Self::redrawn`].
    pub(super) fn set(&mut self, lines: Vec<String>) {
        self.lines = lines;
    }

    /// While it is paused, nothing is drawn: somebody types.
    pub(super) fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Characters that bring the region as wanted below the text, which ends its line.
    pub(super) fn redrawn(&mut self, text: &str, extent: TerminalSize) -> String {
        let mut written = self.removed(extent);
        written.push_str(text);
        // A line of the terminal stays free for the command that started this one.
        let room = if self.is_paused { 0 } else { extent.rows.saturating_sub(1) };
        let shown = self.lines.iter().skip(self.lines.len().saturating_sub(room));
        let shown = shown.map(|line| cut(line, extent.columns)).collect::<Vec<_>>();
        if !shown.is_empty() {
            written.push_str(&shown.join("\r\n"));
            written.push('\r');
        }
        self.drawn = shown.iter().map(|line| display_width(line)).collect();
        written
    }

    /// Characters that remove the region, with the cursor where it began.
    pub(super) fn removed(&mut self, extent: TerminalSize) -> String {
        let drawn = std::mem::take(&mut self.drawn);
        // A terminal that has become narrower breaks what is on it again.
        let rows = |width: &usize| width.div_ceil(extent.columns.max(1)).max(1);
        let Some((last, above)) = drawn.split_last() else { return String::new() };
        let down = match rows(last) - 1 {
            0 => String::new(),
            more => format!("\x1b[{more}B"),
        };
        let all = rows(last) + above.iter().map(rows).sum::<usize>();
        // Row by row: erased from its first row on, a whole screen goes into tmux's history.
        let erased = vec!["\x1b[2K"; all].join("\x1b[A");
        format!("\r{down}{erased}")
    }
}

/// The line without what does not fit; the last column stays free, where terminals differ in when they wrap.
fn cut(line: &str, columns: usize) -> String {
    let mut width = 0;
    let fits = |character: &char| {
        width += display_width(character.encode_utf8(&mut [0; 4]));
        width < columns
    };
    line.chars().take_while(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDE: TerminalSize = TerminalSize { columns: 20, rows: 5 };

    fn region(lines: &[&str]) -> LiveRegion {
        let mut region = LiveRegion::new();
        region.set(lines.iter().map(|&line| line.to_owned()).collect());
        region
    }

    #[test]
    fn it_is_removed_before_a_line_and_drawn_below_it() {
        let mut region = region(&["one", "two"]);
        assert_eq!(region.redrawn("", WIDE), "one\r\ntwo\r");
        assert_eq!(region.redrawn("said\n", WIDE), "\r\x1b[2K\x1b[A\x1b[2Ksaid\none\r\ntwo\r");
        region.pause(true);
        assert_eq!(region.redrawn("sure?\n", WIDE), "\r\x1b[2K\x1b[A\x1b[2Ksure?\n");
        region.pause(false);
        assert_eq!(region.redrawn("", WIDE), "one\r\ntwo\r");
        region.set(Vec::new());
        assert_eq!(region.redrawn("", WIDE), "\r\x1b[2K\x1b[A\x1b[2K");
        assert_eq!(region.redrawn("said\n", WIDE), "said\n");
    }

    #[test]
    fn it_never_takes_more_than_the_terminal_has() {
        let mut region = region(&["a", "b", "c", "d", "e", "2345678901234567890123", "漢字漢字漢字漢字漢字漢字"]);
        assert_eq!(region.redrawn("", WIDE), "d\r\ne\r\n2345678901234567890\r\n漢字漢字漢字漢字漢\r");
    }

    #[test]
    fn a_narrower_terminal_has_broken_its_lines() {
        let mut region = region(&["2345678901234567890", "last"]);
        region.redrawn("", WIDE);
        let narrow = TerminalSize { columns: 10, rows: 5 };
        assert_eq!(region.removed(narrow), "\r\x1b[2K\x1b[A\x1b[2K\x1b[A\x1b[2K");
        region.set(vec!["2345678901234567890".to_owned()]);
        region.redrawn("", WIDE);
        assert_eq!(region.removed(narrow), "\r\x1b[1B\x1b[2K\x1b[A\x1b[2K");
    }
}
