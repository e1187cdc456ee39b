//! The DDL of a plan as a script for psql.

use super::{Plan, Step, StepKind, StepState};
use crate::name::{Schemas, visible_name, visible_sql};
use std::fmt::Write as _;

/// Every statement in an order in which psql can run them. Written as comments: copies of rows, checks, and steps that
/// are done.
#[must_use]
pub fn script(plan: &Plan, spec: &str, schemas: &Schemas) -> String {
    let mut text = format!(
        "-- The DDL of the plan for {} ({}), digest {}.\n\
         -- It makes structure alone: `transship apply` runs the same statements and copies the rows between them.\n\
         -- psql --no-psqlrc --file FILE\n\
         \\set ON_ERROR_STOP on\n\
         -- Times without an offset are meant in this zone, as in a run.\n\
         SET TimeZone = 'UTC';\n",
        line(&plan.name),
        line(spec),
        plan.digest
    );
    let path = visible_sql(&format!("SET search_path = {}, public;", schemas.search_path())).into_owned();
    let mut is_on_path = false;
    for step in &plan.steps {
        // A string is being made: writing cannot fail.
        let _infallible = write!(text, "\n-- {}{}\n", line(&step.id.to_string()), remark(step));
        if step.state == StepState::Done || matches!(step.kind(), StepKind::Merge | StepKind::Copy | StepKind::Check) {
            let is_shown = matches!(step.kind(), StepKind::Merge | StepKind::Check);
            let hidden = if is_shown { visible_sql(&step.sql) } else { "".into() };
            hidden.lines().for_each(|hidden| {
                let _infallible = writeln!(text, "-- {hidden}");
            });
            continue;
        }
        // The user's own SQL, including a view's, finds the tables without their schema, as in a run.
        if matches!(step.kind(), StepKind::Step | StepKind::View) && !is_on_path {
            let _infallible = writeln!(text, "{path}");
            is_on_path = true;
        }
        let _infallible = writeln!(text, "{}", visible_sql(&step.shown_sql()));
    }
    text
}

fn remark(step: &Step) -> String {
    match (step.state, step.kind()) {
        (StepState::Done, _) => ": done by an earlier run".to_owned(),
        (_, StepKind::Copy) => format!(": {} rows are copied here", step.rows().unwrap_or(0)),
        (_, StepKind::Merge) => ": ids are mapped here, of rows that come from the source".to_owned(),
        (_, StepKind::Check) => ": asked when everything is in place".to_owned(),
        (StepState::Pending, _) => String::new(),
    }
}

/// A name as one line of comment, without line breaks.
fn line(name: &str) -> String {
    visible_name(name).into_owned()
}
