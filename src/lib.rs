//! transship: a declarative migration engine.
pub mod catalog;
pub mod name;
pub mod value;
