//! What `plan` sees by looking at the values, and what it shows of it: the profile, values where they are asked for,
//! nothing where it is told not to look; and sizes that are held against PostgreSQL itself.

use crate::support::migration::{Migration, SPEC};
use serde_json::{Value, json};
use std::fmt::Write as _;
use transship::target::pglz::compressed_length;

const SOURCE: &str =
    "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(3), born DATETIME, score NUMERIC, photo BLOB);
    INSERT INTO people VALUES
        (1, 'Ada', '1815-12-10', -1.5, x'00'),
        (2, 'Grünewald', '1480-01-01T00:00:00Z', 7, x'0011'),
        (3, NULL, NULL, NULL, NULL);
    CREATE TABLE empty (a TEXT)";

fn plan(migration: &Migration, arguments: &[&str]) -> Value {
    migration.run(&[&["plan", "--format", "json"], arguments].concat()).json()
}

#[test]
fn the_profile_counts_and_shows_no_value() {
    let migration = Migration::new(SOURCE, SPEC);
    let plain = plan(&migration, &[]);
    let people = &plain["profile"][1];
    assert_eq!(
        plain["profile"][0],
        json!({ "table": "empty", "rows": 0, "columns": [
        { "column": "a", "stored": { "null": 0, "integer": 0, "real": 0, "text": 0, "blob": 0 } }
    ] })
    );
    assert_eq!((&people["table"], &people["rows"]), (&json!("people"), &json!(3)));
    let (name, born, score, photo) =
        (&people["columns"][1], &people["columns"][2], &people["columns"][3], &people["columns"][4]);
    assert_eq!(name["stored"], json!({ "null": 1, "integer": 0, "real": 0, "text": 2, "blob": 0 }));
    assert_eq!((&name["longest_characters"], &name["longest_bytes"]), (&json!(9), &json!(10)));
    assert_eq!(born["dates"], json!({ "YYYY-MM-DD": 1, "YYYY-MM-DDThh:mm:ssZ": 1 }));
    assert_eq!(photo["longest_blob"], json!(2));
    assert_eq!((score.get("minimum"), score.get("maximum")), (None, None));
    assert!(!plain.to_string().contains("Grünewald"), "a plan names keys, not values");

    let shown = plan(&migration, &["--show-values"]);
    let score = &shown["profile"][1]["columns"][3];
    assert_eq!((&score["minimum"], &score["maximum"]), (&json!(-1.5), &json!(7)));
    assert_eq!(shown["findings"][0]["examples"], json!(["id=2: 'Grünewald'"]));
    assert_eq!(shown["digest"], plain["digest"]);
}

#[test]
fn without_a_profile_nothing_is_looked_at_and_the_plan_says_so() {
    let migration = Migration::new(SOURCE, SPEC);
    let blocked = plan(&migration, &[]);
    let blind = migration.run(&["plan", "--format", "json", "--no-profile"]).exits(0).json();
    assert_eq!(blind["profile"], Value::Null);
    assert_eq!(blind["findings"], json!([]));
    assert_eq!(blind["digest"], blocked["digest"]);
    let text = migration.run(&["plan", "--no-profile"]).exits(0).stdout;
    assert!(text.contains("The values were not read (--no-profile)"), "{text}");
    migration.run(&["plan", "--no-profile", "--show-values"]).exits(2);

    // apply would refuse at once; told not to look, it finds the value when it comes to it, and loses nothing.
    migration.apply().exits(3);
    let failed = migration.run(&["apply", "--yes", "--no-profile"]).exits(1);
    assert!(failed.stderr.contains("--no-profile") && failed.stderr.contains("id=2"), "{failed}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.people"), "0");
}

#[test]
fn a_source_that_changed_is_noticed_without_a_profile() {
    let migration = Migration::small();
    migration.apply().exits(0);
    migration.run(&["apply", "--yes", "--no-profile"]).exits(0);
    migration.change_source("UPDATE users SET name = 'Eve' WHERE id = 1");
    let refused = migration.run(&["apply", "--yes", "--no-profile"]).exits(3);
    assert!(refused.output().contains("source_changed"), "{refused}");
}

/// A table of so many integers, with a row in which all of them are set and one in which the last hundred are not.
fn wide(columns: usize) -> String {
    let names = (0..columns).map(|number| format!("c{number} INTEGER")).collect::<Vec<_>>().join(", ");
    let values = |set: usize| {
        let values = (0..columns).map(|at| if at < set { "1" } else { "NULL" });
        values.collect::<Vec<_>>().join(", ")
    };
    let mut sql = format!("CREATE TABLE wide ({names});");
    for set in [columns, columns - 100] {
        write!(sql, "INSERT INTO wide VALUES ({});", values(set)).unwrap();
    }
    sql
}

#[test]
fn a_row_wider_than_a_page_is_found_and_the_widest_that_fits_is_copied() {
    // 8160 bytes, 24 of them a header: 1017 integers of eight bytes.
    let fits = Migration::new(&wide(1017), SPEC);
    fits.apply().exits(0);
    fits.verify().exits(0);
    let too_wide = Migration::new(&wide(1018), SPEC);
    let found = plan(&too_wide, &[])["findings"][0].clone();
    assert_eq!((&found["code"], &found["count"]), (&json!("row_too_wide"), &json!(1)));
    too_wide.apply().exits(3);
    // PostgreSQL agrees.
    let refused = too_wide.run(&["apply", "--yes", "--no-profile"]).exits(1);
    assert!(refused.stderr.contains("row is too big"), "{refused}");
}

/// Text of `length` letters of which `period` are different: the shorter the period, the better it is compressed.
fn text(seed: u64, period: usize, length: usize) -> String {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let letter = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        char::from(b'!' + u8::try_from(state % 90).unwrap())
    };
    let unit = std::iter::repeat_with(letter).take(period).collect::<String>();
    unit.chars().cycle().take(length).collect()
}

#[test]
fn the_length_of_compressed_text_is_postgresqls() {
    let mut texts = Vec::new();
    for (seed, (period, length)) in [10, 100, 900, 1500, 2600, 3900, 5000]
        .into_iter()
        .flat_map(|period| [40, 1000, 3000, 9000, 70_000].map(|length| (period, length)))
        .enumerate()
    {
        texts.push(text(seed as u64, period, length));
    }
    texts.extend(
        (0..20_usize).map(|number| (0..400 + number * 211).map(|at| format!("{:x} ", at * at)).collect::<String>()),
    );
    // Words out of a few in no order: what texts are like.
    texts.extend((1..30_usize).map(|number| {
        let order = text(number as u64, 5000, number * 150);
        order
            .bytes()
            .map(|byte| ["quay ", "cargo ", "hold ", "bill of lading "][usize::from(byte % 4)])
            .collect::<String>()
    }));
    texts.push("äöü€🚢".repeat(500));
    let oracle = crate::support::oracle::Oracle::connect();
    // An index entry would say the same; a table with main storage compresses and keeps every value in the row.
    oracle
        .execute(
            "CREATE TEMP TABLE compressed (at int, value text);
             ALTER TABLE compressed ALTER value SET STORAGE EXTENDED;",
        )
        .unwrap();
    let sql =
        "WITH put AS (INSERT INTO compressed SELECT at, value FROM unnest($1::text[]) WITH ORDINALITY AS t (value, at))
        SELECT 'put'";
    oracle.ask(sql, &texts);
    let asked = oracle.ask(
        "SELECT CASE WHEN pg_column_compression(value) IS NULL THEN 'none' ELSE pg_column_size(value)::text END
         FROM compressed WHERE $1::text[] IS NOT NULL ORDER BY at",
        &[],
    );
    assert_eq!(asked.len(), texts.len());
    let mut compressed = 0;
    for (text, theirs) in texts.iter().zip(asked) {
        // Short rows are not compressed in a table.
        if text.len() < 2100 {
            continue;
        }
        let theirs = theirs.unwrap();
        let ours = compressed_length(text.as_bytes()).map(|length| length + 8);
        compressed += usize::from(ours.is_some());
        // What is stored elsewhere has its length without the header of four bytes.
        let alike = match ours {
            None => theirs == "none",
            Some(ours) => theirs == ours.to_string() || theirs == (ours - 4).to_string(),
        };
        assert!(alike, "{} bytes: {ours:?}, PostgreSQL says {theirs}", text.len());
    }
    assert!(compressed > 20, "{compressed}");
}

#[test]
fn the_longest_key_that_fits_is_let_through() {
    // The boundary as text that cannot be compressed has it: 2704 less a header of eight bytes and one of four.
    let key = |length: usize| text(7, 5000, length).replace('\'', "_");
    let migration = |length: usize| {
        let sql =
            format!("CREATE TABLE pages (url TEXT UNIQUE); INSERT INTO pages VALUES ('{}'), ('short')", key(length));
        Migration::new(&sql, SPEC)
    };
    let fits = migration(2692);
    fits.apply().exits(0);
    fits.verify().exits(0);
    let too_long = migration(2693);
    assert_eq!(plan(&too_long, &[])["findings"][0]["code"], "key_too_long");
    let refused = too_long.run(&["apply", "--yes", "--no-profile"]).exits(1);
    assert!(refused.stderr.contains("exceeds btree"), "{refused}");
}

/// A rule for a declared type says a word for every column of it.
#[test]
fn a_rule_of_types_says_what_may_be_forgotten() {
    let source = "CREATE TABLE events (id INTEGER PRIMARY KEY, at DATETIME, ended DATETIME);
        INSERT INTO events VALUES (1, '2024-01-31 10:11:12.123456789', NULL),
            (2, '2024-01-31 10:11:12', '2024-01-31 10:11:12.9999999')";
    let migration = Migration::new(source, SPEC);
    migration.run(&["plan"]).exits(3);
    migration
        .write_spec(&format!("{SPEC}[types]\n\"DATETIME\" = {{ type = \"timestamptz\", fraction = \"truncate\" }}\n"));
    migration.run(&["plan", "--fail-on", "warning"]).exits(0);
    migration.apply().exits(0);
    migration.verify().exits(0);
    let kept = "SELECT string_agg(to_char(coalesce(ended, at), 'SS.US'), ' ' ORDER BY id) FROM app.events";
    assert_eq!(migration.database.value(kept), "12.123456 12.999999");
}

/// SQLite computes what an index's expression gives, and says how long it is.
#[test]
fn the_keys_of_expressions_are_measured() {
    let (long, half) = (text(7, 5000, 3000).replace('\'', "_"), text(9, 5000, 2000).replace('\'', "_"));
    let source = format!(
        "CREATE TABLE pages (id INTEGER PRIMARY KEY, a TEXT, b TEXT, n INTEGER);
        CREATE INDEX by_lower ON pages (lower(a)); CREATE INDEX by_both ON pages (n, a || b);
        CREATE UNIQUE INDEX by_start ON pages (substr(a, 1, 100)); CREATE INDEX by_number ON pages (n + 1);
        CREATE UNIQUE INDEX of_few ON pages (lower(b)) WHERE n > 1; CREATE INDEX of_many ON pages (lower(b), id) WHERE n = 1;
        INSERT INTO pages VALUES (1, '{long}', '{half}', 1), (2, '{half}', 'second', 2), (3, 'x{half}', '{half}', 3),
            (4, NULL, '{long}', 4)"
    );
    let migration = Migration::new(&source, SPEC);
    let found = |plan: &Value, code: &str| {
        let findings = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == code);
        findings.cloned().collect::<Vec<_>>()
    };
    let live = plan(&migration, &[]);
    let too_long = found(&live, "key_too_long");
    let said = |name: &str| {
        let finding = too_long.iter().find(|finding| finding["message"].as_str().unwrap().contains(name));
        finding.map(|finding| finding["examples"].clone()).unwrap_or_default()
    };
    assert_eq!(said("index by_lower"), json!(["id=1"]));
    assert_eq!(said("index by_both"), json!(["id=1", "id=3"]));
    assert_eq!(said("unique index of_few"), json!(["id=4"]));
    assert_eq!(too_long.len(), 3, "{too_long:#?}");
    let file = migration.directory().join("facts.json").display().to_string();
    migration.run(&["inspect", "--out", &file]).exits(0);
    assert_eq!(plan(&migration, &["--source", &file])["findings"], live["findings"]);
    let blind = plan(&migration, &["--no-profile"]);
    let is_length = |finding: &Value| finding["message"].as_str().unwrap().contains("fits a B-tree");
    let unknown = found(&blind, "not_inspected").into_iter().filter(is_length).collect::<Vec<_>>();
    assert_eq!(unknown.len(), 5, "{unknown:#?}");

    let refused = migration.run(&["apply", "--yes", "--no-profile"]).exits(1);
    assert!(refused.stderr.contains("exceeds btree") || refused.stderr.contains("maximum size"), "{refused}");
    migration.run(&["rollback", "--yes"]).exits(0);
    let lines = |finding: &Value| finding["suggestion"].as_str().unwrap().replace("# or leaves", "#\n# or leaves");
    let headings = too_long.iter().map(lines).collect::<String>();
    let settings = headings.lines().filter(|line| line.starts_with("indexes.")).collect::<Vec<_>>().join("\n");
    migration.write_spec(&format!("{SPEC}[tables.pages]\n{settings}\n"));
    migration.run(&["plan"]).exits(0);
    migration.apply().exits(0);
    migration.verify().exits(0);
}
