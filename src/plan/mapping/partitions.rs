//! Partitions in the target: where its columns choose among them by the same values as the source's do, and its keys can be
//! over partitions. Everything else becomes one table, with the reason.

use super::default::default_of;
use super::{ColumnMapping, MappingDraft, TableMapping, TargetPartition, TargetPartitions};
use crate::catalog::{ColumnType, Equality, PartitionBound, PartitionHolds, PartitionRule, Partitioning, Table};
use crate::dialect::Dialect;
use crate::name::{NameStyle, quote_toml_key};
use crate::plan::Inputs;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::names::RelationNames;
use crate::value::{FractionTreatment, Reading, Zone};
use std::collections::BTreeSet;

/// The most partitions of one table: PostgreSQL locks all of them with their indexes for one statement on the table, and
/// has room for some thousand locks (documentation, section 20.12, `max_locks_per_transaction`).
const MOST: usize = 1000;

impl MappingDraft {
    /// Gives the tables their partitions, once their columns are settled. `names` are those of the tables, with which
    /// partitions share a namespace.
    pub(super) fn partitions(&mut self, inputs: Inputs<'_>, names: &mut RelationNames<'_>) {
        for mapping in &mut self.tables {
            let Some(table) = inputs.catalog.table(&mapping.source) else { continue };
            let Some(written) = &table.storage.partitioning else { continue };
            let by_spec = super::table_spec(inputs.spec, &table.name);
            if by_spec.and_then(|table| table.partitions) == Some(false) {
                continue;
            }
            let is_referenced = inputs.catalog.tables.iter().flat_map(|table| &table.foreign_keys);
            let is_referenced = is_referenced.map(|key| &key.referenced_table).any(|name| name == &table.name);
            let made = match &table.storage.parts {
                Some(_) if is_referenced || !table.foreign_keys.is_empty() => {
                    Err("a foreign key of partitions cannot be added without checking all rows".to_owned())
                }
                Some(parts) => PartitionMaker { mapping, table, style: inputs.spec.target.names }.make(parts, names),
                None => {
                    Err("PostgreSQL's keys are over columns, and so are the partitions of a table with keys".to_owned())
                }
            };
            let (its, stay, join) = match table.storage.partitions {
                1 => (format!("its one partition by {written}"), "stays", "becomes"),
                number => (format!("its {number} partitions by {written}"), "stay", "become"),
            };
            let (code, message) = match made {
                Ok((partitions, changes)) => {
                    let by = format!("{} ({})", partitions.by, partitions.columns.join(", "));
                    let changes = changes.iter().map(|change| format!("; {change}")).collect::<String>();
                    mapping.partitions = Some(partitions);
                    (FindingCode::PartitionsKept, format!("{its} {stay}, by {by}{changes}"))
                }
                Err(reason) => {
                    (FindingCode::PartitionsMerged, format!("{its} {join} one table with all rows: {reason}"))
                }
            };
            let heading = quote_toml_key(&table.name);
            let finding = Finding::about(code, Severity::Notes, &table.name, message);
            self.findings
                .push(finding.suggesting(format!("# one table, knowingly\n[tables.{heading}]\npartitions = false")));
        }
    }
}

/// The partitions of one table, made from the source's.
struct PartitionMaker<'a> {
    mapping: &'a TableMapping,
    table: &'a Table,
    style: NameStyle,
}

impl PartitionMaker<'_> {
    /// The partitions, and what is not as in the source, in words.
    fn make(
        &self,
        source: &Partitioning,
        names: &mut RelationNames<'_>,
    ) -> Result<(TargetPartitions, Vec<&'static str>), String> {
        if source.parts.len() > MOST {
            return Err(format!("more than {MOST} partitions would need more locks than PostgreSQL has room for"));
        }
        if source.by == PartitionRule::List && source.columns.len() > 1 {
            return Err("PostgreSQL lists the values of one column".to_owned());
        }
        let columns = source.columns.iter().map(|name| self.column(name, source.by)).collect::<Result<Vec<_>, _>>()?;
        let mut changes = Vec::new();
        let mut parts = match source.by {
            PartitionRule::Range => self.ranges(source, &columns)?,
            PartitionRule::List => self.lists(source, columns[0])?,
            PartitionRule::Hash => {
                changes.push("PostgreSQL's hash deals the rows out in another way");
                hashes(source)
            }
        };
        let takes_null = columns.iter().any(|column| !column.not_null);
        if source.by == PartitionRule::Range && takes_null {
            // A range holds no NULL (PostgreSQL documentation, CREATE TABLE, PARTITION BY).
            parts.push(("default".to_owned(), "DEFAULT".to_owned()));
            changes.push("NULL, which was in the lowest one, goes into a partition of its own, which also takes what no other holds");
        }
        if self.table.storage.subpartitioning.is_some() {
            changes.push("each of them is whole, without subpartitions");
        }
        let named = |(name, bound): (String, String)| {
            let name = names.take_free(&format!("{}_{}", self.mapping.target, self.style.apply(&name)));
            TargetPartition { name, bound }
        };
        let columns = columns.iter().map(|column| column.target.clone()).collect();
        Ok((TargetPartitions { by: source.by.sql(), columns, parts: parts.into_iter().map(named).collect() }, changes))
    }

    /// A column by which the target can choose a partition as the source does.
    fn column(&self, name: &str, by: PartitionRule) -> Result<&ColumnMapping, String> {
        let source = self.table.column(name).ok_or_else(|| format!("it has no column {name}"))?;
        let column = self.mapping.columns.iter().find(|column| column.source == source.name);
        let column = column.ok_or_else(|| format!("{name} is skipped"))?;
        let has_bounds = match column.column_type {
            ColumnType::Date
            | ColumnType::Timestamp(_)
            | ColumnType::Timestamptz(_)
            | ColumnType::SmallInt
            | ColumnType::Integer
            | ColumnType::BigInt
            | ColumnType::Numeric(_) => true,
            ColumnType::Boolean | ColumnType::Text | ColumnType::Varchar(_) => by == PartitionRule::List,
            _ => false,
        };
        if column.generated.is_some() {
            return Err(format!("{name} is computed, and PostgreSQL has to know it before"));
        }
        if column.source_sql.is_some() || column.reading != Reading::Stored {
            return Err(format!("{name} has other values in the target"));
        }
        if by == PartitionRule::Range && column.forgetting.fraction == FractionTreatment::Round {
            return Err(format!("{name} is rounded, which could lift a value above all bounds"));
        }
        if source.on_update.is_some() {
            return Err(format!(
                "an UPDATE sets {name}, and a trigger of PostgreSQL moves no row to another partition"
            ));
        }
        // Of texts that are equal only by a collation, PostgreSQL's partitions would hold one.
        if column.column_type.is_text() && column.equality != Equality::Bytes {
            return Err(format!("{name} is not compared by bytes, and partitions of PostgreSQL are"));
        }
        if by != PartitionRule::Hash && (!has_bounds || column.enum_type.is_some()) {
            return Err(format!("the order of {name}, which is {}, may be another one", column.type_words()));
        }
        Ok(column)
    }

    fn literal(&self, text: &str, column: &ColumnMapping) -> Result<String, String> {
        let (dialect, zone): (&dyn Dialect, Zone) = (self.mapping.dialect(), column.zone(&self.mapping.zone));
        default_of(dialect, text, column, &zone).map_err(|reason| format!("a bound cannot be written: {}", reason.0))
    }

    fn ranges(&self, source: &Partitioning, columns: &[&ColumnMapping]) -> Result<Vec<(String, String)>, String> {
        let mut parts = Vec::new();
        let mut from = vec!["MINVALUE".to_owned(); columns.len()];
        for part in &source.parts {
            let PartitionHolds::Below(bounds) = &part.holds else { return Err("a partition has no bound".to_owned()) };
            // The partition holds NULL alone, which goes into the partition DEFAULT.
            if bounds.contains(&PartitionBound::Lowest) {
                continue;
            }
            let (mut to, mut is_highest) = (Vec::new(), false);
            for (bound, column) in bounds.iter().zip(columns) {
                is_highest |= *bound == PartitionBound::Highest;
                to.push(match bound {
                    // Bounds after MAXVALUE decide nothing, and PostgreSQL requires MAXVALUE for them.
                    PartitionBound::Value(text) if !is_highest => match self.literal(text, column)? {
                        null if null == "NULL" => return Err(format!("the bound {text} is NULL in the target")),
                        written => written,
                    },
                    _ => "MAXVALUE".to_owned(),
                });
            }
            if to == from {
                return Err("two of its partitions would have one bound".to_owned());
            }
            parts.push((part.name.clone(), format!("FOR VALUES FROM ({}) TO ({})", from.join(", "), to.join(", "))));
            from = to;
        }
        if parts.is_empty() { Err("its partitions hold NULL alone".to_owned()) } else { Ok(parts) }
    }

    fn lists(&self, source: &Partitioning, column: &ColumnMapping) -> Result<Vec<(String, String)>, String> {
        let mut seen = BTreeSet::new();
        let mut parts = Vec::new();
        for part in &source.parts {
            let bound = match &part.holds {
                PartitionHolds::Values(values) => {
                    let mut written = Vec::new();
                    for value in values {
                        let value = self.literal(value, column)?;
                        if !seen.insert(value.clone()) {
                            return Err("two of its values would be one".to_owned());
                        }
                        written.push(value);
                    }
                    format!("FOR VALUES IN ({})", written.join(", "))
                }
                _ => "DEFAULT".to_owned(),
            };
            parts.push((part.name.clone(), bound));
        }
        Ok(parts)
    }
}

fn hashes(source: &Partitioning) -> Vec<(String, String)> {
    let number = source.parts.len();
    let bound = |remainder: usize| format!("FOR VALUES WITH (MODULUS {number}, REMAINDER {remainder})");
    source.parts.iter().enumerate().map(|(at, part)| (part.name.clone(), bound(at))).collect()
}
