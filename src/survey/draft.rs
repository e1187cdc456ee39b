//! A spec drafted from a live source: survey, take the suggestions, survey again, until nothing blocks.

use super::application_tables::ApplicationTables;
use super::{Survey, survey};
use crate::catalog::{Catalog, DeclaredType, TableProfile, ToolRecord};
use crate::dialect;
use crate::plan::{DEFAULT_IN_UTC, Finding, FindingCode, Plan, TIME_OF_DEFAULT};
use crate::run::{Events, ExecuteError, Stop};
use crate::spec;
use crate::spec::starter::{ExampleTable, OpenFinding, Recipe, RecordFact, Starter, StarterFacts, TypeFact};
use crate::spec::{MayBeUnset, Spec, SpecError};
use crate::survey::facts::Facts;
use crate::survey::facts::live::Live;
use crate::survey::surveyor::Depth;
use crate::survey::target_state::Loaded;
use crate::survey::values::offered_times;
use crate::survey::values::twice_encoded::DOUBLE_ENCODING;
use crate::target::Session;
use crate::value::counted_rows;
use std::collections::BTreeMap;
use std::path::Path;

/// Most surveys of a source before the remaining findings are left to the user. A decision can cause new findings in
/// the next round: a column of another type, a name that collides with another.
const ROUNDS: usize = 8;

/// Findings about a table and a column for which the target has no place.
const WITHOUT_PLACE: [FindingCode; 2] = [FindingCode::TargetTableMissing, FindingCode::TargetColumnMissing];

/// Findings about the application's own tables whose lines are for people, although they leave nothing of the source behind:
/// one removes rows of the target or adds to them, one lets a load go on that may be of another version, and the type of a
/// column is the target's.
const FOR_PEOPLE: [FindingCode; 3] =
    [FindingCode::ExistingRows, FindingCode::SchemaVersionDiffers, FindingCode::ContradictsTargetType];

/// A drafted spec.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The spec's text.
    pub text: String,
    /// How many findings were decided.
    pub decisions: usize,
    /// The decisions among them that alter values: place and reason of each.
    pub altering: Vec<String>,
    /// The decisions of a recipe that leave something of the source behind, or remove rows of the target.
    pub losing: Vec<String>,
    /// The recipe with whose decisions the spec began.
    pub recipe: Option<&'static Recipe>,
    /// The number of the recipe's decisions.
    pub by_recipe: usize,
    /// Whether the spec is for tables of a target that was not looked at, so that no value was judged.
    pub is_ahead: bool,
    /// The findings that still block.
    pub open: Vec<OpenFinding>,
    /// The number of tables.
    pub tables: usize,
    /// The application's own tables that the spec fills; `None` where transship makes the tables.
    pub own_tables: Option<ApplicationTables>,
    /// Whether the role of the target lacks rights that the load requires.
    pub lacks_rights: bool,
    /// The plan of the spec: what it would do as it stands.
    pub plan: Plan,
}

/// Reason for which there is no draft.
#[derive(Debug, thiserror::Error)]
pub enum DraftError {
    /// The spec as drafted cannot be read.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The source cannot be read, or no plan can be made.
    #[error(transparent)]
    Execute(#[from] ExecuteError),
    /// The source is not of the recipe's application.
    #[error("this is no database of {}: it has no table {}", .0.application, .0.table)]
    AnotherApplication(&'static Recipe),
}

/// Drafts a spec that is to stand in the file `path`: surveys the source for an empty target, or for the `target` if the
/// application's own tables are in it, and lays the suggestions of
/// blocking findings into the spec until none is left that a line of spec settles without leaving rows or values behind.
///
/// # Errors
/// The source or the target cannot be read.
pub async fn draft(
    mut starter: Starter,
    path: &Path,
    target: Option<&Session>,
    jobs: usize,
    stop: &Stop,
    events: &Events,
) -> Result<Draft, DraftError> {
    let file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    let mut facts = StarterFacts { file, ..StarterFacts::default() };
    let own_tables = find_own_tables(&drafted(&starter, &facts, path)?, &starter, target, stop, events).await?;
    if let Some(own) = &own_tables {
        starter.fill(&own.schemas, own.names);
    }
    let target = target.filter(|_| own_tables.is_some());
    // The types of tables that are not there yet are not known: what does not fit them, only a plan can say.
    let is_ahead = target.is_none() && starter.recipe().is_some();
    let mut round = 0;
    let plan = loop {
        let spec = drafted(&starter, &facts, path)?;
        let Survey { plan, catalog, profile, readers, zone, .. } =
            survey(&spec, target, jobs, Depth::AtValues, stop, events).await?;
        if round == 0 {
            facts.types = types(&plan);
            facts.records = records(&catalog);
        }
        facts.tables = plan.tables.iter().map(|table| (table.source.clone(), table.size.rows)).collect();
        facts.example = Some(example_table(&plan, &catalog));
        facts.left_behind = plan.left_behind();
        facts.open = if is_ahead { Vec::new() } else { open_findings(&plan) };
        let is_remark = |finding: &&Finding| finding.code == DOUBLE_ENCODING;
        facts.remarks = plan.findings.iter().filter(is_remark).map(open).collect();
        let has_changed = !is_ahead && decide(&mut starter, &plan, profile.as_deref());
        round += 1;
        if !has_changed || round == ROUNDS {
            let profile = profile.as_deref().unwrap_or_default();
            let asked = offered_times::asked(&plan, &catalog, profile);
            if let (Some(reader), false) = (readers.into_iter().next(), asked.is_empty()) {
                let stop = stop.clone();
                let found = move || offered_times::find(&asked, &reader, &zone, &stop);
                facts.offered = tokio::task::spawn_blocking(found).await.map_err(ExecuteError::from)??;
            }
            break plan;
        }
    };
    let text = starter.write(&facts);
    let (decisions, tables) = (starter.decisions(), facts.tables.len());
    let lacks_rights = plan.blocking().any(is_about_rights);
    Ok(Draft {
        text,
        decisions,
        altering: starter.altering().collect(),
        losing: starter.losing().collect(),
        recipe: starter.recipe(),
        by_recipe: starter.by_recipe(),
        is_ahead,
        open: facts.open,
        tables,
        own_tables,
        lacks_rights,
        plan,
    })
}

/// The application's own tables in the target, if they are there. The source of another application than the recipe's is refused.
async fn find_own_tables(
    spec: &Spec,
    starter: &Starter,
    target: Option<&Session>,
    stop: &Stop,
    events: &Events,
) -> Result<Option<ApplicationTables>, DraftError> {
    if target.is_none() && starter.recipe().is_none() {
        return Ok(None);
    }
    let catalog = structure(spec, stop, events).await?;
    if let Some(recipe) = starter.recipe().filter(|recipe| catalog.table(recipe.table).is_none()) {
        return Err(DraftError::AnotherApplication(recipe));
    }
    match target {
        Some(session) => Ok(ApplicationTables::find(session, &catalog, starter.schemas()).await?),
        None => Ok(None),
    }
}

/// Lays the suggestions of findings that no person has to decide into the spec. False if that changes nothing.
fn decide(starter: &mut Starter, plan: &Plan, profile: Option<&[TableProfile]>) -> bool {
    let warned = plan.findings.iter().filter(|finding| finding.code == DEFAULT_IN_UTC);
    // A finding that blocks may give the column a type of its own.
    let is_blocked = |one: &Finding| {
        let mut blocking = plan.blocking().flat_map(Finding::each);
        blocking.any(|other| (&other.table, &other.column) == (&one.table, &one.column))
    };
    let with_time = plan.each_finding().filter(|finding| finding.code == TIME_OF_DEFAULT && !is_blocked(finding));
    let decidable =
        plan.blocking().filter(|finding| !FOR_PEOPLE.contains(&finding.code)).chain(warned).chain(with_time);
    // Whether a table or column is empty is asked for each place separately.
    let parts = |finding: &Finding| -> Vec<Finding> {
        if WITHOUT_PLACE.contains(&finding.code) { finding.each().cloned().collect() } else { vec![finding.clone()] }
    };
    let mut has_changed = false;
    for finding in decidable.flat_map(parts) {
        let suggestion = finding.suggestion.as_deref().unwrap_or_default();
        has_changed |= if is_about_nothing(&finding, plan, profile) {
            starter.decide_about_nothing(&format!("{}; nothing stands in it", reason(&finding)), suggestion)
        } else {
            starter.decide(&reason(&finding), suggestion)
        };
    }
    has_changed
}

/// The spec as it is drafted so far. No variable of the environment is read: the session decides which target
/// it is, and without a session the target counts as empty, whether DATABASE_URL is set or not.
fn drafted(starter: &Starter, facts: &StarterFacts, path: &Path) -> Result<Spec, SpecError> {
    let may_be_unset = MayBeUnset { source: false, target: true };
    spec::read_without(&starter.write(facts), path, None, &|name| starter.variable(name), may_be_unset)
}

/// The source's structure alone.
async fn structure(spec: &Spec, stop: &Stop, events: &Events) -> Result<Catalog, ExecuteError> {
    let (spec, stop, events) = (spec.clone(), stop.clone(), events.clone());
    let read = tokio::task::spawn_blocking(move || {
        let chunks = Loaded::default();
        Live::open(&spec, 1, &chunks, &stop, &events)?.structure()
    });
    read.await?
}

/// The records of migration tools in the source.
fn records(catalog: &Catalog) -> Vec<RecordFact> {
    let fact = |record: ToolRecord| {
        let tables = [record.table].into_iter().chain(record.beside).collect();
        RecordFact { tool: record.tool.name, tables, way: record.tool.way() }
    };
    catalog.tool_records().into_iter().map(fact).collect()
}

/// Whether a finding is about a table without rows, or a column without values, for which the target has no place.
fn is_about_nothing(finding: &Finding, plan: &Plan, profile: Option<&[TableProfile]>) -> bool {
    let Some(table) = plan.tables.iter().find(|table| Some(&table.source) == finding.table.as_ref()) else {
        return false;
    };
    let is_empty = table.size.rows == 0;
    match finding.code {
        code if code == WITHOUT_PLACE[0] => is_empty,
        code if code == WITHOUT_PLACE[1] => {
            let mut profiles = profile.into_iter().flatten().filter(|profile| profile.table == table.source);
            let of_column = profiles.next().and_then(|profile| {
                let column = profile.columns.iter().find(|column| Some(&column.column) == finding.column.as_ref())?;
                Some(column.stored.null == profile.rows)
            });
            is_empty || of_column == Some(true)
        }
        _ => false,
    }
}

/// Whether a finding is about a right that the role of the target lacks: no decision of the spec gives it.
fn is_about_rights(finding: &Finding) -> bool {
    [
        FindingCode::TargetNotPermitted,
        FindingCode::TargetNotRestorable,
        FindingCode::TargetUnreadable,
        FindingCode::RowSecurity,
    ]
    .contains(&finding.code)
}

/// The findings that are still open, but for those about rights. Rows that stand in the application's tables already are one of them.
fn open_findings(plan: &Plan) -> Vec<OpenFinding> {
    let (seeded, others) = plan
        .blocking()
        .filter(|finding| !is_about_rights(finding))
        .partition::<Vec<_>, _>(|finding| finding.code == FindingCode::ExistingRows);
    let mut open = others.into_iter().map(open).collect::<Vec<_>>();
    let table = |finding: &&Finding| Some(format!("{} ({})", finding.table.as_deref()?, counted_rows(finding.count)));
    let tables = seeded.iter().flat_map(|finding| finding.each()).filter_map(|one| table(&one)).collect::<Vec<_>>();
    if !tables.is_empty() {
        open.push(OpenFinding {
            words: format!("the target already holds rows that its application has written: {}", tables.join(", ")),
            advice: Some(
                "# the file has this line as a comment: the source's rows take their place; \"keep\" leaves them beside these\n[target]\nexisting_rows = \"truncate\""
                    .to_owned(),
            ),
        });
    }
    open
}

/// The largest table, for examples in the file.
fn example_table(plan: &Plan, catalog: &Catalog) -> ExampleTable {
    let largest = plan.tables.iter().max_by_key(|table| table.size.rows);
    let name = largest.map_or("users", |table| table.source.as_str()).to_owned();
    ExampleTable { quoted: dialect::of(catalog.engine).quote_table(&name, catalog.is_of_databases()), name }
}

/// The finding, as the comment in front of its decision.
fn reason(finding: &Finding) -> String {
    format!("{}{}", finding.message, finding.rows_in_words())
}

/// A finding that has to be decided by hand.
fn open(finding: &Finding) -> OpenFinding {
    let place = if finding.table.is_some() { format!("{}: ", finding.place()) } else { String::new() };
    OpenFinding { words: format!("{place}{}", reason(finding)), advice: finding.suggestion.clone().map(String::from) }
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
