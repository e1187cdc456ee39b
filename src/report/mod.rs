//! Documents of a plan, a run, a verification and a state, for people and for programs.
//!
//! Pure functions from data to text. Text is readable at 80 columns; JSON has the keys that `docs` promise.

pub mod applied;
mod back;
mod backup;
mod bench;
mod cutover;
mod decided;
pub mod difference;
pub mod discard;
pub mod evidence;
mod graph;
pub mod html;
mod layout;
mod left_behind;
pub mod markdown;
pub mod mermaid;
mod places;
pub mod plan;
pub mod rehearsal;
pub mod rejected;
pub mod rollback;
pub mod status;
pub mod summary;
mod types;
pub mod verification;

pub use applied::applied_text;
pub use back::{way_back_html, way_back_json, way_back_text};
pub use backup::{backup_json, backup_text, backups_json, backups_text, restored_json, restored_text};
pub use bench::{bench_html, bench_json, bench_text};
pub use cutover::{CutoverFacts, CutoverOutcome, cutover_json, cutover_text, expectation_text};
pub use difference::PlanDifference;
pub use discard::{discard_question, discarded_json, discarded_text};
pub use evidence::{Evidence, Timeline, evidence_html, evidence_json, evidence_junit};
pub use html::{difference_html, plan_html};
pub use layout::count;
pub use left_behind::left_behind_words;
pub use markdown::{plan_markdown, plan_summary_markdown};
pub use mermaid::plan_mermaid;
pub use plan::{plan_json, plan_text};
pub use rehearsal::{
    comparison_event, comparison_text, rehearsal_html, rehearsal_json, rehearsal_junit, rehearsal_text,
};
pub use rejected::{RejectedList, rejected_export_line, rejected_json, rejected_text};
pub use rollback::{nothing_rolled_back_json, rollback_question, rolled_back_json, rolled_back_text};
pub use status::{Status, status_json, status_json_line, status_line, status_screen, status_text};
pub use summary::plan_summary;
pub use verification::{verification_json, verification_text};
