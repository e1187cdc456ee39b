//! Identifiers: names in the target, the quoting for PostgreSQL and TOML, suggestions for unknown names, and the ids of steps.

mod alike;
mod keywords;
mod nearest;
pub mod quote;
mod schemas;
mod shell;
mod step;
pub mod style;
pub mod visible;

pub use alike::named;
pub use nearest::{did_you_mean, hint_of_known, nearest};
pub use quote::{quote_identifier, quote_in_dollars, quote_literal, quote_toml_key, quote_toml_text};
pub use schemas::{QualifiedName, Schema, Schemas, database_prefix, split_database};
pub use shell::{shell_quoted, shell_word};
pub use step::{StepId, StepKind, UnknownStepId};
pub use style::{LONGEST_NAME, NameStyle, shorten};
pub use visible::{visible, visible_json, visible_name, visible_sql};
