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
        let declared = if column.has_own_enum() { "a list of labels".to_owned() } else { capitals(declared) };
        *found.entry((declared, becomes)).or_default() += 1;
    }
    let count = |((declared, becomes), columns)| TypeCount { declared, becomes, columns };
    let mut types = found.into_iter().map(count).collect::<Vec<_>>();
    types.sort_by_key(|one| std::cmp::Reverse(one.columns));
    types
}

/// A declared type in capitals, but for the labels in its quotes.
fn capitals(declared: &str) -> String {
    let parts = declared.split('\'').enumerate();
    let parts = parts.map(|(at, part)| if at % 2 == 0 { part.to_uppercase() } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("'")
}

#[cfg(test)]
mod tests {
    use super::capitals;

    #[test]
    fn labels_keep_their_letters() {
        assert_eq!(capitals("int(10) unsigned"), "INT(10) UNSIGNED");
        assert_eq!(capitals("set('pear','it''s é')"), "SET('pear','it''s é')");
    }
}
