//! The way back, object by object: each is looked for by its identity, so that one that was renamed or moved goes under
//! the name that it has now, and one that somebody else has made under its old name is left.

use super::{OnChanges, Undo};
use crate::plan::StepKind;
use crate::run::ExecuteError;
use crate::target::identity::{Identity, ObjectAddress, Present, RecordedObject};
use crate::target::ledger::UndoRow;
use crate::target::{Session, identity};
use std::collections::{BTreeMap, BTreeSet};

/// An object that is ours and there.
#[derive(Debug, Clone)]
pub(super) struct Object {
    pub(super) identity: Identity,
    pub(super) named: ObjectAddress,
    /// The relation that it is or belongs to.
    pub(super) relation: Option<u32>,
    /// The columns that a table had when it was made.
    pub(super) columns: Option<i16>,
    /// Which of the undoes is about it.
    pub(super) undo: usize,
    /// Which statement of the undo removes it; nothing where the user's does.
    pub(super) statement: Option<usize>,
    /// Whether it goes; otherwise it is merely known as ours.
    pub(super) goes: bool,
}

/// The objects of some undoes, as they stand now.
#[derive(Debug, Default)]
pub(super) struct Objects {
    /// The objects that are there, in the order in which they go.
    pub(super) there: Vec<Object>,
    /// What others have made under our names, in words.
    pub(super) others: Vec<String>,
    /// The steps whose objects are gone.
    pub(super) gone: Vec<String>,
    /// Where each stands in the list.
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

/// One statement about an object, and how the object was found.
enum Found<'a> {
    Ours(&'a Present),
    /// Another object has its name.
    Others(Identity),
    Gone,
}

/// Looks for the objects of the undoes, and writes the statements as they are to be run.
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
    // What stands on a table of others is theirs with the table.
    let mut theirs = BTreeSet::new();
    let mut seen = BTreeMap::new();
    for row in way {
        for made in row.made.iter().flatten() {
            let now = present.next().and_then(Option::as_ref);
            let found = match now {
                Some(now) => Found::Ours(now),
                None => identity::impostor(session, made).await?.map_or(Found::Gone, Found::Others),
            };
            if matches!(found, Found::Others(_)) && made.identity.class == Identity::RELATION {
                theirs.insert(made.named.names.clone());
            }
            seen.insert((row.id.as_str(), made.statement, made.identity), found);
        }
    }
    for (at, (row, undo)) in way.iter().zip(undoes.iter_mut()).enumerate() {
        let is_own = row.is(StepKind::Step);
        for made in row.made.iter().flatten() {
            let Some(found) = seen.get(&(row.id.as_str(), made.statement, made.identity)) else { continue };
            // A privilege goes with the table; a copy is only told where its table is.
            let removes = (is_own || made.statement.is_some()) && !row.is(StepKind::Grant);
            match found {
                Found::Ours(now) => {
                    rewrite(undo, made, now, &roles);
                    let goes = removes && !undo.unknown;
                    if is_own && goes && now.named != made.named {
                        let words = format!("{}, which the undo of {} does not know", now.named.words(), row.id);
                        objects.others.push(words);
                        // The undo of the user's is one thing, and would miss it.
                        if on_changes == OnChanges::Keep {
                            undo.statements.iter_mut().for_each(String::clear);
                        }
                    }
                    let Present { named, relation, .. } = (*now).clone();
                    let (columns, statement) = (made.columns, made.statement);
                    let identity = made.identity;
                    objects.add(Object { identity, named, relation, columns, undo: at, statement, goes });
                }
                Found::Others(other) => {
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
                Found::Gone => {
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

/// The statement about the object under the name that it has now. What was granted to a role that is gone went with it.
fn rewrite(undo: &mut Undo, made: &RecordedObject, now: &Present, roles: &BTreeMap<u32, String>) {
    let statement = made.statement.and_then(|at| undo.statements.get_mut(at));
    let (Some(statement), Some(format)) = (statement, &made.format) else { return };
    let grantee = made.grantee.map(|oid| roles.get(&oid));
    match grantee {
        Some(None) => statement.clear(),
        grantee => *statement = now.named.statement(format, grantee.flatten().map(String::as_str)),
    }
}

/// Leaves a statement out; its place in the list stays.
fn drop_statement(undo: &mut Undo, made: &RecordedObject) {
    if let Some(statement) = made.statement.and_then(|at| undo.statements.get_mut(at)) {
        statement.clear();
    }
}
