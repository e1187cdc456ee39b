//! The way back from beginning to end.

use super::basis;
use super::counters::counters;
use super::error::BackError;
use super::left_behind::{of_basis, of_computed, of_structure, of_target};
use super::outcome::{Doubts, TableBack, WayBack};
use super::place::Workshop;
use super::table::{Sides, Staged};
use crate::apply::Trace;
use crate::backup::CopyListener;
use crate::catalog::{ColumnType, Content, KeyRange};
use crate::connection::SourceConnection;
use crate::plan::{Finding, Plan, Severity, TableMapping};
use crate::proof::form::Scratch;
use crate::run::failpoint::reach;
use crate::run::{Event, Events, ExecuteError, Stop, lend};
use crate::source::new_database::{UNFINISHED, is_mark};
use crate::source::rewrite::{Rewriter, WriteRefusal};
use crate::spec::Spec;
use crate::survey::{Depth, Survey, survey};
use crate::target::{Server, Session};
use crate::value::Cell;
use crate::verify::{Options, TableResult, Verification, told_by_rights, verify_snapshot};
use std::collections::BTreeMap;
use tokio::sync::mpsc::unbounded_channel;

/// Finding of a row that the source's own constraints refuse.
const REFUSED: &str = "row_refused";

/// Order for the way back.
#[derive(Debug, Clone)]
pub struct Order {
    /// The new place.
    pub to: SourceConnection,
    /// The backup that is the basis; without it the source, or else the newest backup.
    pub backup: Option<String>,
    /// Tables and columns of the target, by `table` and `table.column`, that may stay behind.
    pub left_behind: Vec<String>,
    /// Most rows shown for each table that differs in the end.
    pub examples: usize,
    /// Whether values may be shown beside keys.
    pub show_values: bool,
}

/// Makes the new place of the target's present rows. With a finding that blocks, or a difference in the end, nothing is there.
///
/// # Errors
/// A side cannot be read, the new place is taken or cannot be written, or there is no basis.
pub async fn go_back(
    spec: &Spec,
    server: &Server,
    order: &Order,
    stop: &Stop,
    events: &Events,
    told: &CopyListener,
) -> Result<WayBack, BackError> {
    let workshop = Workshop::open(&order.to, spec).await?;
    let basis::CopiedBasis { basis, connection: copy, remark } =
        basis::copy(spec, order.backup.as_deref(), &workshop, stop, told).await?;
    reach("back_copied");
    // From here on the copy is the source, of one mechanism with every other command.
    let mut copied = spec.clone();
    copied.source.connection = copy.clone();
    let in_databases = !spec.source.databases.is_empty();
    let mark = if in_databases { format!("*.{UNFINISHED}") } else { UNFINISHED.to_owned() };
    copied.source.tables = copied.source.tables.excluding(&mark);
    let asking = server.connect().await?;
    let found = survey(&copied, Some(&asking), 1, Depth::AtCopied, stop, events).await;
    let mut survey = match found {
        Ok(survey) => survey,
        Err(error) => return Err(told_by_rights(&asking, &copied, error).await.into()),
    };
    for column in survey.plan.tables.iter_mut().flat_map(|mapping| &mut mapping.columns) {
        // The source's numbers have no scale: 1.10 goes back as 1.1.
        column.forgets_scale = matches!(column.column_type, ColumnType::Numeric(None));
    }
    if Trace::find(&copied, &asking, &survey.plan).await? == Trace::Nothing {
        return Err(BackError::NothingApplied { place: spec.target_name() });
    }
    let session = server.connect().await?;
    session.hold_snapshot().await?;
    let snapshot = session.export_snapshot().await?;
    let mut back = WayBack {
        place: order.to.redacted(),
        is_made: false,
        basis,
        tables: Vec::new(),
        findings: of_basis(&survey),
        verification: None,
    };
    back.findings.extend(remark.map(|remark| Finding::general("remark_on_basis", Severity::Warns, remark)));
    if workshop.is_swept() {
        let message = "the new place held what a `back` that was killed had left, which was removed";
        back.findings.push(Finding::general("left_over_removed", Severity::Notes, message));
    }
    back.findings.extend(of_structure(&session, &copied, &survey.plan).await?);
    back.findings.extend(of_target(&session, &copied, &survey.plan, &survey.catalog, &order.left_behind).await?);
    if back.is_blocked() {
        return Ok(sorted(back));
    }

    let mut rewriter = Rewriter::open(&copied.source.connection)?;
    let mut reader = survey.readers.pop().map(crate::source::Reader::independent);
    let sides = Sides { session: &session, schemas: &spec.target.schemas, zone: &survey.zone, stop };
    let (mut doubts, mut staged) = (Doubts::default(), Vec::new());
    for mapping in &survey.plan.tables {
        let Some(table) = survey.catalog.table(&mapping.source) else { continue };
        match sides.stage(mapping, table, &mut reader, &mut rewriter, &mut doubts).await? {
            Ok(rows) => staged.push(rows),
            Err(finding) => back.findings.push(finding),
        }
    }
    // The reader's lock would keep the writer out.
    drop(reader);
    survey.readers.clear();
    back.tables = staged.iter().map(|staged| staged.rows.clone()).collect();
    back.findings.extend(doubts.into_findings());
    if back.is_blocked() {
        return Ok(sorted(back));
    }
    let (counters, unknown) = counters(&session, spec, &survey).await?;
    back.findings.extend(unknown);
    let (words, stale) = indexes_over_words(&survey, &staged);
    back.findings.extend(stale);
    let written = tokio::task::spawn_blocking(move || {
        let refusals = rewriter.write(&counters, &words);
        (rewriter, refusals)
    });
    let (rewriter, refusals) = written.await.map_err(ExecuteError::from)?;
    for refusal in refusals? {
        back.findings.push(of_refusal(&refusal, &staged, &rewriter)?);
    }
    if back.is_blocked() {
        return Ok(sorted(back));
    }
    rewriter.close()?;
    if stop.is_thrown() {
        return Err(ExecuteError::Interrupted.into());
    }
    let (mut verification, left) =
        prove(&copied, server, &asking, &survey.plan, &staged, &snapshot, order, stop, events).await?;
    for (rows, staged) in back.tables.iter_mut().zip(&staged) {
        rows.filtered = left.get(&rows.table).map_or(0, |left| left.saturating_sub(staged.left));
    }
    let of_table = |rows: &TableBack| survey.plan.tables.iter().find(|mapping| mapping.source == rows.table);
    let noted = back.tables.iter().filter_map(|rows| Some(of_rows(of_table(rows)?, rows)));
    back.findings.extend(noted.flatten());
    for result in verification.tables.iter().filter(|result| !result.is_equal()) {
        let mapping = survey.plan.tables.iter().find(|mapping| mapping.source == result.table);
        let staged = staged.iter().find(|staged| staged.rows.table == result.table);
        if let (Some(mapping), Some(staged), Some(table)) = (mapping, staged, survey.catalog.table(&result.table)) {
            back.findings.extend(of_computed(result, mapping, &staged.places, table));
        }
    }
    // The mark of a place that is not whole yet is nobody's table.
    verification.not_compared.retain(|part| !is_mark(&part.name, in_databases));
    if verification.equal {
        workshop.publish(&copy, spec.source.connection.file())?;
        back.is_made = true;
    }
    back.verification = Some(verification);
    tracing::debug!(place = back.place, is_made = back.is_made, "the way back has come to its end");
    Ok(sorted(back))
}

fn sorted(mut back: WayBack) -> WayBack {
    let rank =
        |finding: &Finding| (finding.severity, finding.table.clone(), finding.column.clone(), finding.message.clone());
    back.findings.sort_by_key(rank);
    back.tables.sort_by(|one, two| one.table.cmp(&two.table));
    back
}

/// The indexes over words of tables whose rows are others now, which are built anew; and findings about those that cannot be.
fn indexes_over_words(survey: &Survey, staged: &[Staged]) -> (Vec<String>, Vec<Finding>) {
    let is_other = |table: &str| {
        let of_table = |staged: &&Staged| staged.rows.table.eq_ignore_ascii_case(table);
        staged.iter().find(of_table).is_some_and(|Staged { rows, .. }| rows.changed + rows.added + rows.removed > 0)
    };
    let is_staged = |table: &str| staged.iter().any(|staged| staged.rows.table.eq_ignore_ascii_case(table));
    let any_is_other = staged.iter().any(|staged| is_other(&staged.rows.table));
    let (mut words, mut findings) = (Vec::new(), Vec::new());
    for other in &survey.catalog.others {
        let Some(table) = &other.virtual_table else { continue };
        match &table.content {
            Content::Of(content) if is_other(content) => words.push(other.name.clone()),
            // Views are the content of some: which table is behind one is not known here.
            Content::Of(content) if any_is_other && survey.catalog.table(content).is_none() => {
                words.push(other.name.clone());
            }
            Content::Own if any_is_other && !is_staged(&other.name) => {
                let message = "it holds rows of its own, which nothing brings up to date here: triggers do not fire on the way back";
                findings.push(stale_index(&other.name, message.to_owned()));
            }
            Content::None if any_is_other => {
                let message =
                    "its full-text index keeps no text of its own to be rebuilt from, and may miss rows written since";
                findings.push(stale_index(&other.name, message.to_owned()));
            }
            _ => {}
        }
    }
    (words, findings)
}

/// Finding of a full-text index that does not follow the rows.
fn stale_index(table: &str, message: String) -> Finding {
    Finding::about("index_over_words", Severity::Warns, table, message)
        .suggesting("let the application rebuild the index")
}

/// Findings about rows that go back although no copy has brought them, or would bring them again.
fn of_rows(mapping: &TableMapping, rows: &TableBack) -> Vec<Finding> {
    let note = |code, count, message: &str| Finding {
        count,
        ..Finding::about(code, Severity::Notes, &mapping.source, message)
    };
    let mut findings = Vec::new();
    if mapping.keeps_rows && rows.added > 0 {
        let message = "the source does not have these rows, and they are added to it: nothing tells those that came since from those that the target held before (`existing_rows = \"keep\"`)";
        findings.push(note("rows_of_target_kept", rows.added, message));
    }
    if rows.filtered > 0 {
        let message = "`where` leaves such rows of the source behind, but the target has them now: they go back all the same, and `apply` of the new file would not read them";
        findings.push(note("rows_beyond_filter", rows.filtered, message));
    }
    findings
}

/// Finding of rows that the source's own engine refused.
fn of_refusal(refusal: &WriteRefusal, staged: &[Staged], rewriter: &Rewriter) -> Result<Finding, BackError> {
    if let (Some(table), true) = (&refusal.table, refusal.is_of_index) {
        return Ok(stale_index(table, format!("its full-text index cannot be rebuilt here: {}", refusal.message)));
    }
    let message = format!("the source refuses it: {}", refusal.message);
    let finding = match &refusal.table {
        Some(table) => Finding::about(REFUSED, Severity::Blocks, table, message),
        None => Finding::general(REFUSED, Severity::Blocks, message),
    };
    let of_table = |staged: &&Staged| Some(&staged.rows.table) == refusal.table.as_ref();
    let mut examples = refusal.named.clone();
    if let Some(Staged { number, form, places, .. }) = staged.iter().find(of_table) {
        for position in &refusal.staged {
            let read = rewriter.staged(*number, *position)?;
            let cell = |place: &Option<usize>| place.map_or(Cell::Null, |place| read[place].cell());
            let cells = places.read.iter().map(cell).collect::<Vec<_>>();
            let words = form.key_words_of_cells(&cells, &mut Scratch::default());
            examples.extend((!words.is_empty()).then_some(words));
        }
    }
    let finding = Finding { count: refusal.rows, examples, ..finding };
    Ok(finding
        .suggesting("change these rows in the target, or in the source what stands in their way; then go back again"))
}

/// Compares the new place with the target as `verify` does: with the mapping that was applied, in the same state of the target, but
/// without `where`, for a row that came to be left behind by it is in the target all the same. With the result, the number of rows of
/// each table that `where` leaves behind now.
#[expect(clippy::too_many_arguments, reason = "both sides of a proof, and what they have in common")]
async fn prove(
    copied: &Spec,
    server: &Server,
    asking: &Session,
    plan: &Plan,
    staged: &[Staged],
    snapshot: &str,
    order: &Order,
    stop: &Stop,
    events: &Events,
) -> Result<(Verification, BTreeMap<String, u64>), BackError> {
    let mut survey = survey(copied, Some(asking), 2, Depth::AtStructure, stop, events).await?;
    let fresh = std::mem::replace(&mut survey.plan, plan.clone()).tables;
    let mut left = BTreeMap::new();
    for mapping in &mut survey.plan.tables {
        // The contents decide types that nobody has said: those of the migration hold. The numbers are those of now.
        if let Some(fresh) = fresh.iter().find(|fresh| fresh.source == mapping.source) {
            mapping.size = fresh.size;
            mapping.chunks.clone_from(&fresh.chunks);
        }
        // All rows of the target go back, those that it held before, too.
        mapping.keeps_rows = false;
        if let Some(behind) = mapping.selection(KeyRange::ALL).left_behind() {
            let mut reader = survey.readers.pop();
            let count = lend(&mut reader, move |reader| reader.count_rows(&behind)).await?;
            survey.readers.extend(reader);
            left.insert(mapping.source.clone(), count);
            mapping.filter = None;
        }
    }
    let tables = survey.plan.tables.iter().map(|mapping| mapping.source.clone()).collect::<Vec<_>>();
    if tables.is_empty() {
        return Ok((empty(), left));
    }
    let options = Options { examples: order.examples, show_values: order.show_values, sample: None, tables };
    // Tables that are compared without their filter have their answer only afterwards.
    let (sender, mut told) = unbounded_channel();
    let heard = if left.is_empty() { None } else { Some(Events::new(sender)) };
    let listening = heard.as_ref().unwrap_or(events);
    let mut verification = verify_snapshot(copied, survey, server, options, Some(snapshot), stop, listening).await?;
    for result in verification.tables.iter_mut().filter(|result| left.contains_key(&result.table)) {
        without_filter(result, staged);
    }
    while let Ok(heard) = told.try_recv() {
        events.tell(match heard.event {
            Event::TableVerified { table, rows, equal } => {
                let result = verification.tables.iter().find(|result| result.table == table);
                let equal = result.map_or(equal, TableResult::is_equal);
                Event::TableVerified { table, rows, equal }
            }
            other => other,
        });
    }
    verification.equal = verification.tables.iter().all(TableResult::is_equal);
    Ok((verification, left))
}

/// Counts the rows that were always left behind by `where` as such, in a table that was compared without it.
fn without_filter(result: &mut TableResult, staged: &[Staged]) {
    let kept = staged.iter().find(|staged| staged.rows.table == result.table).map_or(0, |staged| staged.rows.kept);
    let filtered = kept.saturating_sub(result.rejected_rows);
    if result.missing == filtered {
        (result.missing, result.filtered_rows) = (0, filtered);
        result.examples.retain(|example| example.kind != "missing");
        if result.extra == 0 && result.different == 0 {
            // Row by row, all others are those of the target.
            result.source_digest.clone_from(&result.target_digest);
        }
    }
}

/// The comparison of a migration without a table.
fn empty() -> Verification {
    Verification {
        equal: true,
        sample: None,
        pending: 0,
        tables_left_out: 0,
        not_compared: Vec::new(),
        tables: Vec::new(),
        checks: Vec::new(),
        views: Vec::new(),
        structure: Vec::new(),
        sequences: Vec::new(),
        judged_by_postgresql: Vec::new(),
    }
}
