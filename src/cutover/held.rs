//! The source while it is held, and its record.

use super::record::{CutoverRecord, State};
use super::window::{Cutover, HoldMeans, Move, Window, moment};
use crate::run::ExecuteError;
use crate::run::failpoint::reach;
use crate::source::hold::Former;
use crate::source::{Hold, SourceError};
use crate::spec::Spec;
use jiff::Timestamp;
use std::cell::RefCell;

/// Note on a server that only reads after a cut-over.
const ADMINISTRATORS: &str = "Its administrators can write from now on all the same, and so can the user of `source.url`: stop an application that \
                              signs in as one of them.";

/// A source whose writers are kept out.
#[derive(Debug)]
pub struct HeldSource {
    /// Lent to a thread while that asks; `None` if the thread was lost, and a lock with it.
    hold: Option<Hold>,
    means: HoldMeans,
    settings: Settings,
    window: Window,
}

/// Settings of a server that is set to only read; empty for a lock.
#[derive(Debug, Default)]
struct Settings {
    /// The record of a cut-over that was there.
    earlier: Option<CutoverRecord>,
    /// The settings before the first cut-over, for `--release`.
    former: Former,
    /// The settings that are given back if this one fails: of a killed one those before it, of one that was done the present ones.
    given_back: Former,
}

impl Settings {
    fn of(earlier: Option<CutoverRecord>, found: &Former) -> Self {
        let of_server = earlier.as_ref().filter(|record| !record.former.is_empty());
        let former = of_server.map_or(found, |record| &record.former).clone();
        let is_killed = earlier.as_ref().is_some_and(|record| record.state == State::Holding);
        let given_back = if is_killed { former.clone() } else { found.clone() };
        Self { earlier, former, given_back }
    }
}

impl HeldSource {
    /// Keeps writers out of the spec's source; the window opens.
    ///
    /// # Errors
    /// They cannot be kept out, or the record cannot be written.
    pub async fn take(spec: &Spec) -> Result<Self, ExecuteError> {
        let mut window = Window::begin();
        let owned = spec.clone();
        let taken = tokio::task::spawn_blocking(move || take(&owned)).await?;
        let (hold, settings) = taken?;
        window.done(Move::Hold);
        let means = HoldMeans { words: hold.words(), is_lock: hold.is_lock() };
        Ok(Self { hold: Some(hold), means, settings, window })
    }

    /// How it is held.
    #[must_use]
    pub fn means(&self) -> HoldMeans {
        self.means
    }

    /// The moment from which it is held.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.window.began_at()
    }

    /// Makes sure that writers were kept out until now, and returns this moment.
    ///
    /// # Errors
    /// The hold was lost: what was compared may not be what the source holds now.
    pub async fn confirm(&mut self) -> Result<Timestamp, ExecuteError> {
        let mut hold = self.hold.take().ok_or_else(lost)?;
        let (hold, confirmed) = tokio::task::spawn_blocking(move || {
            let confirmed = hold.confirm();
            (hold, confirmed)
        })
        .await?;
        self.hold = Some(hold);
        confirmed?;
        Ok(Timestamp::now())
    }

    /// Note for the evidence of a comparison, at whose end the hold was confirmed.
    #[must_use]
    pub fn note(&self, until: Timestamp) -> String {
        format!(
            "The source was held from {} to {}, the end of the comparison: {}. It was confirmed then that it had been held all the time.",
            moment(self.since()),
            moment(until),
            self.means.words
        )
    }

    /// Note for the evidence of what was copied while it is held.
    #[must_use]
    pub fn note_since(&self) -> String {
        format!("The source is held from {} on: {}.", moment(self.since()), self.means.words)
    }

    /// Notes the end of a part of the window.
    pub fn done(&mut self, part: Move) {
        self.window.done(part);
    }

    /// Gives the source back as it was.
    ///
    /// # Errors
    /// The server refuses, or the connection is lost; the record stays then, and says what is to be set.
    pub async fn give_back(self, spec: &Spec) -> Result<(), ExecuteError> {
        give_back(spec, self.hold, self.settings).await
    }

    /// Confirms that nobody has written, and closes the window. A lock ends; a server that was set to only read stays so.
    ///
    /// # Errors
    /// The hold was lost: what was compared may not be what the source holds now.
    pub async fn finish(mut self, spec: &Spec) -> Result<Cutover, ExecuteError> {
        let until = match self.confirm().await {
            Ok(until) => until,
            Err(error) => {
                if let Err(error) = self.give_back(spec).await {
                    tracing::warn!(%error, "the source is not given back");
                }
                return Err(error);
            }
        };
        let Self { hold, means, settings, mut window } = self;
        window.done(Move::End);
        let from = window.began_at();
        let (seconds, moves) = window.close();
        // A server that an earlier cut-over has set to only read is still to be released after a lock.
        let former = match settings.earlier {
            Some(earlier) if settings.former.is_empty() => earlier.former,
            _ => settings.former,
        };
        let record = CutoverRecord {
            migration: spec.name.clone(),
            source: spec.source.connection.redacted(),
            state: State::Done,
            former,
            window_seconds: Some(seconds),
            moves: moves.clone(),
            held: Some(means.words.to_owned()),
            held_from: Some(moment(from)),
            held_until: Some(moment(until)),
        };
        record.write(spec).map_err(|error| unwritten(spec, &error))?;
        let hold = hold.ok_or_else(lost)?;
        let spares_administrators = hold.spares_administrators();
        tokio::task::spawn_blocking(move || hold.end()).await??;
        let notes = if spares_administrators { vec![ADMINISTRATORS.to_owned()] } else { Vec::new() };
        Ok(Cutover { seconds, moves, means, from, until, notes })
    }

    /// Gives back a source that a cut-over has left set to only read; false if there is none.
    ///
    /// # Errors
    /// The server refuses, or cannot be reached.
    pub async fn release_recorded(spec: &Spec) -> Result<bool, ExecuteError> {
        let record = CutoverRecord::read(spec).map_err(|error| unwritten(spec, &error))?;
        let Some(record) = record.filter(|record| !record.former.is_empty()) else { return Ok(false) };
        let source = spec.source.connection.clone();
        tokio::task::spawn_blocking(move || Hold::give_back(&source, &record.former)).await??;
        removed(spec)?;
        Ok(true)
    }
}

/// Gives the source back, and leaves the record as it was.
async fn give_back(spec: &Spec, hold: Option<Hold>, settings: Settings) -> Result<(), ExecuteError> {
    let (source, former) = (spec.source.connection.clone(), settings.given_back);
    tokio::task::spawn_blocking(move || {
        if let Some(hold) = hold {
            if former.is_empty() {
                return hold.release();
            }
            drop(hold);
        }
        Hold::give_back(&source, &former)
    })
    .await??;
    match settings.earlier.filter(|record| record.state == State::Done) {
        Some(earlier) => earlier.write(spec).map_err(|error| unwritten(spec, &error).into()),
        None => removed(spec),
    }
}

fn take(spec: &Spec) -> Result<(Hold, Settings), SourceError> {
    let failed = |error: std::io::Error| unwritten(spec, &error);
    let earlier = CutoverRecord::read(spec).map_err(failed)?;
    let kept = RefCell::new(Settings { earlier: earlier.clone(), ..Settings::default() });
    let hold = Hold::take(&spec.source.connection, spec.cutover.source, &|found| {
        let settings = Settings::of(earlier.clone(), found);
        let record = CutoverRecord {
            migration: spec.name.clone(),
            source: spec.source.connection.redacted(),
            state: State::Holding,
            former: settings.former.clone(),
            window_seconds: None,
            moves: Vec::new(),
            held: None,
            held_from: Some(moment(Timestamp::now())),
            held_until: None,
        };
        record.write(spec).map_err(failed)?;
        *kept.borrow_mut() = settings;
        reach("cutover_holding");
        Ok(())
    });
    match hold {
        Ok(hold) => Ok((hold, kept.into_inner())),
        Err(error) => {
            // Nothing was changed: the record is the one that was there.
            let restored = match &earlier {
                Some(earlier) => earlier.write(spec),
                None => CutoverRecord::remove(spec),
            };
            restored.map_err(failed)?;
            Err(error)
        }
    }
}

fn removed(spec: &Spec) -> Result<(), ExecuteError> {
    CutoverRecord::remove(spec).map_err(|error| unwritten(spec, &error).into())
}

/// Error for a hold whose thread did not come back.
fn lost() -> ExecuteError {
    ExecuteError::Task("the hold of the source was lost".to_owned())
}

fn unwritten(spec: &Spec, cause: &std::io::Error) -> SourceError {
    SourceError::NotCopied { copy: CutoverRecord::path(spec), cause: cause.to_string() }
}
