//! Events as progress bars on a terminal, as plain lines elsewhere, as JSON lines for programs.

use super::failure::Failure;
use super::printer;
use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;
use transship::name::{visible_json, visible_name};
use transship::report::Timeline;
use transship::run::{Event, Events, Told};

/// Renderer of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Show {
    /// Bars or lines on standard error.
    ToPeople,
    /// JSON lines on standard output.
    ToPrograms,
}

/// Renderer that shows events as they arrive, until the last sender is dropped, and records their times.
pub(super) struct Progress {
    task: JoinHandle<(Timeline, Result<(), Failure>)>,
}

impl Progress {
    /// Starts a thread that shows events.
    pub(super) fn start(show: Show) -> (Events, Self) {
        let (sender, mut receiver) = unbounded_channel::<Told>();
        let task = tokio::spawn(async move {
            let (mut view, mut timeline, mut shown) = (View::of(show), Timeline::default(), Ok(()));
            while let Some(told) = receiver.recv().await {
                timeline.follow(&told);
                // The times are recorded even if nothing can be shown any more.
                if shown.is_ok() {
                    shown = view.show(&told);
                }
            }
            view.end();
            (timeline, shown)
        });
        (Events::new(sender), Self { task })
    }

    /// Waits until everything is shown; the senders must be dropped.
    pub(super) async fn finish(self) -> Result<(), Failure> {
        self.finish_with_timeline().await.1
    }

    /// Waits until everything is shown, and returns the timeline of the events.
    pub(super) async fn finish_with_timeline(self) -> (Timeline, Result<(), Failure>) {
        self.task.await.unwrap_or((Timeline::default(), Ok(())))
    }
}

/// Ways to show events.
enum View {
    Json,
    Lines(Lines),
    Bars(Bars),
}

impl View {
    fn of(show: Show) -> Self {
        match show {
            Show::ToPrograms => View::Json,
            Show::ToPeople if std::io::stderr().is_terminal() => View::Bars(Bars::new()),
            Show::ToPeople => View::Lines(Lines::default()),
        }
    }

    fn show(&mut self, told: &Told) -> Result<(), Failure> {
        match self {
            View::Json => match serde_json::to_string(told) {
                Ok(line) => printer::document(&(visible_json(&line) + "\n"))?,
                Err(error) => tracing::warn!(%error, "an event has no JSON form"),
            },
            View::Lines(lines) => lines.show(&told.event),
            View::Bars(bars) => bars.show(&told.event),
        }
        Ok(())
    }

    fn end(self) {
        if let View::Bars(bars) = self {
            bars.end();
        }
    }
}

/// Line for a finished step.
fn line(event: &Event) -> Option<String> {
    match event {
        Event::StepDone { id, warning: Some(warning), .. } => Some(format!("WARNING {}: {warning}", visible_name(id))),
        Event::StepDone { id, rows: Some(rows), milliseconds, .. } => {
            Some(format!("done    {}  {} rows in {}", visible_name(id), HumanCount(*rows), seconds(*milliseconds)))
        }
        Event::StepDone { id, rows: None, milliseconds, .. } => {
            Some(format!("done    {}  {}", visible_name(id), seconds(*milliseconds)))
        }
        Event::StepFailed { id, error } => Some(format!("FAILED  {}: {error}", visible_name(id))),
        Event::PutBack { table, rest } if rest.is_empty() => {
            Some(format!("put back  foreign keys and triggers of {}, as they were", visible_name(table)))
        }
        Event::PutBack { table, rest } => {
            let table = visible_name(table);
            Some(format!("put back  foreign keys and triggers of {table}, except: {}", rest.join("; ")))
        }
        Event::TableVerified { table, rows, equal } => {
            let verdict = if *equal { "equal" } else { "NOT EQUAL" };
            Some(format!("verified  {}  {} rows  {verdict}", visible_name(table), HumanCount(*rows)))
        }
        _ => None,
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:02} s", milliseconds / 1000, milliseconds % 1000 / 10)
}

/// Plain lines.
#[derive(Default)]
struct Lines {
    /// Rows of each copy, and the last tenth of them that was reported.
    copied: BTreeMap<String, (u64, u64)>,
    of: BTreeMap<String, u64>,
}

impl Lines {
    fn show(&mut self, event: &Event) {
        if let Some(line) = line(event) {
            printer::say(&line);
        }
        match event {
            Event::StepStarted { id, rows: Some(rows) } => {
                self.of.insert(id.clone(), *rows);
            }
            // A long copy is reported at every tenth of its rows.
            Event::StepProgress { id, rows, .. } => {
                let all = self.of.get(id).copied().unwrap_or(0).max(1);
                let (done, said) = self.copied.entry(id.clone()).or_default();
                *done += rows;
                let tenth = *done * 10 / all;
                if all > 100_000 && tenth > *said && tenth < 10 {
                    *said = tenth;
                    let id = visible_name(id);
                    printer::say(&format!("copying {id}  {} of {} rows", HumanCount(*done), HumanCount(all)));
                }
            }
            _ => {}
        }
    }
}

/// A bar for every table that is being copied, and one for all rows.
struct Bars {
    all: MultiProgress,
    total: Option<ProgressBar>,
    copies: BTreeMap<String, ProgressBar>,
    looking: Option<ProgressBar>,
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self { all, total: None, copies: BTreeMap::new(), looking: None }
    }

    fn end(self) {
        for bar in self.copies.into_values().chain(self.total).chain(self.looking) {
            bar.finish_and_clear();
        }
    }

    fn show(&mut self, event: &Event) {
        if let Some(line) = line(event) {
            self.all.suspend(|| printer::say(&line));
        }
        match event {
            Event::SurveyProgress { table, rows, of } => {
                let all = &self.all;
                let bar = self
                    .looking
                    .get_or_insert_with(|| all.add(bar(*of, "{msg:30!} {wide_bar} {human_pos}/{human_len} rows")));
                bar.set_length(*of);
                bar.set_position(*rows);
                bar.set_message(format!("looking at {}", visible_name(table)));
            }
            Event::RunStarted { rows, .. } => {
                if let Some(bar) = self.looking.take() {
                    bar.finish_and_clear();
                }
                let total =
                    self.all.add(bar(*rows, "{msg:30!} {wide_bar} {human_pos}/{human_len} rows, {rate}, {eta} left"));
                total.set_message("all tables");
                self.total = Some(total);
            }
            Event::StepStarted { id, rows: Some(rows) } => {
                let added = bar(*rows, "{msg:30!} {wide_bar} {human_pos}/{human_len} rows, {rate}");
                added.set_message(visible_name(id).into_owned());
                let added = match &self.total {
                    Some(total) => self.all.insert_before(total, added),
                    None => self.all.add(added),
                };
                self.copies.insert(id.clone(), added);
            }
            Event::StepProgress { id, rows, .. } => {
                for bar in self.copies.get(id).into_iter().chain(&self.total) {
                    bar.inc(*rows);
                }
            }
            Event::StepDone { id, .. } | Event::StepFailed { id, .. } => {
                if let Some(bar) = self.copies.remove(id) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }
}

/// Rows a second, without the fraction that indicatif shows.
fn rate(state: &ProgressState, out: &mut dyn std::fmt::Write) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate is not negative, and rounded")]
    let rows = state.per_sec().round() as u64;
    // indicatif's interface cannot report an error; writing into its buffer never fails.
    let _infallible = write!(out, "{} rows/s", HumanCount(rows));
}

fn bar(length: u64, template: &str) -> ProgressBar {
    let bar = ProgressBar::new(length);
    // A template that does not parse leaves indicatif's default.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> ").with_key("rate", rate));
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}
