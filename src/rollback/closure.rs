//! What goes with the objects that are removed, and what would have to go before.

use super::objects::Object;
use crate::run::ExecuteError;
use crate::target::Session;
use crate::target::dependencies::{Dependency, Going, dependencies};
use crate::target::identity::Identity;

/// What was found, each with the object that it hangs on.
#[derive(Debug, Default)]
pub(super) struct Closure {
    /// What goes along and was not made by a step: indexes, columns, triggers, comments and the like.
    pub(super) attached: Vec<(Identity, String)>,
    /// What keeps an object from being dropped.
    pub(super) depending: Vec<(Identity, String)>,
    /// How many objects go with each, itself counted in.
    pub(super) weights: Vec<(Identity, usize)>,
}

/// Looks at what hangs on the objects that go. Other objects of ours are `known`, and what the transactions of `steps`
/// have written; `roles` are those that steps have granted to.
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
    let going = Going { objects: &roots, known, transactions: steps, roles, tables: &tables };
    for dependency in dependencies(session, going).await? {
        let root = |at: usize| roots.get(at).copied();
        match dependency {
            Dependency::Attached(at, words) => found.attached.extend(root(at).map(|root| (root, words))),
            Dependency::Depending(at, words) => found.depending.extend(root(at).map(|root| (root, words))),
            Dependency::Weight(at, weight) => found.weights.extend(root(at).map(|root| (root, weight))),
        }
    }
    Ok(found)
}
