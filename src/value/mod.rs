//! Neutral cells and their meaning, independent of any database.
//!
//! A [`Cell`] borrows one stored value from the source. A [`Reading`] says how to interpret the value, for example as a
//! count of milliseconds. The other files turn cells into exact neutral forms: dates into microseconds, decimals into
//! digits. No conversion rounds: a value that does not fit exactly is a [`BadValue`] with its reason.

pub mod bad_value;
pub mod boolean;
pub mod calendar;
pub mod cell;
mod count;
pub mod date_shape;
mod day_number;
pub mod decimal;
pub mod duration;
pub mod float;
pub mod forgetting;
mod hash_sum;
pub mod identifier;
mod input_refusal;
pub mod instant;
pub mod integer;
pub mod json;
pub mod judged;
pub mod literal;
pub mod network;
pub mod offset;
mod owned;
pub mod reading;
pub mod spatial;
pub mod spelling;
pub mod stored;
pub mod sum;
pub mod temporal;
pub mod text;
pub mod vector;
pub mod zone;

pub use bad_value::BadValue;
pub use cell::{Cell, StorageClass};
pub use count::{count, counted, counted_rows};
pub use date_shape::DateShape;
pub use forgetting::{Dropping, Forgetting, FractionTreatment, RepeatedTime, ZeroDates};
pub use hash_sum::HashSum;
pub use input_refusal::InputRefusal;
pub use judged::Verdicts;
pub use owned::OwnedCell;
pub use reading::Reading;
pub use spelling::Spelling;
pub use zone::{UnknownZone, Zone};
