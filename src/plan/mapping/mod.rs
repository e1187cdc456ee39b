//! Mapping of every table and column of the source to the target.

pub(super) mod as_made;
mod checks;
mod column;
mod column_mapping;
mod comparison;
mod date_change;
mod default;
mod enum_types;
mod existing;
mod full_text;
mod generated;
mod idle_patterns;
mod judged;
mod key;
pub(super) mod long_names;
mod mapping_draft;
mod merge_key;
pub mod merging;
mod migration_tools;
mod missing_counterparts;
mod no_tables;
mod partitions;
mod reference_types;
mod references;
mod selection;
mod sequences;
mod spelled_columns;
mod stricter_mappings;
mod table;
mod table_mapping;
pub mod unfilled_parents;
mod utc_defaults;
mod virtual_tables;

pub use column::TIME_OF_DEFAULT;
pub use column_mapping::ColumnMapping;
pub use date_change::DateChange;
pub(crate) use full_text::{finds, full_text_words, search_line};
pub(super) use mapping_draft::MappingDraft;
pub use merge_key::TableMerge;
pub use migration_tools::MIGRATION_TOOL;
pub use no_tables::NO_TABLES;
pub use reference_types::referenced_columns;
pub(super) use reference_types::{are_comparable, is_comparable};
pub(crate) use reference_types::{equates_other_texts, tells_numbers_apart};
pub use references::{EmptiedReference, KeptReference, MappedReference, StrayReference};
pub use selection::{
    NO_ROW, filter, holds_default, is_selected, leaves_key, preferred, selected, source_sql, table_spec, undecided,
};
pub(crate) use selection::{column_spec, type_said};
pub(super) use selection::{is_nullable_key, rule_for, said_of};
pub use sequences::SequenceMapping;
pub use spelled_columns::spelled;
pub(crate) use table_mapping::is_unaltered;
pub use table_mapping::{FullTextSearch, TableMapping, TargetPartition, TargetPartitions};
pub use utc_defaults::DEFAULT_IN_UTC;

use super::Inputs;
use super::names::RelationNames;
use super::omitted::{OmissionReason, OmittedObject, OmittedPlace};
use crate::spec::TablesMode;
use crate::value::Zone;

/// Maps every selected table.
pub(super) fn map(inputs: Inputs<'_>) -> MappingDraft {
    let mut mapped = MappingDraft::default();
    mapped.unknown_names(inputs.spec, inputs.catalog);
    mapped.idle_patterns(inputs.spec, inputs.catalog);
    mapped.others(inputs);
    let records = inputs.catalog.tool_records();
    let mut names = RelationNames::new(&inputs.spec.target.schemas);
    for table in &inputs.catalog.tables {
        if !inputs.spec.source.tables.selects(&table.name) {
            mapped.omit(
                OmittedObject::Table,
                OmittedPlace::table(&table.name),
                OmissionReason::known("left out by `include` or `exclude`"),
            );
        } else if table_spec(inputs.spec, &table.name).is_some_and(|table| table.skip) {
            mapped.omit(
                OmittedObject::Table,
                OmittedPlace::table(&table.name),
                OmissionReason::known("left out by `skip`"),
            );
        } else if let Some(record) = migration_tools::kept_apart(inputs, &records, &table.name) {
            mapped.leave_record(record, &table.name);
        } else {
            mapped.table(inputs, table, &mut names);
        }
    }
    mapped.migration_tools(inputs, &records);
    mapped.no_tables(inputs.catalog);
    mapped.utc_defaults(inputs);
    if inputs.spec.target.tables == TablesMode::Existing {
        // The application's tables have their own types and defaults.
        mapped.settle_forgetting(inputs.spec);
        mapped.merging(inputs);
        mapped.beyond(inputs);
        mapped.verdicts(inputs);
        return mapped;
    }
    let is_fixed = |table: &str, column: &str| {
        column_spec(inputs.spec, table, column).is_some_and(|column| column.column_type.is_some())
    };
    reference_types::align(inputs.catalog, &mut mapped.tables, is_fixed);
    mapped.long_names(inputs);
    mapped.settle_forgetting(inputs.spec);
    mapped.settle_comparison();
    mapped.generated(inputs);
    mapped.sequences(inputs, &mut names);
    mapped.name_enums(inputs, &mut names);
    mapped.partitions(inputs, &mut names);
    mapped.searches(inputs);
    mapped.defaults(inputs, &Zone::from(inputs.spec.source.timezone.clone()));
    mapped.verdicts(inputs);
    mapped
}
