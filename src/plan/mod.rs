//! From a spec and a source's structure to a [`Plan`]: pure computation, no I/O.
//!
//! [`mapping`] decides what every table and column becomes, [`steps`] makes the steps, [`Templates`] renders their SQL,
//! [`order`] sorts them, [`digest`] binds the result. The same input gives the same bytes.

pub mod check;
pub mod chunks;
pub mod digest;
pub mod error;
pub mod excess;
pub mod fact_origin;
pub mod finding;
mod finding_code;
mod grouping;
mod inputs;
mod judged_copy;
pub mod mapping;
pub mod merge_sql;
pub mod names;
pub mod omitted;
pub mod order;
mod proposal;
pub mod row_facts;
pub mod saved;
pub mod script;
pub mod seal;
pub mod statement_trial;
pub mod step;
pub mod steps;
pub mod target_state;
mod templates;
pub mod value_facts;
pub mod view;

pub use check::{Asks, PlannedCheck};
pub use chunks::ChunkSize;
pub use error::PlanError;
pub use excess::{ExcessOf, ExpressionExcess};
pub use fact_origin::{FactOrigin, SourceLook, TargetLook};
pub use finding::{Cause, Finding, FindingCode, FindingSuggestion, Severity, Subject};
pub(crate) use grouping::told_reasons;
pub use inputs::Inputs;
pub use judged_copy::CopyThroughText;
pub use mapping::{
    ColumnMapping, DEFAULT_IN_UTC, MIGRATION_TOOL, NO_TABLES, SequenceMapping, TIME_OF_DEFAULT, TableMapping,
};
pub use omitted::{Omitted, OmittedObject};
pub use row_facts::{Extents, Orphans, RowFacts};
pub use saved::SavedPlan;
pub use statement_trial::TrialCoverage;
pub use step::{NameSearch, Step, StepId, StepKind, StepState, StepTable, Work};
pub use steps::schema_aside;
pub use target_state::TargetState;
pub use templates::Templates;
pub(crate) use templates::detached_context;
pub use value_facts::{MadeBy, SpellingsByColumn, ValueFacts};
pub use view::{ViewColumn, ViewMapping};

use digest::InputDigests;
use std::collections::{BTreeMap, BTreeSet};

/// The whole work of a migration.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The spec's name.
    pub name: String,
    /// Binds steps, mapping, source structure and templates; independent of the target's place and state.
    pub digest: String,
    /// The digests of the plan's inputs, to say what has drifted.
    pub inputs: InputDigests,
    /// The findings, the gravest first; those of one cause are one.
    pub findings: Vec<Finding>,
    /// The steps in an order in which they can run one by one.
    pub steps: Vec<Step>,
    /// Omitted objects, with the reason.
    pub omitted: Vec<Omitted>,
    /// The tables with their columns.
    pub tables: Vec<TableMapping>,
    /// The tables with their copied columns: without those that PostgreSQL computes.
    pub copies: Vec<TableMapping>,
    /// The sequences that belong to no table.
    pub sequences: Vec<SequenceMapping>,
    /// The spec's checks, by name.
    pub checks: BTreeMap<String, PlannedCheck>,
    /// Expressions that may leave the range of PostgreSQL's types, if the contents of their columns are known.
    pub excesses: Vec<ExpressionExcess>,
    /// The views that are carried over.
    pub views: Vec<ViewMapping>,
    /// PostgreSQL's judgement of the steps; not part of the digest.
    pub judged: TrialCoverage,
    /// Facts about values by which objects are planned that are still to be made; not part of the digest.
    pub value_facts: ValueFacts,
    /// The columns by their declared types, for lines of spec that settle findings about many of them.
    declared: grouping::DeclaredColumns,
}

impl Plan {
    /// Tables whose copy is pending, with the columns that PostgreSQL will compute, since a value that does not fit
    /// there fails the copy; without columns that the application's own table computes, which are not sent.
    pub fn to_be_copied(&self) -> impl Iterator<Item = &TableMapping> {
        let whole = self.tables.iter().zip(&self.copies).map(|(mapping, copied)| {
            let is_computed = |column: &ColumnMapping| column.generated.is_some() && column.target_type.is_some();
            if mapping.columns.iter().any(is_computed) { copied } else { mapping }
        });
        let pending = self.steps.iter().filter(|step| step.is_pending(StepKind::Copy));
        let pending = pending.filter_map(Step::target_table).collect::<BTreeSet<_>>();
        whole.filter(move |mapping| pending.contains(mapping.target.as_str()))
    }

    /// Makes the plan.
    ///
    /// # Errors
    /// A template that cannot be rendered, ordering hints that close a cycle or name nothing.
    pub fn make(inputs: Inputs<'_>) -> Result<Self, PlanError> {
        let mapped = mapping::map(inputs);
        let made = steps::make(inputs, &mapped.tables, &mapped.sequences)?;
        let steps = order::sort(made.steps)?;
        let mut findings = mapped.findings;
        findings.extend(made.findings);
        findings.extend(inputs.target.findings(inputs.spec, &mapped.tables, &steps));
        findings.extend(inputs.target.still_standing(&steps, mapped.standing.into_iter().chain(made.standing)));
        let mut omitted = mapped.omitted;
        omitted.extend(made.omitted);
        omitted.sort();
        findings.extend(omitted::findings(&omitted));
        let declared = grouping::DeclaredColumns::of(inputs, &mapped.tables);
        let findings = grouping::grouped(findings, &declared);
        let (digest, input_digests) = digest::bind(inputs, &mapped.tables, &steps);
        let steps = steps.into_iter().map(|step| inputs.target.with_state(step)).collect();
        Ok(Self {
            name: inputs.spec.name.clone(),
            digest,
            inputs: input_digests,
            findings,
            steps,
            omitted,
            copies: mapped.tables.iter().map(TableMapping::copied).collect(),
            tables: mapped.tables,
            sequences: mapped.sequences,
            checks: made.checks,
            excesses: mapped.excesses.into_iter().chain(made.excesses).collect(),
            views: made.views,
            judged: TrialCoverage::default(),
            value_facts: ValueFacts { spellings: inputs.contents.spellings.clone() },
            declared,
        })
    }

    /// Adds the findings about the values.
    pub fn add_findings(&mut self, findings: Vec<Finding>) {
        let known = std::mem::take(&mut self.findings).into_iter().chain(findings);
        self.findings = grouping::grouped(known.collect(), &self.declared);
    }

    /// Changes findings, each about its one place.
    pub fn amend_findings(&mut self, amend: impl FnOnce(&mut [Finding])) {
        let findings = std::mem::take(&mut self.findings).into_iter().flat_map(Finding::into_each);
        let mut findings = findings.collect::<Vec<_>>();
        amend(&mut findings);
        self.findings = grouping::grouped(findings, &self.declared);
    }

    /// Keeps the findings, each about its one place, that are not settled otherwise.
    pub fn retain_findings(&mut self, is_kept: impl Fn(&Finding) -> bool) {
        let findings = std::mem::take(&mut self.findings).into_iter().flat_map(Finding::into_each);
        self.findings = grouping::grouped(findings.filter(is_kept).collect(), &self.declared);
    }

    /// The findings about single places.
    pub fn each_finding(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().flat_map(Finding::each)
    }

    /// Notes the columns whose values need no second check when they are copied: columns of the target, by source
    /// table, in which every value fits.
    pub fn note_fitting(&mut self, fitting: &BTreeMap<String, BTreeSet<String>>) {
        for mapping in &mut self.copies {
            let Some(columns) = fitting.get(&mapping.source) else { continue };
            for column in &mut mapping.columns {
                column.is_proven = columns.contains(&column.target);
            }
        }
    }

    /// The system of the source; `None` for a plan without a table.
    #[must_use]
    pub fn source_system(&self) -> Option<&'static str> {
        self.tables.first().map(|table| crate::dialect::of(table.engine).system())
    }

    /// Number of pending steps.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.steps.iter().filter(|step| step.state == StepState::Pending).count()
    }

    /// The findings that keep `apply` from starting.
    pub fn blocking(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Blocks)
    }

    /// Objects that are omitted without the spec deciding it: their number and noun (`2 triggers`).
    #[must_use]
    pub fn left_behind(&self) -> Vec<(u64, &'static str)> {
        omitted::counted(&self.omitted)
    }

    /// The sequence that a step sets; `None` if the step is about a table's.
    #[must_use]
    pub fn sequence(&self, step: &StepId) -> Option<&SequenceMapping> {
        let is_it = |sequence: &&SequenceMapping| step.kind == StepKind::Sequence && sequence.target == step.name;
        self.sequences.iter().find(is_it)
    }

    /// The mapping of a table with the columns that are copied, by its name in the source.
    #[must_use]
    pub fn copied(&self, source: &str) -> Option<&TableMapping> {
        self.copies.iter().find(|table| table.source == source)
    }
}
