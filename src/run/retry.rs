//! Retry: whether failed work is tried again, and after which pause.

use super::{ExecuteError, Stop};
use crate::target::TargetError;
use std::time::Duration;

/// Pauses between the attempts: enough for a server that restarts.
const PAUSES: [Duration; 4] =
    [Duration::from_millis(200), Duration::from_millis(600), Duration::from_secs(2), Duration::from_secs(5)];

/// The attempts of one piece of work.
#[derive(Debug, Default)]
pub(crate) struct Retry {
    failed: usize,
    first: Option<ExecuteError>,
}

impl Retry {
    /// Takes note of a failure. The pause after which the work is tried again, or the error to end with: `is_repeatable` says
    /// whether the failed attempt has left nothing behind.
    pub(crate) fn after(
        &mut self,
        error: ExecuteError,
        is_repeatable: bool,
        stop: &Stop,
    ) -> Result<Duration, ExecuteError> {
        let may_help = error.is_transient() && is_repeatable && !stop.is_thrown();
        let Some(pause) = PAUSES.get(self.failed).filter(|_| may_help) else {
            // The error that ended the connection says more than that there is none.
            let is_away = matches!(error, ExecuteError::Target(TargetError::Connect { .. }));
            return Err(self.first.take().filter(|_| is_away).unwrap_or(error));
        };
        tracing::warn!(%error, "trying again");
        self.failed += 1;
        self.first = self.first.take().or(Some(error));
        Ok(*pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(refused: bool) -> ExecuteError {
        let cause = if refused { "refused" } else { "away" };
        TargetError::Connect { place: "s".to_owned(), cause: cause.to_owned(), refused, hint: None }.into()
    }

    #[test]
    fn work_is_tried_again_only_if_that_can_help() {
        let stop = Stop::default();
        let mut retry = Retry::default();
        for pause in PAUSES {
            assert_eq!(retry.after(refused(false), true, &stop).unwrap(), pause);
        }
        assert!(retry.after(refused(false), true, &stop).is_err());
        assert!(Retry::default().after(refused(true), true, &stop).is_err());
        assert!(Retry::default().after(refused(false), false, &stop).is_err());
        stop.throw();
        assert!(Retry::default().after(refused(false), true, &stop).is_err());
    }
}
