//! The way back from beginning to end.

use super::basis;
use super::comparison::NewPlaceComparison;
use super::counters::counters;
use super::error::BackError;
use super::left_behind::{of_basis, of_structure, of_target};
use super::outcome::{ArrivalDoubts, WayBack};
use super::place::Workshop;
use super::table::{Sides, Staged};
use crate::apply::Trace;
use crate::backup::CopyListener;
use crate::catalog::{ColumnType, Content};
use crate::connection::SourceConnection;
use crate::plan::{Finding, FindingCode, Severity};
use crate::proof::form::RowScratch;
use crate::run::failpoint::reach;
use crate::run::{Events, ExecuteError, Stop};
use crate::source::Reader;
use crate::source::new_database::{UNFINISHED, is_mark};
use crate::source::rewrite::{Rewriter, WriteRefusal};
use crate::spec::Spec;
use crate::survey::{Depth, Survey, survey};
use crate::target::{Server, Session};
use crate::value::Cell;
use crate::verify::told_by_rights;

/// Finding of a row that the source's own constraints refuse.
const REFUSED: FindingCode = FindingCode::RowRefused;

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
    let copied = of_copy(spec, &copy);
    let asking = server.connect().await?;
    let mut survey = survey_copy(&copied, &asking, stop, events).await?;
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
    back.findings.extend(of_workshop(&workshop, remark));
    back.findings.extend(of_structure(&session, &copied, &survey.plan).await?);
    back.findings.extend(of_target(&session, &copied, &survey.plan, &survey.catalog, &order.left_behind).await?);
    if back.is_blocked() {
        return Ok(sorted(back));
    }

    let mut rewriter = Rewriter::open(&copied.source.connection)?;
    let zone = survey.zone.clone();
    let sides = Sides { session: &session, schemas: &spec.target.schemas, zone: &zone, stop };
    let staged = stage_all(&sides, &mut survey, &mut rewriter, &mut back.findings).await?;
    back.tables = staged.iter().map(|staged| staged.rows.clone()).collect();
    if back.is_blocked() {
        return Ok(sorted(back));
    }
    let (counters, unknown) = counters(&session, spec, &survey).await?;
    back.findings.extend(unknown);
    let (words, stale) = full_text_indexes(&survey, &staged);
    back.findings.extend(stale);
    let (rewriter, refused) = write(rewriter, counters, words, &staged).await?;
    back.findings.extend(refused);
    if back.is_blocked() {
        return Ok(sorted(back));
    }
    rewriter.close()?;
    if stop.is_thrown() {
        return Err(ExecuteError::Interrupted.into());
    }
    let comparison =
        NewPlaceComparison { copied: &copied, server, asking: &asking, snapshot: &snapshot, order, stop, events };
    let mut compared = comparison.run(&survey.plan, &staged).await?;
    compared.count_filtered(&mut back.tables, &staged);
    back.findings.extend(compared.findings(&survey, &back.tables, &staged));
    // The mark of a place that is not whole yet is nobody's table.
    let in_databases = !spec.source.databases.is_empty();
    compared.verification.not_compared.retain(|part| !is_mark(&part.name, in_databases));
    if compared.verification.equal {
        workshop.publish(&copy, spec.source.connection.file())?;
        back.is_made = true;
    }
    back.verification = Some(compared.verification);
    tracing::debug!(place = back.place, is_made = back.is_made, "the way back has come to its end");
    Ok(sorted(back))
}

/// The spec with the copy as its source, of one mechanism with every other command. Its mark is not a table.
fn of_copy(spec: &Spec, copy: &SourceConnection) -> Spec {
    let mut copied = spec.clone();
    copied.source.connection = copy.clone();
    let in_databases = !spec.source.databases.is_empty();
    let mark = if in_databases { format!("*.{UNFINISHED}") } else { UNFINISHED.to_owned() };
    copied.source.tables = copied.source.tables.excluding(&mark);
    copied
}

/// Surveys the copy for the migration that was applied.
async fn survey_copy(copied: &Spec, asking: &Session, stop: &Stop, events: &Events) -> Result<Survey, BackError> {
    let found = survey(copied, Some(asking), 1, Depth::AtCopied, stop, events).await;
    let mut survey = match found {
        Ok(survey) => survey,
        Err(error) => return Err(told_by_rights(asking, copied, error).await.into()),
    };
    for column in survey.plan.tables.iter_mut().flat_map(|mapping| &mut mapping.columns) {
        // The source's numbers have no scale: 1.10 goes back as 1.1.
        column.forgets_scale = matches!(column.column_type, ColumnType::Numeric(None));
    }
    if Trace::find(copied, asking, &survey.plan).await? == Trace::Nothing {
        return Err(BackError::NothingApplied { place: copied.target_name() });
    }
    Ok(survey)
}

/// Findings about the copy and about the place in which it was made.
fn of_workshop(workshop: &Workshop, remark: Option<String>) -> Vec<Finding> {
    let remark = remark.map(|remark| Finding::general(FindingCode::RemarkOnBasis, Severity::Warns, remark));
    let message = "the new place held what a `back` that was killed had left, which was removed";
    let swept = workshop.is_swept().then(|| Finding::general(FindingCode::LeftOverRemoved, Severity::Notes, message));
    remark.into_iter().chain(swept).collect()
}

/// Stages the rows of every table that came, went or changed, and adds findings about those that cannot go back.
async fn stage_all(
    sides: &Sides<'_>,
    survey: &mut Survey,
    rewriter: &mut Rewriter,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Staged>, BackError> {
    let mut reader = survey.readers.pop().map(Reader::independent);
    let (mut doubts, mut staged) = (ArrivalDoubts::default(), Vec::new());
    for mapping in &survey.plan.tables {
        let Some(table) = survey.catalog.table(&mapping.source) else { continue };
        match sides.stage(mapping, table, &mut reader, rewriter, &mut doubts).await? {
            Ok(rows) => staged.push(rows),
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(doubts.into_findings());
    // The lock of a reader would keep the writer out.
    survey.readers.clear();
    Ok(staged)
}

/// Writes what is staged, with the counters and the full-text indexes; findings about what the source's own engine refuses.
async fn write(
    mut rewriter: Rewriter,
    counters: Vec<(String, i64)>,
    words: Vec<String>,
    staged: &[Staged],
) -> Result<(Rewriter, Vec<Finding>), BackError> {
    let written = tokio::task::spawn_blocking(move || {
        let refusals = rewriter.write(&counters, &words);
        (rewriter, refusals)
    });
    let (rewriter, refusals) = written.await.map_err(ExecuteError::from)?;
    let findings = refusals?.iter().map(|refusal| of_refusal(refusal, staged, &rewriter)).collect::<Result<_, _>>()?;
    Ok((rewriter, findings))
}

fn sorted(mut back: WayBack) -> WayBack {
    let rank =
        |finding: &Finding| (finding.severity, finding.table.clone(), finding.column.clone(), finding.message.clone());
    back.findings.sort_by_key(rank);
    back.tables.sort_by(|one, two| one.table.cmp(&two.table));
    back
}

/// Full-text indexes of tables whose rows have changed, which are rebuilt; and findings about those that cannot be.
fn full_text_indexes(survey: &Survey, staged: &[Staged]) -> (Vec<String>, Vec<Finding>) {
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
    Finding::about(FindingCode::IndexOverWords, Severity::Warns, table, message)
        .suggesting("let the application rebuild the index")
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
            let words = form.key_words_of_cells(&cells, &mut RowScratch::default());
            examples.extend((!words.is_empty()).then_some(words));
        }
    }
    let finding = Finding { count: refusal.rows, examples, ..finding };
    Ok(finding
        .suggesting("change these rows in the target, or in the source what stands in their way; then go back again"))
}
