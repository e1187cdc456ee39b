//! What goes with the objects that are removed, and what would have to go before.

use super::objects::Object;
use crate::run::ExecuteError;
use crate::target::identity::Identity;
use crate::target::{Session, TargetError, identity};

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
    let classes = |objects: &[Identity]| objects.iter().map(|object| object.class).collect::<Vec<_>>();
    let oids = |objects: &[Identity]| objects.iter().map(|object| object.oid).collect::<Vec<_>>();
    let roots = going.iter().map(|object| object.identity).collect::<Vec<_>>();
    let tables = going.iter().filter_map(|object| Some((object.identity.oid, object.columns?)));
    let (tables, columns): (Vec<u32>, Vec<i16>) = tables.unzip();
    let sql = format!("WITH RECURSIVE object AS MATERIALIZED ({}), {}", identity::OBJECTS, include_str!("closure.sql"));
    let failed = |error: tokio_postgres::Error| TargetError::statement("looking at what others have attached", &error);
    let (root_classes, root_oids, known_classes, known_oids) =
        (classes(&roots), oids(&roots), classes(known), oids(known));
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
        [&root_classes, &root_oids, &known_classes, &known_oids, &steps, &roles, &tables, &columns];
    for row in session.client().query(&sql, &parameters).await.map_err(failed)? {
        let place = usize::try_from(row.get::<_, i32>(0)).unwrap_or_default();
        let Some(root) = place.checked_sub(1).and_then(|at| roots.get(at)) else { continue };
        let words = row.get::<_, Option<String>>(2).unwrap_or_default();
        match row.get(1) {
            "attached" => found.attached.push((*root, words)),
            "depends" => found.depending.push((*root, words)),
            _ => {
                let weight = row.get::<_, Option<i64>>(3).unwrap_or_default();
                found.weights.push((*root, usize::try_from(weight).unwrap_or(usize::MAX)));
            }
        }
    }
    Ok(found)
}
