//! The actions of foreign keys: the fate of a row when the row that it references changes.

use serde::{Deserialize, Serialize};

/// Action of a foreign key when the referenced row changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferentialAction {
    /// NO ACTION.
    NoAction,
    /// RESTRICT.
    Restrict,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
    /// CASCADE.
    Cascade,
}

impl ReferentialAction {
    /// The action of these words, in capitals, as the engines' catalogs have them; NO ACTION for any other.
    #[must_use]
    pub fn from_sql(words: &str) -> Self {
        match words {
            "RESTRICT" => ReferentialAction::Restrict,
            "SET NULL" => ReferentialAction::SetNull,
            "SET DEFAULT" => ReferentialAction::SetDefault,
            "CASCADE" => ReferentialAction::Cascade,
            _ => ReferentialAction::NoAction,
        }
    }

    /// The words of SQL for this action.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            ReferentialAction::NoAction => "NO ACTION",
            ReferentialAction::Restrict => "RESTRICT",
            ReferentialAction::SetNull => "SET NULL",
            ReferentialAction::SetDefault => "SET DEFAULT",
            ReferentialAction::Cascade => "CASCADE",
        }
    }
}
