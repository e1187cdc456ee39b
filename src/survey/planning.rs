//! The plan and its findings, made of facts alone.
//!
//! Live source, inspect file and `transship inspect` take this one way: what differs between them is how a question is
//! answered ([`Facts`]), never which questions there are or what follows from an answer.

use crate::catalog::{Catalog, Content, OtherObject, OtherObjectKind, RowIdentity, Table, TableProfile};
use crate::plan::{ChunkSize, Finding, Plan, PlanError, RowFacts, TargetState, Templates, mapping};
use crate::rows::LeftOut;
use crate::run::{ExecuteError, failpoint};
use crate::spec::Spec;
use crate::spec::confinement::{Confinement, FileRefusal, TEMPLATE_EXTENSION};
use crate::survey::facts::copied_chunks::copied_again;
use crate::survey::facts::values::ValuesRead;
use crate::survey::facts::{Facts, PlanBasis, not_inspected};
use crate::survey::references::restored_keys::restored;
use crate::survey::rows::constraints::Tried;
use crate::survey::rows::{generated, limits};
use crate::survey::storage::{application_numbers, of_snapshot, shared_file_system};
use crate::survey::surroundings;
use crate::survey::surveyor::Depth;
use crate::survey::values::{encoding, excesses, kept, preferred, zero_dates};
use crate::template::Override;
use crate::value::Zone;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A plan with what it rests on.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) plan: Plan,
    pub(crate) templates: Templates,
    pub(crate) catalog: Catalog,
    pub(crate) zone: Zone,
    /// Rows that an earlier run has copied and that are as they were.
    pub(crate) unchanged: u64,
    /// Chunks that an earlier run has copied and that have changed in the source since, by source table.
    pub(crate) changed: BTreeMap<String, BTreeSet<i32>>,
    /// Whether these are copied again without being asked to, for the run continues one of another state.
    pub(crate) is_continued: bool,
    /// Rows and values that the spec's `on_bad_value` left out in an earlier run.
    pub(crate) left_out: LeftOut,
    /// Contents of the tables that are still to be copied; `None` where the values were not asked for.
    pub(crate) profile: Option<Vec<TableProfile>>,
}

/// Makes the plan and finds what there is to find, asking `facts` as far as `depth` goes.
///
/// # Errors
/// The source cannot be read, or no plan can be made.
pub(crate) fn plan(
    facts: &mut impl Facts,
    spec: &Spec,
    state: &TargetState,
    templates: Templates,
    depth: Depth,
) -> Result<Planned, ExecuteError> {
    let catalog = adopt(spec, facts.structure()?);
    let zone = Zone::from(spec.source.timezone.clone());
    let refused = facts.refused_sql(spec, &catalog)?;
    let sizes = facts.sizes(spec, &catalog, &measured(spec, &catalog))?;
    let basis = PlanBasis {
        spec,
        catalog: &catalog,
        sizes: &sizes,
        templates: &templates,
        state,
        zone: &zone,
        chunk_size: ChunkSize::of_run(failpoint::chunk_rows()),
        depth,
    };
    // The source cannot look at what it cannot compute.
    let can_look = refused.is_empty();
    let looks = depth.is_at_values() && can_look;
    let (mut plan, mut contents) = first_plan(facts, &basis, &refused)?;
    let mut findings = refused;
    findings.extend(of_surroundings(facts, &basis, &plan, &contents)?);
    if !depth.is_at_values() {
        let (planned, unknown) = without_values(&basis, plan, &mut contents)?;
        plan = planned;
        findings.extend(unknown);
    }
    let read = match depth {
        Depth::AtStructure => ValuesRead::default(),
        _ if !can_look => ValuesRead::default(),
        _ => facts.read_values(&basis, &plan)?,
    };
    let ValuesRead { findings: mut of_values, profiles, fitting, unchanged, changed, left_out } = read;
    // The state that the unfinished run has read no longer exists.
    let is_continued = state.is_unfinished && !catalog.engine.keeps_state();
    if is_continued {
        copied_again(&mut of_values);
    }
    findings.extend(of_values);
    if looks {
        let (planned, of_rows) = with_values(facts, &basis, plan, (&mut contents, &profiles))?;
        plan = planned;
        findings.extend(of_rows);
    }
    findings.extend(facts.unknown(&basis, &plan));
    plan.note_fitting(&fitting);
    zero_dates::suggest_together(&mut findings, &plan);
    plan.add_findings(findings);
    if looks {
        // The findings say which rows are rejected.
        let findings = facts.references_to_rejected(&basis, &plan)?;
        plan.add_findings(findings);
        Tried::settle(facts.constraints(&basis, &plan)?, &mut plan);
    }
    facts.confirm_still()?;
    let profile = looks.then_some(profiles);
    Ok(Planned { plan, templates, catalog, zone, unchanged, changed, is_continued, left_out, profile })
}

/// The plan by the structure, and by what of the contents decides types and chunks.
fn first_plan(
    facts: &mut impl Facts,
    basis: &PlanBasis<'_>,
    refused: &[Finding],
) -> Result<(Plan, RowFacts), ExecuteError> {
    let mut contents = contents(facts, basis, refused)?;
    contents.versions = facts.versions(basis)?;
    let mut plan = basis.plan(&contents)?;
    if kept::keep(basis, &plan, &mut contents) {
        plan = basis.plan(&contents)?;
    }
    plan = spelled(facts, basis, refused, (plan, &mut contents))?;
    // Computed columns are known now as well, and with them the whole table.
    if kept::release(basis, &plan, &mut contents) {
        plan = basis.plan(&contents)?;
        plan = spelled(facts, basis, refused, (plan, &mut contents))?;
    }
    Ok((plan, contents))
}

/// The plan by the spellings of values: the types of the columns say which of them matter.
fn spelled(
    facts: &mut impl Facts,
    basis: &PlanBasis<'_>,
    refused: &[Finding],
    (plan, contents): (Plan, &mut RowFacts),
) -> Result<Plan, ExecuteError> {
    if !refused.is_empty() {
        return Ok(plan);
    }
    contents.spellings = facts.spellings(basis, &plan.tables)?;
    Ok(if contents.spellings.is_empty() { plan } else { basis.plan(contents)? })
}

/// Findings about where the source lies, what its state and its role permit, and its time zone.
fn of_surroundings(
    facts: &mut impl Facts,
    basis: &PlanBasis<'_>,
    plan: &Plan,
    contents: &RowFacts,
) -> Result<Vec<Finding>, ExecuteError> {
    let (spec, catalog) = (basis.spec, basis.catalog);
    let mut findings = Vec::new();
    findings.extend(shared_file_system(facts.file_system().as_deref()));
    findings.extend(application_numbers(&facts.application_numbers()?));
    findings.extend(preferred::not_held(basis, contents));
    findings.extend(of_snapshot(catalog.engine, mapping::selected(spec, catalog), facts.snapshot_state()));
    findings.extend(surroundings::unseen(spec, catalog, mapping::selected(spec, catalog)));
    findings.extend(surroundings::zone(basis, contents, plan)?);
    Ok(findings)
}

/// The plan where nobody looks at values, with the findings about what is not known then. The values of copied tables were looked at
/// when they were copied.
fn without_values(
    basis: &PlanBasis<'_>,
    mut plan: Plan,
    contents: &mut RowFacts,
) -> Result<(Plan, Vec<Finding>), ExecuteError> {
    let mut findings = Vec::new();
    contents.extents = excesses::unknown_extents(plan.to_be_copied());
    if !contents.extents.is_empty() && computes(basis.catalog) {
        plan = basis.plan(contents)?;
        findings.extend(excesses::not_looked_at(&plan));
        findings.extend(limits::not_looked_at(&plan, basis.catalog, basis.spec));
        findings.extend(generated::not_looked_at(&plan, basis.catalog, basis.spec));
    }
    findings.extend(encoding::unknown(&plan, basis.state.encoding.as_deref()));
    Ok((plan, findings))
}

/// The plan by the values that were looked at, with the findings about rows.
fn with_values(
    facts: &mut impl Facts,
    basis: &PlanBasis<'_>,
    mut plan: Plan,
    (contents, profiles): (&mut RowFacts, &[TableProfile]),
) -> Result<(Plan, Vec<Finding>), ExecuteError> {
    contents.orphans = facts.orphans(basis, &plan.tables, profiles)?;
    contents.extents = facts.extents(&plan, profiles);
    // The numbers in the columns matter to what computes with them.
    if !contents.orphans.is_empty() || computes(basis.catalog) {
        plan = basis.plan(contents)?;
    }
    let mut findings = facts.of_rows(basis, &plan, contents)?;
    findings.extend(facts.encoding(basis, &plan)?);
    findings.extend(of_restored(facts, basis, &plan)?);
    Ok((plan, findings))
}

/// The tables whose size the plan shows: those that the spec selects, and the rows of virtual tables that have their own.
/// An index over other rows is not counted, and cannot be where these are a view that calls the application's functions.
fn measured<'a>(spec: &'a Spec, catalog: &'a Catalog) -> Vec<&'a Table> {
    let virtual_tables = catalog.others.iter().filter_map(|other| other.virtual_table.as_ref());
    let own = virtual_tables.filter(|table| table.content == Content::Own).filter_map(|table| table.rows.as_deref());
    mapping::selected(spec, catalog).chain(own).collect()
}

/// Contents that the first plan needs: storage classes that decide a type, and where tables are cut.
fn contents(facts: &mut impl Facts, basis: &PlanBasis<'_>, refused: &[Finding]) -> Result<RowFacts, ExecuteError> {
    let mut contents = RowFacts::default();
    let is_refused = |table: &str| refused.iter().any(|finding| finding.table.as_deref() == Some(table));
    for table in mapping::selected(basis.spec, basis.catalog) {
        let Some(size) = basis.sizes.get(&table.name) else { continue };
        let undecided = mapping::undecided(basis.spec, basis.catalog.engine, table).collect::<Vec<_>>();
        if !undecided.is_empty() && size.rows > 0 && !is_refused(&table.name) {
            let classes = facts.stored_classes(basis, table, undecided)?;
            if !classes.is_empty() {
                contents.classes.insert(table.name.clone(), classes);
            }
        }
        let preferred = mapping::preferred(basis.spec, basis.catalog.engine, table);
        let preferred = preferred.map(|(column, selected, first)| (column.name.clone(), selected, first));
        let preferred = preferred.collect::<Vec<_>>();
        if !preferred.is_empty() && size.rows > 0 && !is_refused(&table.name) {
            let held = facts.held(basis, table, preferred)?;
            contents.held.insert(table.name.clone(), held);
        }
        let chunks = basis.chunk_size.number(size);
        if let RowIdentity::Key { columns } = &table.row_identity
            && chunks > 1
            && let Some(bounds) = facts.key_bounds(table, columns, size.rows, chunks)?
        {
            contents.bounds.insert(table.name.clone(), bounds);
        }
    }
    Ok(contents)
}

/// Findings about foreign keys that only the application's tables have.
fn of_restored(facts: &mut impl Facts, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    for restored in restored(basis.catalog, plan) {
        match facts.orphans_of_restored(basis, &restored)? {
            Some(orphans) => findings.extend(restored.finding(basis.spec, basis.catalog, orphans)),
            None => findings.push(not_inspected(&restored.table.name, restored.doubt())),
        }
    }
    Ok(findings)
}

/// The structure with the virtual tables that the spec names among the ordinary ones.
fn adopt(spec: &Spec, mut structure: Catalog) -> Catalog {
    let is_named = |name: &str| mapping::table_spec(spec, name).is_some_and(|table| !table.skip);
    structure.adopt(is_named);
    structure
}

/// Whether anything in the source's structure computes with columns.
fn computes(catalog: &Catalog) -> bool {
    let has_expression = |table: &Table| {
        !table.checks.is_empty()
            || table.columns.iter().any(|column| column.generated.is_some())
            || table.indexes.iter().any(|index| {
                index.predicate.is_some() || index.columns.iter().any(|column| column.expression.is_some())
            })
    };
    let is_view = |other: &OtherObject| other.kind == OtherObjectKind::View;
    catalog.tables.iter().any(has_expression) || catalog.others.iter().any(is_view)
}

/// The DDL templates: transship's own, overridden by those of the directory that the spec names.
///
/// # Errors
/// A file of that directory cannot be read, or is no template.
pub(crate) fn templates(spec: &Spec) -> Result<Templates, PlanError> {
    Templates::new(&spec.target.schemas, overrides(spec)?)
}

/// The templates of the directory that the spec names.
fn overrides(spec: &Spec) -> Result<Vec<Override>, PlanError> {
    let Some(directory) = &spec.templates else { return Ok(Vec::new()) };
    let failed = |path: &Path, refusal: &FileRefusal| PlanError::TemplateFile {
        path: path.to_owned(),
        cause: refusal.to_string(),
    };
    let confinement = Confinement::of(spec.path.parent().unwrap_or(Path::new("")));
    let confinement = confinement.map_err(|error| failed(directory, &error.into()))?;
    // The spec's own directory is in this path already.
    let absolute = std::path::absolute(directory).map_err(|error| failed(directory, &error.into()))?;
    let as_given = |path: &Path| path.strip_prefix(&absolute).map_or(directory.clone(), |name| directory.join(name));
    match confinement.read_all(&absolute, TEMPLATE_EXTENSION) {
        Ok(files) => Ok(files.into_iter().map(|(path, text)| Override { path: as_given(&path), text }).collect()),
        Err((path, refusal)) => Err(failed(&as_given(&path), &refusal)),
    }
}
