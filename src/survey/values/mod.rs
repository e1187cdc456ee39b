//! What stands in the columns: whether it fits, what it forgets on the way, how it is spelled, and what would hold it.

pub(crate) mod encoding;
pub(crate) mod excesses;
pub(crate) mod merging;
pub(crate) mod misfits;
pub(crate) mod profile;
pub(crate) mod remedy;
pub(crate) mod shapes;
pub(crate) mod spellings;
