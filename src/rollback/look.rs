//! The look at everything that a rollback would take away, and at what others have done with it since: their rows, what
//! they have attached, what depends on it, what they have made under our names. All of it is named before anything is
//! removed, and only the user's word moves it.

use super::closure::{Closure, closure};
use super::keep::{Kept, Referenced};
use super::objects::{Objects, find};
use super::rows::Loaded;
use super::{OnChanges, TableRows, Undo};
use crate::name::quote_identifier;
use crate::plan::StepKind;
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::identity::{DatabaseIdentity, Identity};
use crate::target::ledger::{Load, Origin, UndoRow};
use crate::target::{Ledger, Session, TargetError};
use std::collections::{BTreeMap, BTreeSet};

/// Beyond so many names a message does not become clearer.
const NAMED: usize = 20;

/// What the look needs to know, the same for all of its parts.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) on_changes: OnChanges,
    schema: String,
    loads: Vec<Load>,
    /// The transactions of the user's steps, which may have altered rows.
    own: Vec<String>,
    /// The transactions of all steps.
    steps: Vec<String>,
    /// The roles that steps have granted to.
    roles: Vec<String>,
    spec: Spec,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Look {
    pub(super) undoes: Vec<Undo>,
    pub(super) tables: Vec<TableRows>,
    /// The schema as it is named now.
    pub(super) schema: String,
    /// What others have changed or attached, or what has been made under our names.
    pub(super) changes: Vec<String>,
    /// The steps whose objects are gone.
    pub(super) gone: Vec<String>,
    /// What stays because of changes.
    pub(super) kept: Kept,
    /// The same in words.
    pub(super) stays: Vec<String>,
    /// Objects that each undo removes, with everything that goes along: about as many locks does it need.
    pub(super) weights: Vec<usize>,
}

impl Asked {
    /// Reads from the ledger what does not change while the lock is held.
    pub(super) async fn read(
        spec: &Spec,
        session: &Session,
        ledger: &Ledger,
        origin: &Origin,
        way: &[UndoRow],
        on_changes: OnChanges,
    ) -> Result<Self, ExecuteError> {
        let grants = way.iter().filter_map(|row| row.name_of(StepKind::Grant));
        Ok(Self {
            on_changes,
            schema: origin.schema.clone(),
            loads: ledger.loads(session).await?,
            own: ledger.transactions_of_steps(session, Some(StepKind::Step)).await?,
            steps: ledger.transactions_of_steps(session, None).await?,
            roles: grants.map(str::to_owned).collect(),
            spec: spec.clone(),
        })
    }

    /// Looks at what some steps have made; inside a transaction. Where `kept` is given, nothing else may stay: it was
    /// decided before, and the tables are locked first.
    ///
    /// # Errors
    /// Others have changed it, and the user has not said what becomes of that; or something depends on it.
    pub(super) async fn look(
        &self,
        session: &Session,
        way: &[UndoRow],
        decided: Option<&Kept>,
    ) -> Result<Look, ExecuteError> {
        let undoes = || way.iter().map(|row| super::undo(&self.spec, row)).collect::<Vec<_>>();
        let mut look = Look { undoes: undoes(), ..Look::default() };
        let mut objects = find(session, way, &mut look.undoes, self.on_changes).await?;
        if let Some(kept) = decided {
            lock(session, &objects, kept).await?;
            // What was renamed before the lock was there.
            look.undoes = undoes();
            objects = find(session, way, &mut look.undoes, self.on_changes).await?;
            look.kept = kept.clone();
        }
        look.schema = self.present_schema(&objects, way);
        look.gone.append(&mut objects.gone);
        look.changes.append(&mut objects.others);
        let rows = self.rows(session, way, &objects, &mut look).await?;
        let referenced = Kept::referenced(session, &objects).await?;
        let (mut depends, mut first) = (Vec::new(), true);
        let (weights, found) = loop {
            let going = objects.there.iter().filter(|object| object.goes && !look.kept.keeps(object, &referenced));
            let going = going.collect::<Vec<_>>();
            let known = objects.there.iter().map(|object| object.identity).collect::<Vec<_>>();
            let Closure { attached, depending, weights } =
                closure(session, &going, &known, &self.steps, &self.roles).await?;
            let mut found = attached.iter().chain(&depending).map(|(root, _)| *root).collect::<Vec<_>>();
            found.extend(rows.iter().copied());
            if first {
                look.changes.extend(attached.into_iter().map(|(_, words)| words));
                depends = depending;
                first = false;
            }
            let may_grow = self.on_changes == OnChanges::Keep && decided.is_none();
            if !(may_grow && look.kept.add(&found, &objects)) {
                break (weights, found);
            }
        };
        // Later changes were not part of the decision.
        let is_new = found.iter().any(|identity| !look.kept.covers(*identity, &objects));
        self.judge(&mut look, depends, &objects, is_new)?;
        look.weigh(&objects, &weights);
        look.leave(&objects, &referenced);
        Ok(look)
    }

    /// Lets through what the user's word covers.
    fn judge(
        &self,
        look: &mut Look,
        depends: Vec<(Identity, String)>,
        objects: &Objects,
        is_new: bool,
    ) -> Result<(), ExecuteError> {
        match self.on_changes {
            OnChanges::Stop if !look.changes.is_empty() => {
                look.changes.extend(depends.into_iter().map(|(_, words)| words));
                Err(ExecuteError::ChangedByOthers { changes: shortened(std::mem::take(&mut look.changes)) })
            }
            OnChanges::Stop | OnChanges::Discard => {
                let Some((root, _)) = depends.first() else { return Ok(()) };
                let step =
                    objects.get(*root).and_then(|object| look.undoes.get(object.undo)).map(|undo| undo.step.clone());
                let words = depends.iter().map(|(_, words)| words.clone()).collect();
                let (step, message) = (step.unwrap_or_default(), shortened(words).join(", "));
                Err(ExecuteError::Dependents { step, message })
            }
            OnChanges::Keep => {
                look.changes.extend(depends.into_iter().map(|(_, words)| words));
                if is_new {
                    let changes = shortened(std::mem::take(&mut look.changes));
                    return Err(ExecuteError::ChangedByOthers { changes });
                }
                Ok(())
            }
        }
    }

    /// The rows of the tables that go; the tables that hold rows of others.
    async fn rows(
        &self,
        session: &Session,
        way: &[UndoRow],
        objects: &Objects,
        look: &mut Look,
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
            let mut table = TableRows {
                table: format!("{}.{}", quote_identifier(&look.schema), quote_identifier(name)),
                rows: None,
                copied,
                others: 0,
                stays: false,
            };
            // Where identities are not known, the name has to do.
            let is_gone = object.is_none() && row.made.is_some();
            if let Some(object) = object {
                table.table = object.named.place();
            }
            let loaded = Loaded::created(table.table.clone(), loads.get(name).copied(), &self.own);
            let count = if is_gone { None } else { loaded.count(session).await? };
            if let Some(count) = count {
                table.rows = Some(count.all);
                table.others = count.all - count.loaded;
                let is_kept = object.is_some_and(|object| look.kept.has(object.identity));
                if let Some(words) = loaded.changed(count).filter(|_| !is_kept) {
                    look.changes.push(words);
                    changed.extend(object.map(|object| object.identity));
                }
            }
            look.tables.push(table);
        }
        look.tables.sort_by(|one, two| one.table.cmp(&two.table));
        Ok(changed)
    }

    /// The schema may have been renamed.
    fn present_schema(&self, objects: &Objects, way: &[UndoRow]) -> String {
        let of_step = |at: usize| way.get(at).is_some_and(|row| row.is(StepKind::Schema));
        let found = objects.there.iter().find(|object| of_step(object.undo));
        found.and_then(|object| object.named.names.first()).unwrap_or(&self.schema).clone()
    }
}

impl Look {
    /// How much each undo removes.
    fn weigh(&mut self, objects: &Objects, closure: &[(Identity, usize)]) {
        self.weights = vec![0; self.undoes.len()];
        for (root, weight) in closure {
            if let Some(weights) = objects.get(*root).and_then(|object| self.weights.get_mut(object.undo)) {
                *weights += weight;
            }
        }
    }

    /// Takes out the statements about what stays, and those that were left empty.
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

/// Locks the tables that go against everybody, so that nothing comes between the look and the removal.
async fn lock(session: &Session, objects: &Objects, kept: &Kept) -> Result<(), TargetError> {
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

/// Why the numbers of objects in the ledger do not tell which are ours, where they do not.
pub(super) async fn unknown(
    session: &Session,
    origin: &Origin,
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

/// The first of many names, and how many more there are.
pub(super) fn shortened(mut names: Vec<String>) -> Vec<String> {
    if names.len() > NAMED {
        let more = names.len() - NAMED;
        names.truncate(NAMED);
        names.push(format!("and {more} more"));
    }
    names
}
