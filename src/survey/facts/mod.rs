//! Facts of a source: what a plan asks of it, and the three who answer.
//!
//! [`Live`] asks the source itself. [`Recording`] asks it as well, and more: it writes down what [`RecordedFacts`](recorded::RecordedFacts) then answers
//! from, where the source cannot be reached. A question is the seam ([`row_question`]): its text names all that the answer
//! rests on, so an answer holds wherever the same question is asked again.
//!
//! The file is committed beside the spec, and the plan of a pull request is made from it. The spec of the pull request is
//! then not the one that was inspected. So what was found is not kept as the findings of a plan, but as facts that outlive
//! a change of the spec, each with what it depends on:
//!
//! - of a column what is stored in it (counts, lengths, no value), which types hold all of it (so that another does not:
//!   that blocks), and what does not fit the type that it had. The severity of that, its suggestion, and which rows are
//!   rejected, the spec of today decides;
//! - of keys, limits, CHECKs and foreign keys the answer to a question whose text names all that the answer rests on.
//!
//! A question of today's spec that nobody has looked up becomes a finding `not_inspected`, never silence.

pub(crate) mod copied_chunks;
mod holding_types;
pub(crate) mod inspection;
pub(crate) mod live;
pub(crate) mod recorded;
pub(crate) mod recording;
mod row_question;
pub(crate) mod values;
mod words;

use crate::catalog::{
    AppliedMigrations, Catalog, Key, SelectedColumn, SnapshotState, Table, TableProfile, TableSize, TargetTable,
};
use crate::dialect::declared::StoredClasses;
use crate::plan::{
    ChunkSize, Extents, Finding, FindingCode, Inputs, Orphans, Plan, PlanError, RowFacts, Severity, TableMapping,
    TargetState, Templates,
};
use crate::run::ExecuteError;
use crate::spec::{Spec, TablesMode};
use crate::survey::references::restored_keys::RestoredForeignKey;
use crate::survey::rows::constraints::Tried;
use crate::survey::surveyor::Depth;
use crate::survey::values::preferred::Preferred;
use crate::survey::values::spellings::OfTables;
use crate::value::Zone;
use std::collections::BTreeMap;
use values::ValuesRead;

/// Input of every plan of one survey, and with it of every question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PlanBasis<'a> {
    pub(crate) spec: &'a Spec,
    /// The source's structure, with the virtual tables that the spec names among the ordinary ones.
    pub(crate) catalog: &'a Catalog,
    pub(crate) sizes: &'a BTreeMap<String, TableSize>,
    pub(crate) templates: &'a Templates,
    pub(crate) state: &'a TargetState,
    /// The zone of timestamps that say none.
    pub(crate) zone: &'a Zone,
    pub(crate) chunk_size: ChunkSize,
    pub(crate) depth: Depth,
}

impl<'a> PlanBasis<'a> {
    /// The application's tables by name, where the spec says that they are filled: their keys count, not those of the source.
    pub(crate) fn existing(&self) -> Option<&'a BTreeMap<String, TargetTable>> {
        self.state.tables.as_ref().filter(|_| self.spec.target.tables == TablesMode::Existing)
    }

    /// The plan, once this much is known of the rows.
    pub(crate) fn plan(&self, contents: &RowFacts) -> Result<Plan, PlanError> {
        let Self { spec, catalog, sizes, templates, state, chunk_size, .. } = *self;
        Plan::make(Inputs { spec, catalog, sizes, contents, chunk_size, templates, target: state })
    }
}

/// Answers of a source to what a plan asks of it, in the order in which the plan comes to ask: a question may rest on what
/// an earlier answer decided. An error is the source's failure; what is not known is a finding.
pub(crate) trait Facts {
    /// The structure, as it is without any spec.
    fn structure(&mut self) -> Result<Catalog, ExecuteError>;

    /// Findings about the spec's expressions that the source refuses. Nothing more is asked about rows where there is one.
    fn refused_sql(&mut self, spec: &Spec, catalog: &Catalog) -> Result<Vec<Finding>, ExecuteError>;

    /// Sizes of these tables, by name, as far as they are known.
    fn sizes(
        &mut self,
        spec: &Spec,
        catalog: &Catalog,
        tables: &[&Table],
    ) -> Result<BTreeMap<String, TableSize>, ExecuteError>;

    /// Storage classes in columns of a table, of the rows that the spec selects; of each column as far as they are known.
    fn stored_classes(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Vec<(String, SelectedColumn)>,
    ) -> Result<BTreeMap<String, StoredClasses>, ExecuteError>;

    /// Whether the types that are [preferred](crate::dialect::declared::Declared::Preferred) for these columns hold every value
    /// of the rows that the spec selects; of each column as far as it is known.
    fn held(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Preferred,
    ) -> Result<BTreeMap<String, bool>, ExecuteError>;

    /// The keys that cut `rows` rows into `chunks` chunks; `None` where the plan has to do without.
    fn key_bounds(
        &mut self,
        table: &Table,
        columns: &[String],
        rows: u64,
        chunks: u64,
    ) -> Result<Option<Vec<Key>>, ExecuteError>;

    /// Spellings in the columns in which [they matter](crate::plan::mapping::spelled).
    fn spellings(&mut self, basis: &PlanBasis<'_>, tables: &[TableMapping]) -> Result<OfTables, ExecuteError>;

    /// The applied migrations of each record of a migration tool, by its table; `None` for one that cannot be read. A table
    /// of which nothing is known is not among them.
    fn versions(&mut self, basis: &PlanBasis<'_>) -> Result<BTreeMap<String, Option<AppliedMigrations>>, ExecuteError>;

    /// The type of the file system that the source lies on, where other machines write to it past the source's locks.
    fn file_system(&self) -> Option<String>;

    /// Numbers that the source keeps for its application outside of all tables, by the words that read them.
    fn application_numbers(&self) -> Result<BTreeMap<String, i64>, ExecuteError>;

    /// The state of a server that all answers are about, and how it was taken; `None` for a file, and where nobody asks it.
    fn snapshot_state(&self) -> Option<&SnapshotState>;

    /// Contents of the tables that are still to be copied, as far as [`PlanBasis::depth`] goes, and whether copied tables are as
    /// they were.
    fn read_values(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<ValuesRead, ExecuteError>;

    /// Rows that reference nothing, by table and the position of the foreign key in it.
    fn orphans(
        &mut self,
        basis: &PlanBasis<'_>,
        mappings: &[TableMapping],
        profiles: &[TableProfile],
    ) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError>;

    /// The smallest and the largest number of the columns that are still to be copied.
    fn extents(&mut self, plan: &Plan, profiles: &[TableProfile]) -> Extents;

    /// Findings about rows beyond those of [`Facts::read_values`], which need the final plan.
    fn of_rows(
        &mut self,
        basis: &PlanBasis<'_>,
        plan: &Plan,
        contents: &RowFacts,
    ) -> Result<Vec<Finding>, ExecuteError>;

    /// Demands of the application's tables on the rows, tried in the target; nothing where nobody could try.
    fn constraints(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Tried>, ExecuteError>;

    /// Findings about text that the encoding of the target's database may not hold.
    fn encoding(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError>;

    /// Rows that a foreign key of the application's table would not take. `None` where nobody has looked.
    fn orphans_of_restored(
        &mut self,
        basis: &PlanBasis<'_>,
        restored: &RestoredForeignKey<'_>,
    ) -> Result<Option<Orphans>, ExecuteError>;

    /// Findings about rows that reference rejected rows; the findings of `plan` say of which tables rows are rejected.
    fn references_to_rejected(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError>;

    /// A finding for each earlier question that had no answer, as far as it matters to the plan.
    fn unknown(&self, basis: &PlanBasis<'_>, plan: &Plan) -> Vec<Finding>;

    /// Makes sure that all answers were about one state of the source.
    ///
    /// # Errors
    /// The source has changed meanwhile.
    fn confirm_still(&self) -> Result<(), ExecuteError>;
}

/// Advice about anything that is not known.
const LOOK_AGAIN: &str = "plan against the source, or run `transship inspect SPEC --out FILE` again with this spec, \
                          where the source can be reached";

/// A finding about what the file does not say: `whether` something is so.
pub(crate) fn not_inspected(table: &str, whether: impl AsRef<str>) -> Finding {
    let message = format!("the inspect file does not say {}", whether.as_ref());
    Finding::about(FindingCode::NotInspected, Severity::Warns, table, message).suggesting(LOOK_AGAIN)
}
