//! A spec drafted from a live source: survey, take the suggestions, survey again, until nothing blocks.

use super::{Survey, survey};
use crate::catalog::{Catalog, DeclaredType};
use crate::dialect;
use crate::plan::{Finding, Plan};
use crate::run::{Events, ExecuteError, Stop};
use crate::spec;
use crate::spec::starter::{ExampleTable, OpenFinding, Starter, StarterFacts, TypeFact};
use crate::spec::{MayBeUnset, SpecError};
use crate::survey::surveyor::Depth;
use crate::survey::values::twice_encoded::DOUBLE_ENCODING;
use std::collections::BTreeMap;
use std::path::Path;

/// Surveys of a source before the rest is left to people. A decision of one round can bring up something new in the
/// next: a column of another type, a name that meets another.
const ROUNDS: usize = 8;

/// A spec that was drafted.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The spec's text.
    pub text: String,
    /// How many findings were decided.
    pub decisions: usize,
    /// The findings that still block.
    pub open: Vec<OpenFinding>,
    /// The number of tables.
    pub tables: usize,
    /// The plan of the spec: what it would do as it stands.
    pub plan: Plan,
}

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The spec as drafted cannot be read.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The source cannot be read, or no plan can be made.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
}

/// Drafts a spec that is to stand in the file `path`: surveys the source for an empty target, and lays the suggestions of
/// blocking findings into the spec until none is left that a line of spec settles without leaving rows or values behind.
///
/// # Errors
/// The source cannot be read.
pub async fn draft(
    mut starter: Starter,
    path: &Path,
    jobs: usize,
    stop: &Stop,
    events: &Events,
) -> Result<Draft, DraftError> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut facts = StarterFacts { file, ..StarterFacts::default() };
    let mut round = 0;
    let plan = loop {
        let text = starter.write(&facts);
        // No variable of the environment is read: the target is empty whatever DATABASE_URL says, and where nobody has set it.
        let may_be_unset = MayBeUnset { source: false, target: true };
        let spec = spec::read_without(&text, path, None, &|name| starter.variable(name), may_be_unset)?;
        let Survey { plan, catalog, .. } = survey(&spec, None, jobs, Depth::AtValues, stop, events).await?;
        if round == 0 {
            facts.types = types(&plan);
        }
        facts.tables = plan.tables.iter().map(|table| (table.source.clone(), table.size.rows)).collect();
        facts.example = Some(example_table(&plan, &catalog));
        facts.left_behind = plan.left_behind();
        facts.open = plan.blocking().map(open).collect();
        let is_remark = |finding: &&Finding| finding.code == DOUBLE_ENCODING;
        facts.remarks = plan.findings.iter().filter(is_remark).map(open).collect();
        let mut has_changed = false;
        for finding in plan.blocking() {
            let suggestion = finding.suggestion.as_deref().unwrap_or_default();
            has_changed |= starter.decide(&reason(finding), suggestion);
        }
        round += 1;
        if !has_changed || round == ROUNDS {
            break plan;
        }
    };
    let text = starter.write(&facts);
    Ok(Draft { text, decisions: starter.decisions(), open: facts.open, tables: facts.tables.len(), plan })
}

/// The largest table, for examples in the file.
fn example_table(plan: &Plan, catalog: &Catalog) -> ExampleTable {
    let largest = plan.tables.iter().max_by_key(|table| table.size.rows);
    let name = largest.map_or("users", |table| table.source.as_str()).to_owned();
    ExampleTable { quoted: dialect::of(catalog.engine).quote_table(&name, catalog.is_of_databases()), name }
}

/// The finding, as the comment in front of its decision.
fn reason(finding: &Finding) -> String {
    let rows = match finding.examples.as_slice() {
        [] => String::new(),
        examples => {
            let more = if finding.count > examples.len() as u64 { ", …" } else { "" };
            format!(" (rows: {}{more})", examples.join("; "))
        }
    };
    format!("{}{rows}", finding.message)
}

/// A finding that has to be decided by hand.
fn open(finding: &Finding) -> OpenFinding {
    let place = if finding.table.is_some() { format!("{}: ", finding.place()) } else { String::new() };
    OpenFinding { words: format!("{place}{}", reason(finding)), advice: finding.suggestion.clone() }
}

/// The declared types with what they become, in the order of their names.
fn types(plan: &Plan) -> Vec<TypeFact> {
    let mut found: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for column in plan.tables.iter().flat_map(|table| &table.columns).filter(|column| !column.has_own_enum()) {
        let declared = DeclaredType::parse(&column.declared_type);
        // A pattern's star would mean any text.
        if !declared.base.is_empty() && !column.declared_type.contains('*') {
            let becomes = found.entry(declared.to_string()).or_default();
            *becomes.entry(column.column_type.to_string()).or_default() += 1;
        }
    }
    let fact = |(declared, becomes): (_, BTreeMap<_, _>)| TypeFact { declared, becomes: becomes.into_iter().collect() };
    found.into_iter().map(fact).collect()
}
