//! The CHECKs of a table, by the names that the spec calls them.

use super::{TableMapping, table_spec};
use crate::catalog::{CheckConstraint, Table};
use crate::plan::names::Namespace;
use crate::spec::Spec;

impl TableMapping {
    /// The CHECKs of the source's table, each with the name by which the spec decides it: its own, or one made of the target
    /// table's.
    #[must_use]
    pub fn checks<'t>(&self, spec: &Spec, table: &'t Table) -> Vec<(&'t CheckConstraint, String)> {
        let mut names = Namespace::default();
        for name in table.checks.iter().filter_map(|check| check.name.as_deref()) {
            names.take(&spec.target.names.apply(name));
        }
        let mut free = || names.take_free(&format!("{}_check", spec.target.schemas.bare(&self.target)));
        table.checks.iter().map(|check| (check, check.name.clone().unwrap_or_else(&mut free))).collect()
    }

    /// The CHECKs that are carried over as they are: they can be translated, the source enforces them, and the spec
    /// does not decide them.
    #[must_use]
    pub fn carried_checks<'t>(&self, spec: &Spec, table: &'t Table) -> Vec<(&'t CheckConstraint, String)> {
        let given = table_spec(spec, &table.name).map(|table| &table.checks);
        let is_given =
            |name: &String| given.is_some_and(|given| given.keys().any(|key| key.eq_ignore_ascii_case(name)));
        let scope = self.scope(table);
        let mut checks = self.checks(spec, table);
        let is_translated = |check: &CheckConstraint| self.dialect().condition(&check.expression, &scope).is_ok();
        checks.retain(|(check, name)| !is_given(name) && !check.is_idle && is_translated(check));
        checks
    }
}
