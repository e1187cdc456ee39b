//! The digest that binds a plan to its inputs.

use super::Inputs;
use super::mapping::TableMapping;
use super::step::Step;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The digests of a plan's inputs, each alone, so that a drift can be named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputDigests {
    /// The checked spec without its connections.
    pub spec: String,
    /// The source's structure.
    pub source: String,
    /// The templates.
    pub templates: String,
    /// The objects of the application's schema in the target (`tables = "existing"`), each with a digest of its definition.
    /// Not part of the plan's digest: a run alters them itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub target: BTreeMap<String, String>,
}

/// Binds the plan's effect: the steps with their SQL and order, the mapping with its conversions, and the inputs. Left
/// out are rows and bytes, which change all the time, and the state of the target.
pub(super) fn bind(inputs: Inputs<'_>, tables: &[TableMapping], steps: &[Step]) -> (String, InputDigests) {
    let digests = InputDigests {
        spec: digest_of(&inputs.spec.essence()),
        source: digest_of(inputs.catalog),
        templates: inputs.templates.digest(),
        target: BTreeMap::new(),
    };
    let steps = steps.iter().map(|step| (&step.id, &step.after, &step.sql, step.in_transaction())).collect::<Vec<_>>();
    let digest = digest_of(&(&digests, tables, steps));
    (digest, InputDigests { target: inputs.target.structure.clone(), ..digests })
}

/// The digest of a value's JSON form, whose keys are in a fixed order.
fn digest_of(value: &impl Serialize) -> String {
    // Plain data with text keys always has a JSON form; if it ever had none, the digest must still differ from others.
    let text = serde_json::to_vec(value).unwrap_or_else(|error| error.to_string().into_bytes());
    blake3::hash(&text).to_hex().to_string()
}
