//! Identifiers: how names are carried over, the only code that quotes anything for SQL, and the ids of steps.

mod keywords;
pub mod quote;
mod step;
pub mod style;
pub mod visible;

pub use quote::{
    quote_identifier, quote_in_dollars, quote_literal, quote_sqlite_identifier, quote_toml_key, quote_toml_text,
};
pub use step::{StepId, StepKind, UnknownStepId};
pub use style::{LONGEST_NAME, NameStyle, shorten};
pub use visible::{visible, visible_json, visible_name, visible_sql};
