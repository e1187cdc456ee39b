//! Freshness of a backup: the newest one of both sides, as the spec names them now, is recent enough, and its files are there.

use super::store::{Store, StoredBackup};
use super::{BackupError, Side};
use crate::spec::Spec;
use jiff::{SignedDuration, Timestamp};

/// Difference that the clocks of two machines may have.
const CLOCKS: SignedDuration = SignedDuration::from_secs(60);

impl Store {
    /// Makes sure that there is a backup of both sides, as the spec names them now, that is not older than the spec wants, and
    /// that its files are there. `target_is_made` is false for a private server that was never made, which holds nothing.
    ///
    /// # Errors
    /// [`BackupError::NotFresh`], with the command that makes one.
    pub fn must_be_fresh(&self, spec: &Spec, target_is_made: bool, now: Timestamp) -> Result<(), BackupError> {
        let environment = spec.environment.as_deref().map(|name| format!(" --env {name}")).unwrap_or_default();
        let hint = format!("run `transship backup {}{environment} --verify`", spec.path.display());
        let not_fresh = |message: String| Err(BackupError::NotFresh { message, hint: hint.clone() });
        let places =
            [(Side::Source, spec.source.connection.identity()), (Side::Target, spec.target.connection.identity())];
        let needed = places.iter().filter(|(side, _)| *side == Side::Source || target_is_made).collect::<Vec<_>>();
        let list = self.list()?;
        let is_of_these = |backup: &&StoredBackup| {
            needed.iter().all(|(side, place)| backup.manifest.side(*side).is_some_and(|copied| copied.place == *place))
        };
        let Some(backup) = list.iter().find(is_of_these) else {
            return not_fresh(if list.is_empty() {
                format!("there is no backup in {}", self.directory().display())
            } else {
                "no backup has both sides as the spec names them now".to_owned()
            });
        };
        let begun = backup.manifest.begun.parse::<Timestamp>();
        let Ok(begun) = begun else {
            return not_fresh(format!("the backup {} does not say when it was made", backup.name));
        };
        let age = now.duration_since(begun);
        if age < -CLOCKS {
            return not_fresh(format!("the newest backup, {}, is dated in the future", backup.name));
        }
        if age > SignedDuration::try_from(spec.backup.max_age).unwrap_or(SignedDuration::MAX) {
            return not_fresh(format!(
                "the newest backup, {}, is {:#} old",
                backup.name,
                SignedDuration::from_secs(age.as_secs())
            ));
        }
        let missing = backup.manifest.sides.iter().flat_map(|side| &side.files).find(|file| {
            let length = std::fs::metadata(backup.path.join(&file.path)).map(|metadata| metadata.len());
            length.ok() != Some(file.bytes)
        });
        match missing {
            Some(file) => not_fresh(format!("{} of the backup {} is missing or cut", file.path.display(), backup.name)),
            None => Ok(()),
        }
    }
}
