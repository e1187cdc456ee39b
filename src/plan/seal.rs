//! Seals over the parts of a plan's document: what a reviewer has read cannot be edited unnoticed afterwards.

use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The document's key for the seals.
pub const KEY: &str = "seals";

/// A digest for each part of a document, by the part's key; the seals themselves are no part.
#[must_use]
pub fn seals(document: &impl Serialize) -> BTreeMap<String, String> {
    let Ok(Value::Object(parts)) = serde_json::to_value(document) else { return BTreeMap::new() };
    let seal =
        |(key, part): (String, Value)| (key, blake3::hash(part.to_string().as_bytes()).to_hex()[..32].to_owned());
    parts.into_iter().filter(|(key, _)| key != KEY).map(seal).collect()
}

/// Parts of a document that were edited, added or removed since it was sealed.
#[must_use]
pub fn broken(document: &Value) -> Vec<String> {
    let now = seals(document);
    let sealed = document[KEY].as_object();
    // A key without a part is broken too, whatever its value.
    let is_broken = |key: &&String| {
        let seal = sealed.and_then(|sealed| sealed.get(*key));
        seal.map(Value::as_str) != now.get(*key).map(|seal| Some(seal.as_str()))
    };
    let mut keys = now.keys().collect::<Vec<_>>();
    keys.extend(sealed.into_iter().flat_map(|sealed| sealed.keys()).filter(|key| !now.contains_key(*key)));
    keys.into_iter().filter(is_broken).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whatever_is_edited_is_named() {
        let mut document = json!({ "tables": [{ "source": "a" }], "notes": ["b"] });
        document[KEY] = json!(seals(&document));
        assert!(broken(&document).is_empty());
        let mut edited = document.clone();
        edited["tables"][0]["source"] = json!("c");
        assert_eq!(broken(&edited), ["tables"]);
        let mut edited = document.clone();
        edited.as_object_mut().unwrap().remove("notes");
        assert_eq!(broken(&edited), ["notes"]);
        let mut edited = document.clone();
        edited["more"] = json!(1);
        assert_eq!(broken(&edited), ["more"]);
        for added in [json!({}), json!(null), json!(1), json!("d")] {
            let mut edited = document.clone();
            edited[KEY]["more"] = added;
            assert_eq!(broken(&edited), ["more"], "{edited}");
        }
        edited.as_object_mut().unwrap().remove(KEY);
        assert_eq!(broken(&edited).len(), 3);
    }
}
