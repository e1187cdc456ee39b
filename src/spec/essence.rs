//! What of a spec decides the plan.

use super::Spec;
use serde::Serialize;

impl Spec {
    /// Everything that was said but the connections: the same wherever source and target are.
    #[must_use]
    pub fn essence(&self) -> impl Serialize {
        let Spec { name, path: _, environment: _, source, target, types, tables, steps, checks, templates: _ } = self;
        format!(
            "{name:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {types:?} {tables:?} {steps:?} {checks:?}",
            source.tables,
            source.timezone.iana_name(),
            target.schema,
            target.tables,
            target.names,
            target.extensions,
            target.settings,
            target.grants,
        )
    }
}
