//! The checks of the spec: the last steps. (CHECK constraints are in `checks`.)

use super::StepMaker;
use crate::catalog::{ColumnType, Table};
use crate::dialect;
use crate::plan::TableMapping;
use crate::plan::check::{Asks, PlannedCheck};
use crate::plan::error::PlanError;
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::step::StepKind;
use crate::spec::{CheckQuestion, CheckSeverity, ExistingRows, TableQuestion};
use serde_json::json;

/// Reason why a check cannot run: the spec names a table or column that does not exist.
type Unaskable = Box<Finding>;

impl StepMaker<'_> {
    pub(super) fn spec_checks(&mut self) -> Result<(), PlanError> {
        let everything = self.made.steps.iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        for (name, check) in &self.inputs.spec.checks {
            let (sql, asks) = match &check.question {
                CheckQuestion::Expect { sql, expected } => (sql.trim().to_owned(), Asks::Value(expected.clone())),
                CheckQuestion::Same { source, target } => {
                    let dialect = dialect::of(self.inputs.catalog.engine);
                    let in_order = dialect.is_ordered(source) && dialect::postgresql::is_ordered(target);
                    (target.trim().to_owned(), Asks::SourceAnswer { sql: source.clone(), in_order })
                }
                CheckQuestion::NoRows { sql } => (sql.trim().to_owned(), Asks::NoRows(None)),
                CheckQuestion::OfTable { table, asks } => match self.about_table(name, table, asks)? {
                    Ok(asked) => asked,
                    Err(finding) => {
                        self.made.findings.push(*finding);
                        continue;
                    }
                },
            };
            let shown = format!("{sql}\n{}{}", expectation(&asks), consequence(check.severity));
            self.push(StepKind::Check.id(name), everything.clone(), shown);
            let check = PlannedCheck { severity: check.severity, sql, asks };
            self.made.findings.extend(check.beside_own_rows(name, self.added_to(&check.asks)));
            self.made.checks.insert(name.clone(), check);
        }
        Ok(())
    }

    /// Rows of the target to which the source's are added, of a table whose sum is asked; rows that are brought together are counted
    /// where they are compared.
    fn added_to(&self, asks: &Asks) -> u64 {
        let Asks::SourceSum { table, .. } = asks else { return 0 };
        let mapping = self.tables.iter().find(|mapping| mapping.source == *table);
        let keeps = self.inputs.spec.existing_rows(table) == ExistingRows::Keep;
        let found = mapping.filter(|_| keeps).and_then(|mapping| self.fillable(mapping));
        found.and_then(|found| found.rows).unwrap_or(0)
    }

    fn about_table(
        &self,
        check: &str,
        table: &str,
        asks: &TableQuestion,
    ) -> Result<Result<(String, Asks), Unaskable>, PlanError> {
        let question = CheckTranslator { maker: self, check };
        let (kind, context, asks) = match question.translate(table, asks) {
            Ok(translated) => translated,
            Err(finding) => return Ok(Err(finding)),
        };
        Ok(Ok((self.inputs.templates.check(kind, &context)?, asks)))
    }
}

/// Translates a check to the target's names.
struct CheckTranslator<'a> {
    maker: &'a StepMaker<'a>,
    check: &'a str,
}

impl CheckTranslator<'_> {
    /// The template's name, its context, and the expected answer.
    fn translate(
        &self,
        table: &str,
        asks: &TableQuestion,
    ) -> Result<(&'static str, serde_json::Value, Asks), Unaskable> {
        let (mapping, structure) = self.table(table)?;
        let key = mapping.primary_key(structure);
        let context = |columns: &[String]| {
            let more = columns.iter().filter(|column| !key.contains(column));
            let shown = key.iter().chain(more).collect::<Vec<_>>();
            json!({ "table": mapping.target, "key": key, "columns": columns, "shown": shown })
        };
        let no_rows = Asks::NoRows(Some(key.len()));
        Ok(match asks {
            TableQuestion::NotNull { columns } => ("not_null", context(&self.columns(mapping, columns)?), no_rows),
            TableQuestion::Unique { columns } => ("unique", context(&self.columns(mapping, columns)?), no_rows),
            TableQuestion::ForeignKey { columns, references, referenced_columns } => {
                let mut context = context(&self.columns(mapping, columns)?);
                let (referenced, names) = self.referenced(columns, references, referenced_columns)?;
                context["referenced_table"] = json!(referenced.target);
                context["referenced_columns"] = json!(names);
                ("foreign_key", context, no_rows)
            }
            TableQuestion::AcceptedValues { column, values } => {
                let mut context = context(&[self.column(mapping, column)?]);
                context["values"] = json!(values);
                ("accepted_values", context, no_rows)
            }
            TableQuestion::RowCount { min: None, max: None } => {
                ("row_count", context(&[]), Asks::SourceRows(mapping.source.clone()))
            }
            TableQuestion::RowCount { min, max } => ("row_count", context(&[]), Asks::Bounds { min: *min, max: *max }),
            TableQuestion::Sum { column } => {
                let target = self.column(mapping, column)?;
                self.must_add_up(mapping, column)?;
                let asks = Asks::SourceSum { table: mapping.source.clone(), column: column.clone() };
                ("sum", context(&[target]), asks)
            }
        })
    }

    fn about(&self, code: FindingCode, table: &str, message: &str) -> Finding {
        Finding::about(code, Severity::Blocks, table, format!("the check \"{}\" {message}", self.check))
    }

    fn table(&self, name: &str) -> Result<(&TableMapping, &Table), Unaskable> {
        let catalog = self.maker.inputs.catalog;
        let tables = self.maker.tables;
        let mapping = tables.iter().find(|mapping| mapping.source == name);
        let mapping = mapping.or_else(|| tables.iter().find(|mapping| mapping.source.eq_ignore_ascii_case(name)));
        match (mapping, catalog.table(name)) {
            (Some(mapping), Some(table)) => Ok((mapping, table)),
            (_, Some(_)) => {
                Err(Box::new(self.about(FindingCode::UnknownTable, name, "is about a table that is left behind")))
            }
            (_, None) => {
                let finding =
                    self.about(FindingCode::UnknownTable, name, "is about a table that the source does not have");
                Err(Box::new(finding.suggesting_nearest(name, tables.iter().map(|mapping| mapping.source.as_str()))))
            }
        }
    }

    fn columns(&self, mapping: &TableMapping, names: &[String]) -> Result<Vec<String>, Unaskable> {
        names.iter().map(|name| self.column(mapping, name)).collect()
    }

    /// The target's name of a source column.
    fn column(&self, mapping: &TableMapping, name: &str) -> Result<String, Unaskable> {
        if let Some(target) = mapping.target_column(name) {
            return Ok(target.to_owned());
        }
        let table = self.maker.inputs.catalog.table(&mapping.source);
        if table.is_some_and(|table| table.column(name).is_some()) {
            let finding = self.about(FindingCode::UnknownColumn, &mapping.source, "names a column that is left behind");
            return Err(Box::new(finding.in_column(name)));
        }
        let finding =
            self.about(FindingCode::UnknownColumn, &mapping.source, "names a column that the source does not have");
        let known = mapping.columns.iter().map(|column| column.source.as_str());
        Err(Box::new(finding.in_column(name).suggesting_nearest(name, known)))
    }

    /// The referenced table, with the target's names of its columns.
    fn referenced(
        &self,
        columns: &[String],
        references: &str,
        referenced_columns: &[String],
    ) -> Result<(&TableMapping, Vec<String>), Unaskable> {
        let (mapping, table) = self.table(references)?;
        let names = match (referenced_columns, &table.primary_key) {
            ([], Some(key)) => key.columns.clone(),
            (given, _) => given.to_vec(),
        };
        if names.len() != columns.len() {
            let key = match names.as_slice() {
                [] => "has no primary key".to_owned(),
                names => format!("has a primary key of {} ({})", names.len(), names.join(", ")),
            };
            let message = format!("has {} in `columns`; {} {key}", columns.len(), mapping.source);
            let finding = self.about(FindingCode::CheckReference, &mapping.source, &message);
            return Err(Box::new(finding.suggesting("name as many `referenced_columns` as `columns`")));
        }
        Ok((mapping, self.columns(mapping, &names)?))
    }

    /// Refuses a sum over a column that holds no numbers.
    fn must_add_up(&self, mapping: &TableMapping, name: &str) -> Result<(), Unaskable> {
        let column = mapping.columns.iter().find(|column| column.source.eq_ignore_ascii_case(name));
        let Some(column_type) = column.map(|column| &column.column_type) else { return Ok(()) };
        let is_number = matches!(
            column_type,
            ColumnType::SmallInt
                | ColumnType::Integer
                | ColumnType::BigInt
                | ColumnType::Real
                | ColumnType::DoublePrecision
                | ColumnType::Numeric(_)
        );
        if is_number {
            return Ok(());
        }
        let message = format!("adds up a column that becomes {column_type}, which is no number");
        let finding = self.about(FindingCode::SumOfNoNumber, &mapping.source, &message).in_column(name);
        Err(Box::new(finding.suggesting("give the column a type of numbers, or ask with `source` and `target`")))
    }
}

/// The expected answer, as comments behind the query.
fn expectation(asks: &Asks) -> String {
    match asks {
        Asks::Value(expected) => format!("-- expect: {expected}"),
        Asks::SourceAnswer { sql, .. } => {
            format!("-- expect the source's answer to:\n--   {}", sql.trim().replace('\n', "\n--   "))
        }
        Asks::NoRows(_) => "-- expect no rows".to_owned(),
        Asks::Bounds { .. } => format!("-- expect {asks}"),
        Asks::SourceRows(table) => format!("-- expect the number of rows that {} hands over", line(table)),
        Asks::SourceSum { table, column } => {
            format!("-- expect the sum of what {}.{} hands over", line(table), line(column))
        }
    }
}

/// A name as one line of comment, without line breaks.
fn line(name: &str) -> String {
    name.replace(['\n', '\r'], " ")
}

fn consequence(severity: CheckSeverity) -> &'static str {
    match severity {
        CheckSeverity::Error => "",
        CheckSeverity::Warn => "\n-- another answer is a warning",
    }
}
