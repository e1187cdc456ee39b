//! The columns by which a row of the source is found in the target.

use super::{ColumnMapping, TableMapping};
use crate::catalog::{ForeignKey, ReferentialAction, Table};
use crate::value::Reading;

impl TableMapping {
    /// The copied column that holds, as it is, the integer that names a row in the source, so that a range of one side's
    /// keys is the same range of the other's: the deciding line for chunks that are replaced, for slices that are compared,
    /// and for references without a gap. A key that is mapped, or follows ids that are, has the target's numbers there.
    #[must_use]
    pub fn exact_key(&self) -> Option<&ColumnMapping> {
        let name = self.row_identity.declared_integer()?;
        let own = self.merges.iter().flat_map(|merging| &merging.identity);
        let mut mapped = own.chain(self.mapped_references.iter().flat_map(|reference| &reference.columns));
        let column = self.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name))?;
        let is_as_it_is =
            column.column_type.is_integer() && column.reading == Reading::Stored && column.source_sql.is_none();
        (is_as_it_is && !mapped.any(|mapped| *mapped == column.target)).then_some(column)
    }

    /// A reference of the target's table, by these columns to those of `parent`, as a foreign key in the names of the
    /// source; `None` if one of the columns is not copied. Its actions are none: it is only looked at.
    #[must_use]
    pub(crate) fn reference_in_source(
        &self,
        columns: &[String],
        parent: &TableMapping,
        referenced: &[String],
    ) -> Option<ForeignKey> {
        Some(ForeignKey {
            name: None,
            columns: self.source_columns(columns)?,
            referenced_table: parent.source.clone(),
            referenced_columns: parent.source_columns(referenced)?,
            on_update: ReferentialAction::NoAction,
            on_delete: ReferentialAction::NoAction,
            deferred: false,
        })
    }

    /// The source's names of columns of the target; `None` if one of them is not copied.
    fn source_columns(&self, targets: &[String]) -> Option<Vec<String>> {
        let source = |name: &String| {
            self.columns.iter().find(|column| column.target == *name).map(|column| column.source.clone())
        };
        targets.iter().map(source).collect()
    }

    /// The target's names of the primary key's columns, by which rows are identified on both sides; empty if the source
    /// has no primary key or one of its columns is not copied.
    #[must_use]
    pub fn primary_key(&self, table: &Table) -> Vec<String> {
        let key = table.primary_key.as_ref();
        key.and_then(|key| self.target_columns(&key.columns)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{ColumnType, RowIdentity, TableSize, Visibility};
    use crate::plan::mapping::MappedReference;
    use crate::value::Zone;

    #[test]
    fn a_key_is_exact_only_where_the_integer_arrives_unaltered() {
        let mapping = |visibility, column: ColumnMapping| TableMapping {
            engine: crate::catalog::Engine::Sqlite,
            source: "t".to_owned(),
            target: "t".to_owned(),
            columns: vec![column],
            filter: None,
            partitions: None,
            search: None,
            row_identity: RowIdentity::Integer { column: "ID".to_owned(), visibility },
            keeps_rows: false,
            merges: None,
            mapped_references: Vec::new(),
            kept_references: Vec::new(),
            stray_references: Vec::new(),
            emptied_references: Vec::new(),
            size: TableSize::default(),
            chunks: Vec::new(),
            zone: Zone::default(),
        };
        let column = || ColumnMapping {
            source: "id".to_owned(),
            target: "key".to_owned(),
            column_type: ColumnType::BigInt,
            ..ColumnMapping::default()
        };
        let name = |mapping: &TableMapping| mapping.exact_key().map(|column| column.target.clone());
        assert_eq!(name(&mapping(Visibility::Declared, column())).as_deref(), Some("key"));
        for (visibility, column) in [
            (Visibility::Hidden, column()),
            (Visibility::Declared, ColumnMapping { column_type: ColumnType::Text, ..column() }),
            (Visibility::Declared, ColumnMapping { reading: Reading::UnixMs, ..column() }),
            (Visibility::Declared, ColumnMapping { source_sql: Some("id + 1".to_owned()), ..column() }),
            (Visibility::Declared, ColumnMapping { source: "other".to_owned(), ..column() }),
        ] {
            assert_eq!(name(&mapping(visibility, column.clone())), None, "{visibility:?} {column:?}");
        }
        let follows = MappedReference { table: "users".to_owned(), columns: vec!["key".to_owned()] };
        let mut of_mapped_ids = mapping(Visibility::Declared, column());
        of_mapped_ids.mapped_references.push(follows);
        assert_eq!(name(&of_mapped_ids), None);
    }
}
