//! A plan without the source at hand: [`inspect`] writes down what there is to know of it, [`recall`] plans from that.
//!
//! The file is committed beside the spec, and the plan of a pull request is made from it where neither database can be
//! reached. The spec of the pull request is then not the one that was inspected. So what was found is not kept as the
//! findings of a plan, but as facts that outlive a change of the spec, each with what it depends on:
//!
//! - of a column what is stored in it (counts, lengths, no value), which types hold all of it (so that another does not:
//!   that blocks), and what does not fit the type that it had. The severity of that, its suggestion, and which rows are rejected, the spec of today decides;
//! - of keys, limits, CHECKs and foreign keys the answer to a question whose text names all that the answer rests on.
//!
//! What the spec of today asks and nobody has looked up is a finding `not_inspected`, never silence.

mod holding_types;
mod inspection;
mod question;
mod recorded;
mod recording;
pub(crate) mod values;

pub use inspection::{Inspection, NoInspection};
pub use recorded::{Recalled, recall};
pub use recording::inspect;

use crate::plan::{Finding, Severity};

/// What to do about anything that is not known.
const LOOK_AGAIN: &str = "plan against the source to know, or let `transship inspect SPEC --out FILE` look again with this \
                          spec, where the source can be reached";

/// A finding about what the file does not say: `whether` something is so.
fn not_inspected(table: &str, whether: impl AsRef<str>) -> Finding {
    let message = format!("the inspect file does not say {}", whether.as_ref());
    Finding::about("not_inspected", Severity::Warns, table, message).suggesting(LOOK_AGAIN)
}
