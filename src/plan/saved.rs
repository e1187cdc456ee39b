//! A plan saved to a file, and the drift of a new plan from it.

use super::digest::InputDigests;
use super::step::shown_sql;
use super::{FactOrigin, Finding, FindingCode, Plan, Severity, StepState, Subject, TargetLook, seal};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The binding parts of a plan's JSON document.
#[derive(Debug, Clone, Deserialize)]
pub struct SavedPlan {
    /// The migration's name.
    pub name: String,
    /// The plan's digest.
    pub digest: String,
    /// The digests of its inputs.
    pub inputs: InputDigests,
    /// The origin of its facts.
    #[serde(default)]
    pub looked_at: FactOrigin,
    /// Findings at the time of the review.
    pub findings: Vec<SavedFinding>,
    /// The steps in their order.
    pub steps: Vec<SavedStep>,
    /// The tables with their columns, as the document has them.
    pub tables: Vec<serde_json::Value>,
    /// The omitted objects, as the document has them.
    pub omitted: Vec<serde_json::Value>,
    /// The parts of the document that were edited since it was written.
    #[serde(skip)]
    pub edited: Vec<String>,
}

/// A finding of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SavedFinding {
    /// The kind of finding.
    pub code: String,
    /// Severity.
    pub severity: Severity,
    /// The source table.
    pub table: Option<String>,
    /// The source column.
    pub column: Option<String>,
    /// Number of rows or objects concerned.
    pub count: u64,
    /// Some of the rows, or the names of the objects.
    #[serde(default)]
    pub examples: Vec<String>,
    /// The message.
    pub message: String,
    /// The single places, if there are several.
    #[serde(default)]
    pub places: Vec<SavedPlace>,
}

/// One place of a finding about several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SavedPlace {
    /// The source table.
    pub table: Option<String>,
    /// The source column.
    pub column: Option<String>,
    /// Number of rows or objects concerned there.
    pub count: u64,
    /// Some of the rows, or the object's name.
    #[serde(default)]
    pub examples: Vec<String>,
    /// The message about this place.
    pub message: String,
}

impl SavedFinding {
    /// Whether a finding of this kind and place is certain to be about rows that were not reviewed: other examples at the same
    /// count, or a new one where the examples were all that there are. Rows may go, and the examples with them.
    fn has_other_rows(&self, now: &Finding) -> bool {
        // A plan that shows values has them behind the key.
        let is_same = |saved: &String, now: &String| {
            saved.strip_prefix(now.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(": "))
        };
        let is_new = |example: &String| !self.examples.iter().any(|saved| is_same(saved, example));
        let shows_all = self.count == self.examples.len() as u64;
        !self.examples.is_empty() && (shows_all || self.count == now.count) && now.examples.iter().any(is_new)
    }

    /// The findings of the single places.
    #[must_use]
    pub fn each(&self) -> Vec<SavedFinding> {
        if self.places.is_empty() {
            return vec![self.clone()];
        }
        let of = |place: &SavedPlace| Self {
            table: place.table.clone(),
            column: place.column.clone(),
            count: place.count,
            examples: place.examples.clone(),
            message: place.message.clone(),
            places: Vec::new(),
            ..self.clone()
        };
        self.places.iter().map(of).collect()
    }
}

/// A step of a saved plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SavedStep {
    /// The step's id.
    pub id: String,
    /// The ids that it waits for.
    pub after: Vec<String>,
    /// The SQL.
    pub sql: String,
    /// Whether it was done.
    pub state: StepState,
    /// The statement of the spec that rolls it back.
    #[serde(default)]
    pub undo: Option<String>,
    /// Whether it runs inside a transaction.
    #[serde(default = "is_usual")]
    pub transaction: bool,
}

impl SavedStep {
    /// The SQL for readers, as [`super::Step::shown_sql`] gives it.
    #[must_use]
    pub fn shown_sql(&self) -> String {
        shown_sql(&self.sql, self.undo.as_deref(), self.transaction)
    }
}

/// A step runs inside a transaction unless something else is said.
fn is_usual() -> bool {
    true
}

/// A file that is no plan.
#[derive(Debug, Clone, thiserror::Error)]
#[error("this is no plan that `transship plan --format json` wrote: {0}")]
pub struct NoPlan(String);

impl SavedPlan {
    /// Reads the JSON document of a plan.
    ///
    /// # Errors
    /// The text is not a plan's document.
    pub fn parse(text: &str) -> Result<Self, NoPlan> {
        let failed = |error: serde_json::Error| NoPlan(error.to_string());
        let document = serde_json::from_str::<serde_json::Value>(text).map_err(failed)?;
        let edited = seal::broken(&document);
        let saved = serde_json::from_value::<Self>(document).map_err(failed)?;
        Ok(Self { edited, ..saved })
    }

    /// The drift since this plan was made, in words, each with its subject in front; empty if `plan` does what was
    /// reviewed. Changed rows are no drift, nor are steps of this plan that were done since.
    #[must_use]
    pub fn drift(&self, plan: &Plan) -> Vec<String> {
        if self.name != plan.name {
            return vec![format!("spec: the plan is of the migration {}, and this is {}", self.name, plan.name)];
        }
        let now = &plan.inputs;
        let inputs = [
            ("spec", "it has changed since the plan was made", self.inputs.spec != now.spec),
            ("templates", "they have changed since the plan was made", self.inputs.templates != now.templates),
            ("source structure", "it has changed since the plan was made", self.inputs.source != now.source),
        ];
        let edited =
            self.edited.iter().map(|part| format!("the plan's file: its `{part}` was edited after it was written"));
        let mut drift =
            inputs.iter().filter(|(.., has)| *has).map(|(what, how, _)| format!("{what}: {how}")).collect::<Vec<_>>();
        let inputs_are_the_same = drift.is_empty();
        let altered = self.altered_target(plan);
        let is_target_the_same = altered.is_empty();
        drift.extend(altered);
        let changed = self.changed_steps(plan);
        if !is_target_the_same {
            // The objects of the target lead to other steps; the rows need not.
        } else if inputs_are_the_same && self.digest != plan.digest {
            let steps = if changed.is_empty() { String::new() } else { format!(" ({})", listed(&changed)) };
            drift.push(format!("source data profile: the stored values lead to another plan{steps}"));
        } else if inputs_are_the_same && !changed.is_empty() {
            drift.push(format!("the plan's file: its steps are not those of its digest ({})", listed(&changed)));
        } else if inputs_are_the_same {
            drift.extend(self.other_parts(plan));
        }
        drift.extend(edited);
        drift.extend(self.undone(plan));
        drift.extend(self.worse_findings(plan));
        drift
    }

    /// Objects of the application's schema that others have created, dropped or altered since. Empty if a run has done
    /// steps in between: its own changes are no drift.
    fn altered_target(&self, plan: &Plan) -> Vec<String> {
        let is_done = |state: StepState| state == StepState::Done;
        let before = self.steps.iter().filter(|step| is_done(step.state)).map(|step| step.id.clone());
        let now = plan.steps.iter().filter(|step| is_done(step.state)).map(|step| step.id.to_string());
        if before.collect::<BTreeSet<_>>() != now.collect::<BTreeSet<_>>()
            || self.looked_at.target != TargetLook::Database
        {
            return Vec::new();
        }
        let (before, now) = (&self.inputs.target, &plan.inputs.target);
        let of = |object: &String| match (before.get(object), now.get(object)) {
            (None, Some(_)) => Some(format!("target: {object} was added")),
            (Some(_), None) => Some(format!("target: {object} was removed")),
            (before, now) => (before != now).then(|| format!("target: {object} was altered")),
        };
        before.keys().chain(now.keys()).collect::<BTreeSet<_>>().into_iter().filter_map(of).collect()
    }

    /// Reviewed parts that differ from those of the plan with the same digest: an editor of the file can renew the
    /// seals, but not the plan.
    fn other_parts(&self, plan: &Plan) -> impl Iterator<Item = String> {
        let is_same = |saved: &[serde_json::Value], now: serde_json::Result<serde_json::Value>| {
            now.is_ok_and(|now| now.as_array().is_some_and(|now| now.as_slice() == saved))
        };
        let parts = [
            ("tables", is_same(&self.tables, serde_json::to_value(&plan.tables))),
            ("omitted", is_same(&self.omitted, serde_json::to_value(&plan.omitted))),
        ];
        let others = parts.into_iter().filter(|(_, is_same)| !is_same);
        others.map(|(part, _)| format!("the plan's file: its `{part}` are not those of its digest"))
    }

    /// Ids of steps that were added, removed or changed.
    #[must_use]
    pub fn changed_steps(&self, plan: &Plan) -> Vec<String> {
        fn work(step: &SavedStep) -> (&str, &[String], Option<&str>, bool) {
            (&step.sql, &step.after, step.undo.as_deref(), step.transaction)
        }
        let before = self.steps.iter().map(|step| (step.id.as_str(), work(step)));
        let before = before.collect::<BTreeMap<_, _>>();
        let now = plan.steps.iter().map(|step| SavedStep {
            id: step.id.to_string(),
            after: step.after.iter().map(ToString::to_string).collect(),
            sql: step.sql.clone(),
            state: step.state,
            undo: step.said_undo().map(str::to_owned),
            transaction: step.in_transaction(),
        });
        let now = now.collect::<Vec<_>>();
        let is_new = |step: &&SavedStep| before.get(step.id.as_str()) != Some(&work(step));
        let ids = now.iter().map(|step| step.id.as_str()).collect::<BTreeSet<_>>();
        let gone = self.steps.iter().filter(|step| !ids.contains(step.id.as_str()));
        now.iter().filter(is_new).chain(gone).map(|step| step.id.clone()).collect()
    }

    /// Steps that were done and no longer are.
    fn undone(&self, plan: &Plan) -> Option<String> {
        let pending = plan.steps.iter().filter(|step| step.state == StepState::Pending);
        let pending = pending.map(|step| step.id.to_string()).collect::<BTreeSet<_>>();
        let undone = self.steps.iter().filter(|step| step.state == StepState::Done && pending.contains(&step.id));
        let undone = undone.map(|step| step.id.clone()).collect::<Vec<_>>();
        (!undone.is_empty()).then(|| format!("target: steps that were done are pending again ({})", listed(&undone)))
    }

    /// The findings of the new plan that are new or worse, in words; of a question about several places, each such place.
    fn worse_findings(&self, plan: &Plan) -> Vec<String> {
        let (mut reviewed, mut now) = (BTreeMap::<_, Vec<SavedFinding>>::new(), BTreeMap::<_, usize>::new());
        for saved in self.findings.iter().flat_map(SavedFinding::each) {
            let place = (saved.code.clone(), saved.table.clone(), saved.column.clone());
            reviewed.entry(place).or_default().push(saved);
        }
        let place = |finding: &Finding| (finding.code.word().to_owned(), finding.table.clone(), finding.column.clone());
        for finding in plan.each_finding() {
            *now.entry(place(finding)).or_default() += 1;
        }
        let worse = |finding: &Finding| {
            let place = place(finding);
            let reviewed = reviewed.get(&place).map(Vec::as_slice).unwrap_or_default();
            self.worse(finding, reviewed, now.get(&place).copied().unwrap_or(0))
        };
        plan.each_finding().filter_map(worse).collect()
    }

    /// Reason why a finding of the new plan blocks: it was not reviewed, or has become worse. A note never blocks. `saved` are
    /// the reviewed ones of its kind and place, where there are `now` so many.
    fn worse(&self, finding: &Finding, saved: &[SavedFinding], now: usize) -> Option<String> {
        // A fact that is unknown now is covered by the saved plan's own findings.
        if finding.severity == Severity::Notes || finding.code == FindingCode::NotInspected {
            return None;
        }
        // Of several findings of one kind and place the one with the same message counts, or else the worst; more of them than
        // were reviewed are new.
        let (exact, reviewed) = (saved.iter().find(|saved| saved.message == finding.message), saved.len());
        let is_other = |saved: &&SavedFinding| finding.examples_are_names() && saved.examples != finding.examples;
        let nearest = saved.iter().filter(|saved| !is_other(saved) && now <= reviewed);
        let known = exact.or_else(|| nearest.min_by_key(|saved| (saved.severity, u64::MAX - saved.count)));
        let Some(known) = known else {
            let unseen = finding.subject() == Subject::Target && self.looked_at.target != TargetLook::Database;
            let how = if unseen {
                "the plan was made without looking at it"
            } else {
                "a finding that the plan does not have"
            };
            return Some(format!("{}: {how}: {}", place(finding), finding.message));
        };
        let how = if known.severity > finding.severity {
            "is graver"
        } else if finding.count > known.count {
            "concerns more"
        } else if !saved.is_empty() && saved.iter().all(|saved| saved.has_other_rows(finding)) {
            "concerns other rows"
        } else {
            return None;
        };
        Some(format!("{}: a finding {how} than in the plan: {}", place(finding), finding.message))
    }
}

/// The place of a finding, in words: its subject, and the table and column in it.
fn place(finding: &Finding) -> String {
    let subject = match finding.subject() {
        Subject::SourceData => "source data profile",
        Subject::Target => "target",
        Subject::Plan => "plan",
    };
    match (&finding.table, &finding.column) {
        (Some(table), Some(column)) => format!("{subject}: {table}.{column}"),
        (Some(table), None) => format!("{subject}: {table}"),
        _ => subject.to_owned(),
    }
}

/// Some ids, and how many more there are.
fn listed(ids: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = ids.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if ids.len() > SHOWN { format!("{shown} and {} more", ids.len() - SHOWN) } else { shown }
}
