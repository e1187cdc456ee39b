//! transship: a declarative migration engine.
pub mod catalog;
pub mod name;
pub mod plan;
pub mod source;
pub mod spec;
pub mod value;
