//! Indexes: those of the source, and those that the spec asks for.

use super::{StepMaker, part_name};
use crate::catalog::{ColumnType, Equality, Index, IndexColumn, IndexPurpose, SortOrder, Table};
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::Scope;
use crate::dialect::expression::{Bounded, RangeExcess as Part, Untranslatable};
use crate::dialect::postgresql::equality::{KeyFolding, folded, folded_key, key_folding};
use crate::name::{quote_identifier, quote_toml_key};
use crate::plan::error::PlanError;
use crate::plan::excess::{ExcessOf, ExpressionExcess};
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::mapping::as_made::{standing, stays};
use crate::plan::mapping::{ColumnMapping, TableMapping, is_unaltered, said_of, table_spec};
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::plan::step::{NameSearch, StepKind, Work};
use crate::spec::{IndexMethod, SqlOrOmitted, TextComparison};
use crate::value::Reading;
use serde_json::json;

/// An index in PostgreSQL's SQL.
struct TranslatedIndex {
    keys: Vec<String>,
    predicate: Option<String>,
    excesses: Vec<Part>,
}

impl StepMaker<'_> {
    /// The name of an index in the target: its own; with the table's before it if several tables have one of that name,
    /// so that it does not depend on which of them the spec selects.
    fn index_name(&mut self, mapping: &TableMapping, index: &Index) -> String {
        let known = self.schemas().beside(&mapping.source, &index.name);
        let name = if self.shared.contains(&known.to_ascii_lowercase()) {
            format!("{}_{}", self.bare(&mapping.source), index.name)
        } else {
            index.name.clone()
        };
        let chosen = self.take_free(mapping, self.inputs.spec.target.names.apply(&name));
        self.note_shortened(mapping, Some(&name), &chosen);
        chosen
    }

    pub(super) fn index(&mut self, mapping: &TableMapping, table: &Table, index: &Index) -> Result<(), PlanError> {
        let name = mapping.target.as_str();
        let place = OmittedPlace::of_table(&table.name, format!("{}.{}", table.name, index.name));
        let kind = if index.unique { OmittedObject::UniqueIndex } else { OmittedObject::Index };
        let by_spec = table_spec(self.inputs.spec, &table.name).map(|table| &table.indexes);
        let given = by_spec.and_then(|indexes| {
            indexes.iter().find(|(given, _)| given.eq_ignore_ascii_case(&index.name)).map(|(_, given)| given)
        });
        match given {
            Some(SqlOrOmitted::Sql(definition)) => {
                let chosen = self.index_name(mapping, index);
                let context =
                    json!({ "table": name, "name": chosen, "unique": index.unique, "definition": definition });
                let after = vec![StepKind::Copy.id(name)];
                let step = self.render_of(mapping, StepKind::Index, Some(&chosen), after, &context)?;
                (step.search, step.work) = (NameSearch::Tables, work(index));
                step.left_out_by = Some(left_out_by(table, index));
                return Ok(());
            }
            Some(SqlOrOmitted::LeftBehind) => {
                self.omit(kind, place, OmissionReason::known("left out by the spec"));
                return Ok(());
            }
            None => {}
        }
        if index.purpose == IndexPurpose::Words && self.index_of_words(mapping, table, index, &place) {
            return Ok(());
        }
        if index.purpose == IndexPurpose::Periods
            && let Some(exclusion) = self.exclusion(mapping, index)
        {
            let chosen = self.index_name(mapping, index);
            let context = json!({ "table": name, "name": chosen, "exclusion": exclusion });
            let after = vec![StepKind::Copy.id(name)];
            let step = self.render_of(mapping, StepKind::Constraint, Some(&chosen), after, &context)?;
            step.left_out_by = Some(left_out_by(table, index));
            return Ok(());
        }
        match self.standing_index(mapping, table, index) {
            Ok(TranslatedIndex { keys, predicate, excesses }) => {
                let excesses = ExpressionExcess::all(ExcessOf::Index, &table.name, &index.name, excesses);
                self.made.excesses.extend(excesses);
                let chosen = self.index_name(mapping, index);
                let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": index.unique, "method": if index.purpose == IndexPurpose::Space { "gist" } else { "btree" }, "predicate": predicate, "definition": None::<String> });
                let after = vec![StepKind::Copy.id(name)];
                let step = self.render_of(mapping, StepKind::Index, Some(&chosen), after, &context)?;
                (step.work, step.left_out_by) = (work(index), Some(left_out_by(table, index)));
                self.index_by_spelling(mapping, index);
                self.index_beside(mapping, table, index)?;
            }
            Err(reason) => {
                let (table_key, key) = (quote_toml_key(&table.name), quote_toml_key(&index.name));
                let heading = format!("tables.{table_key}.indexes");
                let text = index.sql.as_deref().unwrap_or_default();
                let reason = OmissionReason::undecided(&reason.0, text, &heading, &key, "(…)");
                let columns = index.columns.iter().filter_map(|key| key.column.clone()).collect::<Vec<_>>();
                self.omit(kind, place, reason.known_if(mapping.target_columns(&columns).is_none()));
            }
        }
        Ok(())
    }

    /// The translation of an index: by the facts of the run that has made it, or else by those of today.
    fn standing_index(
        &mut self,
        mapping: &TableMapping,
        table: &Table,
        index: &Index,
    ) -> Result<TranslatedIndex, Untranslatable> {
        let computes = index.predicate.is_some() || index.columns.iter().any(|key| key.expression.is_some());
        if !computes || !self.inputs.target.made_by.knew_other(&self.inputs.contents.spellings) {
            return self.translated_index(mapping, table, index);
        }
        // The name that it takes if it is carried over.
        let (names, shortened) = (self.relations.clone(), self.shortened.clone());
        let chosen = self.index_name(mapping, index);
        (self.relations, self.shortened) = (names, shortened);
        let id = StepKind::Index.id(&part_name(&mapping.target, &chosen));
        let maker = &*self;
        let (today, made) = (maker.translated_index(mapping, table, index), mapping.as_made(self.inputs, &id));
        let made_index = made.as_ref().map(|made| maker.translated_index(made, table, index));
        let is_same =
            |one: &TranslatedIndex, two: &TranslatedIndex| (&one.keys, &one.predicate) == (&two.keys, &two.predicate);
        let (translation, against) = standing(today, made_index, is_same);
        if let Some((reason, made)) = against.zip(made) {
            let object = format!("the index {}", index.name);
            let finding = stays(&mapping.source, &object, &reason, &[(mapping, &made)]);
            self.made.standing.extend(finding.map(|finding| (id, finding)));
        }
        translation
    }

    fn translated_index(
        &self,
        mapping: &TableMapping,
        table: &Table,
        index: &Index,
    ) -> Result<TranslatedIndex, Untranslatable> {
        let scope = mapping.scope_of_index(table, index);
        let (keys, mut excesses) = self.index_keys(mapping, &scope, index).map_err(Untranslatable)?;
        let predicate = index.predicate.as_deref().map(|text| mapping.dialect().predicate(text, &scope)).transpose()?;
        let predicate = predicate.map(|predicate| {
            excesses.extend(predicate.excesses);
            predicate.sql
        });
        Ok(TranslatedIndex { keys, predicate, excesses })
    }

    /// The index beside a unique one over plain columns: see [`Self::unique_beside`].
    fn index_beside(&mut self, mapping: &TableMapping, table: &Table, index: &Index) -> Result<(), PlanError> {
        let sources = index.columns.iter().map(|key| key.column.clone()).collect::<Option<Vec<_>>>();
        let is_collated = |key: &IndexColumn| key.equality.rule().is_some();
        let Some(sources) =
            sources.filter(|_| index.unique && index.predicate.is_none() && index.columns.iter().any(is_collated))
        else {
            return Ok(());
        };
        let Some(columns) = mapping.target_columns(&sources) else { return Ok(()) };
        match self.keys(mapping, table, &sources, &columns) {
            Ok(keys) => self.unique_beside(mapping, &columns, &keys),
            // The index itself was left out for that.
            Err(_) => Ok(()),
        }
    }

    /// The extension that an index of this method needs for a column of this type, if the spec does not name it.
    fn lacking_extension(&self, method: IndexMethod, column_type: &ColumnType) -> Option<&'static str> {
        let extension = match method {
            IndexMethod::Gin if *column_type != ColumnType::Jsonb => "btree_gin",
            IndexMethod::Gist => "btree_gist",
            _ => return None,
        };
        let asked = self.inputs.spec.target.extensions.iter().any(|asked| asked == extension);
        (!asked).then_some(extension)
    }

    /// `columns.NAME.index`, and that of the lines of `[types]`.
    pub(super) fn indexes_of_the_spec(&mut self, mapping: &TableMapping) -> Result<(), PlanError> {
        let wanted = mapping.columns.iter().filter_map(|mapped| {
            let said = said_of(self.inputs.spec, &mapping.source, &mapped.source, &mapped.declared_type);
            Some((mapped, said.index?))
        });
        // By name: an index takes the first name that is free, and the order of the columns says nothing.
        let mut wanted = wanted.collect::<Vec<_>>();
        wanted.sort_by_key(|(mapped, _)| &mapped.source);
        let name = mapping.target.as_str();
        for (mapped, method) in wanted {
            let column = mapped.source.as_str();
            if let Some(extension) = self.lacking_extension(method, &mapped.column_type) {
                let message = format!("{} has no operators for {} by itself", method.sql(), mapped.column_type);
                let finding =
                    Finding::about(FindingCode::IndexWithoutOperators, Severity::Blocks, &mapping.source, message);
                let (table, key) = (quote_toml_key(&mapping.source), quote_toml_key(column));
                let suggestion = format!(
                    "# or keep the method and add \"{extension}\" to target.extensions\n[tables.{table}.columns.{key}]\nindex = \"btree\""
                );
                self.made.findings.push(finding.in_column(column).suggesting(suggestion));
            }
            let column = mapped.target.as_str();
            let chosen = self.take_free(mapping, format!("{}_{column}_idx", self.bare(name)));
            let (keys, predicate) = ([quote_identifier(column)], None::<String>);
            let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": false, "method": method.sql(), "predicate": predicate, "definition": predicate });
            self.render_of(mapping, StepKind::Index, Some(&chosen), vec![StepKind::Copy.id(name)], &context)?;
        }
        Ok(())
    }
}

impl StepMaker<'_> {
    /// The GIN index of a tsvector column.
    pub(super) fn search_index(&mut self, mapping: &TableMapping) -> Result<(), PlanError> {
        let Some(search) = &mapping.search else { return Ok(()) };
        let name = mapping.target.as_str();
        let chosen = self.take_free(mapping, format!("{}_{}_idx", self.bare(name), search.column));
        let (keys, none) = ([quote_identifier(&search.column)], None::<String>);
        let context = json!({ "table": name, "name": chosen, "keys": keys, "unique": false, "method": "gin", "predicate": none, "definition": none });
        self.render_of(mapping, StepKind::Index, Some(&chosen), vec![StepKind::Copy.id(name)], &context)?;
        Ok(())
    }
}

/// The line of spec that leaves an index behind.
fn left_out_by(table: &Table, index: &Index) -> SpecLines {
    let heading = format!("tables.{}.indexes", quote_toml_key(&table.name));
    SpecLines::new(heading, format!("{} = false", quote_toml_key(&index.name)))
}

/// The work of a step that creates an index: a unique one is a key.
fn work(index: &Index) -> Work {
    if index.unique { Work::Key } else { Work::Statement { in_transaction: true } }
}

impl StepMaker<'_> {
    /// The keys of an index in PostgreSQL's SQL, or the reason why there are none.
    fn index_keys(
        &self,
        mapping: &TableMapping,
        scope: &Scope<'_>,
        index: &Index,
    ) -> Result<(Vec<String>, Vec<Part>), String> {
        within_limit(index.columns.len())?;
        match index.purpose {
            IndexPurpose::Words => {
                return Err("it is a full-text index, and PostgreSQL searches words in a tsvector column".to_owned());
            }
            IndexPurpose::Space if places_column(mapping, index).is_none() => {
                return Err("it is a spatial index, which PostgreSQL has with PostGIS".to_owned());
            }
            IndexPurpose::Order | IndexPurpose::Space => {}
            IndexPurpose::Periods => {
                return Err(
                    "it lets no periods overlap, which a constraint of PostgreSQL does with \"btree_gist\" in \
                            target.extensions, over dates and numbers"
                        .to_owned(),
                );
            }
        }
        let mut excesses = Vec::new();
        // An index with an expression has none beside it that compares as the source does, and no foreign key references it.
        let stands_alone = index.columns.iter().any(|key| key.column.is_none());
        let mut key = |key: &IndexColumn| {
            let sql = match (&key.column, &key.expression) {
                (Some(column), _) => {
                    let column =
                        mapping.target_column(column).ok_or_else(|| format!("its column {column} is skipped"))?;
                    has_order(mapping, column)?;
                    key.column
                        .iter()
                        .try_for_each(|name| is_unaltered(scope, index, name))
                        .map_err(|reason| reason.0)?;
                    if stands_alone && key.equality.rule().is_some() {
                        let of = mapping.columns.iter().find(|mapped| mapped.target == column);
                        self.text_key(mapping, &quote_identifier(column), &key.equality, index, of)?
                    } else {
                        key_sql(mapping, column, &key.equality)?
                    }
                }
                (None, Some(expression)) => {
                    if let Some((column, sql)) = decoded(mapping, expression).filter(|_| !index.unique) {
                        let sql = self.text_key(mapping, &sql, &key.equality, index, Some(column))?;
                        return Ok(ordered(sql, key));
                    }
                    let (Bounded { sql, excesses: parts }, kind) =
                        mapping.index_key(scope, index, expression).map_err(|reason| reason.0)?;
                    excesses.extend(parts);
                    if kind == ValueKind::Text {
                        let prefix = mapping.dialect().prefix(expression);
                        let of = prefix.and_then(|(column, _)| mapping.column_of(&column));
                        self.text_key(mapping, &format!("({sql})"), &key.equality, index, of)?
                    } else {
                        format!("({sql})")
                    }
                }
                (None, None) => return Err("one of its keys cannot be read".to_owned()),
            };
            Ok(ordered(sql, key))
        };
        let keys = index.columns.iter().map(&mut key).collect::<Result<Vec<_>, String>>()?;
        Ok((keys, excesses))
    }

    /// A key over text: the term `sql` is an expression in parentheses, or the column `of` or its beginning. No foreign key
    /// references it: a collation is its own.
    fn text_key(
        &self,
        mapping: &TableMapping,
        sql: &str,
        equality: &Equality,
        index: &Index,
        of: Option<&ColumnMapping>,
    ) -> Result<String, String> {
        let target = &self.inputs.spec.target;
        let is_kept = index.unique && target.comparison.unwrap_or_default() != TextComparison::Bytes;
        let folding = match of {
            Some(column) => column.key_folding(equality)?,
            None => key_folding(equality)?,
        };
        Ok(match folding {
            Some(KeyFolding::Plain(folding)) => folded(folding, sql),
            Some(folding) if is_kept => folded_key(folding, sql, self.schemas().schema_of(&mapping.target)),
            Some(KeyFolding::Collated(_)) | None => sql.to_owned(),
        })
    }
}

/// A key in the order that the index has it.
fn ordered(sql: String, key: &IndexColumn) -> String {
    if key.order == SortOrder::Descending { format!("{sql} DESC") } else { sql }
}

/// The beginning of a text that is decoded on the way, as an index finds it: the beginning of what arrives.
fn decoded<'m>(mapping: &'m TableMapping, expression: &str) -> Option<(&'m ColumnMapping, String)> {
    /// Characters that fit a key in any case.
    const LONGEST: usize = 600;
    let (column, length) = mapping.dialect().prefix(expression)?;
    let column = mapping.column_of(&column)?;
    let is_decoded = matches!(column.reading, Reading::DoubleUtf8 | Reading::MixedUtf8) && column.column_type.is_text();
    let sql = format!("(left({}, {length}))", quote_identifier(&column.target));
    (is_decoded && length <= LONGEST).then_some((column, sql))
}

/// The one column of places that an index finds, if PostGIS holds it.
fn places_column<'m>(mapping: &'m TableMapping, index: &Index) -> Option<&'m ColumnMapping> {
    let [IndexColumn { column: Some(column), .. }] = index.columns.as_slice() else { return None };
    let is_of_places =
        |mapped: &&ColumnMapping| matches!(mapped.column_type, ColumnType::Geometry | ColumnType::Geography);
    mapping.column_of(column).filter(is_of_places)
}

/// Refuses a column whose type PostgreSQL cannot sort.
pub(super) fn has_order(mapping: &TableMapping, column: &str) -> Result<(), String> {
    let is_json = |mapped: &ColumnMapping| mapped.target == column && mapped.column_type == ColumnType::Json;
    if mapping.columns.iter().any(is_json) {
        return Err(format!("{column} is json, which PostgreSQL cannot compare; jsonb can be"));
    }
    Ok(())
}

/// Whether PostgreSQL can have an index of so many keys (PostgreSQL documentation, appendix K).
pub(super) fn within_limit(keys: usize) -> Result<(), String> {
    if keys <= 32 { Ok(()) } else { Err(format!("it has {keys} columns, and PostgreSQL's limit is 32")) }
}

/// A key over a plain column. What a collation leaves out is the matter of a key beside it, or of the column's own
/// collation: queries find rows by the column itself.
pub(super) fn key_sql(mapping: &TableMapping, column: &str, equality: &Equality) -> Result<String, String> {
    let mapped = mapping.columns.iter().find(|mapped| mapped.target == column);
    let column = quote_identifier(column);
    let folding = mapped.map_or(Ok(None), |mapped| mapped.key_folding(equality))?;
    Ok(match folding {
        Some(KeyFolding::Plain(folding)) => folded(folding, &column),
        Some(KeyFolding::Collated(_)) | None => column.into_owned(),
    })
}
