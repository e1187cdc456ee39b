//! Backups as documents.

use super::layout::{columns, counted, size};
use crate::backup::{Backup, CopiedSide, Proof, ProofExtent, Restoration, StoredBackup};
use serde_json::{Value, json};
use std::path::Path;

/// The reason why a copy that was restored is not compared.
const NOT_KNOWN: &str = "what the dump holds is not known by value";

/// A backup that was made, in words.
#[must_use]
pub fn backup_text(migration: &str, backup: &Backup) -> String {
    let mut text = format!("Backup of {migration}: {}\n", backup.path.display());
    text += &(columns(backup.manifest.sides.iter().map(side_cells).collect(), &[], 2) + "\n");
    for remark in backup.manifest.sides.iter().filter_map(|side| side.remark.as_deref()) {
        text += &format!("  note: {remark}\n");
    }
    for Proof { side, extent, words } in &backup.proofs {
        text += &match extent {
            ProofExtent::Equal(rows) => {
                format!("The {side} was {words}: equal, {} compared.\n", counted(*rows, "row", "rows"))
            }
            ProofExtent::Restored => format!("The {side} was {words}, and not compared: {NOT_KNOWN}.\n"),
            ProofExtent::NotRestored => format!("The {side} was not restored: {words}.\n"),
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
    let proofs = backup.proofs.iter().map(|Proof { side, extent, words }| {
        let rows = if let ProofExtent::Equal(rows) = extent { Some(*rows) } else { None };
        let reason = match extent {
            ProofExtent::Equal(_) => None,
            ProofExtent::Restored => Some(NOT_KNOWN),
            ProofExtent::NotRestored => Some(words.as_str()),
        };
        let is_restored = *extent != ProofExtent::NotRestored;
        json!({ "side": side, "restored": is_restored, "equal": rows.map(|_| true), "rows": rows, "how": words, "not_compared": reason })
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
pub fn backups_text(migration: &str, directory: &Path, found: &[StoredBackup]) -> String {
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
pub fn backups_json(found: &[StoredBackup]) -> Result<String, serde_json::Error> {
    let backups =
        found.iter().map(|backup| json!({ "name": backup.name, "path": backup.path, "manifest": backup.manifest }));
    pretty(&json!({ "backups": backups.collect::<Vec<_>>() }))
}

/// A place that was filled, in words.
#[must_use]
pub fn restored_text(found: &StoredBackup, restored: &Restoration) -> String {
    let Restoration { side, place, compared } = restored;
    let proof = match compared {
        Some(rows) => format!("Equal: {} compared with what the backup says.", counted(*rows, "row", "rows")),
        None => "Not compared by value: the backup does not know what it holds. Its checksum is right.".to_owned(),
    };
    let of = found.manifest.side(*side).map(|copied| format!(", {},", copied.place)).unwrap_or_default();
    format!("The {side} of the backup {}{of} is restored: {place}\n{proof}\n", found.name)
}

/// A place that was filled, as JSON.
///
/// # Errors
/// None in practice: these data always serialize.
pub fn restored_json(found: &StoredBackup, restored: &Restoration) -> Result<String, serde_json::Error> {
    let Restoration { side, place, compared } = restored;
    let equal = compared.is_some().then_some(true);
    let of = found.manifest.side(*side).map(|copied| copied.place.as_str());
    pretty(&json!({ "backup": found.name, "side": side, "of": of, "place": place, "equal": equal, "rows": compared }))
}

fn pretty(document: &Value) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(document).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::{Manifest, Side};

    #[test]
    fn a_restored_copy_is_reported_as_restored() {
        let said = |extent, words: &str| {
            let proof = Proof { side: Side::Source, extent, words: words.to_owned() };
            let manifest = Manifest {
                format: 1,
                migration: "m".to_owned(),
                begun: String::new(),
                ended: String::new(),
                sides: Vec::new(),
            };
            let backup =
                Backup { name: "n".to_owned(), path: "p".into(), manifest, proofs: vec![proof], removed: Vec::new() };
            let document = serde_json::from_str::<Value>(&backup_json(&backup).unwrap()).unwrap();
            (backup_text("m", &backup), document["verified"][0].clone())
        };
        let (text, json) = said(ProofExtent::Restored, "restored into a private server");
        let sentence = "The source was restored into a private server, and not compared: what the dump holds is not known by value.";
        assert!(text.contains(sentence), "{text}");
        assert_eq!((&json["restored"], &json["equal"]), (&true.into(), &Value::Null));
        let (text, json) = said(ProofExtent::NotRestored, "no server is installed");
        assert!(text.contains("The source was not restored: no server is installed."), "{text}");
        assert_eq!((&json["restored"], &json["not_compared"]), (&false.into(), &"no server is installed".into()));
        assert!(said(ProofExtent::Equal(2), "restored into a new file").0.contains("equal, 2 rows compared"));
    }
}
