//! A verification from beginning to end.

use super::crew::ComparisonCrew;
use super::not_compared::{self, Uncompared};
use super::options::VerifyOptions;
use super::outcome::{JudgedColumn, TableResult, Verification, ViewResult};
use super::rights::all_is_seen;
use super::session::open;
use super::structure::{StructureChange, StructureComparison};
use super::table::TableComparison;
use super::target_facts::TargetFacts;
use super::views::ViewComparer;
use crate::checks::CheckContext;
use crate::plan::{Plan, TableMapping};
use crate::proof::asking::{TextAsker, is_asked};
use crate::proof::form::RowForm;
use crate::run::{CheckResult, Event, Events, ExecuteError, Stop};
use crate::source::Reader;
use crate::spec::{MergeSide, Spec};
use crate::survey::{SOURCE_SQL_REFUSED, Survey};
use crate::target::{Server, Session};
use std::sync::Arc;

/// Compares every table of the survey's plan on both sides, and runs the spec's checks.
///
/// # Errors
/// A side cannot be read. A difference is a result, not an error.
pub async fn verify(
    spec: &Spec,
    survey: Survey,
    server: &Server,
    options: VerifyOptions,
    stop: &Stop,
    events: &Events,
) -> Result<Verification, ExecuteError> {
    Verifier { spec, server, options, snapshot: None, stop, events }.verify(survey).await
}

/// The target of a verification, and how it is carried out.
#[derive(Debug)]
pub struct Verifier<'a> {
    /// The migration's spec.
    pub spec: &'a Spec,
    /// The target.
    pub server: &'a Server,
    /// The parts that are compared and shown.
    pub options: VerifyOptions,
    /// The state of the target's tables that another session has exported; the present one if `None`. The spec's checks ask the
    /// present.
    pub snapshot: Option<&'a str>,
    /// Ends the verification early.
    pub stop: &'a Stop,
    /// Hears of tables and checks.
    pub events: &'a Events,
}

impl Verifier<'_> {
    /// Compares both sides of the survey's plan, and runs the spec's checks.
    ///
    /// # Errors
    /// As for [`verify`]; or the transaction of the session that has exported the snapshot has ended.
    pub async fn verify(&self, mut survey: Survey) -> Result<Verification, ExecuteError> {
        let session = open(self.server, self.snapshot).await?;
        let mut readers = std::mem::take(&mut survey.readers);
        let target = TargetFacts::read(&session, self.spec).await?;
        self.must_see_all(&session, &survey.plan, &target).await?;
        let structure = self.structure(&session, &survey.plan, &target, &mut readers).await?;
        let crew = ComparisonCrew::open(self.server, self.snapshot, session, readers).await?;
        let comparisons = self.comparisons(&survey, &target, &crew).await?;
        let (tables, reader) = crew.compare(comparisons, self.events).await?;
        let mut reader = Some(reader);
        let checks = self.ask_checks(&survey, &mut reader).await?;
        let views = self.compare_views(&survey.plan, &target, &tables, &mut reader).await?;
        if let Some(reader) = &reader {
            reader.confirm_still()?;
        }
        let StructureComparison { changes: structure, sequences, not_compared, .. } = structure;
        let equal = tables.iter().all(TableResult::is_equal)
            && !checks.iter().any(CheckResult::is_failure)
            && !views.iter().any(ViewResult::differs)
            && !structure.iter().any(StructureChange::is_difference);
        Ok(Verification {
            equal,
            sample: self.options.sample,
            pending: survey.plan.changes(),
            tables_left_out: if self.has_rows() { survey.plan.tables.len() - tables.len() } else { 0 },
            not_compared: self.not_compared(&survey.plan, &target, (&tables, &views), not_compared),
            judged_by_postgresql: judged(&survey.plan, &tables),
            tables,
            checks,
            views,
            structure,
            sequences,
        })
    }

    /// Whether rows are compared: where the spec copies none, those of the target are others' by intent.
    fn has_rows(&self) -> bool {
        self.spec.target.data.is_all()
    }

    /// Makes sure that the role may read all that is compared.
    async fn must_see_all(&self, session: &Session, plan: &Plan, target: &TargetFacts) -> Result<(), ExecuteError> {
        let is_read =
            |mapping: &&TableMapping| self.options.selects(&mapping.source) && target.is_ours(&mapping.target);
        let views = plan.views.iter().map(|view| view.target.as_str());
        let views = views.filter(|name| self.options.is_whole() && target.is_ours(name));
        all_is_seen(session, &self.spec.target.schemas, plan.tables.iter().filter(is_read), views).await
    }

    /// Compares the structure: as a whole, and not for some tables.
    async fn structure(
        &self,
        session: &Session,
        plan: &Plan,
        target: &TargetFacts,
        readers: &mut Vec<Reader>,
    ) -> Result<StructureComparison, ExecuteError> {
        if !self.options.is_whole() {
            return Ok(StructureComparison::default());
        }
        let (schemas, strangers) = (&self.spec.target.schemas, &target.strangers);
        let mut structure = StructureComparison::compare(session, &target.ledger, schemas, plan, strangers).await?;
        structure.compare_sequences(session, schemas, plan, strangers, readers).await?;
        structure.other_sequences(session, schemas, plan, strangers).await?;
        if target.has_ledger {
            structure.read_last_run(session, &target.ledger, plan).await?;
        }
        Ok(structure)
    }

    /// The comparisons of the selected tables.
    async fn comparisons(
        &self,
        survey: &Survey,
        target: &TargetFacts,
        crew: &ComparisonCrew,
    ) -> Result<Vec<TableComparison>, ExecuteError> {
        let is_selected = |mapping: &&TableMapping| self.has_rows() && self.options.selects(&mapping.source);
        let selected = survey.plan.tables.iter().filter(is_selected).collect::<Vec<_>>();
        let asker = match selected.iter().any(|mapping| mapping.columns.iter().any(is_asked)) {
            true => Some(TextAsker::of(self.server.connect().await?)),
            false => None,
        };
        let comparison = |mapping: &TableMapping| {
            let table = survey.catalog.table(&mapping.source);
            let key = table.map(|table| mapping.primary_key(table)).unwrap_or_default();
            let schemas = &self.spec.target.schemas;
            Ok(TableComparison {
                form: Arc::new(RowForm::of(mapping, &found_by(mapping, key), &survey.zone)?),
                mapping: Arc::new(mapping.clone()),
                schemas: schemas.clone(),
                exists: target.has(&mapping.target),
                refused: target.stranger(&mapping.target, schemas).or_else(|| refused(&survey.plan, &mapping.source)),
                ledger: target.rejected(&mapping.source),
                merged: target.merged(&mapping.source).filter(|_| mapping.merges.is_some()),
                migration: self.spec.name.clone(),
                options: self.options.clone(),
                asker: asker.clone(),
                slices: None,
                stop: self.stop.clone(),
                spare: Arc::clone(&crew.spare),
            })
        };
        selected.into_iter().map(comparison).collect()
    }

    /// Runs the spec's checks, each in a session of its own.
    async fn ask_checks(&self, survey: &Survey, reader: &mut Option<Reader>) -> Result<Vec<CheckResult>, ExecuteError> {
        let asking = CheckContext {
            server: self.server,
            plan: &survey.plan,
            schemas: &self.spec.target.schemas,
            zone: &survey.zone,
            rows: self.options.examples,
            show_values: self.options.show_values,
            stop: self.stop,
        };
        let mut checks = Vec::new();
        for name in survey.plan.checks.keys().filter(|_| self.options.is_whole()) {
            self.events.tell(Event::CheckStarted { check: name.clone() });
            let result = asking.ask(name, reader).await?;
            self.events.tell(Event::CheckDone(result.clone()));
            checks.push(result);
        }
        Ok(checks)
    }

    /// Asks every view on both sides.
    async fn compare_views(
        &self,
        plan: &Plan,
        target: &TargetFacts,
        results: &[TableResult],
        reader: &mut Option<Reader>,
    ) -> Result<Vec<ViewResult>, ExecuteError> {
        let comparing = ViewComparer {
            server: self.server,
            schemas: &self.spec.target.schemas,
            zone: &self.spec.source.timezone,
            tables: &plan.tables,
            results,
            examples: self.options.examples,
            show_values: self.options.show_values,
            stop: self.stop,
        };
        let mut views = Vec::new();
        for view in plan.views.iter().filter(|_| self.options.is_whole() && self.has_rows()) {
            let exists = target.has(&view.target) && target.is_ours(&view.target);
            views.push(comparing.compare(view, exists, reader).await?);
        }
        views.sort_by(|one, two| one.view.cmp(&two.view));
        Ok(views)
    }

    /// The parts in which a difference would not have been seen, with those of the structure.
    fn not_compared(
        &self,
        plan: &Plan,
        target: &TargetFacts,
        (tables, views): (&[TableResult], &[ViewResult]),
        mut of_structure: Vec<Uncompared>,
    ) -> Vec<Uncompared> {
        if !self.has_rows() {
            of_structure.extend(not_compared::without_rows(plan, &self.spec.left_checks));
        }
        not_compared::list(plan, tables, views, &target.columns, of_structure, self.has_rows())
    }
}

/// The columns by which a row is found: its natural key if rows of both sides are merged by one, with the id if the
/// target's values are preferred, so that the id is compared too. If PostgreSQL takes different spellings of the key
/// for equal (texts without regard to case), the id alone: here every byte counts.
fn found_by(mapping: &TableMapping, primary: Vec<String>) -> Vec<String> {
    let Some(merging) = &mapping.merges else { return primary };
    if !merging.identity.is_empty() && merging.has_spellings {
        return merging.identity.clone();
    }
    let identity = merging.identity.iter().filter(|_| merging.prefer == Some(MergeSide::Target));
    merging.key.iter().chain(identity).cloned().collect()
}

/// The columns of the compared tables whose values PostgreSQL itself has read.
fn judged(plan: &Plan, tables: &[TableResult]) -> Vec<JudgedColumn> {
    let is_compared = |mapping: &&TableMapping| tables.iter().any(|table| table.table == mapping.source);
    let columns = plan.tables.iter().filter(is_compared).flat_map(|mapping| {
        mapping.columns.iter().filter(|column| is_asked(column)).map(|column| JudgedColumn {
            table: mapping.source.clone(),
            column: column.source.clone(),
            column_type: column.type_words(),
        })
    });
    let mut columns = columns.collect::<Vec<_>>();
    columns.sort();
    columns
}

/// Reason for which the rows of a source table cannot be read as the spec says.
fn refused(plan: &Plan, table: &str) -> Option<String> {
    let is_it = |code, of: Option<&str>| code == SOURCE_SQL_REFUSED && of == Some(table);
    let found = plan.each_finding().find(|finding| is_it(finding.code, finding.table.as_deref()));
    found.map(|finding| finding.message.clone())
}
