//! The declared types of a source and what they become, with their numbers.

use crate::plan::Plan;
use std::collections::BTreeMap;

/// Columns of one declared type that become one type.
pub(super) struct TypeCount {
    pub(super) declared: String,
    pub(super) becomes: String,
    pub(super) columns: u64,
}

/// The declared types with what they become, the most frequent first.
pub(super) fn types(plan: &Plan) -> Vec<TypeCount> {
    let mut found: BTreeMap<(String, String), u64> = BTreeMap::new();
    for column in plan.tables.iter().flat_map(|table| &table.columns) {
        let declared = if column.declared_type.is_empty() { "(no type)" } else { &column.declared_type };
        // An enum of the source is written in another way for each column.
        let becomes = if column.has_own_enum() { "its own enum".to_owned() } else { column.column_type.to_string() };
        let declared = if column.has_own_enum() { "a list of labels".to_owned() } else { declared.to_uppercase() };
        *found.entry((declared, becomes)).or_default() += 1;
    }
    let count = |((declared, becomes), columns)| TypeCount { declared, becomes, columns };
    let mut types = found.into_iter().map(count).collect::<Vec<_>>();
    types.sort_by_key(|one| std::cmp::Reverse(one.columns));
    types
}
