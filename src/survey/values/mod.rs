//! Values of columns: whether they fit, what they forget on the way, how they are spelled, and which type would hold them.

pub(crate) mod doubts;
pub(crate) mod encoding;
pub(crate) mod excesses;
pub(crate) mod forgotten_class;
pub(crate) mod kept;
pub(crate) mod misfits;
pub(crate) mod offered_times;
pub(crate) mod preferred;
pub(crate) mod profile;
pub(crate) mod remedy;
pub(crate) mod shapes;
pub(crate) mod shortened;
pub(crate) mod spellings;
pub(crate) mod twice_encoded;
mod unit_support;
pub(crate) mod zero_dates;
