//! Closure of the removed objects: objects that are dropped with them, and dependents that would have to be dropped
//! before.

use super::objects::Object;
use crate::run::ExecuteError;
use crate::target::Session;
use crate::target::dependencies::{Dependency, DropSet, read_dependencies};
use crate::target::identity::Identity;

/// Attached and depending objects, each with the object that it belongs to.
#[derive(Debug, Default)]
pub(super) struct Closure {
    /// Objects that are dropped along and were not created by a step: indexes, columns, triggers, comments and the
    /// like.
    pub(super) attached: Vec<(Identity, String)>,
    /// Dependents that keep an object from being dropped.
    pub(super) depending: Vec<(Identity, String)>,
    /// Number of objects that are dropped with each, including itself.
    pub(super) weights: Vec<(Identity, usize)>,
}

/// Reads the dependents of the removed objects. Other objects of the migration are `known`, as are those written by the
/// transactions of `steps`; `roles` are the roles that steps have granted privileges to.
pub(super) async fn closure(
    session: &Session,
    going: &[&Object],
    known: &[Identity],
    steps: &[String],
    roles: &[String],
) -> Result<Closure, ExecuteError> {
    let mut found = Closure::default();
    if going.is_empty() {
        return Ok(found);
    }
    let roots = going.iter().map(|object| object.identity).collect::<Vec<_>>();
    let tables = going.iter().filter_map(|object| Some((object.identity.oid, object.columns?))).collect::<Vec<_>>();
    let going = DropSet { objects: &roots, known, transactions: steps, roles, tables: &tables };
    for dependency in read_dependencies(session, going).await? {
        let root = |at: usize| roots.get(at).copied();
        match dependency {
            Dependency::Attached(at, words) => found.attached.extend(root(at).map(|root| (root, words))),
            Dependency::Depending(at, words) => found.depending.extend(root(at).map(|root| (root, words))),
            Dependency::Weight(at, weight) => found.weights.extend(root(at).map(|root| (root, weight))),
        }
    }
    Ok(found)
}
