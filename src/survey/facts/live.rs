//! The live source: each question is asked of its rows.

use crate::catalog::{AppliedMigrations, Catalog, Key, SelectedColumn, SnapshotState, Table, TableProfile, TableSize};
use crate::dialect::declared::StoredClasses;
use crate::plan::{Extents, Finding, Orphans, Plan, RowFacts, TableMapping, mapping};
use crate::rows::judging::InputAsker;
use crate::run::{Events, ExecuteError, Retry, Stop};
use crate::source::{Reader, Snapshot, SourceError};
use crate::spec::Spec;
use crate::survey::facts::values::{ValuesRead, read_values};
use crate::survey::facts::{Facts, PlanBasis};
use crate::survey::references::foreign_keys::{find_orphans, stored_classes};
use crate::survey::references::rejected_parents;
use crate::survey::references::restored_keys::{RestoredForeignKey, with_restored};
use crate::survey::rows::constraints::{self, Tried};
use crate::survey::rows::made_keys;
use crate::survey::rows::source_sql;
use crate::survey::side_by_side::side_by_side;
use crate::survey::surveyor::Surveyor;
use crate::survey::target_state::Loaded;
use crate::survey::values::preferred::{Preferred, find_held};
use crate::survey::values::spellings::OfTables;
use crate::survey::values::{encoding, excesses, spellings};
use crate::survey::versions;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// The hashes of keys that are in memory at the same time: 64 MiB of them.
const KEYS_IN_MEMORY: usize = 4 << 20;

/// How long a source is waited for that another process holds.
const LOCKED: Duration = Duration::from_secs(10);

/// A source that is open, with all that asking its rows needs.
#[derive(Debug)]
pub(crate) struct Live<'a> {
    /// At least one, all in the same state of the source.
    pub(crate) readers: Vec<Reader>,
    /// The chunks that an earlier run has copied.
    chunks: &'a Loaded,
    /// Asks the target about values, where it was contacted.
    asker: Option<&'a InputAsker>,
    pub(crate) stop: &'a Stop,
    pub(crate) events: &'a Events,
}

impl<'a> Live<'a> {
    /// Opens the source with `jobs` readers in one snapshot.
    ///
    /// # Errors
    /// The source cannot be opened, or another process holds it for too long.
    pub(crate) fn open(
        spec: &Spec,
        jobs: usize,
        chunks: &'a Loaded,
        stop: &'a Stop,
        events: &'a Events,
    ) -> Result<Self, ExecuteError> {
        Ok(Self { readers: open(spec, jobs, stop)?.into_readers(), chunks, asker: None, stop, events })
    }

    /// The same with somebody who asks the target about values.
    pub(crate) fn asking(self, asker: Option<&'a InputAsker>) -> Self {
        Self { asker, ..self }
    }

    /// The reader of questions that need only one.
    pub(crate) fn reader(&self) -> &Reader {
        &self.readers[0]
    }

    /// All that a question to the rows needs.
    pub(crate) fn surveyor<'b>(&self, basis: &PlanBasis<'b>) -> Surveyor<'b>
    where
        'a: 'b,
    {
        let PlanBasis { spec, catalog, zone, depth, .. } = *basis;
        Surveyor {
            spec,
            catalog,
            existing: basis.existing(),
            zone,
            depth,
            keys_in_memory: KEYS_IN_MEMORY / self.readers.len(),
            asker: self.asker,
            stop: self.stop,
            events: self.events,
        }
    }
}

impl Facts for Live<'_> {
    fn structure(&mut self) -> Result<Catalog, ExecuteError> {
        Ok(self.reader().catalog()?)
    }

    fn refused_sql(&mut self, spec: &Spec, catalog: &Catalog) -> Result<Vec<Finding>, ExecuteError> {
        Ok(source_sql::find(spec, catalog, self.reader())?)
    }

    fn sizes(&mut self, _: &Spec, _: &Catalog, tables: &[&Table]) -> Result<BTreeMap<String, TableSize>, ExecuteError> {
        let sizes = side_by_side(&mut self.readers, tables.to_vec(), |reader, table| {
            Ok((table.name.clone(), size(reader, table)?))
        })?;
        Ok(sizes.into_iter().collect())
    }

    fn stored_classes(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Vec<(String, SelectedColumn)>,
    ) -> Result<BTreeMap<String, StoredClasses>, ExecuteError> {
        stored_classes(self.reader(), &table.name, mapping::filter(basis.spec, &table.name), columns)
    }

    fn held(
        &mut self,
        basis: &PlanBasis<'_>,
        table: &Table,
        columns: Preferred,
    ) -> Result<BTreeMap<String, bool>, ExecuteError> {
        find_held(self.reader(), &table.name, mapping::filter(basis.spec, &table.name), columns)
    }

    fn key_bounds(
        &mut self,
        table: &Table,
        columns: &[String],
        rows: u64,
        chunks: u64,
    ) -> Result<Option<Vec<Key>>, ExecuteError> {
        Ok(Some(self.reader().key_bounds(table, columns, rows, chunks)?))
    }

    fn spellings(&mut self, basis: &PlanBasis<'_>, tables: &[TableMapping]) -> Result<OfTables, ExecuteError> {
        spellings::read_spellings(&self.surveyor(basis), tables, &mut self.readers)
    }

    fn versions(&mut self, basis: &PlanBasis<'_>) -> Result<BTreeMap<String, Option<AppliedMigrations>>, ExecuteError> {
        // Only the application's own tables have a version to compare with.
        basis
            .existing()
            .map_or_else(|| Ok(BTreeMap::new()), |_| versions::read(basis.spec, basis.catalog, self.reader()))
    }

    fn file_system(&self) -> Option<String> {
        self.reader().shared_file_system()
    }

    fn application_numbers(&self) -> Result<BTreeMap<String, i64>, ExecuteError> {
        Ok(self.reader().application_numbers()?)
    }

    fn snapshot_state(&self) -> Option<&SnapshotState> {
        self.reader().snapshot_state()
    }

    fn read_values(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<ValuesRead, ExecuteError> {
        let surveyor = self.surveyor(basis);
        read_values(&mut self.readers, plan, self.chunks, &surveyor)
    }

    fn orphans(
        &mut self,
        basis: &PlanBasis<'_>,
        mappings: &[TableMapping],
        profiles: &[TableProfile],
    ) -> Result<BTreeMap<(String, usize), Orphans>, ExecuteError> {
        find_orphans(&self.surveyor(basis), mappings, profiles, &mut self.readers)
    }

    fn extents(&mut self, _: &Plan, profiles: &[TableProfile]) -> Extents {
        excesses::extents(profiles)
    }

    fn of_rows(&mut self, basis: &PlanBasis<'_>, plan: &Plan, _: &RowFacts) -> Result<Vec<Finding>, ExecuteError> {
        excesses::find(&self.surveyor(basis), plan, self.reader())
    }

    fn constraints(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Tried>, ExecuteError> {
        let mut tried = constraints::find(&self.surveyor(basis), plan, self.reader())?;
        tried.extend(made_keys::find(&self.surveyor(basis), plan, self.reader())?);
        Ok(tried)
    }

    fn encoding(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
        encoding::find(&self.surveyor(basis), self.reader(), plan, basis.state.encoding.as_deref())
    }

    fn orphans_of_restored(
        &mut self,
        basis: &PlanBasis<'_>,
        restored: &RestoredForeignKey<'_>,
    ) -> Result<Option<Orphans>, ExecuteError> {
        Ok(Some(restored.orphans(&self.surveyor(basis), self.reader())?))
    }

    fn references_to_rejected(&mut self, basis: &PlanBasis<'_>, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
        let decided = |child: &_, key: &_, finding| rejected_parents::as_decided(basis.spec, child, key, finding);
        let catalog = with_restored(basis.catalog, plan);
        rejected_parents::find(plan, &catalog, self.reader(), basis.zone, self.stop, decided)
    }

    fn unknown(&self, _: &PlanBasis<'_>, _: &Plan) -> Vec<Finding> {
        Vec::new()
    }

    fn confirm_still(&self) -> Result<(), ExecuteError> {
        // Not every question confirms its answer by itself.
        Ok(self.readers.iter().try_for_each(Reader::confirm_still)?)
    }
}

/// The size of a table; estimated bytes are never fewer than rows.
pub(crate) fn size(reader: &Reader, table: &Table) -> Result<TableSize, SourceError> {
    let size = reader.size(table)?;
    Ok(TableSize { bytes: size.bytes.max(size.rows), ..size })
}

/// Opens the source with readers whose queries end when there is a wish to stop.
fn open(spec: &Spec, readers: usize, stop: &Stop) -> Result<Snapshot, ExecuteError> {
    let (began, mut retry) = (Instant::now(), Retry::default());
    let snapshot = loop {
        let is_migrated = |table: &str| mapping::is_selected(spec, table);
        match Snapshot::open(&spec.source.connection, readers, spec.source.snapshot, &is_migrated) {
            Err(_) if stop.is_thrown() => return Err(ExecuteError::Interrupted),
            Err(SourceError::Locked { .. }) if began.elapsed() < LOCKED => {}
            Err(error) if error.is_transient() => {
                let pause = retry.after(error.into(), true, stop)?;
                let until = Instant::now() + pause;
                while Instant::now() < until && !stop.is_thrown() {
                    std::thread::sleep(Duration::from_millis(50));
                }
            }
            opened => break opened?,
        }
    };
    stop.interrupts(snapshot.interrupters());
    Ok(snapshot)
}
