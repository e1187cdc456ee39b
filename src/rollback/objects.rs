//! Undo of a migration, object by object: each is looked up by its identity, so that a renamed or moved object is
//! dropped under its present name, and another object under its old name is left.

use super::{OnChanges, Undo};
use crate::plan::StepKind;
use crate::run::ExecuteError;
use crate::target::identity::{Identity, ObjectAddress, Present, RecordedObject};
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
    Ours(&'a Present),
    /// Another object has the name.
    Others(Identity),
    Gone,
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
    let present = identity::present(session, &identities).await?;
    let grantees = made().filter_map(|made| made.grantee).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let roles = identity::roles(session, &grantees).await?;
    let mut present = present.iter();
    let mut objects = Objects::default();
    // Objects on a table of others belong to others, as the table does.
    let mut theirs = BTreeSet::new();
    let mut seen = BTreeMap::new();
    for row in way {
        for made in row.made.iter().flatten() {
            let now = present.next().and_then(Option::as_ref);
            let found = match now {
                Some(now) => ObjectMatch::Ours(now),
                None => identity::impostor(session, made).await?.map_or(ObjectMatch::Gone, ObjectMatch::Others),
            };
            if matches!(found, ObjectMatch::Others(_)) && made.identity.class == Identity::RELATION {
                theirs.insert(made.named.names.clone());
            }
            seen.insert((row.id.as_str(), made.statement, made.identity), found);
        }
    }
    for (at, (row, undo)) in way.iter().zip(undoes.iter_mut()).enumerate() {
        let is_own = row.is(StepKind::Step);
        for made in row.made.iter().flatten() {
            let Some(found) = seen.get(&(row.id.as_str(), made.statement, made.identity)) else { continue };
            // A privilege is dropped with its table; a copy only identifies the table.
            let removes = (is_own || made.statement.is_some()) && !row.is(StepKind::Grant);
            match found {
                ObjectMatch::Ours(now) => {
                    rewrite(undo, made, now, &roles);
                    let goes = removes && !undo.unknown;
                    if is_own && goes && now.named != made.named {
                        let words = format!("{}, which the undo of {} does not know", now.named.words(), row.id);
                        objects.others.push(words);
                        // The user's undo cannot be divided, and would fail without the object.
                        if on_changes == OnChanges::Keep {
                            undo.statements.iter_mut().for_each(String::clear);
                        }
                    }
                    let Present { named, relation, .. } = (*now).clone();
                    let (columns, statement) = (made.columns, made.statement);
                    let identity = made.identity;
                    objects.add(Object { identity, named, relation, columns, undo: at, statement, goes });
                }
                ObjectMatch::Others(other) => {
                    let is_on_theirs =
                        made.named.names.len() > 2 && theirs.iter().any(|name| made.named.names.starts_with(name));
                    if removes && !undo.unknown && !is_on_theirs {
                        objects.others.push(format!("{} was made anew", made.named.words()));
                    }
                    if !removes || is_on_theirs || on_changes != OnChanges::Discard {
                        drop_statement(undo, made);
                        if is_own {
                            undo.statements.iter_mut().for_each(String::clear);
                        }
                    } else if !undo.unknown {
                        let (identity, named, statement) = (*other, made.named.clone(), made.statement);
                        let (relation, columns) = (None, None);
                        objects.add(Object { identity, named, relation, columns, undo: at, statement, goes: true });
                    }
                }
                ObjectMatch::Gone => {
                    if removes && made.statement.is_some() {
                        objects.gone.push(row.id.clone());
                    }
                    drop_statement(undo, made);
                }
            }
        }
    }
    Ok(objects)
}

/// Rewrites the statement for the object's present name. A privilege of a dropped role was dropped with the role.
fn rewrite(undo: &mut Undo, made: &RecordedObject, now: &Present, roles: &BTreeMap<u32, String>) {
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
