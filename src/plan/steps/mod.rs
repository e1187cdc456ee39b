//! The steps of a migration, with their dependencies.
//!
//! Structure comes first, then the copies; a table's keys and indexes wait for its own copy alone, foreign keys for both
//! ends, views for what they read, checks for everything. The hints of the spec are further edges.

mod checks;
mod collations;
mod counters;
mod demands;
mod exclusion;
mod existing;
mod existing_rows;
mod foreign_keys;
mod full_text;
mod indexes;
mod keys;
mod merge;
mod objects;
mod replace;
mod rights;
mod sequences;
mod spec_checks;
mod spellings;
mod storage;
mod table;
mod transactions;
mod triggers;
mod types;
mod updates;
mod user;
mod views;

pub use foreign_keys::{MappedEnds, references};
pub(crate) use foreign_keys::{exists_parent, foreign_key_mode, unchecked};
pub use replace::schema_aside;

use super::Inputs;
use super::check::PlannedCheck;
use super::error::PlanError;
use super::excess::ExpressionExcess;
use super::finding::Finding;
use super::mapping::as_made::{Standing, standing, stays};
use super::mapping::{SequenceMapping, TableMapping, long_names};
use super::names::{RelationNames, array_type_name};
use super::omitted::{OmissionReason, Omitted, OmittedObject, OmittedPlace};
use super::step::{Step, StepId, StepKind, StepTable};
use super::view::ViewMapping;
use crate::catalog::Index;
use crate::dialect::expression::Untranslatable;
use crate::name::{LONGEST_NAME, Schemas, shorten};
use crate::spec::{Privileges, TablesMode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The steps, with the findings and omissions met while making them.
#[derive(Debug, Default)]
pub(super) struct MadeSteps {
    /// The steps, unsorted.
    pub(super) steps: Vec<Step>,
    /// The findings about them.
    pub(super) findings: Vec<Finding>,
    /// Keys, indexes and constraints that are not carried over.
    pub(super) omitted: Vec<Omitted>,
    /// The spec's checks, by name.
    pub(super) checks: BTreeMap<String, PlannedCheck>,
    /// Expressions that may leave the range of PostgreSQL's types.
    pub(super) excesses: Vec<ExpressionExcess>,
    /// The views.
    pub(super) views: Vec<ViewMapping>,
    /// Findings about objects that stay as a run has made them.
    pub(super) standing: Vec<Standing>,
}

/// Makes every step.
///
/// # Errors
/// A template fails, or a hint names nothing.
pub(super) fn make(
    inputs: Inputs<'_>,
    tables: &[TableMapping],
    sequences: &[SequenceMapping],
) -> Result<MadeSteps, PlanError> {
    let mut relations = RelationNames::new(&inputs.spec.target.schemas);
    for table in tables {
        relations.take(&table.target);
        for part in table.partitions.iter().flat_map(|partitions| &partitions.parts) {
            relations.take(&part.name);
        }
    }
    for sequence in sequences {
        relations.take(&sequence.target);
    }
    let made = MadeSteps::default();
    let mut maker = StepMaker {
        inputs,
        tables,
        sequences,
        relations,
        wished: wished(inputs),
        shared: shared(inputs),
        types: BTreeMap::new(),
        made,
        shortened: BTreeMap::new(),
        of_table: BTreeMap::new(),
    };
    maker.surroundings()?;
    let pairs = tables.iter().filter_map(|mapping| Some((mapping, inputs.catalog.table(&mapping.source)?)));
    let pairs = pairs.collect::<Vec<_>>();
    if inputs.spec.target.tables == TablesMode::Existing {
        maker.existing()?;
    } else {
        maker.set_aside()?;
        maker.types()?;
        maker.generators()?;
        for (mapping, table) in &pairs {
            let start = maker.made.steps.len();
            maker.table(mapping, table)?;
            maker.of_table.insert(mapping.target.clone(), start..maker.made.steps.len());
        }
        for (mapping, table) in &pairs {
            maker.foreign_keys(mapping, table)?;
        }
        maker.views()?;
        maker.triggers()?;
        maker.objects();
        maker.positions()?;
    }
    maker.analyze()?;
    maker.grants()?;
    maker.user_steps()?;
    maker.spec_checks()?;
    maker.transactions();
    maker.made.findings.extend(maker.shortened.iter().map(|(table, names)| long_names::of_parts(table, names)));
    Ok(maker.made)
}

/// The names that the source and the spec give to indexes, constraints and views. Names that users do not see, such as
/// that of an identity column's sequence, give way to them.
fn wished(inputs: Inputs<'_>) -> BTreeSet<String> {
    let style = inputs.spec.target.names;
    let of_tables = inputs.catalog.tables.iter().flat_map(|table| {
        let keys = table.primary_key.iter().filter_map(|key| key.name.as_deref());
        let uniques = table.unique_constraints.iter().filter_map(|unique| unique.name.as_deref());
        keys.chain(uniques).chain(table.indexes.iter().map(|index| index.name.as_str()))
    });
    let schemas = &inputs.spec.target.schemas;
    let views = inputs.catalog.others.iter().map(|other| schemas.bare(&other.name));
    let renamed = inputs.spec.views.values().filter_map(|view| view.rename.as_deref()).map(shorten);
    of_tables.chain(views).map(|name| style.apply(name)).chain(renamed).collect()
}

/// The names of indexes that more than one table of the source has: in a schema of PostgreSQL an index's name is unique.
fn shared(inputs: Inputs<'_>) -> BTreeSet<String> {
    let (mut seen, mut shared, schemas) = (BTreeSet::new(), BTreeSet::new(), &inputs.spec.target.schemas);
    for table in &inputs.catalog.tables {
        let known = |index: &Index| schemas.beside(&table.name, &index.name).to_ascii_lowercase();
        let names = table.indexes.iter().map(known).collect::<BTreeSet<_>>();
        for name in names {
            if !seen.insert(name.clone()) {
                shared.insert(name);
            }
        }
    }
    shared
}

/// The name of a step about a part of a table.
fn part_name(table: &str, part: &str) -> String {
    format!("{table}.{part}")
}

struct StepMaker<'a> {
    inputs: Inputs<'a>,
    tables: &'a [TableMapping],
    sequences: &'a [SequenceMapping],
    /// The names of tables, sequences and indexes in the target schemas.
    relations: RelationNames<'a>,
    /// The names that indexes, constraints and views will want.
    wished: BTreeSet<String>,
    /// The names of indexes that several tables of the source have, in lower case.
    shared: BTreeSet<String>,
    /// The steps that make a table or view with a type of this name: its own, or that of its arrays.
    types: BTreeMap<String, Vec<StepId>>,
    made: MadeSteps,
    /// Names of keys, indexes and constraints in the target that are shorter than those of the source, by table of the source.
    shortened: BTreeMap<String, Vec<String>>,
    /// Positions of a table's steps, by its name in the target: a search through all steps for each of 1,500 tables is
    /// slow.
    of_table: BTreeMap<String, Range<usize>>,
}

impl<'a> StepMaker<'a> {
    fn push(&mut self, id: StepId, after: Vec<StepId>, sql: String) -> &mut Step {
        let step = Step::new(id, after, sql);
        let at = self.made.steps.len();
        self.made.steps.push(step);
        &mut self.made.steps[at]
    }

    fn render(
        &mut self,
        kind: StepKind,
        name: &str,
        after: Vec<StepId>,
        context: &Value,
    ) -> Result<&mut Step, PlanError> {
        let sql = self.inputs.templates.render(kind, &context)?;
        let undo = self.inputs.templates.render_undo(kind, &context)?;
        let step = self.push(kind.id(name), after, sql);
        step.undo = undo;
        Ok(step)
    }

    /// Renders a step about a table, or about an index, constraint or column of it.
    fn render_of(
        &mut self,
        mapping: &TableMapping,
        kind: StepKind,
        part: Option<&str>,
        after: Vec<StepId>,
        context: &Value,
    ) -> Result<&mut Step, PlanError> {
        let target = &mapping.target;
        let name = part.map_or_else(|| target.clone(), |part| part_name(target, part));
        let step = self.render(kind, &name, after, context)?;
        let (source, target, part) = (mapping.source.clone(), target.clone(), part.map(str::to_owned));
        step.table = Some(StepTable { source, target, part });
        Ok(step)
    }

    /// The translation of an object over one table: by the facts of the run that has made it, or else by those of today.
    fn standing<T>(
        &mut self,
        (id, object): (&StepId, &str),
        mapping: &TableMapping,
        translate: impl Fn(&TableMapping) -> Result<T, Untranslatable>,
        is_same: impl Fn(&T, &T) -> bool,
    ) -> Result<T, Untranslatable> {
        let made = mapping.as_made(self.inputs, id);
        let (translation, against) = standing(translate(mapping), made.as_ref().map(&translate), is_same);
        if let Some((reason, made)) = against.zip(made) {
            let finding = stays(&mapping.source, object, &reason, &[(mapping, &made)]);
            self.made.standing.extend(finding.map(|finding| (id.clone(), finding)));
        }
        translation
    }

    /// Earlier steps of tables and views that must not run together with this one: the array type of one would have the
    /// name of a type of the other. `parts` are the names of partitions. One after the other, PostgreSQL itself chooses another name.
    fn apart(&mut self, kind: StepKind, name: &str, parts: &[&str]) -> Vec<StepId> {
        let (mut earlier, schemas) = (BTreeSet::new(), self.schemas());
        let relations = [name].into_iter().chain(parts.iter().copied());
        for of_type in relations.flat_map(|name| [name.to_owned(), schemas.within(name, array_type_name)]) {
            let steps = self.types.entry(of_type).or_default();
            earlier.extend(steps.iter().cloned());
            steps.push(kind.id(name));
        }
        earlier.remove(&kind.id(name));
        earlier.into_iter().collect()
    }

    /// The steps of a table but for its foreign keys.
    fn steps_of(&self, target: &str) -> &[Step] {
        self.of_table.get(target).map_or(&[], |range| &self.made.steps[range.clone()])
    }

    fn ids(&self, kinds: &[StepKind]) -> Vec<StepId> {
        self.made.steps.iter().filter(|step| kinds.contains(&step.kind())).map(|step| step.id.clone()).collect()
    }

    fn omit(&mut self, kind: OmittedObject, place: OmittedPlace, reason: impl Into<OmissionReason>) {
        self.made.omitted.push(Omitted::new(kind, place, reason.into()));
    }

    /// Schema, extensions and settings, which all tables depend on.
    fn surroundings(&mut self) -> Result<(), PlanError> {
        let target = &self.inputs.spec.target;
        for schema in target.schemas.iter().filter(|_| target.tables != TablesMode::Existing) {
            self.render(StepKind::Schema, schema.name(), Vec::new(), &json!({ "schema": schema.name() }))?;
        }
        for extension in &target.extensions {
            // One after the other, as they are listed: one may need another.
            let before = self.ids(&[StepKind::Extension]).pop();
            let context = json!({ "extension": extension });
            self.render(StepKind::Extension, extension, before.into_iter().collect(), &context)?;
        }
        if target.tables != TablesMode::Existing {
            self.collations()?;
        }
        for (name, value) in &target.settings {
            // One after the other: two sessions that alter one database at once get "tuple concurrently updated".
            let before = self.ids(&[StepKind::Setting]).pop();
            self.render(
                StepKind::Setting,
                name,
                before.into_iter().collect(),
                &json!({ "name": name, "value": value }),
            )?;
        }
        Ok(())
    }

    fn schemas(&self) -> &'a Schemas {
        &self.inputs.spec.target.schemas
    }

    /// The name of a table inside its schema.
    fn bare<'n>(&self, name: &'n str) -> &'n str
    where
        'a: 'n,
    {
        self.schemas().bare(name)
    }

    /// Takes a free name for an index, a key or a trigger in the schema of a table.
    fn take_free(&mut self, mapping: &TableMapping, wished: String) -> String {
        let schemas = self.schemas();
        let known = schemas.beside(&mapping.target, &schemas.unlike_tables(wished));
        schemas.bare(&self.relations.take_free(&known)).to_owned()
    }

    fn wished(&self, given: Option<&str>, otherwise: impl FnOnce() -> String) -> String {
        given.map_or_else(otherwise, |name| self.inputs.spec.target.names.apply(name))
    }

    /// Notes the chosen name of a key, an index or a constraint whose own in the source is longer than PostgreSQL's.
    fn note_shortened(&mut self, mapping: &TableMapping, given: Option<&str>, chosen: &str) {
        let style = self.inputs.spec.target.names;
        if given.is_some_and(|given| style.styled(given).len() > LONGEST_NAME) {
            self.shortened.entry(mapping.source.clone()).or_default().push(chosen.to_owned());
        }
    }

    fn grants(&mut self) -> Result<(), PlanError> {
        let target = &self.inputs.spec.target;
        let views = self.made.views.iter().map(|view| view.target.clone());
        let tables = self.tables.iter().map(|table| table.target.clone()).chain(views).collect::<Vec<_>>();
        let sequences = self.sequences.iter().map(|sequence| &sequence.target).collect::<Vec<_>>();
        for (role, privileges) in &target.grants {
            // PUBLIC is everybody, not a role.
            let is_role = !role.eq_ignore_ascii_case("public");
            if is_role {
                self.render(StepKind::Role, role, Vec::new(), &json!({ "role": role }))?;
            }
            let privileges = match privileges {
                Privileges::All => "ALL".to_owned(),
                Privileges::Read => "SELECT".to_owned(),
                Privileges::Listed(listed) => listed.join(", "),
            };
            for schema in target.schemas.iter() {
                // After everything that alters the tables, and one after the other: GRANT writes the catalog rows that these
                // write, and PostgreSQL answers "tuple concurrently updated".
                let after = self.made.steps.iter().map(|step| step.id.clone()).collect();
                let tables = tables.iter().filter_map(|table| schema.own(table)).collect::<Vec<_>>();
                let sequences = sequences.iter().filter_map(|sequence| schema.own(sequence)).collect::<Vec<_>>();
                let mut context = json!({
                    "role": role, "schema": schema.name(), "tables": tables, "sequences": sequences, "privileges": privileges
                });
                if target.schemas.are_of_databases() {
                    context["beside"] = json!(schema.prefix());
                }
                self.render(StepKind::Grant, &schema.known(role), after, &context)?;
            }
        }
        Ok(())
    }

    /// Statistics, once a table has all its rows and indexes: indexes over expressions have statistics of their own.
    fn analyze(&mut self) -> Result<(), PlanError> {
        for table in self.tables {
            let name = &table.target;
            let indexes = self.steps_of(name).iter().filter(|step| step.kind() == StepKind::Index);
            let mut after = indexes.map(|step| step.id.clone()).collect::<Vec<_>>();
            after.push(StepKind::Copy.id(name));
            self.render_of(table, StepKind::Analyze, None, after, &json!({ "table": name }))?;
        }
        Ok(())
    }
}
