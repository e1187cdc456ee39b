//! Named places in a run at which a test lets the process die: one at every boundary of what is durable.
//!
//! Only the cargo feature `failpoints` gives them an effect, and no release has it. `TRANSSHIP_FAILPOINT=NAME` ends the
//! process by SIGKILL when it reaches the place, `NAME:3` when it reaches it for the third time; with
//! `TRANSSHIP_FAILPOINT_SIGNAL=STOP` it is frozen there until a test sends it SIGCONT.
//! `TRANSSHIP_RESPELL=1` lets `back` write every value again, also those that did not change.
//! `TRANSSHIP_CHUNK_ROWS=N` asks for chunks of about N rows, so that small tables have several; `plan::chunks` decides.

use std::num::NonZeroU64;

/// Every place, in the order of a run and of a rollback.
pub const ALL: [&str; 23] = [
    "prepared",
    "took_over",
    "ledger_created",
    "run_begun",
    "chunks_fixed",
    "chunk_claimed",
    "chunk_half_sent",
    "chunk_before_commit",
    "chunk_committed",
    "step_claimed",
    "copy_before_commit",
    "copy_recorded",
    "statement_before_commit",
    "statement_committed",
    "before_end_of_run",
    "run_ended",
    "refresh_before_commit",
    "refresh_committed",
    "stale_removed",
    "merge_settled",
    "merge_added",
    "rollback_before_commit",
    "rollback_committed",
];

/// Places on the way around a run: in a rehearsal, in a cut-over, and on the way back, once the new place is a copy that is marked as
/// unfinished.
pub const AROUND: [&str; 7] = [
    "rehearsal_began",
    "rehearsal_applied",
    "cutover_holding",
    "cutover_held",
    "cutover_refreshed",
    "cutover_verified",
    "back_copied",
];

/// A place of this name is reached.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn reach(_: &'static str) {}

/// Whether a test has asked for values that did not change to be written again.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn respells() -> bool {
    false
}

/// Whether a test has asked for values that did not change to be written again.
#[cfg(feature = "failpoints")]
pub(crate) fn respells() -> bool {
    std::env::var_os("TRANSSHIP_RESPELL").is_some()
}

/// Rows of a chunk that a test has asked for.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn chunk_rows() -> Option<NonZeroU64> {
    None
}

/// A place of this name is reached.
#[cfg(feature = "failpoints")]
pub(crate) fn reach(name: &'static str) {
    use std::sync::atomic::{AtomicU64, Ordering};
    static TIMES: AtomicU64 = AtomicU64::new(0);
    debug_assert!(ALL.contains(&name) || AROUND.contains(&name), "{name} is not in the list");
    let Ok(wanted) = std::env::var("TRANSSHIP_FAILPOINT") else { return };
    let (wanted, count) = wanted.split_once(':').unwrap_or((&wanted, "1"));
    if wanted == name && TIMES.fetch_add(1, Ordering::SeqCst) + 1 == count.parse().unwrap_or(1) {
        use nix::sys::signal::{Signal, kill};
        let freezes = std::env::var("TRANSSHIP_FAILPOINT_SIGNAL").is_ok_and(|signal| signal == "STOP");
        let signal = if freezes { Signal::SIGSTOP } else { Signal::SIGKILL };
        if kill(nix::unistd::Pid::this(), signal).is_err() {
            std::process::abort();
        }
        // The signal may take a moment; nothing more is done until then.
        std::thread::sleep(std::time::Duration::from_millis(if freezes { 200 } else { 60_000 }));
    }
}

/// Rows of a chunk that a test has asked for.
#[cfg(feature = "failpoints")]
pub(crate) fn chunk_rows() -> Option<NonZeroU64> {
    std::env::var("TRANSSHIP_CHUNK_ROWS").ok().and_then(|rows| rows.parse().ok())
}
