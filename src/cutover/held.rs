//! The source while it is held, and its record.

use super::record::{Claim, CutoverRecord, HoldState};
use super::window::{Cutover, HoldMeans, Move, Window, beginning_now, moment};
use crate::run::ExecuteError;
use crate::run::failpoint::reach;
use crate::source::hold::Former;
use crate::source::{Hold, SourceError};
use crate::spec::Spec;
use jiff::Timestamp;
use std::cell::RefCell;

/// A source whose writers are kept out.
#[derive(Debug)]
pub struct HeldSource {
    /// Lent to a thread while that asks; `None` if the thread was lost, and a lock with it.
    hold: Option<Hold>,
    means: HoldMeans,
    /// The moment at which writers were out.
    from: Timestamp,
    settings: ReadOnlySettings,
    window: Window,
    /// Ends after everything else.
    claim: Claim,
}

/// Settings of a server that is set to only read; empty for a lock.
#[derive(Debug, Default)]
struct ReadOnlySettings {
    /// The record of a cut-over that was there.
    earlier: Option<CutoverRecord>,
    /// The settings before the first cut-over, for `--release`.
    former: Former,
    /// The settings that are given back if this one fails: of a killed one those before it, of one that was done, or was rolled back
    /// since, the present ones.
    given_back: Former,
}

impl ReadOnlySettings {
    fn of(earlier: Option<CutoverRecord>, found: &Former) -> Self {
        let of_server = earlier.as_ref().filter(|record| record.only_reads());
        let former = of_server.map_or(found, |record| &record.former).clone();
        let is_killed = earlier.as_ref().is_some_and(|record| record.state == HoldState::Holding);
        let given_back = if is_killed { former.clone() } else { found.clone() };
        Self { earlier, former, given_back }
    }

    /// The earlier record, if it is still needed once the source is given back: it tells of a cut-over that was done, perhaps rolled
    /// back since, or of settings that a lock has left as they were.
    fn still_needed(self) -> Option<CutoverRecord> {
        let is_lock = self.former.is_empty();
        self.earlier.filter(|record| record.state != HoldState::Holding || is_lock && record.only_reads())
    }
}

impl HeldSource {
    /// Keeps writers out of the spec's source; the window opens.
    ///
    /// # Errors
    /// They cannot be kept out, or the record cannot be written.
    pub async fn take(spec: &Spec, claim: Claim) -> Result<Self, ExecuteError> {
        let mut window = Window::begin();
        let owned = spec.clone();
        let taken = tokio::task::spawn_blocking(move || take(&owned)).await?;
        let (hold, settings) = taken?;
        // Writers that had begun were waited for.
        let from = beginning_now();
        window.done(Move::Hold);
        let means = HoldMeans { words: hold.words(), is_lock: hold.is_lock() };
        Ok(Self { hold: Some(hold), means, from, settings, window, claim })
    }

    /// How it is held.
    #[must_use]
    pub fn means(&self) -> HoldMeans {
        self.means
    }

    /// Facts that are not certain about the hold, and writers that it does not reach.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        self.hold.as_ref().map_or(&[], Hold::notes)
    }

    /// The moment from which it is held.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.from
    }

    /// Whether the source only reads also once it is given back, as before this cut-over.
    #[must_use]
    pub fn only_reads_as_before(&self) -> bool {
        let ReadOnlySettings { earlier, given_back, .. } = &self.settings;
        match given_back.is_empty() {
            true => earlier.as_ref().is_some_and(CutoverRecord::only_reads),
            false => given_back.iter().any(|(_, value)| value != "0"),
        }
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
        let Self { hold, settings, claim, .. } = self;
        let (source, former) = (spec.source.connection.clone(), settings.given_back.clone());
        tokio::task::spawn_blocking(move || {
            if let Some(hold) = hold {
                if former.is_empty() {
                    return hold.release();
                }
                drop(hold);
            }
            Hold::give_back(&source, &former).map(drop)
        })
        .await??;
        let restored = match settings.still_needed() {
            Some(earlier) => earlier.write(spec),
            None => CutoverRecord::remove(spec),
        };
        drop(claim);
        restored.map_err(|error| unwritten(spec, &error).into())
    }

    /// Confirms that nobody has written, and records that the cut-over is done. Writers are still kept out.
    ///
    /// # Errors
    /// The hold was lost: what was compared may not be what the source holds now. Or the record cannot be written. The source is to be
    /// given back then.
    pub async fn conclude(&mut self, spec: &Spec) -> Result<Timestamp, ExecuteError> {
        let until = self.confirm().await?;
        // A server that an earlier cut-over has set to only read is still to be released after a lock.
        let former = match &self.settings.earlier {
            Some(earlier) if self.settings.former.is_empty() => earlier.former.clone(),
            _ => self.settings.former.clone(),
        };
        self.window.done(Move::End);
        let (seconds, moves) = self.window.measured();
        let record = CutoverRecord {
            migration: spec.name.clone(),
            source: spec.source.connection.server_identity(),
            state: HoldState::Done,
            former,
            window_seconds: Some(seconds),
            moves,
            held: Some(self.means.words.to_owned()),
            held_from: Some(moment(self.since())),
            held_until: Some(moment(until)),
            earlier: None,
        };
        record.write(spec).map_err(|error| unwritten(spec, &error))?;
        Ok(until)
    }

    /// Ends the lock of a cut-over that was concluded at this moment; a server that was set to only read stays so.
    ///
    /// # Errors
    /// Only such as end the program; a connection that is lost has ended its lock, too.
    pub async fn end(self, until: Timestamp) -> Result<Cutover, ExecuteError> {
        let Self { hold, means, from, window, claim, .. } = self;
        let (seconds, moves) = window.measured();
        let mut notes = Vec::new();
        if let Some(hold) = hold {
            notes.extend(hold.notes().iter().cloned());
            notes.extend(hold.afterwards().map(str::to_owned));
            if let Err(error) = tokio::task::spawn_blocking(move || hold.end()).await? {
                tracing::info!(%error, "the lock ended with its connection");
            }
        }
        drop(claim);
        Ok(Cutover { seconds, moves, means, from, until, notes })
    }

    /// Gives back a source that a cut-over has left set to only read. Its settings as they were before it, and as they are now, for
    /// a server's other users may have set them since; `None` if there is none.
    ///
    /// # Errors
    /// The server refuses, or cannot be reached; or it is another than the one that was set.
    pub async fn release_recorded(spec: &Spec) -> Result<Option<(Former, Former)>, ExecuteError> {
        let record = CutoverRecord::read(spec).map_err(|error| unwritten(spec, &error))?;
        let Some(record) = record.filter(CutoverRecord::only_reads) else { return Ok(None) };
        must_be_of_source(spec, &record)?;
        let (source, former) = (spec.source.connection.clone(), record.former.clone());
        let present = tokio::task::spawn_blocking(move || Hold::give_back(&source, &former)).await??;
        CutoverRecord::remove(spec).map_err(|error| unwritten(spec, &error))?;
        Ok(Some((record.former, present)))
    }
}

/// Refuses a record that names another source, while a server is set to only read by it.
fn must_be_of_source(spec: &Spec, record: &CutoverRecord) -> Result<(), SourceError> {
    if record.is_of_source(spec) || !record.only_reads() {
        return Ok(());
    }
    Err(SourceError::NotHeld {
        place: spec.source.connection.redacted(),
        reason: format!(
            "a cut-over of this spec has set {} to only read, as {} says",
            record.source,
            CutoverRecord::path(spec).display()
        ),
        hint: "run `transship cutover SPEC --release` with the source as it was then (`source.url`, `source.databases`), or remove that file if the server can be written",
    })
}

fn take(spec: &Spec) -> Result<(Hold, ReadOnlySettings), SourceError> {
    let failed = |error: std::io::Error| unwritten(spec, &error);
    let found = CutoverRecord::read(spec).map_err(failed)?;
    found.as_ref().map_or(Ok(()), |record| must_be_of_source(spec, record))?;
    let earlier = found.filter(|record| record.is_of_source(spec)).map(CutoverRecord::standing);
    let kept = RefCell::new(ReadOnlySettings { earlier: earlier.clone(), ..ReadOnlySettings::default() });
    let hold = Hold::take(&spec.source.connection, spec.cutover.source, &|found| {
        let settings = ReadOnlySettings::of(earlier.clone(), found);
        let record = CutoverRecord {
            migration: spec.name.clone(),
            source: spec.source.connection.server_identity(),
            state: HoldState::Holding,
            former: settings.former.clone(),
            window_seconds: None,
            moves: Vec::new(),
            held: None,
            held_from: None,
            held_until: None,
            earlier: earlier
                .clone()
                .filter(|record| record.state != HoldState::Holding && record.only_reads())
                .map(Box::new),
        };
        record.write(spec).map_err(failed)?;
        *kept.borrow_mut() = settings;
        reach("cutover_holding");
        Ok(())
    });
    match hold {
        Ok(hold) => Ok((hold, kept.into_inner())),
        // The record says what is to be set.
        Err(error @ SourceError::NotGivenBack { .. }) => Err(error),
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

fn unwritten(spec: &Spec, cause: &std::io::Error) -> SourceError {
    SourceError::NotCopied { copy: CutoverRecord::path(spec), cause: cause.to_string() }
}

/// Error for a hold whose thread did not come back.
fn lost() -> ExecuteError {
    ExecuteError::Task("the hold of the source was lost".to_owned())
}
