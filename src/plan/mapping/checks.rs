//! The CHECKs of a table, by the names that the spec calls them.

use super::{TableMapping, table_spec};
use crate::catalog::{CheckConstraint, Table};
use crate::plan::expression::condition;
use crate::plan::names::Namespace;
use crate::spec::Spec;

impl TableMapping {
    /// The CHECKs of the source's table, each with the name by which the spec decides it: its own, or one made of the target
    /// table's.
    #[must_use]
    pub fn checks<'t>(&self, spec: &Spec, table: &'t Table) -> Vec<(&'t CheckConstraint, String)> {
        let mut names = Namespace::default();
        let called = |check: &'t CheckConstraint| {
            let wished = check.name.as_deref().map(|name| spec.target.names.apply(name));
            let taken = names.take_free(&wished.unwrap_or_else(|| format!("{}_check", self.target)));
            (check, check.name.clone().unwrap_or(taken))
        };
        table.checks.iter().map(called).collect()
    }

    /// Those of them that are carried over as they are: they can be translated, and the spec does not decide them.
    #[must_use]
    pub fn carried_checks<'t>(&self, spec: &Spec, table: &'t Table) -> Vec<(&'t CheckConstraint, String)> {
        let given = table_spec(spec, &table.name).map(|table| &table.checks);
        let is_given =
            |name: &String| given.is_some_and(|given| given.keys().any(|key| key.eq_ignore_ascii_case(name)));
        let scope = self.scope(table);
        let mut checks = self.checks(spec, table);
        checks.retain(|(check, name)| !is_given(name) && condition(&check.expression, &scope).is_ok());
        checks
    }
}
