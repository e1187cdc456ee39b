//! The spec of a rehearsal with a part of the rows.

use crate::catalog::Catalog;
use crate::dialect;
use crate::plan::{Plan, StepKind, TableMapping};
use crate::spec::{ForeignKeyMode, Spec, TableSpec, TablesMode, UserStep};
use crate::verify::Sample;
use std::collections::BTreeMap;

/// Tables of so many rows are small, and taken whole.
const SMALL: u64 = 10_000;

/// A spec that selects a part of the rows, and what became of the tables.
#[derive(Debug)]
pub(super) struct Sampled {
    pub(super) spec: Spec,
    /// Tables whose rows are a sample, with the number of all rows.
    pub(super) tables: BTreeMap<String, u64>,
    /// Large tables that are taken whole, since their rows have no key to choose them by.
    pub(super) whole: Vec<String>,
    /// Digest of the plan for all rows.
    pub(super) digest: String,
    /// Seconds that it took to look at the structure of both sides.
    pub(super) look: f64,
}

/// The spec for a sample. The other questions to the data are left out: their answers are about all rows.
pub(super) fn sampled(spec: &Spec, catalog: &Catalog, plan: &Plan, sample: Sample) -> Sampled {
    let digest = plan.digest.clone();
    let mut sampled = Sampled { spec: spec.clone(), tables: BTreeMap::new(), whole: Vec::new(), digest, look: 0.0 };
    for mapping in plan.copies.iter().filter(|mapping| mapping.size.rows > SMALL) {
        let condition = catalog
            .table(&mapping.source)
            .and_then(|table| dialect::of(catalog.engine).sample(&table.row_identity, sample.parts_per_million()));
        match condition {
            Some(condition) => {
                let table = table_spec(&mut sampled.spec, &mapping.source);
                table.filter = Some(match table.filter.take() {
                    // A line of its own: the filter may end in a comment.
                    Some(filter) => format!("({filter}\n) AND {condition}"),
                    None => condition,
                });
                sampled.tables.insert(mapping.source.clone(), mapping.size.rows);
            }
            None => sampled.whole.push(mapping.source.clone()),
        }
    }
    if !sampled.tables.is_empty() {
        leave_out(&mut sampled.spec, catalog, &plan.copies);
    }
    sampled
}

/// Leaves out what a part of the rows cannot answer: references to rows that are not in it, and checks.
fn leave_out(spec: &mut Spec, catalog: &Catalog, copies: &[TableMapping]) {
    if spec.target.tables != TablesMode::Existing {
        for table in copies.iter().filter_map(|mapping| catalog.table(&mapping.source)) {
            let keys = table.foreign_keys.iter().map(|key| (key.columns.join(", "), ForeignKeyMode::Skip));
            let keys = keys.collect::<BTreeMap<_, _>>();
            if !keys.is_empty() {
                table_spec(spec, &table.name).foreign_keys = keys;
            }
        }
    }
    let checks = std::mem::take(&mut spec.checks);
    let is_check = |id: &String| checks.keys().any(|name| *id == StepKind::Check.id(name).to_string());
    for UserStep { after, before, .. } in spec.steps.values_mut() {
        after.retain(|id| !is_check(id));
        before.retain(|id| !is_check(id));
    }
}

fn table_spec<'a>(spec: &'a mut Spec, table: &str) -> &'a mut TableSpec {
    let name = crate::name::named(spec.tables.keys(), |name| name.as_str(), table).cloned();
    spec.tables.entry(name.unwrap_or_else(|| table.to_owned())).or_default()
}
