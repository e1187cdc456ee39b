//! The survey: facts of both sides, the plan made of them, and PostgreSQL's judgement of it.
//!
//! `planning` is the one way from facts to plan and findings. `facts` answers what it asks, in three ways: the live source,
//! the inspect file, and `transship inspect`, which writes the live source's answers down. The questions are asked and
//! their answers put into words by kind: `values`, `keys`, `references`, `rows`.

mod application_tables;
mod draft;
mod facts;
mod keys;
mod planning;
mod references;
mod rows;
mod set_aside;
mod side_by_side;
mod statement_trial;
mod storage;
mod surroundings;
mod surveyor;
mod target_rows;
mod target_state;
mod values;
mod versions;

pub use application_tables::ApplicationTables;
pub use draft::{Draft, DraftError, draft};
pub(crate) use facts::copied_chunks::copied_again;
pub use facts::inspection::{Inspection, NoInspection};
pub use rows::source_sql::SOURCE_SQL_REFUSED;
pub use statement_trial::judge;
pub use storage::APPLICATION_NUMBERS;
pub use surveyor::Depth;

use crate::catalog::{Catalog, SnapshotState, TableProfile};
use crate::plan::{Plan, TargetState, Templates};
use crate::rows::LeftOut;
use crate::rows::judging::{self, InputRequests, QuestionScope};
use crate::run::{Event, Events, ExecuteError, Stop, until_stopped};
use crate::source::Reader;
use crate::spec::{Spec, TablesMode};
use crate::target::{Session, existing};
use crate::value::Zone;
use facts::live::Live;
use facts::recorded::RecordedFacts;
use facts::recording::Recording;
use planning::Planned;
use std::collections::{BTreeMap, BTreeSet};
pub(crate) use target_rows::not_copied_again::refusals;
use target_rows::{TargetContents, TargetRowQuestions};
use target_state::{Loaded, read_target_state};

/// Both sides as they were found, and the plan made of them.
#[derive(Debug)]
pub struct Survey {
    /// The plan.
    pub plan: Plan,
    /// The templates with which it was made.
    pub templates: Templates,
    /// The source's structure.
    pub catalog: Catalog,
    /// Connections to the source, all in the same state of it.
    pub readers: Vec<Reader>,
    /// The zone of timestamps that say none.
    pub zone: Zone,
    /// Rows that an earlier run had copied, read again and found unchanged.
    pub unchanged: u64,
    /// Chunks that an earlier run has copied and that have changed in the source since, by source table.
    pub changed: BTreeMap<String, BTreeSet<i32>>,
    /// Whether changed chunks are copied again without `--refresh`: the run continues an unfinished one, and the source
    /// does not keep a state after its connections have ended.
    pub is_continued: bool,
    /// Rows and values that the spec's `on_bad_value` left out in an earlier run.
    pub left_out: LeftOut,
    /// Contents of the tables that are still to be copied, by name; `None` where the values were not looked at.
    pub profile: Option<Vec<TableProfile>>,
}

impl Survey {
    /// The state of a server that all readers have; `None` for a file.
    #[must_use]
    pub fn snapshot_state(&self) -> Option<&SnapshotState> {
        self.readers.first().and_then(Reader::snapshot_state)
    }
}

/// A plan that was made without the source.
#[derive(Debug)]
pub struct Recalled {
    /// The plan.
    pub plan: Plan,
    /// Contents of the tables that are still to be copied; `None` where the values were not asked for.
    pub profile: Option<Vec<TableProfile>>,
}

/// Opens the source with `jobs` readers in one snapshot, looks at the target where there is a session, and makes the
/// plan.
///
/// # Errors
/// The source or the target cannot be read, or no plan can be made.
pub async fn survey(
    spec: &Spec,
    target: Option<&Session>,
    jobs: usize,
    depth: Depth,
    stop: &Stop,
    events: &Events,
) -> Result<Survey, ExecuteError> {
    let (state, chunks) = match target {
        Some(session) => until_stopped(session, stop, read_target_state(spec, session)).await?,
        None => Default::default(),
    };
    let held = TargetContents::of(spec, &state, &chunks);
    let (owned, stopped, told) = (spec.clone(), stop.clone(), events.clone());
    let (asker, questions) = judging::channel();
    let asker = target.map(|_| asker);
    let surveyed = tokio::task::spawn_blocking(move || {
        let templates = planning::templates(&owned)?;
        let mut live = Live::open(&owned, jobs, &chunks, &stopped, &told)?.asking(asker.as_ref());
        let planned = planning::plan(&mut live, &owned, &state, templates, depth)?;
        let Planned { plan, templates, catalog, zone, unchanged, changed, is_continued, left_out, profile } = planned;
        let readers = live.readers;
        Ok::<_, ExecuteError>(Survey {
            plan,
            templates,
            catalog,
            readers,
            zone,
            unchanged,
            changed,
            is_continued,
            left_out,
            profile,
        })
    });
    let (surveyed, ()) = tokio::join!(surveyed, answered(target, questions));
    let mut survey = surveyed??;
    if let Some(session) = target {
        let (held, changed, catalog) = (&held, &survey.changed, &survey.catalog);
        let meeting = TargetRowQuestions { spec, session, catalog, held, changed, depth, stop };
        meeting.ask(&mut survey.plan, Some((&mut survey.readers, &survey.zone))).await?;
    }
    events.tell(Event::SurveyDone);
    ask_about_tables_set_aside(spec, target, &mut survey.plan).await?;
    Ok(survey)
}

/// Answers questions about values until every sender is dropped.
async fn answered(target: Option<&Session>, questions: InputRequests) {
    if let Some(session) = target {
        judging::answer(session, questions, QuestionScope::Apart).await;
    }
}

/// Adds the findings about tables that are to be set aside: the target has them, wherever the facts of the source are from.
async fn ask_about_tables_set_aside(
    spec: &Spec,
    target: Option<&Session>,
    plan: &mut Plan,
) -> Result<(), ExecuteError> {
    if let Some(session) = target {
        let findings = set_aside::find(spec, session, plan).await?;
        plan.add_findings(findings);
    }
    Ok(())
}

/// Looks at the whole source with `jobs` readers in one snapshot, and writes its answers down. Of the target only the
/// application's own tables are looked at, where the spec is about them: which types are tried is theirs to say.
///
/// # Errors
/// The source or the target cannot be read, or no plan can be made.
pub async fn inspect(
    spec: &Spec,
    target: Option<&Session>,
    jobs: usize,
    stop: &Stop,
    events: &Events,
) -> Result<Inspection, ExecuteError> {
    let tables = match target.filter(|_| spec.target.tables == TablesMode::Existing) {
        Some(session) => Some(existing::read(session, &spec.target.schemas, &BTreeSet::new()).await?),
        None => None,
    };
    let state = TargetState { tables, ..TargetState::default() };
    let (spec, stop, events) = (spec.clone(), stop.clone(), events.clone());
    let (asker, questions) = judging::channel();
    let asker = target.map(|_| asker);
    let inspected = tokio::task::spawn_blocking(move || {
        let (templates, chunks) = (planning::templates(&spec)?, Loaded::default());
        let live = Live::open(&spec, jobs, &chunks, &stop, &events)?.asking(asker.as_ref());
        let mut recording = Recording::of(live, &spec)?;
        planning::plan(&mut recording, &spec, &state, templates, Depth::AtValues)?;
        Ok(recording.inspection)
    });
    let (inspected, ()) = tokio::join!(inspected, answered(target, questions));
    inspected?
}

/// Plans from an inspected source; looks at the target where there is a session. Of the values it knows what the
/// inspection knows; with [`Depth::AtStructure`] nothing.
///
/// # Errors
/// The target cannot be read, or no plan can be made.
pub async fn recall(
    spec: &Spec,
    target: Option<&Session>,
    depth: Depth,
    inspection: &Inspection,
) -> Result<Recalled, ExecuteError> {
    let (state, chunks) = match target {
        Some(session) => read_target_state(spec, session).await?,
        None => Default::default(),
    };
    let held = TargetContents::of(spec, &state, &chunks);
    let templates = planning::templates(spec)?;
    let planned = planning::plan(&mut RecordedFacts { inspection }, spec, &state, templates, depth)?;
    let Planned { mut plan, catalog, changed, profile, .. } = planned;
    if let Some(session) = target {
        let (held, changed, catalog, stop) = (&held, &changed, &catalog, &Stop::default());
        let meeting = TargetRowQuestions { spec, session, catalog, held, changed, depth, stop };
        meeting.ask(&mut plan, None).await?;
    }
    ask_about_tables_set_aside(spec, target, &mut plan).await?;
    Ok(Recalled { plan, profile })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_was_seen_to_fit_and_is_read_alike_again_is_proven() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("t.toml");
        let source = "CREATE TABLE t (a TEXT, b VARCHAR(2), c TEXT); INSERT INTO t VALUES ('x', 'too long', 'y');
            CREATE TABLE filtered (a TEXT); INSERT INTO filtered VALUES ('x')";
        crate::source::fixture::write_database(&directory.path().join("t.db"), source);
        let spec = "spec = 1\nname = \"t\"\n[source]\nurl = \"sqlite:t.db\"\n[target]\nurl = \"embedded:\"\n
            [tables.t]\ncolumns.b = { on_bad_value = \"null\" }\ncolumns.c = { source_sql = \"hex(randomblob(4))\" }\n
            [tables.filtered]\nwhere = \"random() % 2\"";
        std::fs::write(&path, spec).unwrap();
        let spec = crate::spec::load(&path, None, &|_| None).unwrap();
        let (events, _listener) = tokio::sync::mpsc::unbounded_channel();
        let (events, stop) = (Events::new(events), Stop::default());
        let proven = async |depth| {
            let plan = survey(&spec, None, 1, depth, &stop, &events).await.unwrap().plan;
            let columns = plan.copies.iter().flat_map(|mapping| &mapping.columns).map(|column| column.is_proven);
            columns.collect::<Vec<_>>()
        };
        // Of `filtered` the one column, then those of `t`.
        assert_eq!(proven(Depth::AtValues).await, [false, true, false, false]);
        assert_eq!(proven(Depth::AtStructure).await, [false; 4]);
    }
}
