//! One transaction of a trial: steps run in their order, each under a savepoint, and all of it rolled back.

use super::collation::{UndeterminedComparison, undetermined};
use super::course::{Course, StepVerdict};
use super::limits::{DOING, scope};
use super::refusal::{StatementRefusal, StatementRefusals};
use crate::name::Schemas;
use crate::plan::StepKind;
use crate::run::{ExecuteError, Stop};
use crate::target::{SearchPath, Session, TargetError};
use std::collections::BTreeSet;

/// Steps that are sent together; only where one of them fails each is tried by itself.
const TOGETHER: usize = 64;

/// A trial of the plan's statements in one session.
pub(super) struct StatementTrial<'a, 'b> {
    pub(super) session: &'a Session,
    pub(super) schemas: &'a Schemas,
    pub(super) course: &'a mut Course<'b>,
    pub(super) refusals: &'a mut StatementRefusals<'b>,
    pub(super) stop: &'a Stop,
}

impl StatementTrial<'_, '_> {
    /// Tries some steps; returns the reason if the trial was not completed.
    pub(super) async fn part(&mut self, part: &BTreeSet<usize>) -> Result<Option<String>, ExecuteError> {
        self.session.transaction(scope(), self.tried(part)).await
    }

    async fn tried(&mut self, part: &BTreeSet<usize>) -> Result<Option<String>, ExecuteError> {
        let steps = part.iter().copied().collect::<Vec<_>>();
        for together in steps.chunks(TOGETHER) {
            if self.stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            let reason = self.together(together).await?;
            if reason.is_some() {
                return Ok(reason);
            }
        }
        self.collations(part).await?;
        Ok(None)
    }

    /// Refuses what was taken and would fail at the first row: no trial without rows evaluates an expression.
    async fn collations(&mut self, part: &BTreeSet<usize>) -> Result<(), ExecuteError> {
        let undetermined = undetermined(self.session, self.schemas).await?;
        for at in part.iter().copied() {
            // A constraint or an index has a step of its own where it is not part of the table's.
            let step = &self.course.steps[at];
            let is_elsewhere = |found: &&UndeterminedComparison| {
                step.kind() == StepKind::Table
                    && part.iter().any(|other| *other != at && found.is_of(&self.course.steps[*other]))
            };
            let found = undetermined.iter().filter(|found| found.is_of(step)).find(|found| !is_elsewhere(found));
            if let Some(found) = found.filter(|_| self.course.is_taken(at)) {
                self.refusals.add(step, found.refusal());
                self.course.refuse(at);
            }
        }
        Ok(())
    }

    async fn together(&mut self, steps: &[usize]) -> Result<Option<String>, ExecuteError> {
        let steps = steps.iter().copied().filter(|at| self.course.can_try(*at)).collect::<Vec<_>>();
        let sql = steps.iter().map(|at| self.sql(*at)).collect::<Vec<_>>().join("\n;\n");
        if self.attempt(&sql).await?.is_none() {
            steps.iter().for_each(|at| self.course.note(*at, StepVerdict::Taken));
            return Ok(None);
        }
        for at in steps {
            // A step before it may have been refused meanwhile.
            if !self.course.can_try(at) {
                continue;
            }
            match self.attempt(&self.sql(at)).await? {
                None => self.course.note(at, StepVerdict::Taken),
                Some(refusal) if refusal.is_of_the_moment() => return Ok(Some(refusal.words())),
                Some(_) if self.course.is_uncertain(at) => self.course.note(at, StepVerdict::Unknown),
                Some(refusal) => {
                    if !self.course.is_judged(at) {
                        self.refusals.add(&self.course.steps[at], refusal);
                    }
                    self.course.note(at, StepVerdict::Refused);
                }
            }
        }
        Ok(None)
    }

    /// The statements of a step, with the search path in which the run will have them.
    fn sql(&self, at: usize) -> String {
        let step = &self.course.steps[at];
        let path = step.search_path(self.schemas);
        format!("{};\n{}", SearchPath::of(path.as_deref()).in_transaction().statement(), step.sql)
    }

    /// Runs statements under a savepoint; what PostgreSQL says where it refuses them.
    async fn attempt(&self, sql: &str) -> Result<Option<StatementRefusal>, TargetError> {
        Ok(self.session.attempt(sql, DOING).await?.err().map(StatementRefusal::of))
    }
}
