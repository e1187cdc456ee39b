//! Events as progress bars on a terminal, as plain lines elsewhere, as JSON lines for programs.

use super::bars::Bars;
use super::failure::Failure;
use super::printer;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::unbounded_channel;
use tokio::task::JoinHandle;
use tokio::time::{MissedTickBehavior, interval};
use transship::name::{visible_json, visible_name};
use transship::report::{Timeline, count};
use transship::run::{Event, Events, TimedEvent};

/// Time between two drawings of the bars.
const TICK: Duration = Duration::from_millis(100);

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
        let (sender, mut receiver) = unbounded_channel::<TimedEvent>();
        let task = tokio::spawn(async move {
            let (mut view, mut timeline, mut shown) = (EventView::of(show), Timeline::default(), Ok(()));
            let mut ticks = interval(TICK);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                let told = tokio::select! {
                    told = receiver.recv() => told,
                    _ = ticks.tick(), if view.is_drawn() => {
                        view.draw();
                        continue;
                    }
                };
                let Some(told) = told else { break };
                timeline.follow(&told);
                // The times are recorded even if nothing can be shown.
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
enum EventView {
    Json,
    Lines(Lines),
    Bars(Bars),
}

impl EventView {
    fn of(show: Show) -> Self {
        match show {
            Show::ToPrograms => EventView::Json,
            Show::ToPeople if printer::can_redraw() => EventView::Bars(Bars::default()),
            Show::ToPeople => EventView::Lines(Lines::default()),
        }
    }

    fn show(&mut self, told: &TimedEvent) -> Result<(), Failure> {
        match self {
            // The end of a survey is of interest to the bars alone.
            EventView::Json if told.event == Event::SurveyDone => {}
            EventView::Json => match serde_json::to_string(told) {
                Ok(line) => printer::document(&(visible_json(&line) + "\n"))?,
                Err(error) => tracing::warn!(%error, "an event has no JSON form"),
            },
            EventView::Lines(lines) => lines.show(&told.event),
            EventView::Bars(bars) => {
                let has_ended = bars.follow(&told.event);
                match line(&told.event) {
                    Some(line) => printer::say_above(&line, bars.lines(printer::extent(), Instant::now())),
                    None if has_ended => self.draw(),
                    None => {}
                }
            }
        }
        Ok(())
    }

    fn is_drawn(&self) -> bool {
        matches!(self, EventView::Bars(_))
    }

    fn draw(&self) {
        if let EventView::Bars(bars) = self {
            printer::draw(bars.lines(printer::extent(), Instant::now()));
        }
    }

    fn end(self) {
        if let EventView::Bars(_) = self {
            printer::draw(Vec::new());
        }
    }
}

/// Line for a finished step.
fn line(event: &Event) -> Option<String> {
    match event {
        Event::StepDone { id, warning: Some(warning), .. } => Some(format!("WARNING {}: {warning}", visible_name(id))),
        Event::StepDone { id, rows: Some(rows), milliseconds, .. } => {
            Some(format!("done    {}  {} rows in {}", visible_name(id), count(*rows), seconds(*milliseconds)))
        }
        Event::StepDone { id, rows: None, milliseconds, .. } => {
            Some(format!("done    {}  {}", visible_name(id), seconds(*milliseconds)))
        }
        Event::StepFailed { id, error } => Some(format!("FAILED  {}: {error}", visible_name(id))),
        Event::Restored { table, rest } if rest.is_empty() => {
            Some(format!("restored  foreign keys and triggers of {}, as they were", visible_name(table)))
        }
        Event::Restored { table, rest } => {
            let table = visible_name(table);
            Some(format!("restored  foreign keys and triggers of {table}, except: {}", rest.join("; ")))
        }
        Event::TableVerified { table, rows, equal } => {
            let verdict = if *equal { "equal" } else { "NOT EQUAL" };
            Some(format!("verified  {}  {} rows  {verdict}", visible_name(table), count(*rows)))
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
                    printer::say(&format!("copying {id}  {} of {} rows", count(*done), count(all)));
                }
            }
            _ => {}
        }
    }
}
