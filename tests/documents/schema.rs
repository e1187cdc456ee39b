//! The published JSON Schemas: that of a spec knows the keys that the parser knows, no more and no fewer, and every spec
//! of the repository is valid; that of a plan describes what `plan --format json` writes.

use crate::support::migration::{Migration, SPEC, program, run};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::Table;
use transship::catalog::{ColumnType, SnapshotMethod};
use transship::connection::TlsMode;
use transship::name::NameStyle;
use transship::spec;
use transship::spec::schema::SCHEMA;
use transship::spec::{CheckSeverity, IndexMethod, SpecError, TextComparison};
use transship::value::{Dropping, FractionTreatment, Reading, RepeatedTime};

/// A key that no table of a spec knows.
const UNKNOWN: &str = "zzzzzzzzzzzzzzzzzzzzzzzzz";

/// The name of the one entry of tables whose keys are names.
const NAMED: &str = "x";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schema() -> Value {
    serde_json::from_str(SCHEMA).unwrap()
}

/// What a `$ref` stands for.
fn resolved<'s>(schema: &'s Value, part: &'s Value) -> &'s Value {
    match part.get("$ref") {
        Some(reference) => schema.pointer(reference.as_str().unwrap().trim_start_matches('#')).unwrap(),
        None => part,
    }
}

/// A document with every table that the schema has, and in each a key that nobody knows; the keys that the schema has
/// for each of them go into `keys`, by the table's path.
fn probe(schema: &Value, part: &Value, path: &str, keys: &mut BTreeMap<String, BTreeSet<String>>) -> Table {
    let mut table = Table::new();
    let inner = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let mut nest = |name: &str, part: &Value, keys: &mut _| {
        let part = resolved(schema, part);
        if part.get("properties").is_some() || part["additionalProperties"].is_object() {
            table.insert(name.to_owned(), probe(schema, part, &inner(name), keys).into());
        }
    };
    if let Some(properties) = part["properties"].as_object() {
        keys.insert(path.to_owned(), properties.keys().cloned().collect());
        // An overlay has the document's own keys; that they are laid over is a matter of other tests.
        properties.iter().filter(|(name, _)| *name != "env").for_each(|(name, part)| nest(name, part, keys));
        table.insert(UNKNOWN.to_owned(), true.into());
    } else {
        nest(NAMED, &part["additionalProperties"], keys);
    }
    table
}

/// What the parser says it knows, by the table's path: the hint for an unknown key names every key.
fn known_to_the_parser(document: &Table) -> BTreeMap<String, BTreeSet<String>> {
    let text = toml::to_string(document).unwrap();
    let Err(SpecError::Problems { problems, .. }) = spec::read(&text, Path::new("probe.toml"), None, &|_| None) else {
        panic!("a document of unknown keys is no spec")
    };
    let unknown = problems.iter().filter(|problem| problem.code.ends_with("unknown_key"));
    let known = unknown.map(|problem| {
        assert!(problem.message.contains(UNKNOWN), "the schema has a key that the parser does not know: {problem:?}");
        let (place, list) = problem.hint.as_ref().unwrap().split_once(" knows ").unwrap();
        let path = place.trim_start_matches("the document").trim_matches(['[', ']']).to_owned();
        (path, list.split(", ").map(|key| key.trim_matches('`').to_owned()).collect())
    });
    known.collect()
}

#[test]
fn the_schema_and_the_parser_know_the_same_keys() {
    let schema = schema();
    let mut keys = BTreeMap::new();
    let document = probe(&schema, &schema, "", &mut keys);
    // Read before the document itself is.
    assert!(keys.get_mut("").unwrap().remove("env"));
    assert_eq!(keys, known_to_the_parser(&document), "left: specs/spec.schema.json; right: the parser");
    let overlay = schema["definitions"]["overlay"]["properties"].as_object().unwrap();
    let expected = keys[""].iter().filter(|key| *key != "spec").cloned().collect::<BTreeSet<_>>();
    assert_eq!(overlay.keys().cloned().collect::<BTreeSet<_>>(), expected, "an overlay has the document's keys");
    for (key, part) in overlay {
        assert_eq!(*part, schema["properties"][key], "{key} means the same in an overlay");
    }
}

#[test]
fn the_schema_and_the_parser_know_the_same_words() {
    let schema = schema();
    let words = |path: &str| {
        let listed = schema.pointer(path).unwrap_or_else(|| panic!("{path}")).as_array().unwrap();
        listed.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect::<Vec<_>>()
    };
    fn first<T>(all: &[(&'static str, T)]) -> Vec<String> {
        all.iter().map(|(word, _)| (*word).to_owned()).collect()
    }
    let column = "/definitions/column/properties";
    let types = [&ColumnType::NAMES[..], &ColumnType::SPECIAL].concat();
    assert_eq!(words("/definitions/column_type/anyOf/0/enum"), types);
    assert_eq!(words(&format!("{column}/from/enum")), first(&Reading::ALL));
    assert_eq!(words(&format!("{column}/leading_zeros/enum")), first(&Dropping::ALL));
    assert_eq!(words(&format!("{column}/trailing_spaces/enum")), first(&Dropping::ALL));
    assert_eq!(words(&format!("{column}/fraction/enum")), first(&FractionTreatment::ALL));
    assert_eq!(words(&format!("{column}/repeated_time/enum")), first(&RepeatedTime::ALL));
    assert_eq!(words(&format!("{column}/storage_class/enum")), first(&Dropping::ALL));
    assert_eq!(words(&format!("{column}/index/enum")), first(&IndexMethod::ALL));
    assert_eq!(words(&format!("{column}/comparison/enum")), first(&TextComparison::ALL));
    assert_eq!(words("/definitions/target/properties/comparison/enum"), first(&TextComparison::ALL));
    assert_eq!(words("/definitions/target/properties/names/enum"), first(&NameStyle::ALL));
    assert_eq!(words("/definitions/target/properties/tls/enum"), first(&TlsMode::ALL));
    assert_eq!(words("/definitions/source/properties/snapshot/enum"), first(&SnapshotMethod::WORDS));
    assert_eq!(words("/definitions/check/properties/severity/enum"), first(&CheckSeverity::ALL));
    let pattern = schema.pointer("/definitions/column_type/anyOf/1/pattern").unwrap().as_str().unwrap();
    let types = jsonschema::validator_for(&serde_json::json!({ "type": "string", "pattern": pattern })).unwrap();
    for name in ["numeric(4,-2)", "timestamp(3) with time zone", "character varying(9)"] {
        assert!(name.parse::<ColumnType>().is_ok() && types.is_valid(&name.into()), "{name}");
    }
}

/// Every spec of the repository.
fn specs() -> Vec<PathBuf> {
    fn walk(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                walk(&entry, found);
            } else if entry.extension().is_some_and(|extension| extension == "toml") {
                found.push(entry);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join("specs"), &mut found);
    found.retain(|path| !path.components().any(|part| part.as_os_str() == ".transship"));
    found.sort();
    found
}

fn problems(validator: &jsonschema::Validator, instance: &Value) -> Vec<String> {
    validator.iter_errors(instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_spec_is_valid() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let valid = |text: &str, place: &str| {
        let document: Table = text.parse().unwrap();
        let instance = serde_json::to_value(document).unwrap();
        assert_eq!(problems(&validator, &instance), [""; 0], "{place}");
    };
    let specs = specs();
    assert!(!specs.is_empty());
    for path in specs {
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().next().unwrap();
        let relative = line.strip_prefix("#:schema ").unwrap_or_else(|| panic!("{}: no #:schema line", path.display()));
        let named = path.parent().unwrap().join(relative).canonicalize().unwrap();
        assert_eq!(named, root().join("specs/spec.schema.json"), "{}", path.display());
        valid(&text, &path.display().to_string());
    }
    let cases = std::fs::read_dir(root().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path());
    for case in cases {
        if let Ok(text) = std::fs::read_to_string(case.join("spec.toml")) {
            valid(&text, &case.display().to_string());
        }
    }
    let migration = Migration::small();
    valid(&run(program().arg("init").arg(migration.source())).exits(0).stdout, "what init writes");
    let wrong = serde_json::json!({ "spec": 1, "name": "a", "source": { "ulr": "sqlite:a" }, "target": {} });
    assert_eq!(problems(&validator, &wrong).len(), 1);
}

#[test]
fn the_command_prints_the_schema() {
    assert_eq!(run(program().arg("schema")).exits(0).stdout, SCHEMA);
    let text = std::fs::read_to_string(root().join("specs/spec.schema.json")).unwrap();
    assert_eq!(text, SCHEMA);
    assert_eq!(schema()["$schema"], "http://json-schema.org/draft-04/schema#");
}

/// Every plan of the cases is described: its values are valid, and no key is missing in the schema.
#[test]
fn every_plan_is_described() {
    let text = std::fs::read_to_string(root().join("specs/plan.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let cases = std::fs::read_dir(root().join("tests/cases")).unwrap().map(|entry| entry.unwrap().path());
    let mut seen = 0;
    for case in cases.filter(|case| case.join("source.sql").is_file()) {
        let migration = Migration::of_case(&case);
        let ran = migration.run(&["plan", "--format", "json"]);
        // A case with files beside its spec is not built here.
        let Ok(plan) = serde_json::from_str::<Value>(&ran.stdout) else { continue };
        assert_eq!(problems(&validator, &plan), [""; 0], "{}", case.display());
        undescribed(&schema, &plan, &case.display().to_string());
        seen += 1;
    }
    assert!(seen > 20, "{seen}");
}

/// Evidence of every kind is described: its values are valid, and no key is missing in the schema.
#[test]
fn every_evidence_is_described() {
    let text = std::fs::read_to_string(root().join("specs/evidence.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let source =
        "CREATE TABLE a (id INTEGER PRIMARY KEY, born DATE, gone INTEGER); CREATE TABLE b (id INTEGER PRIMARY KEY);
        INSERT INTO a VALUES (1, '1999-12-31', NULL), (2, 'never', NULL), (3, NULL, 1); INSERT INTO b VALUES (1), (2);
        CREATE TRIGGER t AFTER INSERT ON b BEGIN SELECT 1; END";
    let decided = "
        tables.a = { where = \"gone IS NULL\", columns.born = { type = \"date\", on_bad_value = \"reject\" } }
        checks.two = { sql = \"SELECT count(*) FROM app.b\", expect = 2 }";
    let migration = Migration::new(source, &format!("{decided}\n{SPEC}"));
    let file = migration.directory().join("evidence.json");
    let mut outcomes = BTreeSet::new();
    let mut evidence = |words: &[&str], code: i32| {
        let report = ["--report", file.to_str().unwrap()];
        migration.run(&[words, &report].concat()).exits(code);
        let evidence = serde_json::from_str::<Value>(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(problems(&validator, &evidence), [""; 0], "{words:?}");
        undescribed(&schema, &evidence, "specs/evidence.schema.json");
        assert_eq!((&evidence["exit_code"], &evidence["passed"]), (&code.into(), &(code == 0).into()));
        outcomes.insert(evidence["outcome"].as_str().unwrap().to_owned());
    };
    migration.write_spec(SPEC);
    evidence(&["verify", "--show-values"], 3);
    migration.write_spec(&format!("{SPEC}\n[tables.a]\ncolumns.born = {{ type = \"date\" }}"));
    evidence(&["apply", "--yes"], 3);
    migration.write_spec(&format!("{decided}\n{SPEC}"));
    evidence(&["apply", "--yes"], 0);
    evidence(&["apply", "--yes"], 0);
    evidence(&["verify"], 0);
    migration
        .database
        .ask("UPDATE app.a SET born = NULL; DELETE FROM app.b WHERE id = 2; ALTER TABLE app.b DROP CONSTRAINT b_pkey");
    evidence(&["verify", "--show-values"], 3);
    let expected = ["done", "equal", "not_equal", "nothing_to_do", "refused"];
    assert_eq!(outcomes, expected.map(str::to_owned).into());
}

/// Fails where a document has a key that the schema does not describe.
fn undescribed(schema: &Value, instance: &Value, place: &str) {
    match instance {
        Value::Object(keys) => {
            // Where the schema says nothing about keys, any will do.
            let Some(properties) = schema["properties"].as_object() else { return };
            for (key, value) in keys {
                let part = properties.get(key).unwrap_or_else(|| panic!("{place}: `{key}` is not in the schema"));
                undescribed(part, value, &format!("{place}.{key}"));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| undescribed(&schema["items"], item, place)),
        _ => {}
    }
}
