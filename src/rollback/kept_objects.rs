//! Objects that stay because the user wants the changes of others kept: a table that others have touched, with
//! everything on it, and the objects that it depends on.

use super::objects::{Object, Objects};
use crate::target::identity::Identity;
use crate::target::{Session, TargetError, dependencies};
use std::collections::{BTreeMap, BTreeSet};

/// Objects of the migration that stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct KeptObjects {
    objects: BTreeSet<Identity>,
}

/// Referenced table of each foreign key.
pub(super) type Referenced = BTreeMap<u32, u32>;

impl KeptObjects {
    /// Whether an object was named itself.
    pub(super) fn has(&self, identity: Identity) -> bool {
        self.objects.contains(&identity)
    }

    /// Whether an object stays: by itself, or because it is on a table that stays. A foreign key to a removed table
    /// does not stay.
    pub(super) fn keeps(&self, object: &Object, referenced: &Referenced) -> bool {
        if self.objects.is_empty() {
            return false;
        }
        let relation = |oid: u32| self.has(Identity { class: Identity::RELATION, oid });
        let leads_to =
            (object.identity.class == Identity::CONSTRAINT).then(|| referenced.get(&object.identity.oid)).flatten();
        if let Some(referenced) = leads_to {
            return object.relation.is_some_and(relation) && relation(*referenced);
        }
        self.has(object.identity) || object.relation.is_some_and(relation)
    }

    /// Adds objects, each with the table that it is on; false if all of them were there already.
    pub(super) fn add(&mut self, found: &[Identity], objects: &Objects) -> bool {
        let before = self.objects.len();
        self.objects.extend(found.iter().map(|identity| whole(*identity, objects)));
        self.objects.len() > before
    }

    /// Whether an object or the table that it is on was named.
    pub(super) fn covers(&self, identity: Identity, objects: &Objects) -> bool {
        self.has(whole(identity, objects))
    }

    /// Reads the referenced table of each foreign key of the migration.
    pub(super) async fn referenced(session: &Session, objects: &Objects) -> Result<Referenced, TargetError> {
        let keys = objects.there.iter().filter(|object| object.identity.class == Identity::CONSTRAINT);
        let keys = keys.map(|object| object.identity.oid).collect::<Vec<_>>();
        Ok(dependencies::read_referenced_tables(session, &keys).await?.into_iter().collect())
    }
}

/// Table that an object is on, or the object itself if it is on none.
fn whole(identity: Identity, objects: &Objects) -> Identity {
    let relation = objects.get(identity).and_then(|object| object.relation);
    relation.map_or(identity, |oid| Identity { class: Identity::RELATION, oid })
}
