//! Foreign keys of the source: rows that reference nothing, as they are stored and as they are converted, and rows that
//! reference what the spec rejects.

pub(crate) mod converted;
pub(crate) mod foreign_keys;
pub(crate) mod rejected_parents;
pub(crate) mod restored_keys;
