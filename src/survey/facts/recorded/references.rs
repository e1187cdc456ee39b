//! Facts about rows that reference others.

use crate::catalog::Catalog;
use crate::plan::{ColumnMapping, Finding, FindingCode, Orphans, Plan, TableMapping, mapping};
use crate::spec::{OnBadValue, Spec};
use crate::survey::facts::inspection::{Inspection, OrphanFacts};
use crate::survey::facts::{not_inspected, words};
use crate::survey::references::converted::{ConvertedEnd, differs_by_conversion};
use crate::survey::references::foreign_keys::{Followed, followed};
use crate::survey::references::rejected_parents;
use crate::survey::references::restored_keys::RestoredForeignKey;
use crate::value::Zone;
use std::collections::BTreeMap;

/// Both sides of the question.
#[derive(Clone, Copy)]
pub(crate) struct References<'a> {
    pub(crate) inspection: &'a Inspection,
    pub(crate) spec: &'a Spec,
    pub(crate) catalog: &'a Catalog,
    pub(crate) zone: &'a Zone,
}

impl<'a> References<'a> {
    /// Rows that reference nothing, by table and the position of the foreign key in it, as far as they are known.
    pub(crate) fn orphans(&self, mappings: &[TableMapping]) -> BTreeMap<(String, usize), Orphans> {
        let known = followed(self.spec, self.catalog).into_iter().filter_map(|followed| {
            let orphans = self.orphans_of(&followed, mappings).filter(|orphans| orphans.count > 0)?;
            Some(((followed.table.name.clone(), followed.position), orphans.clone().into()))
        });
        known.collect()
    }

    fn orphans_of(&self, followed: &Followed<'_>, mappings: &[TableMapping]) -> Option<&'a OrphanFacts> {
        let filter = |table: &str| mapping::filter(self.spec, table);
        let (own, of_parent) = (filter(&followed.table.name), filter(&followed.parent.name));
        let ends = followed.converted(mappings);
        let ask = |child: Option<&str>| self.answer(&words::orphans(followed, child, of_parent), ends.as_ref());
        // Where no row at all references nothing, none of fewer rows does.
        ask(own).or_else(|| ask(None).filter(|orphans| orphans.count == 0))
    }

    /// The answer about the rows as they are converted, if that may be another than the source's own.
    fn answer(&self, asked: &str, ends: Option<&(ConvertedEnd<'_>, ConvertedEnd<'_>)>) -> Option<&'a OrphanFacts> {
        let stored = self.inspection.foreign_keys.get(asked)?;
        let ends = ends.filter(|(child, parent)| differs_by_conversion(child, parent, stored.count > 0));
        let Some((child, parent)) = ends else { return Some(stored) };
        self.inspection.foreign_keys.get(&words::converted_orphans(asked, child, parent, self.zone))
    }

    /// Rows that a foreign key of the application's table alone would not take; `None` where that is not known.
    pub(crate) fn of_restored(&self, restored: &RestoredForeignKey<'_>) -> Option<Orphans> {
        let found = self.answer(&restored_question(self.spec, restored), restored.ends().as_ref());
        found.map(|orphans| orphans.clone().into())
    }

    /// A finding for each foreign key of the plan for which the file does not say whether rows break it.
    pub(crate) fn unknown(&self, plan: &Plan) -> Vec<Finding> {
        let mapping_of = |name: &str| plan.tables.iter().find(|mapping| mapping.source == name);
        let finding = |followed: &Followed<'_>| {
            let (child, parent) = (mapping_of(&followed.table.name)?, mapping_of(&followed.parent.name)?);
            let has_rows = child.size.rows > 0;
            (has_rows && rejected_parents::is_carried_over(plan, child, parent)).then(|| {
                let (columns, parent) = (followed.key.columns.join(", "), &followed.parent.name);
                let message = format!("whether rows reference by ({columns}) what {parent} does not hold");
                not_inspected(&followed.table.name, message)
            })
        };
        let is_unknown = |followed: &Followed<'_>| self.orphans_of(followed, &plan.tables).is_none();
        followed(self.spec, self.catalog).iter().filter(|followed| is_unknown(followed)).filter_map(finding).collect()
    }

    /// Findings about references to rows that the spec rejects, in tables of which `plan` has said that rows are rejected, or that it
    /// does not know.
    pub(crate) fn of_rejected(&self, plan: &Plan) -> Vec<Finding> {
        let rejecting = rejecting_references(plan, self.catalog, |mapping| {
            let rejects = |column: &ColumnMapping| column.treatment() == OnBadValue::Reject;
            let is_unknown = |finding: &Finding| match (&finding.table, &finding.column) {
                (Some(table), _) if finding.code != FindingCode::NotInspected || *table != mapping.source => false,
                (Some(_), Some(name)) => mapping.columns.iter().any(|column| column.source == *name && rejects(column)),
                (Some(_), None) => mapping.columns.iter().any(rejects),
                (None, _) => false,
            };
            rejects_rows(plan, mapping) || plan.each_finding().any(is_unknown)
        });
        let found = rejecting.into_iter().flat_map(|(child, position, parent)| {
            let Some(key) = self.catalog.table(&child.source).map(|table| &table.foreign_keys[position]) else {
                return Vec::new();
            };
            match self.inspection.references_to_rejected.get(&words::to_rejected(child, key, parent, self.zone)) {
                Some(found) => {
                    let found = found.iter().filter_map(|found| found.finding(&child.source));
                    found.map(|finding| rejected_parents::as_decided(self.spec, child, key, finding)).collect()
                }
                None => {
                    let (columns, parent) = (key.columns.join(", "), &parent.source);
                    let message = format!("whether rows reference by ({columns}) rows of {parent} that are rejected");
                    vec![not_inspected(&child.source, message)]
                }
            }
        });
        found.collect()
    }
}

/// The question to the rows about a foreign key that only the application's table has.
pub(crate) fn restored_question(spec: &Spec, restored: &RestoredForeignKey<'_>) -> String {
    let RestoredForeignKey { table, key, parent_table: parent, .. } = restored;
    let followed = Followed { table, position: 0, key, parent, columns: key.referenced_columns.clone() };
    let filter = |name: &str| mapping::filter(spec, name);
    words::orphans(&followed, filter(&table.name), filter(&parent.name))
}

/// Whether the plan says of a table that rows of it are rejected.
pub(crate) fn rejects_rows(plan: &Plan, mapping: &TableMapping) -> bool {
    let mut findings = plan.each_finding();
    findings.any(|finding| finding.code == FindingCode::RowsRejected && finding.table.as_ref() == Some(&mapping.source))
}

/// The foreign keys of the plan to tables that reject rows: the child, the key's position in it, the parent.
pub(crate) fn rejecting_references<'p>(
    plan: &'p Plan,
    catalog: &Catalog,
    is_rejecting: impl Fn(&TableMapping) -> bool,
) -> Vec<(&'p TableMapping, usize, &'p TableMapping)> {
    let mut found = Vec::new();
    for child in &plan.tables {
        let Some(table) = catalog.table(&child.source) else { continue };
        for (position, key) in table.foreign_keys.iter().enumerate() {
            let parent = catalog.table(&key.referenced_table);
            let parent = parent.and_then(|parent| plan.tables.iter().find(|mapping| mapping.source == parent.name));
            if let Some(parent) = parent.filter(|parent| is_rejecting(parent))
                && rejected_parents::is_carried_over(plan, child, parent)
            {
                found.push((child, position, parent));
            }
        }
    }
    found
}
