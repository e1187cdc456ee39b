//! CHECK constraints.

use super::{StepMaker, part_name};
use crate::catalog::{CheckConstraint, Table};
use crate::dialect::expression::{Bounded, Untranslatable};
use crate::name::quote_toml_key;
use crate::plan::error::PlanError;
use crate::plan::excess::{ExcessOf, ExpressionExcess};
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::mapping::{TableMapping, table_spec};
use crate::plan::names::Namespace;
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::plan::step::{NameSearch, StepKind};
use crate::spec::SqlOrOmitted;
use serde_json::json;
use std::collections::BTreeMap;

impl StepMaker<'_> {
    /// The CHECKs of a table.
    pub(super) fn checks_of(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        constraints: &mut Namespace,
    ) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let named = mapping.checks(self.inputs.spec, table);
        let none = BTreeMap::new();
        let given = table_spec(self.inputs.spec, &table.name).map_or(&none, |table| &table.checks);
        self.unknown_checks(table, given, &named);
        for (check, called) in named {
            let called = called.as_str();
            // A key of the table may have the name already.
            let constraint = constraints.take_free(&self.wished(check.name.as_deref(), || called.to_owned()));
            let place = OmittedPlace::of_table(&table.name, format!("{}.{called}", table.name));
            let by_spec = given.iter().find(|(name, _)| name.eq_ignore_ascii_case(called)).map(|(_, given)| given);
            let condition = match by_spec {
                Some(SqlOrOmitted::Sql(condition)) => condition.clone(),
                Some(SqlOrOmitted::LeftBehind) => {
                    self.omit(OmittedObject::Check, place, OmissionReason::known("left out by the spec"));
                    continue;
                }
                None if check.is_idle => {
                    self.omit(
                        OmittedObject::Check,
                        place,
                        OmissionReason::known("the source does not enforce it (NOT ENFORCED)"),
                    );
                    continue;
                }
                None => match self.condition(mapping, table, check, (called, &constraint)) {
                    Ok(Bounded { sql, excesses }) => {
                        let excesses = ExpressionExcess::all(ExcessOf::Check, &table.name, called, excesses);
                        self.made.excesses.extend(excesses);
                        sql
                    }
                    Err(reason) => {
                        let (table_key, key) = (quote_toml_key(&table.name), quote_toml_key(called));
                        let heading = format!("tables.{table_key}.checks");
                        self.omit(
                            OmittedObject::Check,
                            place,
                            OmissionReason::undecided(&reason.0, &check.expression, &heading, &key, "…"),
                        );
                        continue;
                    }
                },
            };
            self.note_shortened(mapping, check.name.as_deref(), &constraint);
            let context = json!({ "table": name, "name": constraint, "condition": condition });
            let after = vec![StepKind::Copy.id(name)];
            let step = self.render_of(mapping, StepKind::Constraint, Some(&constraint), after, &context)?;
            if by_spec.is_some() {
                step.search = NameSearch::Tables;
            }
            let heading = format!("tables.{}.checks", quote_toml_key(&table.name));
            step.left_out_by = Some(SpecLines::new(heading, format!("{} = false", quote_toml_key(called))));
        }
        self.label_checks(mapping, constraints)
    }

    /// The condition of a CHECK by the name that the spec calls it, and the one that it has in the target.
    fn condition(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        check: &CheckConstraint,
        (called, constraint): (&str, &str),
    ) -> Result<Bounded, Untranslatable> {
        let id = StepKind::Constraint.id(&part_name(&mapping.target, constraint));
        let object = format!("the CHECK {called}");
        let translate = |mapping: &TableMapping| mapping.dialect().condition(&check.expression, &mapping.scope(table));
        self.standing((&id, &object), mapping, translate, |today, made| today.sql == made.sql)
    }

    /// CHECKs on columns that the source lists the texts of, and that are no enum.
    fn label_checks(&mut self, mapping: &TableMapping, constraints: &mut Namespace) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        for column in &mapping.columns {
            let Some(condition) = column.label_condition() else { continue };
            let constraint = constraints.take_free(&format!("{}_{}_check", self.bare(name), column.target));
            let context = json!({ "table": name, "name": constraint, "condition": condition });
            self.render_of(mapping, StepKind::Constraint, Some(&constraint), vec![StepKind::Copy.id(name)], &context)?;
        }
        Ok(())
    }

    fn unknown_checks(
        &mut self,
        table: &Table,
        given: &BTreeMap<String, SqlOrOmitted>,
        named: &[(&CheckConstraint, String)],
    ) {
        let known = named.iter().map(|(_, called)| called.as_str()).collect::<Vec<_>>();
        for name in given.keys().filter(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name))) {
            let message = format!("the spec names the check {name}, which the source does not have");
            let finding = Finding::about(FindingCode::UnknownCheck, Severity::Blocks, &table.name, message);
            self.made.findings.push(finding.suggesting_nearest(name, known.iter().copied()));
        }
    }
}
