//! Inventory of everything that a rollback would remove, and of the changes that others have made since: their rows,
//! attached objects, dependents, and objects under the migration's names. All of them are named before anything is
//! removed, and only an option of the user overrides them.

use super::closure::{Closure, closure};
use super::kept_objects::{KeptObjects, Referenced};
use super::objects::{Object, Objects, find};
use super::rows::LoadedTable;
use super::{OnChanges, TableRows, Undo, undo};
use crate::name::Schemas;
use crate::plan::StepKind;
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::identity::{DatabaseIdentity, Identity};
use crate::target::ledger::{DatabaseOrigin, Load, UndoRow};
use crate::target::{Ledger, Session, TargetError};
use std::collections::{BTreeMap, BTreeSet};

/// Most names in a message.
const NAMED: usize = 20;

/// Facts of the ledger that every inventory needs, read once under the lock.
#[derive(Debug)]
pub(super) struct LedgerFacts {
    pub(super) on_changes: OnChanges,
    schemas: Schemas,
    loads: Vec<Load>,
    /// Transactions of the user's steps, which may have altered rows.
    own: Vec<String>,
    /// Transactions of all steps.
    steps: Vec<String>,
    /// Roles that steps have granted privileges to.
    roles: Vec<String>,
    spec: Spec,
}

/// Inventory of some steps.
#[derive(Debug, Default)]
pub(super) struct Inventory {
    pub(super) undoes: Vec<Undo>,
    pub(super) tables: Vec<TableRows>,
    /// The schemas by their present names.
    pub(super) schemas: Option<Schemas>,
    /// Changes and attached objects of others, and objects created under the migration's names, in words.
    pub(super) changes: Vec<String>,
    /// Steps whose objects are missing.
    pub(super) gone: Vec<String>,
    /// Objects that stay because of changes.
    pub(super) kept: KeptObjects,
    /// The same objects in words.
    pub(super) stays: Vec<String>,
    /// Objects that each undo drops, dependents included: about as many locks as it needs.
    pub(super) weights: Vec<usize>,
}

impl LedgerFacts {
    /// Reads the facts that do not change while the lock is held.
    pub(super) async fn read(
        spec: &Spec,
        session: &Session,
        ledger: &Ledger,
        origin: &DatabaseOrigin,
        way: &[UndoRow],
        on_changes: OnChanges,
    ) -> Result<Self, ExecuteError> {
        let grants = way.iter().filter_map(|row| row.name_of(StepKind::Grant));
        Ok(Self {
            on_changes,
            schemas: origin.schemas.clone(),
            loads: ledger.read_loads(session).await?,
            own: ledger.read_transactions_of_steps(session, Some(StepKind::Step)).await?,
            steps: ledger.read_transactions_of_steps(session, None).await?,
            roles: grants.map(|name| origin.schemas.bare(name).to_owned()).collect(),
            spec: spec.clone(),
        })
    }

    /// Takes the inventory of some steps, inside a transaction. If `kept` is given, it was decided before: nothing else
    /// may stay, and the tables are locked first.
    ///
    /// # Errors Others have changed something, and the user has not said what becomes of it; or something of theirs
    /// depends on it.
    pub(super) async fn inventory(
        &self,
        session: &Session,
        way: &[UndoRow],
        decided: Option<&KeptObjects>,
    ) -> Result<Inventory, ExecuteError> {
        let undoes = || way.iter().map(|row| undo::undo(&self.spec, row)).collect::<Vec<_>>();
        let mut inventory = Inventory { undoes: undoes(), ..Inventory::default() };
        let mut objects = find(session, way, &mut inventory.undoes, self.on_changes).await?;
        if let Some(kept) = decided {
            lock(session, &objects, kept).await?;
            // Objects may have been renamed before the lock was taken.
            inventory.undoes = undoes();
            objects = find(session, way, &mut inventory.undoes, self.on_changes).await?;
            inventory.kept = kept.clone();
        }
        let schemas = self.present_schemas(&objects, way);
        inventory.schemas = Some(schemas.clone());
        inventory.gone.append(&mut objects.gone);
        inventory.changes.append(&mut objects.others);
        let rows = self.rows(session, way, (&objects, &schemas), &mut inventory).await?;
        let referenced = KeptObjects::referenced(session, &objects).await?;
        let (mut depends, mut first) = (Vec::new(), true);
        let (weights, found) = loop {
            let going = objects.there.iter().filter(|object| object.goes && !inventory.kept.keeps(object, &referenced));
            let going = going.collect::<Vec<_>>();
            let known = objects.there.iter().map(|object| object.identity).collect::<Vec<_>>();
            let Closure { attached, depending, weights } =
                closure(session, &going, &known, &self.steps, &self.roles).await?;
            let mut found = attached.iter().chain(&depending).map(|(root, _)| *root).collect::<Vec<_>>();
            found.extend(rows.iter().copied());
            if first {
                inventory.changes.extend(attached.into_iter().map(|(_, words)| words));
                depends = depending;
                first = false;
            }
            let may_grow = self.on_changes == OnChanges::Keep && decided.is_none();
            if !(may_grow && inventory.kept.add(&found, &objects)) {
                break (weights, found);
            }
        };
        // Later changes were not part of the user's decision.
        let is_new = found.iter().any(|identity| !inventory.kept.covers(*identity, &objects));
        self.judge(&mut inventory, depends, &objects, is_new)?;
        inventory.weigh(&objects, &weights);
        inventory.leave(&objects, &referenced);
        Ok(inventory)
    }

    /// Accepts the changes that the user's option covers; refuses others.
    fn judge(
        &self,
        inventory: &mut Inventory,
        depends: Vec<(Identity, String)>,
        objects: &Objects,
        is_new: bool,
    ) -> Result<(), ExecuteError> {
        match self.on_changes {
            OnChanges::Stop if !inventory.changes.is_empty() => {
                inventory.changes.extend(depends.into_iter().map(|(_, words)| words));
                Err(ExecuteError::ChangedByOthers { changes: shortened(std::mem::take(&mut inventory.changes)) })
            }
            OnChanges::Stop | OnChanges::Discard => {
                let Some((root, _)) = depends.first() else { return Ok(()) };
                let step = objects
                    .get(*root)
                    .and_then(|object| inventory.undoes.get(object.undo))
                    .map(|undo| undo.step.clone());
                let words = depends.iter().map(|(_, words)| words.clone()).collect();
                let (step, message) = (step.unwrap_or_default(), shortened(words).join(", "));
                Err(ExecuteError::Dependents { step, message })
            }
            OnChanges::Keep => {
                inventory.changes.extend(depends.into_iter().map(|(_, words)| words));
                if is_new {
                    let changes = shortened(std::mem::take(&mut inventory.changes));
                    return Err(ExecuteError::ChangedByOthers { changes });
                }
                Ok(())
            }
        }
    }

    /// Counts the rows of the dropped tables. Returns the tables that hold rows of others.
    async fn rows(
        &self,
        session: &Session,
        way: &[UndoRow],
        (objects, schemas): (&Objects, &Schemas),
        inventory: &mut Inventory,
    ) -> Result<Vec<Identity>, ExecuteError> {
        let mut changed = Vec::new();
        let tables = objects.there.iter().map(|object| (object.undo, object)).collect::<BTreeMap<_, _>>();
        let copies = way.iter().filter_map(|row| Some((row.name_of(StepKind::Copy)?, row.rows)));
        let copies = copies.collect::<BTreeMap<_, _>>();
        let loads = self.loads.iter().filter_map(|load| Some((load.target.as_deref()?, load)));
        let loads = loads.collect::<BTreeMap<_, _>>();
        for (at, row) in way.iter().enumerate() {
            let Some(name) = row.name_of(StepKind::Table) else { continue };
            let object = tables.get(&at).copied();
            let copied = copies.get(name).copied().flatten();
            let mut table =
                TableRows { table: schemas.qualified(name), rows: None, copied, others: 0, stays: false, restored: 0 };
            // Without known identities only the name identifies a table.
            let is_gone = object.is_none() && row.made.is_some();
            if let Some(object) = object {
                table.table = object.named.place();
            }
            let loaded = LoadedTable::created(table.table.clone(), loads.get(name).copied(), &self.own);
            let count = if is_gone { None } else { loaded.count(session).await? };
            if let Some(count) = count {
                table.rows = Some(count.all);
                table.others = count.all - count.loaded;
                let is_kept = object.is_some_and(|object| inventory.kept.has(object.identity));
                if let Some(words) = loaded.changed(count).filter(|_| !is_kept) {
                    inventory.changes.push(words);
                    changed.extend(object.map(|object| object.identity));
                }
            }
            inventory.tables.push(table);
        }
        inventory.tables.sort_by(|one, two| one.table.cmp(&two.table));
        Ok(changed)
    }

    /// The schemas may have been renamed.
    fn present_schemas(&self, objects: &Objects, way: &[UndoRow]) -> Schemas {
        let present = |object: &Object| {
            let then = way.get(object.undo)?.name_of(StepKind::Schema)?;
            Some((then.to_owned(), object.named.names.first()?.clone()))
        };
        let renamed = objects.there.iter().filter_map(present).collect::<BTreeMap<_, _>>();
        self.schemas.renamed(&|schema| renamed.get(schema).cloned())
    }
}

impl Inventory {
    /// Counts the objects that each undo drops.
    fn weigh(&mut self, objects: &Objects, closure: &[(Identity, usize)]) {
        self.weights = vec![0; self.undoes.len()];
        for (root, weight) in closure {
            if let Some(weights) = objects.get(*root).and_then(|object| self.weights.get_mut(object.undo)) {
                *weights += weight;
            }
        }
    }

    /// Removes the statements about objects that stay, and undoes left without a statement.
    fn leave(&mut self, objects: &Objects, referenced: &Referenced) {
        for object in objects.there.iter().filter(|object| object.goes && self.kept.keeps(object, referenced)) {
            let Some(undo) = self.undoes.get_mut(object.undo) else { continue };
            if let Some(statement) = object.statement.and_then(|at| undo.statements.get_mut(at)) {
                statement.clear();
            }
            if object.statement.is_none() {
                undo.statements.clear();
            }
        }
        for undo in &mut self.undoes {
            undo.statements.retain(|statement| !statement.is_empty());
        }
        let kept = objects.there.iter().filter(|object| object.goes && self.kept.has(object.identity));
        let (mut places, mut words) = (BTreeSet::new(), BTreeSet::new());
        for object in kept {
            places.insert(object.named.place());
            words.insert(object.named.words());
        }
        self.tables.retain(|table| !places.contains(&table.table));
        self.stays = words.into_iter().collect();
    }
}

/// Locks the dropped tables exclusively, so that nothing changes between the inventory and the removal.
async fn lock(session: &Session, objects: &Objects, kept: &KeptObjects) -> Result<(), TargetError> {
    let tables = objects.there.iter().filter(|object| {
        object.goes && object.columns.is_some() && object.statement.is_some() && !kept.has(object.identity)
    });
    let tables = tables.map(|object| object.named.place()).collect::<Vec<_>>();
    if tables.is_empty() {
        return Ok(());
    }
    let sql = format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", tables.join(", "));
    session.execute(&sql, "locking the tables that are removed").await
}

/// Reason for which the ledger's oids do not identify the migration's objects; `None` if they do.
pub(super) async fn unknown(
    session: &Session,
    origin: &DatabaseOrigin,
    way: &[UndoRow],
) -> Result<Option<&'static str>, TargetError> {
    let earlier = "an earlier version of transship made it";
    let Some(place) = &origin.place else { return Ok(Some(earlier)) };
    if *place != DatabaseIdentity::of(session).await? {
        return Ok(Some("the database is a copy, or was restored from a dump since"));
    }
    let is_earlier = |row: &UndoRow| row.made.is_none() && row.statements.iter().any(|undo| !undo.is_empty());
    Ok(way.iter().any(is_earlier).then_some(earlier))
}

/// First of many names, and the number of the others.
pub(super) fn shortened(mut names: Vec<String>) -> Vec<String> {
    if names.len() > NAMED {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("and {more} more"));
    }
    names
}
