//! Whether PostgreSQL itself has judged a plan's statements, and how many of them.

use serde::Serialize;

/// What came of trying a plan's statements in the target, in transactions that were rolled back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Judgement {
    /// Whether PostgreSQL was asked at all.
    pub done: bool,
    /// The steps that it has taken.
    pub taken: usize,
    /// The steps that it refuses; each is a finding, but for those that lack the same right.
    pub refused: usize,
    /// The steps to do that were not tried: copies, the user's own SQL, and what needs the effect of such a step.
    pub not_tried: usize,
    /// Why it was not asked, or not to the end.
    pub reason: Option<String>,
}

impl Judgement {
    /// A judgement that was not made.
    #[must_use]
    pub fn none(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }

    /// The same in words for a plan's readers; nothing where there was nothing to judge.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let steps = |count: usize| if count == 1 { "1 step".to_owned() } else { format!("{count} steps") };
        let tried = self.taken + self.refused;
        let end = self.reason.as_ref().map(|reason| format!(" It was not asked to the end: {reason}.")).unwrap_or_default();
        match (self.done, &self.reason) {
            (false, None) => None,
            (false, Some(reason)) => Some(format!("PostgreSQL has not judged this plan: {reason}.")),
            (true, _) => Some(format!(
                "PostgreSQL was given the SQL of {} without rows, and it was rolled back: {}. {} without such a trial.{end}",
                steps(tried),
                if self.refused == 0 { "nothing was refused".to_owned() } else { format!("{} refused", self.refused) },
                match self.not_tried {
                    1 => "1 step is".to_owned(),
                    count => format!("{count} steps are"),
                }
            )),
        }
    }
}
