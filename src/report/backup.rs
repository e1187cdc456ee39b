//! Backups as documents.

use super::layout::{columns, counted, size};
use crate::backup::{Backup, CopiedSide, Found, Proof, Restored};
use serde_json::{Value, json};
use std::path::Path;

/// A backup that was made, in words.
#[must_use]
pub fn backup_text(migration: &str, backup: &Backup) -> String {
    let mut text = format!("Backup of {migration}: {}\n", backup.path.display());
    text += &(columns(backup.manifest.sides.iter().map(side_cells).collect(), &[], 2) + "\n");
    for remark in backup.manifest.sides.iter().filter_map(|side| side.remark.as_deref()) {
        text += &format!("  note: {remark}\n");
    }
    for Proof { side, compared, words } in &backup.proofs {
        text += &match compared {
            Some(rows) => format!("The {side} was {words}: equal, {} compared.\n", counted(*rows, "row", "rows")),
            None => format!("The {side} was not restored: {words}.\n"),
        };
    }
    if !backup.removed.is_empty() {
        text += &format!("Removed, for `backup.keep`: {}\n", backup.removed.join(", "));
    }
    text
}

fn side_cells(side: &CopiedSide) -> Vec<String> {
    let rows = side.tables.as_ref().map_or_else(
        || "rows not counted".to_owned(),
        |tables| {
            let number = counted(tables.0.len() as u64, "table", "tables");
            format!("{number}, {}", counted(tables.rows(), "row", "rows"))
        },
    );
    vec![side.side.to_string(), side.engine.clone(), side.place.clone(), rows, size(side.bytes())]
}

/// A backup that was made, as JSON.
///
/// # Errors
/// None in practice: these data always serialize.
pub fn backup_json(backup: &Backup) -> Result<String, serde_json::Error> {
    let proofs = backup.proofs.iter().map(|proof| {
        json!({ "side": proof.side, "equal": proof.compared.is_some().then_some(true), "rows": proof.compared, "how": proof.words })
    });
    let document = json!({
        "name": backup.name,
        "path": backup.path,
        "manifest": backup.manifest,
        "verified": proofs.collect::<Vec<_>>(),
        "removed": backup.removed,
    });
    pretty(&document)
}

/// The backups that there are, in words.
#[must_use]
pub fn backups_text(migration: &str, directory: &Path, found: &[Found]) -> String {
    if found.is_empty() {
        return format!("{migration}: no backup in {}.\n", directory.display());
    }
    let lines = found.iter().flat_map(|backup| {
        let first = |at: usize| if at == 0 { backup.name.clone() } else { String::new() };
        let side = move |(at, side): (usize, &CopiedSide)| [vec![first(at)], side_cells(side)].concat();
        backup.manifest.sides.iter().enumerate().map(side).collect::<Vec<_>>()
    });
    format!(
        "Backups of {migration} in {}, the newest first:\n{}\n",
        directory.display(),
        columns(lines.collect(), &[], 2)
    )
}

/// The backups that there are, as JSON.
///
/// # Errors
/// None in practice: these data always serialize.
pub fn backups_json(found: &[Found]) -> Result<String, serde_json::Error> {
    let backups =
        found.iter().map(|backup| json!({ "name": backup.name, "path": backup.path, "manifest": backup.manifest }));
    pretty(&json!({ "backups": backups.collect::<Vec<_>>() }))
}

/// A place that was filled, in words.
#[must_use]
pub fn restored_text(found: &Found, restored: &Restored) -> String {
    let Restored { side, place, compared } = restored;
    let proof = match compared {
        Some(rows) => format!("Equal: {} compared with what the backup says.", counted(*rows, "row", "rows")),
        None => "Not compared by value: the backup does not know what it holds. Its checksum is right.".to_owned(),
    };
    format!("The {side} of the backup {} is restored: {place}\n{proof}\n", found.name)
}

/// A place that was filled, as JSON.
///
/// # Errors
/// None in practice: these data always serialize.
pub fn restored_json(found: &Found, restored: &Restored) -> Result<String, serde_json::Error> {
    let Restored { side, place, compared } = restored;
    let equal = compared.is_some().then_some(true);
    pretty(&json!({ "backup": found.name, "side": side, "place": place, "equal": equal, "rows": compared }))
}

fn pretty(document: &Value) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(document).map(|text| text + "\n")
}
