//! Tables whose rows meet those of the application, and the questions about them in their order.

use super::{
    Changed, TargetContents, TargetInquiry, false_parents, missing_rights, not_copied_again, prepare_ids, rules,
    truncated_parents, unfilled_parents,
};
use crate::catalog::Catalog;
use crate::plan::{Finding, Plan, StepKind, TableMapping};
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::spec::{Spec, TablesMode};
use crate::survey::Depth;
use crate::survey::facts::not_inspected;
use crate::target::{Ledger, Session, TransactionScope};
use crate::value::Zone;

/// Question whether references lead to rows of the target alone, as the beginning of a sentence.
const REFERENCES: &str = "whether rows reference what only the target has";

/// Settings of the survey's transaction: it waits at most 10 seconds for a lock.
const LIMITS: &str = "SET LOCAL lock_timeout = '10s'";

/// Context of the comparison between the source's rows and those that the application's tables hold.
pub(crate) struct TargetRowQuestions<'a> {
    pub(crate) spec: &'a Spec,
    pub(crate) session: &'a Session,
    pub(crate) catalog: &'a Catalog,
    pub(crate) held: &'a TargetContents,
    pub(crate) changed: &'a Changed,
    pub(crate) depth: Depth,
    pub(crate) stop: &'a Stop,
}

impl TargetRowQuestions<'_> {
    /// Adds the findings about rows that the target already holds, for tables to be copied and for tables that have
    /// `changed` in the source since. Without a `reader` the findings say that nothing was compared.
    pub(crate) async fn ask(
        &self,
        plan: &mut Plan,
        reader: Option<(&mut Vec<Reader>, &Zone)>,
    ) -> Result<(), ExecuteError> {
        let Self { spec, session, .. } = *self;
        if spec.target.tables != TablesMode::Existing {
            return Ok(());
        }
        let others = Ledger::of(&spec.name).read_condition_for_others(session).await?;
        let (pending, again) = self.copied(plan);
        let fired = rules::find(session, &spec.target.schemas, (&pending, &again)).await?;
        plan.add_findings(fired);
        let emptied = truncated_parents::find(spec, session, plan, self.held, &others).await?;
        plan.add_findings(emptied);
        if self.depth == Depth::AtStructure {
            return Ok(());
        }
        let copied = self.permitted(plan, pending, again).await?;
        let held = self.held.counted(spec, session, &copied, &others).await?;
        let met = MetTables::among(&copied, &held, plan);
        if met.is_empty() {
            return Ok(());
        }
        let Some((readers, zone)) = reader else {
            plan.add_findings(met.not_inspected());
            return Ok(());
        };
        let shows_values = self.depth == Depth::ShowingValues;
        let looking =
            TargetInquiry { spec, session, zone, shows_values, stop: self.stop, changed: self.changed, others };
        let mut reader = readers.pop();
        let looked = self.look(&looking, &met, (plan, &held), &mut reader).await;
        readers.extend(reader);
        looked
    }

    /// The tables that are to be copied, and those that are copied again because the source has changed them.
    fn copied(&self, plan: &Plan) -> (Vec<TableMapping>, Vec<TableMapping>) {
        let pending = plan.steps.iter().filter(|step| step.is_pending(StepKind::Copy));
        let pending = pending.filter_map(|step| plan.copied(step.source_table()?)).cloned().collect::<Vec<_>>();
        let again = self.changed.keys().filter_map(|source| plan.copied(source));
        let again = again.filter(|mapping| !pending.iter().any(|pending| pending.source == mapping.source));
        let again = again.cloned().collect();
        (pending, again)
    }

    /// All these tables but those that may not be copied again, which are findings.
    async fn permitted(
        &self,
        plan: &mut Plan,
        pending: Vec<TableMapping>,
        again: Vec<TableMapping>,
    ) -> Result<Vec<TableMapping>, ExecuteError> {
        let refused = match again.is_empty() {
            true => Vec::new(),
            false => not_copied_again::refusals(self.session, &Ledger::of(&self.spec.name), again.iter()).await?,
        };
        let is_refused =
            |mapping: &TableMapping| refused.iter().any(|finding| finding.table.as_ref() == Some(&mapping.source));
        let mut copied = pending;
        copied.extend(again.into_iter().filter(|mapping| !is_refused(mapping)));
        plan.add_findings(refused);
        Ok(copied)
    }

    /// Looks at the rows of both sides, and adds the findings: first what needs no right beside reading.
    async fn look(
        &self,
        looking: &TargetInquiry<'_>,
        met: &MetTables<'_>,
        (plan, held): (&mut Plan, &TargetContents),
        reader: &mut Option<Reader>,
    ) -> Result<(), ExecuteError> {
        for mapping in &met.stray {
            plan.add_findings(
                unfilled_parents::find(looking, mapping, held.ranges(mapping, self.changed), reader).await?,
            );
        }
        let Some(first) = met.tables.first().or(met.following.first().copied()) else { return Ok(()) };
        let missing = missing_rights(self.spec, self.session, &met.tables, &first.source).await?;
        if !missing.is_empty() {
            plan.add_findings(missing);
            return Ok(());
        }
        let scope = TransactionScope::discarded("ending the look at what is there").with(LIMITS);
        let looked = self.session.transaction(scope, self.compare(looking, met, (plan, held), reader)).await;
        plan.add_findings(looked?);
        Ok(())
    }

    /// Compares the rows of both sides in the target, inside a transaction that is rolled back.
    async fn compare(
        &self,
        looking: &TargetInquiry<'_>,
        met: &MetTables<'_>,
        (plan, held): (&Plan, &TargetContents),
        reader: &mut Option<Reader>,
    ) -> Result<Vec<Finding>, ExecuteError> {
        prepare_ids(self.spec, self.session).await?;
        let about = (plan, self.catalog, held);
        // A refusal is about one question, and leaves the answers to the others as they are.
        let found = self.session.savepoint(false_parents::find(looking, about, &met.following, reader)).await?;
        let mut findings = looking.or_open(found, met.following.iter().copied(), REFERENCES)?;
        for mapping in &met.tables {
            let is_settled = plan
                .steps
                .iter()
                .all(|step| step.id != StepKind::Merge.id(&mapping.target) || !step.is_pending(StepKind::Merge));
            let found = self.session.savepoint(looking.at(mapping, (plan, held), is_settled, reader)).await?;
            findings.extend(looking.or_open(found, [mapping], "which of its rows the target has already")?);
        }
        Ok(findings)
    }
}

/// The copied tables whose rows meet those of the application.
struct MetTables<'t> {
    /// Tables whose own rows are looked at, in the order in which a run settles their ids.
    tables: Vec<TableMapping>,
    /// Tables that reference rows which the target holds.
    following: Vec<&'t TableMapping>,
    /// Tables that reference rows of a table which nobody copies.
    stray: Vec<&'t TableMapping>,
}

impl<'t> MetTables<'t> {
    fn among(copied: &'t [TableMapping], held: &TargetContents, plan: &Plan) -> Self {
        // Keys by which rows are recognised have to name one row each, whether the target has any or not.
        let is_asked = |mapping: &&TableMapping| {
            let has_rows = mapping.keeps_rows && held.rows.contains_key(&mapping.target);
            has_rows || mapping.merges.is_some() && held.may_read(&mapping.target)
        };
        let mut tables = copied.iter().filter(is_asked).cloned().collect::<Vec<_>>();
        // Ids are settled before anything that follows them, in the order in which a run does it.
        let settled =
            |mapping: &TableMapping| plan.steps.iter().position(|step| step.id == StepKind::Merge.id(&mapping.target));
        tables.sort_by_key(|mapping| settled(mapping).unwrap_or(usize::MAX));
        Self {
            tables,
            following: copied
                .iter()
                .filter(|mapping| false_parents::followed(mapping, held).next().is_some())
                .collect(),
            stray: copied.iter().filter(|mapping| !mapping.stray_references.is_empty()).collect(),
        }
    }

    fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.following.is_empty() && self.stray.is_empty()
    }

    /// The findings if the source cannot be read.
    fn not_inspected(&self) -> Vec<Finding> {
        let uncounted = self.stray.iter().flat_map(|mapping| unfilled_parents::uncounted(mapping));
        let unknown = |what| move |mapping: &TableMapping| not_inspected(&mapping.source, what);
        let of_tables = self.tables.iter().map(unknown("which rows the target has already"));
        let of_references = self.following.iter().copied().map(unknown(REFERENCES));
        uncounted.chain(of_tables).chain(of_references).collect()
    }
}
