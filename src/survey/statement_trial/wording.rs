//! The SQL of the user's own steps, and how each is rolled back, read by PostgreSQL and not executed: what it does is not known, and may
//! outlive a rollback.

use super::limits::{DOING, scope};
use super::refusal::{StatementRefusal, StatementRefusals};
use crate::plan::{Plan, StepKind, StepState};
use crate::run::ExecuteError;
use crate::target::Session;
use crate::target::sqlstate::DIVISION_BY_ZERO;

/// A statement in front of the others, at which they all end: the server parses a whole message before it executes the first of its
/// statements ("Simple Query" in section 55.2.2 of PostgreSQL's documentation). By its error the rest was read, and is SQL.
const ENDS_ALL: &str = "SELECT 1/0;";

/// Keeps what PostgreSQL cannot read.
pub(super) async fn read<'a>(
    session: &Session,
    plan: &'a Plan,
    refusals: &mut StatementRefusals<'a>,
) -> Result<(), ExecuteError> {
    let reading = async {
        for step in plan.steps.iter().filter(|step| step.kind() == StepKind::Step) {
            let own = (step.state == StepState::Pending).then_some(step.sql.as_str());
            for (sql, is_undo) in own.map(|sql| (sql, false)).into_iter().chain(step.said_undo().map(|sql| (sql, true)))
            {
                let Err(error) = session.attempt(&format!("{ENDS_ALL}\n{sql}"), DOING).await? else { continue };
                let refusal = StatementRefusal::of(error);
                if !refusal.is(DIVISION_BY_ZERO) && !refusal.is_of_the_moment() {
                    refusals.add(step, if is_undo { refusal.of_undo() } else { refusal });
                }
            }
        }
        Ok::<_, ExecuteError>(())
    };
    session.transaction(scope(), reading).await
}
