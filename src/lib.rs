//! transship: a declarative migration engine.
pub mod catalog;
pub mod name;
pub mod source;
pub mod value;
