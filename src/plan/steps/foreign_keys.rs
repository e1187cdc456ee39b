//! Foreign keys, added once both ends are loaded.

use super::StepMaker;
use super::indexes::within_limit;
use crate::catalog::selection::end_of_comment;
use crate::catalog::{Catalog, Equality, ForeignKey, Index, Table, TargetForeignKey};
use crate::dialect;
use crate::dialect::condition::{ParentRows, Reference, ReferenceColumn};
use crate::name::{QualifiedName, named, quote_identifier, quote_toml_key, quote_toml_text};
use crate::plan::error::PlanError;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::mapping::{
    ColumnMapping, TableMapping, are_comparable, equates_other_texts, filter, leaves_key, referenced_columns,
    table_spec,
};
use crate::plan::names::Namespace;
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::plan::step::{Step, StepId, StepKind, Work};
use crate::spec::{ForeignKeyMode, Spec};
use crate::value::Reading;
use serde_json::json;

impl StepMaker<'_> {
    pub(super) fn foreign_keys(&mut self, mapping: &TableMapping, table: &Table) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let mut names = Namespace::default();
        // Indexes and triggers have names of their own: a source may call the index of a foreign key as the key.
        let is_constraint = |step: &&Step| !matches!(step.kind(), StepKind::Index | StepKind::Trigger);
        let constraints = self.steps_of(name).iter().filter(is_constraint);
        for taken in constraints.filter_map(|step| step.table.as_ref()?.part.as_deref()) {
            names.take(taken);
        }
        for (position, foreign_key) in table.foreign_keys.iter().enumerate() {
            let columns = foreign_key.columns.join(", ");
            let place = OmittedPlace::of_table(&table.name, format!("{} ({columns})", table.name));
            let mode = foreign_key_mode(self.inputs.spec, &table.name, &foreign_key.columns);
            if mode == ForeignKeyMode::Skip {
                self.omit(OmittedObject::ForeignKey, place, OmissionReason::known("left out by `foreign_keys`"));
                continue;
            }
            let not_valid = mode == ForeignKeyMode::NotValid;
            match self.referenced(mapping, foreign_key) {
                Ok((referenced, columns, referenced_columns)) => {
                    let kept_by = if not_valid { KeptBy::NotValid } else { KeptBy::Valid };
                    self.orphans(table, position, foreign_key, kept_by);
                    let wished = self.wished(foreign_key.name.as_deref(), || {
                        format!("{}_{}_fkey", self.bare(name), columns.join("_"))
                    });
                    let chosen = names.take_free(&wished);
                    self.note_shortened(mapping, foreign_key.name.as_deref(), &chosen);
                    let mut after = vec![StepKind::Copy.id(name), StepKind::Copy.id(&referenced)];
                    after.extend(self.keys_of(&referenced));
                    let context = json!({ "table": name, "name": chosen, "columns": columns, "referenced_table": referenced, "referenced_columns": referenced_columns, "on_update": foreign_key.on_update.sql(), "on_delete": foreign_key.on_delete.sql(), "deferred": foreign_key.deferred });
                    let step = self.render_of(mapping, StepKind::ForeignKey, Some(&chosen), after, &context)?;
                    step.work = Work::ForeignKey { references: referenced };
                    step.left_out_by = Some(left_out_by(table, foreign_key));
                    let added = step.id.clone();
                    if !not_valid {
                        let after = vec![added, StepKind::Copy.id(name)];
                        let context = json!({ "table": name, "name": chosen });
                        self.render_of(mapping, StepKind::Validate, Some(&chosen), after, &context)?;
                    }
                }
                Err(reason) => {
                    let is_skipped = mapping.target_columns(&foreign_key.columns).is_none();
                    let lines = left_out_by(table, foreign_key);
                    self.omit(
                        OmittedObject::ForeignKey,
                        place,
                        OmissionReason::from(reason).settled_by(lines).known_if(is_skipped),
                    );
                }
            }
        }
        Ok(())
    }

    /// Reports orphans: SQLite checks foreign keys only if it is asked to.
    pub(super) fn orphans(&mut self, table: &Table, position: usize, foreign_key: &ForeignKey, kept_by: KeptBy<'_>) {
        let Some(orphans) = self.inputs.contents.orphans.get(&(table.name.clone(), position)) else { return };
        let (columns, parent) = (foreign_key.columns.join(", "), &foreign_key.referenced_table);
        let rows = if orphans.count == 1 {
            "1 row references".to_owned()
        } else {
            format!("{} rows reference", orphans.count)
        };
        let message = format!("{rows} by ({columns}) what {parent} does not hold");
        let found = |severity, message| Finding {
            count: orphans.count,
            examples: orphans.examples.clone(),
            ..Finding::about(FindingCode::ForeignKeyOrphans, severity, &table.name, message)
        };
        let words = format!("what {parent} does not hold");
        let cause = Cause {
            detail: Some(format!(" by ({columns})")),
            ..Cause::new(["row references", "rows reference"], words)
        };
        if matches!(kept_by, KeptBy::NotValid) {
            let end = "; they stay, and the key is checked for new rows only, as the spec says";
            let cause = Cause { end: end.to_owned(), ..cause };
            return self.made.findings.push(found(Severity::Warns, format!("{message}{end}")).because(cause));
        }
        let (table_key, condition) = (quote_toml_key(&table.name), quote_toml_text(&self.without_orphans(table)));
        if let KeptBy::Application { key, table } = kept_by {
            let otherwise = unchecked(&key.name, &key.definition, table);
            let suggestion =
                format!("# leaves these rows behind:\n[tables.{table_key}]\nwhere = {condition}\n{otherwise}");
            return self.made.findings.push(found(Severity::Blocks, message).suggesting(suggestion).because(cause));
        }
        let collated = if self.compares_by_bytes(&table.name, foreign_key) {
            "\n# or lets the columns compare as in the source, all but spaces at the end:\n\
             # [target]\n# comparison = \"columns\""
        } else {
            ""
        };
        let suggestion = format!(
            "# keeps every row, and checks new ones:\n[tables.{table_key}]\nforeign_keys.{} = \"not_valid\"\n\
             # or leaves these rows behind:\n# where = {condition}{collated}",
            quote_toml_key(&columns)
        );
        self.made.findings.push(found(Severity::Blocks, message).suggesting(suggestion).because(cause));
    }

    /// Whether a foreign key compares by bytes what the source compares by a collation.
    fn compares_by_bytes(&self, table: &str, foreign_key: &ForeignKey) -> bool {
        let columns = self.tables.iter().filter(|mapping| mapping.source == table).flat_map(|mapping| &mapping.columns);
        let mut of_key = columns.filter(|column| foreign_key.columns.contains(&column.source));
        of_key.any(|column| column.compared_by.is_none() && column.letters().is_some())
    }

    /// The condition for the rows of a table that are no orphans by any foreign key. A spec has one `where` for a
    /// table, so its present condition is part of this one.
    fn without_orphans(&self, table: &Table) -> String {
        let (spec, catalog) = (self.inputs.spec, self.inputs.catalog);
        let condition = |(position, foreign_key)| {
            let orphans = self.inputs.contents.orphans.get(&(table.name.clone(), position))?;
            // SQLite cannot compare values that are equal only after conversion.
            let by_row = orphans.staying.clone();
            let ends = MappedEnds::of(self.tables, table, foreign_key);
            let parents = || references(catalog, table, ends, foreign_key, filter(spec, &foreign_key.referenced_table));
            Some(by_row.unwrap_or_else(parents))
        };
        let mut conditions = table.foreign_keys.iter().enumerate().filter_map(condition).collect::<Vec<_>>();
        conditions
            .extend(filter(spec, &table.name).map(|condition| format!("{condition}{}", end_of_comment(condition))));
        match conditions.as_slice() {
            [only] => only.clone(),
            several => several.iter().map(|condition| format!("({condition})")).collect::<Vec<_>>().join(" AND "),
        }
    }

    /// The referenced table and both ends' columns, in the target's names.
    fn referenced(
        &self,
        mapping: &TableMapping,
        foreign_key: &ForeignKey,
    ) -> Result<(String, Vec<String>, Vec<String>), String> {
        let target = &foreign_key.referenced_table;
        let table =
            self.inputs.catalog.table(target).ok_or_else(|| format!("it references {target}, which does not exist"))?;
        let referenced = self.tables.iter().find(|mapping| mapping.source == table.name);
        let referenced = referenced.ok_or_else(|| format!("it references {target}, which is not migrated"))?;
        let source_columns = referenced_columns(self.inputs.catalog, foreign_key);
        if source_columns.is_empty() {
            return Err(format!("it references {target}, which has no primary key"));
        }
        if source_columns.len() != foreign_key.columns.len() {
            return Err(format!(
                "it has {} columns and references {}",
                foreign_key.columns.len(),
                source_columns.len()
            ));
        }
        within_limit(source_columns.len())?;
        if !is_unique(self.inputs.spec, table, &source_columns) {
            let columns = source_columns.join(", ");
            let why = if leaves_key(self.inputs.spec, &table.name, &source_columns) {
                "a key that stays behind"
            } else {
                "which is not unique"
            };
            return Err(format!("it references {target} ({columns}), {why}"));
        }
        let columns = mapping.target_columns(&foreign_key.columns).ok_or("a column of it is skipped")?;
        let referenced_columns =
            referenced.target_columns(&source_columns).ok_or("a column that it references is skipped")?;
        for (child, parent) in columns.iter().zip(&referenced_columns) {
            Self::comparable(mapping, child, referenced, parent)?;
        }
        Ok((referenced.target.clone(), columns, referenced_columns))
    }

    /// Refuses two columns whose types or readings, given by the spec, can no longer be compared.
    fn comparable(mapping: &TableMapping, child: &str, referenced: &TableMapping, parent: &str) -> Result<(), String> {
        let find =
            |mapping: &TableMapping, name: &str| mapping.columns.iter().find(|column| column.target == name).cloned();
        let (Some(one), Some(other)) = (find(mapping, child), find(referenced, parent)) else { return Ok(()) };
        let is_literal = |column: &ColumnMapping| column.reading == Reading::Literal;
        if are_comparable(&one, &other) && is_literal(&one) == is_literal(&other) {
            return Ok(());
        }
        let words = |column: &ColumnMapping| match column.reading {
            reading if reading.is_plain() => column.type_words(),
            reading => format!("{} from {reading}", column.column_type),
        };
        Err(format!("{child} is {}, and {}.{parent} is {}", words(&one), referenced.source, words(&other)))
    }

    /// The steps that make a table's keys: a foreign key to it needs one of them.
    fn keys_of(&self, target: &str) -> Vec<StepId> {
        self.steps_of(target).iter().filter(|step| step.work == Work::Key).map(|step| step.id.clone()).collect()
    }
}

/// The part that a foreign key with orphans plays.
#[derive(Debug, Clone, Copy)]
pub(super) enum KeptBy<'a> {
    /// A key that is made and validated.
    Valid,
    /// A key that is made and is not validated.
    NotValid,
    /// A key of the application's table, which is restored as it was.
    Application { key: &'a TargetForeignKey, table: QualifiedName<'a> },
}

/// Alternative that keeps every row where the application's own foreign key is in the way, in comments: a key that is
/// NOT VALID is restored as one.
pub(crate) fn unchecked(name: &str, definition: &str, table: QualifiedName<'_>) -> String {
    let (name, table) = (quote_identifier(name), table.sql());
    let statement =
        format!("ALTER TABLE {table} DROP CONSTRAINT {name}, ADD CONSTRAINT {name} {definition} NOT VALID;");
    // A name with a line break would end the comment.
    let statement = statement.replace(char::is_control, " ");
    format!(
        "# or keeps every row, once the application's key is checked for new rows only; in the target:\n\
         # {statement}"
    )
}

/// The mode that the spec gives a foreign key, which it names by its columns.
pub(crate) fn foreign_key_mode(spec: &Spec, table: &str, columns: &[String]) -> ForeignKeyMode {
    let name = columns.join(", ");
    let modes = table_spec(spec, table).into_iter().flat_map(|table| &table.foreign_keys);
    let mode = modes.into_iter().find(|(columns, _)| columns.eq_ignore_ascii_case(&name));
    mode.map_or(ForeignKeyMode::Validate, |(_, mode)| *mode)
}

/// Both ends of a foreign key in the mapping, as far as they are migrated.
#[derive(Debug, Clone, Copy, Default)]
pub struct MappedEnds<'a> {
    /// The table that references.
    pub child: Option<&'a TableMapping>,
    /// The table that is referenced.
    pub parent: Option<&'a TableMapping>,
}

impl<'a> MappedEnds<'a> {
    fn of(tables: &'a [TableMapping], table: &Table, foreign_key: &ForeignKey) -> Self {
        let end = |name: &str| named(tables, |mapping| &mapping.source, name);
        Self { child: end(&table.name), parent: end(&foreign_key.referenced_table) }
    }

    /// Whether the source may find values of the two columns equal that are different texts in the target.
    fn have_other_texts(self, child: &str, parent: &str) -> bool {
        let columns = self.child.and_then(|mapping| Some((mapping, mapping.column_of(child)?)));
        let referenced = self.parent.and_then(|mapping| mapping.column_of(parent));
        columns
            .zip(referenced)
            .is_some_and(|((mapping, column), referenced)| equates_other_texts(mapping.dialect(), column, referenced))
    }
}

/// The source's condition for rows of `table` whose key is NULL or leads to a row of the parent that `filter` selects.
#[must_use]
pub fn references(
    catalog: &Catalog,
    table: &Table,
    ends: MappedEnds<'_>,
    foreign_key: &ForeignKey,
    filter: Option<&str>,
) -> String {
    let dialect = dialect::of(catalog.engine);
    let null = foreign_key.columns.iter().map(|column| format!("{} IS NULL", dialect.quote_identifier(column)));
    let null = null.collect::<Vec<_>>().join(" OR ");
    let rows = filter.map_or(ParentRows::All, ParentRows::Passing);
    format!("{null} OR {}", exists_parent(catalog, table, ends, foreign_key, rows))
}

/// The source's condition for rows of `table` whose key leads to one of these rows of the parent.
#[must_use]
pub(crate) fn exists_parent(
    catalog: &Catalog,
    table: &Table,
    ends: MappedEnds<'_>,
    foreign_key: &ForeignKey,
    rows: ParentRows<'_>,
) -> String {
    let (parent, parent_columns) =
        (catalog.table(&foreign_key.referenced_table), referenced_columns(catalog, foreign_key));
    let columns = foreign_key.columns.iter().zip(&parent_columns).map(|(column, referenced)| {
        let is_plain = |table: Option<&Table>, name: &str| {
            table.and_then(|table| table.column(name)).is_none_or(|column| column.equality.is_bytes())
        };
        let is_plain = is_plain(Some(table), column) && is_plain(parent, referenced);
        let has_other_texts = ends.have_other_texts(column, referenced);
        ReferenceColumn { child: column, parent: referenced, is_compared_by_bytes: is_plain, has_other_texts }
    });
    let (child, parent, columns) = (&table.name, &foreign_key.referenced_table, columns.collect());
    dialect::of(catalog.engine).exists_parent(&Reference {
        child,
        parent,
        in_databases: catalog.is_of_databases(),
        columns,
        rows,
    })
}

/// The line of spec that leaves a foreign key behind.
fn left_out_by(table: &Table, foreign_key: &ForeignKey) -> SpecLines {
    let line = format!("foreign_keys.{} = \"skip\"", quote_toml_key(&foreign_key.columns.join(", ")));
    SpecLines::new(format!("tables.{}", quote_toml_key(&table.name)), line)
}

/// Whether the source has a key or a full unique index on exactly these columns, which the spec does not replace.
fn is_unique(spec: &Spec, table: &Table, columns: &[String]) -> bool {
    let is_given = |index: &Index| {
        let given = table_spec(spec, &table.name).map(|by_spec| &by_spec.indexes);
        given.is_some_and(|given| named(given, |(name, _)| name, &index.name).is_some())
    };
    let same = |candidate: &[&str]| {
        candidate.len() == columns.len()
            && columns.iter().all(|column| candidate.iter().any(|name| name.eq_ignore_ascii_case(column)))
    };
    let borrowed = |names: &[String]| same(&names.iter().map(String::as_str).collect::<Vec<_>>());
    // A case-insensitive unique key becomes an index over an expression, which no foreign key can use; one by a collation
    // becomes a key over plain columns, with such an index beside it.
    let is_made_plain = |equality: &Equality| equality.is_bytes() || equality.rule().is_some();
    let is_plain = |name: &String| table.column(name).is_none_or(|column| is_made_plain(&column.equality));
    let plain_constraint = |names: &[String]| names.iter().all(is_plain) && borrowed(names);
    let is_made = |names: &[String]| !leaves_key(spec, &table.name, names);
    table.primary_key.as_ref().is_some_and(|key| borrowed(&key.columns) && is_made(&key.columns))
        || table.unique_constraints.iter().any(|unique| plain_constraint(&unique.columns) && is_made(&unique.columns))
        || table.indexes.iter().any(|index| {
            index.unique
                && index.predicate.is_none()
                && !is_given(index)
                && index.columns.iter().all(|column| is_made_plain(&column.equality))
                && same(&index.columns.iter().filter_map(|column| column.column.as_deref()).collect::<Vec<_>>())
        })
}
