//! Neutral cells and what they mean, independent of any database.
//!
//! A [`Cell`] borrows one stored value from the source. A [`Reading`] says how the value is to be understood (an integer
//! that counts milliseconds, say). The other files turn cells into exact neutral forms: dates into microseconds,
//! decimals into digits. Nothing here rounds: what does not fit exactly is an error with its reason.

pub mod cell;
pub mod reading;

pub use cell::{Cell, StorageClass};
pub use reading::Reading;
