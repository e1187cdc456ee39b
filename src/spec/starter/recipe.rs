//! Recipes: what was decided for applications that many people move, from which a starter spec can begin.
//!
//! The files are those of the folder `recipes/`, where each is tried with the real application.

use super::{DecisionReason, Starter, alters_values, lay, leaves_behind, paths, removes};
use crate::name::{NameStyle, Schemas, hint_of_known, quote_toml_key};
use crate::spec::decisions;
use toml::{Table, Value};

/// The decisions of a spec for one application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recipe {
    /// The name after `--recipe`, which is also that of its folder.
    pub name: &'static str,
    /// The application, with the version that it was tried with.
    pub application: &'static str,
    /// A table that every database of the application has.
    pub table: &'static str,
    /// The spec.
    pub text: &'static str,
}

macro_rules! recipe {
    ($name:literal, $application:literal, $table:literal) => {
        Recipe {
            name: $name,
            application: $application,
            table: $table,
            text: include_str!(concat!("../../../recipes/", $name, "/", $name, ".toml")),
        }
    };
}

/// All recipes, by name.
pub const RECIPES: &[Recipe] = &[
    recipe!("airflow", "Apache Airflow 3.3", "dag_run"),
    recipe!("directus", "Directus 11.3", "directus_collections"),
    recipe!("jupyterhub", "JupyterHub 6.1", "spawners"),
    recipe!("label-studio", "Label Studio 1.23", "task_completion"),
    recipe!("prefect", "Prefect 3.9", "flow_run_state"),
    recipe!("strapi", "Strapi 5.54", "strapi_core_store_settings"),
];

/// A name that no recipe has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no recipe `{name}`")]
pub struct UnknownRecipe {
    /// The name that was asked for.
    pub name: String,
    /// The names that there are.
    pub hint: String,
}

impl Recipe {
    /// The recipe of a name.
    ///
    /// # Errors
    /// No recipe has the name; the error knows those that there are.
    pub fn named(name: &str) -> Result<&'static Recipe, UnknownRecipe> {
        RECIPES.iter().find(|recipe| recipe.name == name).ok_or_else(|| {
            let known = RECIPES.iter().map(|recipe| recipe.name).collect::<Vec<_>>();
            UnknownRecipe { name: name.to_owned(), hint: hint_of_known(name, &known, "the recipes are") }
        })
    }
}

impl Starter {
    /// Begins with the decisions of a recipe, each with the recipe's own words. The places of both sides stay those of the
    /// starter.
    pub fn follow(&mut self, recipe: &'static Recipe) {
        // A recipe is part of the program, and a test reads each.
        let mut lines = recipe.text.parse::<Table>().unwrap_or_default();
        for key in ["spec", "name"] {
            lines.remove(key);
        }
        if let Some(Value::Table(source)) = lines.get_mut("source") {
            source.remove("url");
        }
        if let Some(Value::Table(target)) = lines.get_mut("target") {
            target.remove("url");
            let schema = target.remove("schema");
            if target.remove("tables").is_some_and(|tables| tables.as_str() == Some("existing")) {
                let schema = schema.as_ref().and_then(Value::as_str).unwrap_or("public");
                self.fill(&Schemas::one(schema), NameStyle::Preserve);
            }
        }
        lines.retain(|_, value| value.as_table().is_none_or(|table| !table.is_empty()));
        let said = decisions::read(recipe.text, None);
        for path in paths(&lines).into_iter().filter(|path| path[0] != "checks") {
            let key = path.iter().map(|part| quote_toml_key(part)).collect::<Vec<_>>().join(".");
            let own = said.iter().find(|decision| decision.key == key).and_then(|decision| decision.reason.clone());
            let why = own.unwrap_or_else(|| format!("as the recipe for {} has it", recipe.application));
            let lines = lines_at(&lines, &path);
            let (alters, loses) = (alters_values(&lines), leaves_behind(&lines) || removes(&lines));
            let (meaning, otherwise, is_of_recipe, follows) = (Vec::new(), Vec::new(), true, false);
            self.reasons.push(DecisionReason { path, why, meaning, otherwise, alters, loses, is_of_recipe, follows });
        }
        lay(&mut self.decided, lines);
        self.recipe = Some(recipe);
    }

    /// The recipe with whose decisions the spec began.
    #[must_use]
    pub fn recipe(&self) -> Option<&'static Recipe> {
        self.recipe
    }
}

/// The lines at one place of a document, alone.
fn lines_at(lines: &Table, path: &[String]) -> Table {
    let mut alone = Table::new();
    if let Some((key, rest)) = path.split_first()
        && let Some(value) = lines.get(key)
    {
        let value = match value {
            Value::Table(inner) if !rest.is_empty() => Value::Table(lines_at(inner, rest)),
            value => value.clone(),
        };
        alone.insert(key.clone(), value);
    }
    alone
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::SourceConnection;
    use crate::spec;
    use crate::spec::MayBeUnset;
    use crate::spec::starter::StarterFacts;
    use std::path::Path;

    #[test]
    fn every_recipe_is_a_spec_and_begins_one() {
        let target = |name: &str| (name == "DATABASE_URL").then(|| "postgres://ada@127.0.0.1/there".to_owned());
        for recipe in RECIPES {
            let own = spec::read(recipe.text, Path::new("recipe.toml"), None, &target).unwrap();
            let source = SourceConnection::Sqlite { path: "here.db".into() };
            let mut starter = Starter::new("mine", &source, None).unwrap();
            starter.follow(recipe);
            let text = starter.write(&StarterFacts::default());
            let may_be_unset = MayBeUnset::default();
            let begun = spec::read_without(&text, Path::new("mine.toml"), None, &target, may_be_unset).unwrap();
            assert_eq!(begun.name, "mine", "{}", recipe.name);
            assert!(text.contains("sqlite:here.db"), "{text}");
            assert_eq!(begun.target.tables, own.target.tables, "{}", recipe.name);
            assert_eq!(begun.checks.len(), own.checks.len(), "{}", recipe.name);
            assert_eq!(begun.types, own.types, "{}", recipe.name);
            assert!(text.contains(recipe.application), "{text}");
            // Lines that alter values, leave something behind or remove it are known to do so.
            let has = |words: &[&str]| {
                let lines = recipe.text.lines().filter(|line| !line.starts_with('#'));
                lines.filter(|line| words.iter().any(|word| line.contains(word))).count() > 0
            };
            assert_eq!(starter.altering().count() > 0, has(&["fraction = "]), "{}", recipe.name);
            assert_eq!(
                starter.losing().count() > 0,
                has(&["skip = true", "\"truncate\"", "where = "]),
                "{}",
                recipe.name
            );
        }
        let unknown = Recipe::named("jupyter-hub").unwrap_err();
        assert!(unknown.hint.contains("jupyterhub"), "{unknown:?}");
    }
}
