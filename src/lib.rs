//! transship: a declarative migration engine.
pub mod catalog;
pub mod execute;
pub mod name;
pub mod plan;
pub mod report;
pub mod source;
pub mod spec;
pub mod target;
pub mod value;
pub mod verify;
