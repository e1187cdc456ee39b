//! Work in progress as lines of the live region: a bar for every table that is being copied and one for all rows; the table
//! that is being looked at or compared; the steps that have no rows to count.

use super::live_region::TerminalSize;
use std::time::{Duration, Instant};
use textwrap::core::display_width;
use transship::name::visible_name;
use transship::report::count;
use transship::run::Event;

/// Columns of a bar's label.
const LABEL: usize = 30;

/// Columns below which a bar says nothing.
const SHORTEST: usize = 8;

/// Time before which a speed is an accident of the first rows.
const SETTLED: Duration = Duration::from_secs(1);

/// The work in progress.
#[derive(Debug, Default)]
pub(super) struct Bars {
    looking: Option<ProgressBar>,
    copies: Vec<(String, ProgressBar)>,
    total: Option<ProgressBar>,
    /// Steps without rows, and tables that are being compared.
    others: Vec<String>,
}

impl Bars {
    /// Follows an event. Whether something has ended, so that its line is stale.
    pub(super) fn follow(&mut self, event: &Event) -> bool {
        match event {
            Event::SurveyProgress { table, rows, of } => {
                let label = format!("looking at {}", visible_name(table));
                match &mut self.looking {
                    Some(bar) => (bar.label, bar.rows, bar.of) = (label, *rows, *of),
                    none => *none = Some(ProgressBar { rows: *rows, ..ProgressBar::new(label, *of) }),
                }
            }
            Event::SurveyDone => self.looking = None,
            Event::RunStarted { rows, .. } => self.total = Some(ProgressBar::new("all tables".to_owned(), *rows)),
            Event::StepStarted { id, rows: Some(rows) } => {
                self.copies.push((id.clone(), ProgressBar::new(visible_name(id).into_owned(), *rows)));
            }
            Event::StepStarted { id, rows: None } => self.others.push(id.clone()),
            Event::TableStarted { table } => self.others.push(format!("comparing {table}")),
            Event::StepProgress { id, rows, .. } => {
                let copies = self.copies.iter_mut().filter(|(copy, _)| copy == id).map(|(_, bar)| bar);
                copies.chain(&mut self.total).for_each(|bar| bar.rows += rows);
            }
            Event::StepDone { id, .. } | Event::StepFailed { id, .. } => {
                self.copies.retain(|(copy, _)| copy != id);
                self.others.retain(|other| other != id);
            }
            Event::TableVerified { table, .. } => {
                let comparing = format!("comparing {table}");
                self.others.retain(|other| *other != comparing);
            }
            Event::RunDone { .. } => *self = Self::default(),
            Event::Restored { .. } | Event::CheckStarted { .. } | Event::CheckDone(_) => {}
        }
        matches!(
            event,
            Event::SurveyDone
                | Event::StepDone { .. }
                | Event::StepFailed { .. }
                | Event::TableVerified { .. }
                | Event::RunDone { .. }
        )
    }

    /// Lines for a terminal of this size.
    pub(super) fn lines(&self, extent: TerminalSize, now: Instant) -> Vec<String> {
        let copies = self.copies.iter().map(|(_, bar)| bar.line(extent, now, false));
        let looking = self.looking.iter().map(|bar| bar.line(extent, now, false));
        let total = self.total.iter().map(|bar| bar.line(extent, now, true));
        let names = self.others.iter().map(|other| visible_name(other)).collect::<Vec<_>>().join(", ");
        let others = (!names.is_empty()).then(|| format!("now: {names}"));
        looking.chain(copies).chain(others).chain(total).collect()
    }
}

/// Rows of something, of which some are done.
#[derive(Debug)]
struct ProgressBar {
    label: String,
    rows: u64,
    of: u64,
    since: Instant,
}

impl ProgressBar {
    fn new(label: String, of: u64) -> Self {
        Self { label, rows: 0, of, since: Instant::now() }
    }

    /// `copy:users   ======>      31,720/100,000 rows, 15,860 rows/s, 4 s left`
    fn line(&self, extent: TerminalSize, now: Instant, tells_rest: bool) -> String {
        let mut figures = format!("{}/{} rows", count(self.rows), count(self.of));
        let elapsed = now.duration_since(self.since);
        let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
        let a_second = self.rows.saturating_mul(1000) / milliseconds;
        if elapsed >= SETTLED && a_second > 0 && self.rows < self.of {
            figures += &format!(", {} rows/s", count(a_second));
            if tells_rest {
                figures += &format!(", {} s left", count(self.of.saturating_sub(self.rows).div_ceil(a_second)));
            }
        }
        let label = label(&self.label);
        let room = extent.columns.saturating_sub(display_width(&label) + figures.len() + 3);
        if room < SHORTEST { format!("{label} {figures}") } else { format!("{label} {} {figures}", self.drawn(room)) }
    }

    /// The bar itself, of so many columns.
    fn drawn(&self, columns: usize) -> String {
        let done = self.rows.min(self.of) as u128 * columns as u128 / u128::from(self.of.max(1));
        let done = usize::try_from(done).unwrap_or(columns).min(columns);
        let head = if done < columns { ">" } else { "" };
        format!("{}{head}{}", "=".repeat(done), " ".repeat(columns - done - head.len()))
    }
}

/// The label in its columns: cut, or filled up with spaces.
fn label(text: &str) -> String {
    let mut width = 0;
    let mut label = String::new();
    for character in text.chars() {
        let more = display_width(character.encode_utf8(&mut [0; 4]));
        if width + more > LABEL {
            break;
        }
        width += more;
        label.push(character);
    }
    label + &" ".repeat(LABEL - width)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_says_how_far_it_is_and_for_how_long() {
        let mut bars = Bars::default();
        let started = |id: &str, rows| Event::StepStarted { id: id.to_owned(), rows };
        bars.follow(&started("copy:messages", Some(1_000_000)));
        bars.follow(&started("index:users.ix_name", None));
        bars.follow(&Event::StepProgress { id: "copy:messages".to_owned(), rows: 500_000, bytes: 1 });
        let since = bars.copies[0].1.since;
        let begun = bars.lines(TerminalSize { columns: 100, rows: 40 }, since + Duration::from_millis(1));
        assert!(begun[0].ends_with(" 500,000/1,000,000 rows"), "{begun:?}");
        let lines = bars.lines(TerminalSize { columns: 100, rows: 40 }, since + Duration::from_secs(5));
        assert_eq!(
            lines,
            [
                "copy:messages                  ==============>               500,000/1,000,000 rows, 100,000 rows/s",
                "now: index:users.ix_name",
            ]
        );
        assert!(bars.follow(&Event::StepFailed { id: "copy:messages".to_owned(), error: String::new() }));
        assert_eq!(bars.lines(TerminalSize { columns: 100, rows: 40 }, since).len(), 1);
    }
}
