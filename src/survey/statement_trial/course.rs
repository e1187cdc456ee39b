//! The course of a trial: which steps can be tried, in which order, and in how many transactions.

use crate::plan::{Step, StepKind, StepState};
use std::collections::{BTreeMap, BTreeSet};

/// The verdict on one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StepVerdict {
    /// PostgreSQL takes it.
    Taken,
    /// PostgreSQL refuses it, or would refuse it for what it needs and does not have.
    Refused,
    /// It was tried, and its failure says nothing: it needs the effect of a step that is not tried.
    Unknown,
}

/// The steps of a plan with what is known of each.
#[derive(Debug)]
pub(super) struct Course<'a> {
    pub(super) steps: &'a [Step],
    /// About how many objects each step locks.
    locks: Vec<u64>,
    after: Vec<Vec<usize>>,
    verdicts: Vec<Option<StepVerdict>>,
    /// Steps that cannot be tried, by themselves: what follows them cannot either.
    barred: Vec<bool>,
    /// Steps that are not tried, and whose effect others may need: a failure of these says nothing.
    missed: Vec<bool>,
    /// Tables that already exist, with the steps that wait for them: a trial would lock tables in use, or work on their
    /// rows.
    standing: Vec<bool>,
}

/// Kinds whose statements make structure, and are as cheap without rows as they are harmless when they are rolled back.
fn is_tried(kind: StepKind) -> bool {
    matches!(
        kind,
        StepKind::Role
            | StepKind::Schema
            | StepKind::Extension
            | StepKind::Collation
            | StepKind::Setting
            | StepKind::Type
            | StepKind::Generator
            | StepKind::Table
            | StepKind::PrimaryKey
            | StepKind::Unique
            | StepKind::Index
            | StepKind::ForeignKey
            | StepKind::Validate
            | StepKind::Constraint
            | StepKind::Trigger
            | StepKind::View
            | StepKind::Grant
    )
}

/// About how many objects a step locks until its transaction ends: a table with its TOAST table and their indexes, the
/// sequence of an identity column. A table that is divided has `parts` of everything beside its own.
fn locks(kind: StepKind, parts: u64) -> u64 {
    match kind {
        StepKind::Table => 5 + 3 * parts,
        StepKind::PrimaryKey | StepKind::Unique | StepKind::Index => 1 + parts,
        StepKind::View | StepKind::Generator => 1,
        _ => 0,
    }
}

impl<'a> Course<'a> {
    /// The course of a plan's steps, without the extensions in `untried` and the tables in `replaced`, which stand. `divided`
    /// are the numbers of partitions, by table of the target.
    pub(super) fn of(
        steps: &'a [Step],
        untried: &BTreeSet<String>,
        replaced: &BTreeSet<String>,
        divided: &BTreeMap<&str, u64>,
    ) -> Self {
        let places = steps.iter().enumerate().map(|(at, step)| (&step.id, at)).collect::<BTreeMap<_, _>>();
        let after = |step: &Step| step.after.iter().filter_map(|id| places.get(id).copied()).collect();
        let is_pending = |step: &Step| step.state == StepState::Pending;
        let barred = |step: &'a Step| {
            let is_in_the_way = step.kind() == StepKind::SetAside && replaced.contains(&step.id.name);
            is_pending(step) && (is_in_the_way || is_tried(step.kind()) && step.ends_transaction())
        };
        let missed = |step: &'a Step| {
            let is_untried = step.kind() == StepKind::Extension && untried.contains(&step.id.name);
            is_pending(step) && (is_untried || step.kind() == StepKind::Step)
        };
        let parts = |step: &Step| step.target_table().and_then(|table| divided.get(table)).copied().unwrap_or(0);
        let mut course = Self {
            steps,
            locks: steps.iter().map(|step| locks(step.kind(), parts(step))).collect(),
            after: steps.iter().map(after).collect(),
            verdicts: vec![None; steps.len()],
            barred: steps.iter().map(barred).collect(),
            missed: steps.iter().map(missed).collect(),
            standing: steps.iter().map(|step| step.kind() == StepKind::Table && !is_pending(step)).collect(),
        };
        // The steps stand in an order in which they could be run: what each waits for is known before it.
        for (at, step) in steps.iter().enumerate() {
            let earlier = |flags: &[bool]| course.after[at].iter().any(|before| flags[*before]);
            let (missed, standing) = (earlier(&course.missed), earlier(&course.standing));
            course.missed[at] |= missed;
            course.standing[at] |= standing && step.kind() != StepKind::View;
        }
        course.spread();
        course
    }

    /// Bars what waits for a step that is barred.
    fn spread(&mut self) {
        for at in 0..self.steps.len() {
            let is_barred = self.after[at].iter().any(|before| self.barred[*before]);
            self.barred[at] |= is_barred;
        }
    }

    /// Whether a step is to be tried.
    pub(super) fn can_try(&self, at: usize) -> bool {
        let step = &self.steps[at];
        is_tried(step.kind())
            && step.state == StepState::Pending
            && !self.barred[at]
            && !self.standing[at]
            && !(step.kind() == StepKind::Extension && self.missed[at])
    }

    /// Whether the failure of a step says nothing about it.
    pub(super) fn is_uncertain(&self, at: usize) -> bool {
        self.missed[at]
    }

    /// Whether PostgreSQL takes a step.
    pub(super) fn is_taken(&self, at: usize) -> bool {
        self.verdicts[at] == Some(StepVerdict::Taken)
    }

    /// Marks a step as refused that PostgreSQL took without rows, and would refuse with them. Steps that depend on it
    /// can be tried all the same.
    pub(super) fn refuse(&mut self, at: usize) {
        self.verdicts[at] = Some(StepVerdict::Refused);
    }

    /// Whether a step has a verdict.
    pub(super) fn is_judged(&self, at: usize) -> bool {
        self.verdicts[at].is_some()
    }

    /// Records the verdict on a step. After a failure the steps that depend on it are not tried.
    pub(super) fn note(&mut self, at: usize, verdict: StepVerdict) {
        self.verdicts[at] = self.verdicts[at].or(Some(verdict));
        if verdict != StepVerdict::Taken && !self.barred[at] {
            self.barred[at] = true;
            self.spread();
        }
    }

    /// How many steps have this verdict.
    pub(super) fn count(&self, verdict: StepVerdict) -> usize {
        self.verdicts.iter().filter(|found| **found == Some(verdict)).count()
    }

    /// The steps to try, in parts of which each fits into one transaction with no more than so many locks; a part begins
    /// with whatever its steps need. A step that alone needs more is in none. The last steps choose the parts: what they
    /// need comes with them, and is not made once more for itself.
    pub(super) fn parts(&self, most_locks: u64) -> Vec<BTreeSet<usize>> {
        let tried = (0..self.steps.len()).filter(|at| self.can_try(*at)).collect::<BTreeSet<_>>();
        let cost = |part: &BTreeSet<usize>| part.iter().map(|at| self.locks[*at]).sum::<u64>();
        if cost(&tried) <= most_locks {
            return vec![tried];
        }
        let (mut parts, mut part, mut spent) = (Vec::new(), BTreeSet::new(), 0);
        let mut covered = BTreeSet::new();
        for at in tried.iter().rev() {
            if covered.contains(at) {
                continue;
            }
            let needed = self.needed(*at, &tried);
            if cost(&needed) > most_locks {
                continue;
            }
            let new = needed.difference(&part).map(|at| self.locks[*at]).sum::<u64>();
            if spent + new > most_locks {
                parts.push(std::mem::take(&mut part));
                spent = cost(&needed);
            } else {
                spent += new;
            }
            covered.extend(needed.iter().copied());
            part.extend(needed);
        }
        parts.push(part);
        parts
    }

    /// A step with all that it needs and that is tried.
    fn needed(&self, at: usize, tried: &BTreeSet<usize>) -> BTreeSet<usize> {
        let (mut seen, mut open) = (BTreeSet::from([at]), vec![at]);
        while let Some(next) = open.pop() {
            open.extend(self.after[next].iter().filter(|before| seen.insert(**before)).copied());
        }
        seen.intersection(tried).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::StepTable;

    fn step(name: &str, kind: StepKind, after: &[&str]) -> Step {
        let after = after.iter().map(|id| id.parse().unwrap()).collect();
        Step::new(kind.id(name), after, "SELECT 1;".to_owned())
    }

    fn steps() -> Vec<Step> {
        vec![
            step("app", StepKind::Schema, &[]),
            step("a", StepKind::Table, &["schema:app"]),
            step("b", StepKind::Table, &["schema:app"]),
            step("a", StepKind::Copy, &["table:a"]),
            step("a", StepKind::PrimaryKey, &["copy:a"]),
            step("b.a", StepKind::ForeignKey, &["table:b", "primary_key:a"]),
        ]
    }

    fn ids(course: &Course<'_>, part: &BTreeSet<usize>) -> Vec<String> {
        part.iter().map(|at| course.steps[*at].id.to_string()).collect()
    }

    #[test]
    fn a_part_begins_with_what_its_steps_need() {
        let (steps, none) = (steps(), BTreeSet::new());
        let course = Course::of(&steps, &none, &none, &BTreeMap::new());
        let all = ["schema:app", "table:a", "table:b", "primary_key:a", "foreign_key:b.a"];
        assert_eq!(course.parts(11).iter().map(|part| ids(&course, part)).collect::<Vec<_>>(), [all]);
        let parts = course.parts(6).iter().map(|part| ids(&course, part)).collect::<Vec<_>>();
        let expected: [&[&str]; 2] = [&["schema:app", "table:a", "primary_key:a"], &["schema:app", "table:b"]];
        assert_eq!(parts, expected);
    }

    #[test]
    fn a_table_locks_its_partitions() {
        let (mut steps, none) = (steps(), BTreeSet::new());
        for step in steps.iter_mut().filter(|step| step.id.name == "a") {
            step.table = Some(StepTable { source: "a".to_owned(), target: "a".to_owned(), part: None });
        }
        let course = Course::of(&steps, &none, &none, &BTreeMap::from([("a", 10)]));
        // 35 for the table, 11 for its key.
        let parts = |most| course.parts(most).iter().map(|part| ids(&course, part)).collect::<Vec<_>>();
        assert_eq!(parts(51).len(), 1);
        assert_eq!(parts(50), [vec!["schema:app", "table:a", "primary_key:a"], vec!["schema:app", "table:b"]]);
        assert_eq!(parts(40), [["schema:app", "table:a", "table:b"]]);
    }

    #[test]
    fn what_follows_a_refused_step_is_not_tried() {
        let (steps, none) = (steps(), BTreeSet::new());
        let mut course = Course::of(&steps, &none, &none, &BTreeMap::new());
        course.note(1, StepVerdict::Refused);
        assert_eq!((0..steps.len()).filter(|at| course.can_try(*at)).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn a_table_that_stands_is_left_alone() {
        let (mut steps, none) = (steps(), BTreeSet::new());
        steps[1].state = StepState::Done;
        let course = Course::of(&steps, &none, &none, &BTreeMap::new());
        assert_eq!((0..steps.len()).filter(|at| course.can_try(*at)).collect::<Vec<_>>(), [0, 2]);
    }
}
