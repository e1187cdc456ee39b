//! Undo of a migration, object by object: each is looked up by its identity, so that a renamed or moved object is
//! dropped under its present name, and another object under its old name is left.

use super::{OnChanges, Undo};
use crate::plan::StepKind;
use crate::run::ExecuteError;
use crate::target::identity::{Identity, ObjectAddress, PresentObject, RecordedObject};
use crate::target::ledger::UndoRow;
use crate::target::{Session, identity};
use std::collections::{BTreeMap, BTreeSet};

/// Object of the migration that exists.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) identity: Identity,
    pub(super) named: ObjectAddress,
    /// Oid of the relation that the object is or belongs to.
    pub(super) relation: Option<u32>,
    /// Number of columns that a table had when it was created.
    pub(super) columns: Option<i16>,
    /// Position of its undo.
    pub(super) undo: usize,
    /// Position of the undo's statement that drops it; `None` if the user's statement does.
    pub(super) statement: Option<usize>,
    /// Whether it is dropped; otherwise it is only known to belong to the migration.
    pub(super) goes: bool,
}

/// Objects of some undoes in their present state.
#[derive(Debug, Default)]
pub(super) struct Objects {
    /// Existing objects in the order of their removal.
    pub(super) there: Vec<Object>,
    /// Objects that others have created under the migration's names, in words.
    pub(super) others: Vec<String>,
    /// Steps whose objects are missing.
    pub(super) gone: Vec<String>,
    /// Position of each object in the list.
    places: BTreeMap<Identity, usize>,
}

impl Objects {
    /// The object of an identity.
    pub(super) fn get(&self, identity: Identity) -> Option<&Object> {
        self.places.get(&identity).and_then(|at| self.there.get(*at))
    }

    fn add(&mut self, object: Object) {
        // A privilege on a table comes before the table itself.
        if object.goes || !self.places.contains_key(&object.identity) {
            self.places.insert(object.identity, self.there.len());
        }
        self.there.push(object);
    }
}

/// Lookup of the object of one statement.
enum ObjectMatch<'a> {
    Ours(&'a PresentObject),
    /// Another object has the name.
    Others(Identity),
    Gone,
}

/// The objects that the undoes are about, as they are found.
struct Matches<'a> {
    found: BTreeMap<(&'a str, Option<usize>, Identity), ObjectMatch<'a>>,
    /// Names of relations in whose place others have made theirs.
    theirs: BTreeSet<Vec<String>>,
}

impl<'a> Matches<'a> {
    /// The `present` objects are those of the rows, in their order.
    async fn find(
        session: &Session,
        way: &'a [UndoRow],
        present: &'a [Option<PresentObject>],
    ) -> Result<Self, ExecuteError> {
        let mut matches = Self { found: BTreeMap::new(), theirs: BTreeSet::new() };
        let made = way.iter().flat_map(|row| row.made.iter().flatten().map(move |made| (row, made)));
        for ((row, made), now) in made.zip(present) {
            let found = match now {
                Some(now) => ObjectMatch::Ours(now),
                None => identity::read_impostor(session, made).await?.map_or(ObjectMatch::Gone, ObjectMatch::Others),
            };
            if matches!(found, ObjectMatch::Others(_)) && made.identity.class == Identity::RELATION {
                matches.theirs.insert(made.named.names.clone());
            }
            matches.found.insert((row.id.as_str(), made.statement, made.identity), found);
        }
        Ok(matches)
    }

    fn of<'b>(&'b self, row: &'b UndoRow, made: &RecordedObject) -> Option<&'b ObjectMatch<'a>> {
        self.found.get(&(row.id.as_str(), made.statement, made.identity))
    }

    /// Whether an object is on a table of others: it belongs to others, as the table does.
    fn is_on_theirs(&self, made: &RecordedObject) -> bool {
        made.named.names.len() > 2 && self.theirs.iter().any(|name| made.named.names.starts_with(name))
    }
}

/// An object that a step has made, and the undo of the step.
struct Undoing<'a> {
    row: &'a UndoRow,
    made: &'a RecordedObject,
    /// Position of the undo.
    at: usize,
    undo: &'a mut Undo,
    on_changes: OnChanges,
}

impl Undoing<'_> {
    /// Whether the step is the user's own.
    fn is_own(&self) -> bool {
        self.row.is(StepKind::Step)
    }

    /// Whether the undo drops it. A privilege is dropped with its table; a copy only identifies the table.
    fn removes(&self) -> bool {
        (self.is_own() || self.made.statement.is_some()) && !self.row.is(StepKind::Grant)
    }

    /// The object exists, under its name or another.
    fn of_ours(self, now: &PresentObject, roles: &BTreeMap<u32, String>, objects: &mut Objects) {
        let goes = self.removes() && !self.undo.unknown;
        let is_own = self.is_own();
        let Self { row, made, at, undo, on_changes } = self;
        rewrite(undo, made, now, roles);
        if is_own && goes && now.named != made.named {
            objects.others.push(format!("{}, which the undo of {} does not know", now.named.words(), row.id));
            // The user's undo cannot be divided, and would fail without the object.
            if on_changes == OnChanges::Keep {
                undo.statements.iter_mut().for_each(String::clear);
            }
        }
        let PresentObject { named, relation, .. } = now.clone();
        let (identity, columns, statement) = (made.identity, made.columns, made.statement);
        objects.add(Object { identity, named, relation, columns, undo: at, statement, goes });
    }

    /// Another object has its name.
    fn of_others(self, other: Identity, is_on_theirs: bool, objects: &mut Objects) {
        let (removes, is_own) = (self.removes(), self.is_own());
        let Self { made, at, undo, on_changes, .. } = self;
        if removes && !undo.unknown && !is_on_theirs {
            objects.others.push(format!("{} was recreated", made.named.words()));
        }
        if !removes || is_on_theirs || on_changes != OnChanges::Discard {
            drop_statement(undo, made);
            if is_own {
                undo.statements.iter_mut().for_each(String::clear);
            }
        } else if !undo.unknown {
            let (named, statement) = (made.named.clone(), made.statement);
            let (relation, columns) = (None, None);
            objects.add(Object { identity: other, named, relation, columns, undo: at, statement, goes: true });
        }
    }

    /// No object has its name.
    fn of_gone(self, objects: &mut Objects) {
        if self.removes() && self.made.statement.is_some() {
            objects.gone.push(self.row.id.clone());
        }
        drop_statement(self.undo, self.made);
    }
}

/// Looks up the objects of the undoes and rewrites their statements for the present names.
pub(super) async fn find(
    session: &Session,
    way: &[UndoRow],
    undoes: &mut [Undo],
    on_changes: OnChanges,
) -> Result<Objects, ExecuteError> {
    let made = || way.iter().flat_map(|row| row.made.iter().flatten());
    let identities = made().map(|made| made.identity).collect::<Vec<_>>();
    let present = identity::read_present(session, &identities).await?;
    let grantees = made().filter_map(|made| made.grantee).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let roles = identity::read_roles(session, &grantees).await?;
    let matches = Matches::find(session, way, &present).await?;
    let mut objects = Objects::default();
    for (at, (row, undo)) in way.iter().zip(undoes.iter_mut()).enumerate() {
        for made in row.made.iter().flatten() {
            let undoing = Undoing { row, made, at, undo: &mut *undo, on_changes };
            match matches.of(row, made) {
                None => {}
                Some(ObjectMatch::Ours(now)) => undoing.of_ours(now, &roles, &mut objects),
                Some(ObjectMatch::Others(other)) => {
                    undoing.of_others(*other, matches.is_on_theirs(made), &mut objects);
                }
                Some(ObjectMatch::Gone) => undoing.of_gone(&mut objects),
            }
        }
    }
    Ok(objects)
}

/// Rewrites the statement for the object's present name. A privilege of a dropped role was dropped with the role.
fn rewrite(undo: &mut Undo, made: &RecordedObject, now: &PresentObject, roles: &BTreeMap<u32, String>) {
    let statement = made.statement.and_then(|at| undo.statements.get_mut(at));
    let (Some(statement), Some(format)) = (statement, &made.format) else { return };
    let grantee = made.grantee.map(|oid| roles.get(&oid));
    match grantee {
        Some(None) => statement.clear(),
        grantee => *statement = now.named.statement(format, grantee.flatten().map(String::as_str)),
    }
}

/// Empties a statement; its position in the list stays.
fn drop_statement(undo: &mut Undo, made: &RecordedObject) {
    if let Some(statement) = made.statement.and_then(|at| undo.statements.get_mut(at)) {
        statement.clear();
    }
}
