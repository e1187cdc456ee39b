//! Essence of a spec: the part that decides the plan.

use super::Spec;
use crate::value::ZeroDates;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Content of a spec without its connections and the file's place.
#[derive(Debug, Serialize)]
struct Essence<'a> {
    name: &'a str,
    include: Option<Vec<&'a str>>,
    exclude: Vec<&'a str>,
    timezone: String,
    #[serde(skip_serializing_if = "ZeroDates::is_refused")]
    zero_dates: ZeroDates,
    schema: String,
    tables_mode: String,
    #[serde(skip_serializing_if = "super::SchemaVersion::is_same")]
    schema_version: super::SchemaVersion,
    #[serde(skip_serializing_if = "super::DataMode::is_all")]
    data: super::DataMode,
    names: crate::name::NameStyle,
    #[serde(skip_serializing_if = "Option::is_none")]
    comparison: Option<super::TextComparison>,
    extensions: &'a [String],
    settings: &'a BTreeMap<String, String>,
    /// Plain data that does not implement `Serialize`; its Debug form names every field.
    grants: String,
    types: String,
    tables: String,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    left_histories: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    left_conflict_clauses: &'a BTreeSet<String>,
    views: String,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    skipped_triggers: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    skipped_objects: &'a BTreeSet<String>,
    steps: String,
    checks: String,
}

impl Spec {
    /// All content but the connections: the same wherever source and target are.
    #[must_use]
    pub fn essence(&self) -> impl Serialize {
        let Spec {
            name,
            path: _,
            environment: _,
            source,
            target,
            types,
            tables,
            left_histories,
            left_conflict_clauses,
            views,
            skipped_triggers,
            skipped_objects,
            steps,
            checks,
            left_checks: _,
            decisions: _,
            templates: _,
            backup: _,
            benches: _,
            cutover: _,
            kit: _,
        } = self;
        let (include, exclude) = source.tables.globs();
        Essence {
            name,
            include,
            exclude,
            timezone: source.timezone.iana_name().map_or_else(|| format!("{:?}", source.timezone), str::to_owned),
            zero_dates: source.zero_dates,
            schema: target.schemas.text(),
            tables_mode: format!("{:?} {:?}", target.tables, target.existing_rows),
            schema_version: target.schema_version,
            data: target.data,
            names: target.names,
            comparison: target.comparison,
            extensions: &target.extensions,
            settings: &target.settings,
            grants: format!("{:?}", target.grants),
            types: format!("{types:?}"),
            tables: format!("{tables:?}"),
            left_histories,
            left_conflict_clauses,
            views: format!("{views:?}"),
            skipped_triggers,
            skipped_objects,
            steps: format!("{steps:?}"),
            checks: format!("{checks:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NamePatterns, Spec};
    use crate::connection::TargetConnection;
    use std::path::Path;

    #[test]
    fn connections_do_not_count_and_everything_else_does() {
        let directory = tempfile::tempdir().unwrap();
        let load = |text: &str| -> Spec {
            let path = directory.path().join("spec.toml");
            std::fs::write(&path, text).unwrap();
            super::super::load(Path::new(&path), None, &|_| None).unwrap()
        };
        let essence = |spec: &Spec| serde_json::to_string(&spec.essence()).unwrap();
        let text = "spec = 1\nname = \"a\"\n[source]\nurl = \"sqlite:a.db\"\n[target]\nurl = \"embedded:\"\n";
        let one = load(text);
        let other = load(&text.replace("a.db", "b.db").replace("embedded:", "postgres://u:p@h/d"));
        assert!(matches!(other.target.connection, TargetConnection::Postgres(_)));
        assert_eq!(essence(&one), essence(&other));
        let excluding = load(&text.replace("a.db\"", "a.db\"\nexclude = [\"x\"]"));
        assert_ne!(essence(&one), essence(&excluding));
        assert_eq!(NamePatterns::default().globs(), (None, Vec::new()));
        let typed = load(&format!("{text}[types]\n\"JSON\" = \"json\"\n"));
        assert_ne!(essence(&one), essence(&typed));
    }

    #[test]
    fn the_place_of_a_template_does_not_count_and_its_text_does() {
        let essence = |template: &str| {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("spec.toml");
            std::fs::write(directory.path().join("own.sql.j2"), template).unwrap();
            let text = "spec = 1\nname = \"a\"\nsource.url = \"sqlite:a.db\"\ntarget.url = \"embedded:\"\n\
                        [steps.own]\nfile = \"own.sql.j2\"\n";
            std::fs::write(&path, text).unwrap();
            let spec = super::super::load(&path, None, &|_| None).unwrap();
            serde_json::to_string(&spec.essence()).unwrap()
        };
        assert_eq!(essence("SELECT 1"), essence("SELECT 1"));
        assert_ne!(essence("SELECT 1"), essence("SELECT 2"));
    }
}
