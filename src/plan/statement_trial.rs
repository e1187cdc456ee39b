//! PostgreSQL's own judgement of a plan's statements, and how many of them it covers.

use serde::Serialize;

/// The outcome of trying a plan's statements in the target, in transactions that were rolled back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TrialCoverage {
    /// Whether the statements were tried at all.
    pub done: bool,
    /// Number of steps accepted.
    pub taken: usize,
    /// Number of steps refused; each is a finding, except that steps lacking the same right share one.
    pub refused: usize,
    /// Number of pending steps that were not tried: copies, the user's own SQL, and steps that depend on these.
    pub not_tried: usize,
    /// Reason why the steps were not tried, or not all of them.
    pub reason: Option<String>,
}

impl TrialCoverage {
    /// A judgement that was not made.
    #[must_use]
    pub fn none(reason: impl Into<String>) -> Self {
        Self { reason: Some(reason.into()), ..Self::default() }
    }

    /// The judgement in words for a plan's readers; `None` if there was nothing to judge.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let steps = |count: usize| if count == 1 { "1 step".to_owned() } else { format!("{count} steps") };
        let reason = self.reason.as_deref();
        if !self.done {
            return reason.map(|reason| format!("PostgreSQL has not judged this plan: {reason}."));
        }
        let tried = self.taken + self.refused;
        let outcome = match self.refused {
            0 => "taken all of it".to_owned(),
            refused => format!("refused {}", steps(refused)),
        };
        let mut words = if tried == 0 {
            "Of this plan PostgreSQL could try nothing without rows.".to_owned()
        } else {
            format!("PostgreSQL has tried the SQL of {} without rows and {outcome}; it was rolled back.", steps(tried))
        };
        if self.not_tried > 0 {
            let others = format!(
                " Not tried: {} (rows, statistics, your own SQL, and what waits for them).",
                steps(self.not_tried)
            );
            words.push_str(&others);
        }
        if let Some(reason) = reason {
            words.extend([" The trial was not completed: ", reason, "."]);
        }
        Some(words)
    }
}
