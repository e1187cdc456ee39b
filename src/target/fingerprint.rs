//! Fingerprint of a database's structure, to compare the state before the first run with the present one.
//!
//! Every relation, column, constraint, index, trigger, rule, policy, function, type, extension, schema, privilege,
//! comment and setting of the database counts; schema `transship`, PostgreSQL's own schemas and the members of
//! extensions do not. Roles belong to the server, not to the database, and do not count either; what they are granted
//! here does.
//!
//! Of the tables and views of a migration alone, [`Fingerprint::of_relations`] takes all that decides which values they
//! hold and may hold: columns with types and defaults, constraints, indexes, sequences, triggers, rules, row security.
//! Names of indexes and constraints are not part of their definitions there; tuning (fillfactor, CACHE, statistics),
//! owners, privileges and ways of storing are the administrator's.

use super::{Session, TargetError};
use crate::name::{Schemas, quote_identifier};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Row;

/// A database's objects with the digests of their definitions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint {
    objects: BTreeMap<String, String>,
}

/// Difference between two structures, as objects in words: `table app.users`, `index app.by_name`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FingerprintDifference {
    /// Objects that are new.
    pub added: Vec<String>,
    /// Objects that are gone.
    pub missing: Vec<String>,
    /// Objects with another definition.
    pub altered: Vec<String>,
}

impl FingerprintDifference {
    /// Whether the two were equal.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.missing.is_empty() && self.altered.is_empty()
    }
}

impl Fingerprint {
    /// Takes the fingerprint of the session's database, as its transaction sees it.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn take(session: &Session) -> Result<Self, TargetError> {
        Self::take_all(session, false).await
    }

    /// [`Fingerprint::take`] with the tables that are set aside (`tables = "replace"`) unless they were moved since.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn take_with_replaced(session: &Session) -> Result<Self, TargetError> {
        Self::take_all(session, true).await
    }

    /// Objects of `missing` in `self` that have another name in `now`, on the same relation and with the same
    /// definition: the old and the new name. Only objects whose definition does not hold their name are found.
    #[must_use]
    pub fn renamed(&self, difference: &FingerprintDifference, now: &Self) -> Vec<(String, String)> {
        fn kind(name: &str) -> Option<&str> {
            name.split_once(' ').map(|(kind, _)| kind).filter(|kind| ["index", "constraint"].contains(kind))
        }
        let mut added = difference.added.iter().collect::<Vec<_>>();
        let mut renamed = Vec::new();
        for old in difference.missing.iter().filter(|old| kind(old).is_some()) {
            let is_same = |new: &&String| kind(new) == kind(old) && now.objects.get(*new) == self.objects.get(old);
            if let Some(at) = added.iter().position(is_same) {
                renamed.push((old.clone(), added.remove(at).clone()));
            }
        }
        renamed
    }

    async fn take_all(session: &Session, with_replaced: bool) -> Result<Self, TargetError> {
        let rows = read(session, with_replaced).await?;
        Ok(Self::digested(rows.iter().filter_map(|row| Some((row.get(0), row.get::<_, Option<&str>>(1)?)))))
    }

    /// Takes the fingerprint of these tables and views, of all that decides which values they hold and may
    /// hold.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn of_relations(
        session: &Session,
        schemas: &Schemas,
        relations: &BTreeSet<String>,
    ) -> Result<Self, TargetError> {
        let rows = read(session, false).await?;
        let part = |row: &'_ Row| -> Option<(String, String)> {
            let [of, relation] = row.get::<_, Option<Vec<String>>>(2)?.try_into().ok()?;
            let counts = schemas.name_of(&of, &relation).is_some_and(|name| relations.contains(&name));
            Some((row.get(0), row.get::<_, Option<String>>(3)?)).filter(|_| counts)
        };
        let parts = rows.iter().filter_map(part).collect::<Vec<_>>();
        Ok(Self::digested(parts.iter().map(|(name, definition)| (name.clone(), definition.as_str()))))
    }

    fn digested<'a>(definitions: impl Iterator<Item = (String, &'a str)>) -> Self {
        let mut objects = BTreeMap::<String, blake3::Hasher>::new();
        for (name, definition) in definitions {
            // Objects whose names in words are equal share one entry; the digest covers the definitions of all.
            objects.entry(name).or_default().update(definition.as_bytes()).update(b"\0");
        }
        let digest = |(name, hasher): (String, blake3::Hasher)| (name, hasher.finalize().to_hex()[..16].to_owned());
        Self { objects: objects.into_iter().map(digest).collect() }
    }

    /// Digest of all objects.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for (name, digest) in &self.objects {
            hasher.update(format!("{}:{name}{digest}", name.len()).as_bytes());
        }
        hasher.finalize().to_hex()[..32].to_owned()
    }

    /// The objects of the schemas and those on their relations, with their digests.
    #[must_use]
    pub fn in_schemas(&self, schemas: &Schemas) -> BTreeMap<String, String> {
        let places = schemas.iter().map(|schema| format!(" {}.", quote_identifier(schema.name()))).collect::<Vec<_>>();
        let objects = self.objects.iter().filter(|(name, _)| places.iter().any(|place| name.contains(place)));
        objects.map(|(name, digest)| (name.clone(), digest.clone())).collect()
    }

    /// The fingerprint without some of its objects.
    #[must_use]
    pub fn without(&self, gone: &[String]) -> Self {
        let objects = self.objects.iter().filter(|(name, _)| !gone.contains(name));
        Self { objects: objects.map(|(name, digest)| (name.clone(), digest.clone())).collect() }
    }

    /// This fingerprint of the end of a run without the changes of others: objects that they had removed or altered
    /// between the end of the previous run (`recorded`) and the beginning of this one (`found`) stay as recorded.
    #[must_use]
    pub fn answered_for(mut self, recorded: &Self, found: &Self) -> Self {
        for (name, digest) in &recorded.objects {
            let (then, now) = (found.objects.get(name), self.objects.get(name));
            if then != Some(digest) && now == then {
                self.objects.insert(name.clone(), digest.clone());
            }
        }
        self
    }

    /// Difference from this fingerprint to `now`.
    #[must_use]
    pub fn difference(&self, now: &Self) -> FingerprintDifference {
        let lacks = |this: &Self, other: &Self| {
            this.objects.keys().filter(|name| !other.objects.contains_key(*name)).cloned().collect()
        };
        let altered =
            |(name, digest): &(&String, &String)| now.objects.get(*name).is_some_and(|other| other != *digest);
        FingerprintDifference {
            added: lacks(now, self),
            missing: lacks(self, now),
            altered: self.objects.iter().filter(altered).map(|(name, _)| name.clone()).collect(),
        }
    }

    /// Objects of this fingerprint that are unchanged in `middle`, and gone or altered in `end`: the work between the
    /// two has removed more than it should.
    #[must_use]
    pub fn lost(&self, middle: &Self, end: &Self) -> Vec<String> {
        let stood = self.objects.iter().filter(|(name, digest)| middle.objects.get(*name) == Some(*digest));
        stood.filter(|(name, digest)| end.objects.get(*name) != Some(*digest)).map(|(name, _)| name.clone()).collect()
    }
}

async fn read(session: &Session, with_replaced: bool) -> Result<Vec<Row>, TargetError> {
    let rows = session.client().query(include_str!("queries/fingerprint.sql"), &[&with_replaced]).await;
    rows.map_err(|error| TargetError::statement("reading the structure of the database", &error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(objects: &[(&str, &str)]) -> Fingerprint {
        let owned = |(name, digest): &(&str, &str)| ((*name).to_owned(), (*digest).to_owned());
        Fingerprint { objects: objects.iter().map(owned).collect() }
    }

    #[test]
    fn what_differs_is_named() {
        let (before, now) = (of(&[("a", "1"), ("b", "1"), ("c", "1")]), of(&[("a", "1"), ("b", "2"), ("d", "1")]));
        let difference = before.difference(&now);
        assert_eq!([difference.added, difference.missing, difference.altered], [["d"], ["c"], ["b"]]);
        assert!(before.difference(&before).is_empty());
        assert_ne!(before.digest(), now.digest());
        // `b` had been altered by others before; `c` was taken away between the two.
        let middle = of(&[("a", "1"), ("b", "2"), ("c", "1"), ("d", "1")]);
        assert_eq!(before.lost(&middle, &now), ["c"]);
    }

    #[test]
    fn an_object_under_another_name_is_renamed() {
        let before = of(&[("index a.x", "1"), ("constraint c on a.t", "2"), ("column a.t.n", "3"), ("index a.y", "4")]);
        let now = of(&[("index a.z", "1"), ("constraint d on a.t", "2"), ("column a.t.m", "3"), ("constraint y", "4")]);
        let renamed = before.renamed(&before.difference(&now), &now);
        let pairs = renamed.iter().map(|(old, new)| (old.as_str(), new.as_str())).collect::<Vec<_>>();
        assert_eq!(pairs, [("constraint c on a.t", "constraint d on a.t"), ("index a.x", "index a.z")]);
    }

    #[test]
    fn a_run_does_not_answer_for_what_others_did_before_it() {
        let recorded = of(&[("altered", "1"), ("ours", "1"), ("gone", "1"), ("mended", "1")]);
        let found = of(&[("altered", "2"), ("ours", "1"), ("mended", "2"), ("theirs", "1")]);
        let end = of(&[("altered", "2"), ("ours", "3"), ("mended", "3"), ("theirs", "1"), ("new", "1")]);
        let answered = end.clone().answered_for(&recorded, &found);
        let difference = answered.difference(&end);
        assert_eq!([difference.altered, difference.missing], [["altered"], ["gone"]]);
        assert_eq!(answered.objects.get("gone").map(String::as_str), Some("1"));
        assert_eq!(answered.objects.get("new").map(String::as_str), Some("1"));
    }
}
