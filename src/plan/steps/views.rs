//! Views, created once the tables and views that they read exist.

use super::StepMaker;
use crate::catalog::{OtherObject, OtherObjectKind, Table};
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::scope::{Relation, Synonyms, Visible, left_behind};
use crate::dialect::postgresql::equality::collation_name;
use crate::dialect::query::{KnownRelation, Relations, TranslatedView};
use crate::dialect::{self, Dialect};
use crate::name::{quote_identifier, quote_toml_key, shorten};
use crate::plan::error::PlanError;
use crate::plan::excess::{ExcessOf, ExpressionExcess};
use crate::plan::finding::{Finding, FindingCode, Severity};
use crate::plan::mapping::TableMapping;
use crate::plan::mapping::as_made::{standing, stays};
use crate::plan::mapping::leaves_key;
use crate::plan::mapping::long_names::shortened;
use crate::plan::omitted::{OmissionReason, OmittedObject, OmittedPlace, SpecLines};
use crate::plan::step::{NameSearch, StepId, StepKind};
use crate::plan::view::{ViewColumn, ViewMapping};
use crate::spec::{TablesMode, ViewSpec};
use crate::value::Zone;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// The step after which a table or view of the source can be read in the target, by its name in lower case.
type Steps = BTreeMap<String, StepId>;

impl StepMaker<'_> {
    /// Makes the views, each after those that it reads; views left at the end are omitted.
    pub(super) fn views(&mut self) -> Result<(), PlanError> {
        let (mut relations, mut steps) = self.readable_tables();
        let is_view = |other: &&OtherObject| {
            other.kind == OtherObjectKind::View && self.inputs.spec.source.tables.selects(&other.name)
        };
        let views = self.inputs.catalog.others.iter().filter(is_view).collect::<Vec<_>>();
        let all = self.inputs.catalog.others.iter().filter(|other| other.kind == OtherObjectKind::View);
        let all = all.map(|view| (view.name.as_str(), view.sql.as_deref().unwrap_or_default())).collect::<Vec<_>>();
        let dialect = self.dialect();
        let (expanded, limits) = (dialect.expanded_names(&all), dialect.view_limits());
        let names = |view: &OtherObject| expanded.get(&view.name.to_ascii_lowercase()).copied().unwrap_or_default();
        let exceeded = |view: &OtherObject| Some(limits.asked).filter(|asked| names(view) > *asked);
        let mut waiting = Vec::new();
        for view in views {
            let by_spec = self.view_spec(&view.name);
            if by_spec.skip {
                self.omit(
                    OmittedObject::View,
                    OmittedPlace::table(&view.name),
                    OmissionReason::known("left out by `skip`"),
                );
                relations.insert(&view.name, Err(format!("it reads the view {}, which is skipped", view.name)));
            } else if let Some(sql) = &by_spec.sql {
                self.given_view(view, &by_spec, sql, exceeded(view))?;
                let reason = format!("it reads the view {}, whose SQL is the spec's", view.name);
                relations.insert(&view.name, Err(reason));
            } else {
                relations.insert(&view.name, Err(format!("it reads the view {}, which is left behind", view.name)));
                waiting.push(view);
            }
        }
        let zone = Zone::from(self.inputs.spec.source.timezone.clone());
        let mut open = waiting.iter().map(|view| view.name.to_ascii_lowercase()).collect::<BTreeSet<_>>();
        let mut readers: BTreeMap<String, Vec<&OtherObject>> = BTreeMap::new();
        // The first in order is taken from the end.
        waiting.reverse();
        while let Some(source) = waiting.pop() {
            let name = source.name.to_ascii_lowercase();
            relations.take_read();
            relations.take_collations();
            let exceeds = exceeded(source);
            let made = match (names(source), &source.refusal) {
                (names, _) if names > limits.carried => Err(too_many_names(limits.carried)),
                (_, Some(refusal)) => {
                    Err(Untranslatable(format!("{} itself does not read it: {refusal}", dialect.system())))
                }
                _ => {
                    let columns = Some(source.columns.as_slice()).filter(|_| exceeds.is_none());
                    let sql = source.sql.as_deref().unwrap_or_default();
                    self.standing_view(source, &relations, |relations| dialect.view(sql, columns, relations, &zone))
                }
            };
            match made {
                Ok(made) => self.view(source, made, exceeds, &mut relations, &mut steps)?,
                Err(reason) => {
                    // A view waits for an undecided view that it reads.
                    let read = relations.take_read().into_iter().find(|read| *read != name && open.contains(read));
                    match read {
                        Some(read) => {
                            readers.entry(read).or_default().push(source);
                            continue;
                        }
                        None => self.omit_view(source, &reason.0),
                    }
                }
            }
            open.remove(&name);
            waiting.extend(readers.remove(&name).into_iter().flatten().rev());
        }
        // Circular views, which no source reads either.
        for source in readers.into_values().flatten() {
            self.omit_view(source, "it reads itself");
        }
        Ok(())
    }

    /// The translation of a view: by the facts of the run that has made it, or else by those of today. The relations have noted
    /// what it reads.
    fn standing_view(
        &mut self,
        source: &OtherObject,
        relations: &Relations,
        translate: impl Fn(&Relations) -> Result<TranslatedView, Untranslatable>,
    ) -> Result<TranslatedView, Untranslatable> {
        let today = translate(relations);
        let id = StepKind::View.id(&self.target_name(source, &self.view_spec(&source.name)));
        let (inputs, dialect) = (self.inputs, self.dialect());
        let Some(facts) = inputs.target.made_by.of(&id) else { return today };
        let others = self.tables.iter().filter_map(|mapping| Some((mapping, mapping.by(facts)?))).collect::<Vec<_>>();
        if others.is_empty() {
            return today;
        }
        let mut earlier = relations.clone();
        for (_, made) in &others {
            let table = inputs.catalog.table(&made.source);
            if let Some(table) = table.filter(|_| relations.find(&made.source).is_some_and(Result::is_ok)) {
                earlier.insert(&table.name, Ok(self.readable_table(made, table, dialect)));
            }
        }
        // Both translations note in one place what they read.
        relations.take_read();
        relations.take_collations();
        let (translation, against) = standing(today, Some(translate(&earlier)), |today, made| today.sql == made.sql);
        let Some(reason) = against else {
            relations.take_read();
            relations.take_collations();
            return translate(relations);
        };
        let tables = others.iter().filter(|(today, _)| relations.times_read(&today.source) > 0);
        let tables = tables.map(|(today, made)| (*today, made)).collect::<Vec<_>>();
        let finding = stays(&source.name, &format!("the view {}", source.name), &reason, &tables);
        self.made.standing.extend(finding.map(|finding| (id, finding)));
        translation
    }

    fn view(
        &mut self,
        source: &OtherObject,
        made: TranslatedView,
        exceeds: Option<u64>,
        relations: &mut Relations,
        steps: &mut Steps,
    ) -> Result<(), PlanError> {
        let by_spec = self.view_spec(&source.name);
        let name = self.view_name(source, &by_spec);
        let style = self.inputs.spec.target.names;
        let columns = made.columns.iter().map(|column| style.apply(&column.name)).collect::<Vec<_>>();
        let twice = columns.iter().enumerate().find(|(at, column)| columns[..*at].contains(column));
        if let Some((_, column)) = twice {
            self.omit_view(source, &format!("two of its columns would be called {column}"));
            return Ok(());
        }
        let mut after = self.ids(&[StepKind::Schema]);
        let read = relations.take_read();
        after.extend(read.iter().filter_map(|read| steps.get(read).cloned()));
        let schemas = self.schemas();
        let known = |rule| Some((rule, schemas.name_of(schemas.first(), &collation_name(rule))?));
        let collations = relations.take_collations().into_iter().filter_map(known).collect();
        after.extend(self.collations_of(collations)?);
        after.extend(self.apart(StepKind::View, &name, &[]));
        let context = json!({ "view": name, "columns": columns, "query": made.sql });
        self.render(StepKind::View, &name, after, &context)?;
        let (mut reads, mut inherited) = (BTreeSet::new(), Vec::new());
        for read in read {
            match self.made.views.iter().find(|view| view.source.eq_ignore_ascii_case(&read)) {
                Some(view) => inherited.push(view),
                None => _ = reads.insert(read),
            }
        }
        reads.extend(inherited.iter().flat_map(|view| view.reads.iter().cloned()));
        let varies = made.reads_clock.then(|| "it reads the clock".to_owned());
        let varies = varies.or_else(|| inherited.iter().find_map(|view| view.varies.clone()));
        let undetermined = made.undetermined.or_else(|| inherited.iter().find_map(|view| view.undetermined.clone()));
        self.made.excesses.extend(ExpressionExcess::all(ExcessOf::View, &source.name, "", made.excesses));
        self.made.views.push(ViewMapping {
            source: source.name.clone(),
            target: name.clone(),
            columns: made.columns.iter().zip(&source.columns).map(compared).collect(),
            reads,
            exceeds,
            varies,
            undetermined,
            comparison: by_spec.comparison,
        });
        if made.is_exact {
            let message = format!(
                "sums numeric, exactly; {} does in binary floating point, so the last digits may differ: 0.1 and 0.2 are 0.3 \
                 here and 0.30000000000000004 there",
                self.dialect().system()
            );
            self.made.findings.push(Finding::about(FindingCode::ExactDecimals, Severity::Notes, &source.name, message));
        }
        let written = |(column, name): (Visible, &String)| Visible {
            sql: Ok(quote_identifier(name).into_owned()),
            ..column.typed()
        };
        let visible = made.columns.into_iter().zip(&columns).map(written).collect();
        steps.insert(source.name.to_ascii_lowercase(), StepKind::View.id(&name));
        relations.insert(&source.name, Ok(self.readable(&name, Relation { columns: visible, ..Relation::default() })));
        Ok(())
    }

    /// A view whose SELECT the spec gives: it may read anything.
    fn given_view(
        &mut self,
        source: &OtherObject,
        by_spec: &ViewSpec,
        sql: &str,
        exceeds: Option<u64>,
    ) -> Result<(), PlanError> {
        let name = self.view_name(source, by_spec);
        let kinds = [StepKind::Schema, StepKind::Extension, StepKind::Table, StepKind::Copy, StepKind::View];
        // Every table and view before it, those with types of its names among them.
        let (after, columns) = (self.ids(&kinds), Vec::<String>::new());
        self.apart(StepKind::View, &name, &[]);
        let query = sql.trim().trim_end_matches(';');
        let context = json!({ "view": name, "columns": columns, "query": query });
        self.made.views.push(ViewMapping {
            source: source.name.clone(),
            target: name.clone(),
            columns: source.columns.iter().map(|name| plain(name)).collect(),
            reads: self.tables.iter().map(|mapping| mapping.source.to_ascii_lowercase()).collect(),
            exceeds,
            varies: None,
            undetermined: None,
            comparison: by_spec.comparison,
        });
        self.render(StepKind::View, &name, after, &context)?.search = NameSearch::Tables;
        Ok(())
    }

    fn view_spec(&self, name: &str) -> ViewSpec {
        let views = &self.inputs.spec.views;
        views.iter().find(|(view, _)| view.eq_ignore_ascii_case(name)).map(|(_, view)| view.clone()).unwrap_or_default()
    }

    fn target_name(&self, source: &OtherObject, by_spec: &ViewSpec) -> String {
        let style = self.inputs.spec.target.names;
        let renamed = by_spec.rename.as_deref().map(shorten);
        self.schemas().within(&source.name, |name| renamed.unwrap_or_else(|| style.apply(name)))
    }

    fn view_name(&mut self, source: &OtherObject, by_spec: &ViewSpec) -> String {
        let (style, name) = (self.inputs.spec.target.names, self.target_name(source, by_spec));
        let bare = self.schemas().bare(&source.name).to_owned();
        let wished = by_spec.rename.clone().unwrap_or_else(|| style.styled(&bare).into_owned());
        let heading = format!("views.{}", quote_toml_key(&source.name));
        let finding = shortened(&source.name, &wished, self.schemas().bare(&name), &heading);
        self.made.findings.extend(finding);
        if !self.relations.take(&name) {
            let message = format!("a table, an index or another view would be called {name} in the target too");
            self.made.findings.push(
                Finding::about(FindingCode::NameCollision, Severity::Blocks, &source.name, message)
                    .suggesting(format!("[views.{}]\nrename = \"…\"", quote_toml_key(&source.name))),
            );
        }
        name
    }

    fn omit_view(&mut self, source: &OtherObject, reason: &str) {
        let (text, key) = (source.sql.as_deref().unwrap_or_default(), quote_toml_key(&source.name));
        let full = format!(
            "{reason}:\n{text}\nThe spec can give its SELECT in PostgreSQL's SQL, or leave it behind by skip = true:\n\
             [views.{key}]\nsql = \"SELECT …\""
        );
        let lines = SpecLines::new(format!("views.{key}"), "skip = true");
        let reason = OmissionReason::from(reason).with_text(text, full).settled_by(lines);
        self.omit(OmittedObject::View, OmittedPlace::table(&source.name), reason);
    }

    /// The tables that a view may read, and the steps that fill them.
    fn readable_tables(&self) -> (Relations, Steps) {
        let makes_collations = self.inputs.spec.target.tables != TablesMode::Existing;
        let schema = makes_collations.then(|| self.schemas().first().to_owned());
        let (mut relations, mut steps, dialect) = (Relations::with_collations(schema), Steps::new(), self.dialect());
        for other in &self.inputs.catalog.others {
            if other.kind != OtherObjectKind::Trigger && !other.kind.is_by_itself() {
                relations.insert(&other.name, Err(format!("it reads {}, which is not migrated", other.name)));
            }
        }
        for table in &self.inputs.catalog.tables {
            let Some(mapping) = self.tables.iter().find(|mapping| mapping.source == table.name) else {
                relations.insert(&table.name, Err(format!("it reads {}, which is not migrated", table.name)));
                continue;
            };
            let is_other = |other: &&Table| other.name != table.name && other.name.eq_ignore_ascii_case(&table.name);
            if let Some(other) = self.inputs.catalog.tables.iter().find(is_other) {
                let reason = format!("it reads {}, and there is {} too", table.name, other.name);
                relations.insert(&table.name, Err(reason));
                continue;
            }
            steps.insert(table.name.to_ascii_lowercase(), StepKind::Copy.id(&mapping.target));
            relations.insert(&table.name, Ok(self.readable_table(mapping, table, dialect)));
        }
        (relations, steps)
    }

    /// A table as views read it.
    fn readable_table(&self, mapping: &TableMapping, table: &Table, dialect: &dyn Dialect) -> KnownRelation {
        let found = |name: &str| mapping.columns.iter().find(|column| column.source == name);
        let of = |name: &str| found(name).map(|column| column.visible(dialect));
        let columns = table.columns.iter().map(|column| of(&column.name).unwrap_or_else(|| left_behind(&column.name)));
        let declared = table.row_identity.declared_integer();
        let synonyms = declared.map(|column| Synonyms { column: column.to_owned(), names: dialect.row_names() });
        let spec = self.inputs.spec;
        let key = table.primary_key.as_ref().filter(|key| !leaves_key(spec, &table.name, &key.columns));
        let key = key.map(|key| key.columns.clone()).unwrap_or_default();
        let relation = Relation { columns: columns.collect(), synonyms, key, ..Relation::default() };
        self.readable(&mapping.target, relation)
    }

    /// The meaning of the views' SQL.
    fn dialect(&self) -> &'static dyn Dialect {
        dialect::of(self.inputs.catalog.engine)
    }

    fn readable(&self, name: &str, relation: Relation) -> KnownRelation {
        let bare = quote_identifier(self.bare(name)).into_owned();
        KnownRelation { sql: self.schemas().qualified(name), name: quote_identifier(name).into_owned(), bare, relation }
    }
}

fn too_many_names(most: u64) -> Untranslatable {
    Untranslatable(format!(
        "it comes to more than {most} tables and views when every view that it reads is replaced by its query, and \
         no larger view is carried over"
    ))
}

/// A column whose values are compared as they are.
fn plain(name: &str) -> ViewColumn {
    ViewColumn { name: name.to_owned(), is_inexact: false, is_converted: false }
}

/// A column of a translated view.
fn compared((column, name): (&Visible, &String)) -> ViewColumn {
    let is_converted = matches!(column.kind, ValueKind::Counted | ValueKind::Opaque);
    ViewColumn { is_inexact: column.is_inexact, is_converted, ..plain(name) }
}
