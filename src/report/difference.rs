//! Differences between two plans: the effect of a change of spec, source or templates.

use super::layout::wrapped;
use crate::name::visible::{visible_name, visible_sql};
use crate::plan::saved::{SavedFinding, SavedPlan};
use crate::plan::{Finding, Plan, Step, StepKind};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Two plans, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanDifference {
    /// Whether both plans do the same.
    pub same: bool,
    /// The digest of the earlier plan.
    pub before: String,
    /// The digest of the present plan.
    pub after: String,
    /// Inputs that differ: spec, source, templates.
    pub inputs: Vec<&'static str>,
    /// The ids of steps that are new.
    pub added: Vec<String>,
    /// The ids of removed steps.
    pub removed: Vec<String>,
    /// The steps of both plans that differ.
    pub changed: Vec<StepChange>,
    /// Findings that are new, in words.
    pub new_findings: Vec<String>,
    /// Findings that were removed, in words.
    pub gone_findings: Vec<String>,
    /// The SQL of all steps as a unified diff; empty if it is the same.
    pub diff: String,
    /// The new steps, each with its SQL.
    #[serde(skip)]
    pub added_sql: Vec<[String; 2]>,
    /// The removed steps, each with its SQL.
    #[serde(skip)]
    pub removed_sql: Vec<[String; 2]>,
}

/// Step that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepChange {
    /// The step's id.
    pub id: String,
    /// The parts that differ: `sql`, `after` (steps that it waits for), `rows` (rows that are read, and how values are
    /// understood), `undo` (its rollback), `transaction` (whether it runs inside one).
    pub what: Vec<&'static str>,
    /// The SQL before and after.
    #[serde(skip)]
    pub sql: [String; 2],
    /// Values that differ: the steps that it waits for, and for rows, how those of a column are understood.
    #[serde(skip)]
    pub values: Vec<ChangedValue>,
}

/// A value before and after; empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedValue {
    /// Path of the value: `columns.born.column_type`.
    pub of: String,
    /// The value in the earlier plan.
    pub before: String,
    /// The value in the present plan.
    pub after: String,
}

impl PlanDifference {
    /// Compares an earlier plan with the present one.
    #[must_use]
    pub fn between(saved: &SavedPlan, plan: &Plan) -> Self {
        let before = saved.steps.iter().map(|step| (step.id.as_str(), step)).collect::<BTreeMap<_, _>>();
        let now = plan.steps.iter().map(|step| step.id.to_string()).collect::<Vec<_>>();
        let mut changed = Vec::new();
        for (step, id) in plan.steps.iter().zip(&now) {
            let Some(old) = before.get(id.as_str()) else { continue };
            let copied = step.source_table().filter(|_| step.kind() == StepKind::Copy);
            let is_copy_otherwise = copied.is_some_and(|table| table_before(saved, table) != table_now(plan, table));
            let waits_for_others = !step.after.iter().map(ToString::to_string).eq(old.after.iter().cloned());
            let undo = step.said_undo();
            let (has_other_undo, runs_otherwise) =
                (old.undo.as_deref() != undo, old.transaction != step.in_transaction());
            let what = [
                ("sql", old.sql != step.sql),
                ("after", waits_for_others),
                ("rows", is_copy_otherwise),
                ("undo", has_other_undo),
                ("transaction", runs_otherwise),
            ];
            let what = what.into_iter().filter(|(_, is_so)| *is_so).map(|(what, _)| what).collect::<Vec<_>>();
            if !what.is_empty() {
                let now = step.after.iter().map(ToString::to_string).collect::<Vec<_>>();
                let (waited, waits) = (old.after.join(", "), now.join(", "));
                let waits = ChangedValue { of: "waits for".to_owned(), before: waited, after: waits };
                let mut values = if waits_for_others { vec![waits] } else { Vec::new() };
                let words = |transaction: bool| if transaction { "inside a transaction" } else { "alone" }.to_owned();
                if has_other_undo {
                    let (before, after) = (old.undo.clone().unwrap_or_default(), undo.unwrap_or_default().to_owned());
                    values.push(ChangedValue { of: "undo".to_owned(), before, after });
                }
                if runs_otherwise {
                    let (before, after) = (words(old.transaction), words(step.in_transaction()));
                    values.push(ChangedValue { of: "transaction".to_owned(), before, after });
                }
                if let Some(table) = copied.filter(|_| is_copy_otherwise) {
                    values.extend(changed_values(
                        table_before(saved, table).as_deref(),
                        table_now(plan, table).as_deref(),
                    ));
                }
                changed.push(StepChange { id: id.clone(), what, sql: [old.sql.clone(), step.sql.clone()], values });
            }
        }
        let old_findings = saved.findings.iter().map(of_saved).collect::<Vec<_>>();
        let findings = plan.findings.iter().map(of_plan).collect::<Vec<_>>();
        let inputs = [
            ("spec", saved.inputs.spec != plan.inputs.spec),
            ("source", saved.inputs.source != plan.inputs.source),
            ("templates", saved.inputs.templates != plan.inputs.templates),
        ];
        let statements = |steps: &mut dyn Iterator<Item = (&String, String)>| {
            steps.map(|(id, sql)| format!("-- {}\n{}\n\n", visible_name(id), visible_sql(&sql))).collect::<String>()
        };
        let old = statements(&mut saved.steps.iter().map(|step| (&step.id, step.shown_sql())));
        let new = statements(&mut now.iter().zip(plan.steps.iter().map(Step::shown_sql)));
        let diff = similar::TextDiff::from_lines(&old, &new).unified_diff().context_radius(3).to_string();
        let present = now.iter().collect::<BTreeSet<_>>();
        Self {
            same: saved.digest == plan.digest,
            before: saved.digest.clone(),
            after: plan.digest.clone(),
            inputs: inputs.into_iter().filter(|(_, is_other)| *is_other).map(|(input, _)| input).collect(),
            added: now.iter().filter(|id| !before.contains_key(id.as_str())).cloned().collect(),
            removed: saved.steps.iter().map(|step| &step.id).filter(|id| !present.contains(id)).cloned().collect(),
            changed,
            new_findings: not_in(&findings, &old_findings),
            gone_findings: not_in(&old_findings, &findings),
            diff,
            added_sql: (now.iter().zip(&plan.steps).filter(|(id, _)| !before.contains_key(id.as_str())))
                .map(|(id, step)| [id.clone(), step.shown_sql()])
                .collect(),
            removed_sql: (saved.steps.iter().filter(|step| !present.contains(&step.id)))
                .map(|step| [step.id.clone(), step.shown_sql()])
                .collect(),
        }
    }

    /// The difference as text, the diff at its end.
    #[must_use]
    pub fn text(&self, name: &str) -> String {
        let mut text = format!("Difference of plans for {name}\nbefore {}\nafter  {}\n", self.before, self.after);
        let mut part = |title: &str, mark: &str, lines: Vec<String>| {
            if !lines.is_empty() {
                let lines = lines.iter().map(|line| format!("  {mark} {line}\n")).collect::<String>();
                let _infallible = write!(text, "\n{title}\n{lines}");
            }
        };
        part("Changed inputs", "*", self.inputs.iter().map(|input| (*input).to_owned()).collect());
        part("New findings", "+", self.new_findings.clone());
        part("Findings that are gone", "-", self.gone_findings.clone());
        part("New steps", "+", self.added.clone());
        part("Steps that are gone", "-", self.removed.clone());
        let changed = self.changed.iter().map(|change| format!("{}  ({})", change.id, change.what.join(", ")));
        part("Changed steps", "~", changed.collect());
        if !self.diff.is_empty() {
            let _infallible = write!(text, "\nSQL\n{}", self.diff);
        }
        if self.same {
            let _infallible = writeln!(text, "\n{}", wrapped("Both plans do the same.", 0));
        }
        text
    }

    /// The difference as JSON.
    ///
    /// # Errors None in practice: serde_json's interface is fallible, but a difference always serializes.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n")
    }

    /// The difference as markdown.
    #[must_use]
    pub fn markdown(&self, name: &str) -> String {
        super::markdown::difference(self, name)
    }
}

/// A finding in words, and the same of each of its places.
struct FindingWords {
    whole: String,
    places: Vec<String>,
}

fn of_plan(finding: &Finding) -> FindingWords {
    let words = |finding: &Finding| format!("{} {}: {}", finding.severity.word(), finding.place(), finding.message);
    FindingWords { whole: words(finding), places: finding.each().map(words).collect() }
}

fn of_saved(finding: &SavedFinding) -> FindingWords {
    let words = |finding: &SavedFinding| {
        let place = [finding.table.as_deref(), finding.column.as_deref()].into_iter().flatten().collect::<Vec<_>>();
        let place = if place.is_empty() { "the migration".to_owned() } else { place.join(".") };
        format!("{} {place}: {}", finding.severity.word(), finding.message)
    };
    FindingWords { whole: words(finding), places: finding.each().iter().map(words).collect() }
}

/// Findings of one plan that the other does not have: whole where all of their places are new, or else those places alone.
fn not_in(one: &[FindingWords], other: &[FindingWords]) -> Vec<String> {
    let known = other.iter().flat_map(|finding| &finding.places).collect::<BTreeSet<_>>();
    let of = |finding: &FindingWords| {
        let new = finding.places.iter().filter(|place| !known.contains(place)).cloned().collect::<Vec<_>>();
        if new.len() > 1 && new.len() == finding.places.len() { vec![finding.whole.clone()] } else { new }
    };
    one.iter().flat_map(of).collect()
}

fn table_before<'p>(saved: &'p SavedPlan, source: &str) -> Option<std::borrow::Cow<'p, serde_json::Value>> {
    let found = saved.tables.iter().find(|table| table["source"].as_str() == Some(source));
    found.map(std::borrow::Cow::Borrowed)
}

fn table_now(plan: &Plan, source: &str) -> Option<std::borrow::Cow<'static, serde_json::Value>> {
    let table = plan.tables.iter().find(|table| table.source == source);
    let value = table.and_then(|table| serde_json::to_value(table).ok());
    value.map(std::borrow::Cow::Owned)
}

/// The leaves of two documents of a table that differ, by their places.
fn changed_values(before: Option<&serde_json::Value>, after: Option<&serde_json::Value>) -> Vec<ChangedValue> {
    let leaves = |document: Option<&serde_json::Value>| {
        let mut found = BTreeMap::new();
        document.into_iter().for_each(|document| add_leaves(document, String::new(), &mut found));
        found
    };
    let (before, after) = (leaves(before), leaves(after));
    let places = before.keys().chain(after.keys()).collect::<BTreeSet<_>>();
    let value = |of: &String| {
        let [before, after] = [&before, &after].map(|leaves| leaves.get(of).cloned().unwrap_or_default());
        (before != after).then(|| ChangedValue { of: of.clone(), before, after })
    };
    places.into_iter().filter_map(value).collect()
}

fn add_leaves(value: &serde_json::Value, place: String, found: &mut BTreeMap<String, String>) {
    let under = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        serde_json::Value::Object(object) => {
            object.iter().for_each(|(name, value)| add_leaves(value, under(name), found));
        }
        serde_json::Value::Array(array) => {
            for (at, value) in array.iter().enumerate() {
                // Columns by their names: one that is new does not move the others.
                let name = value["source"].as_str().map_or_else(|| at.to_string(), str::to_owned);
                add_leaves(value, under(&name), found);
            }
        }
        serde_json::Value::Null => {}
        serde_json::Value::String(text) => {
            found.insert(place, text.clone());
        }
        other => {
            found.insert(place, other.to_string());
        }
    }
}
