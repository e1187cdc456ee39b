//! The next number of every sequence is free after the load, and `verify` says so: identities, serials, and sequences that
//! only a default names. PostgreSQL judges by an INSERT.

use crate::support::migration::Migration;

const SOURCE: &str = "
CREATE TABLE serials (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE identities (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE named (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE sharing (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE other_than_owned (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE falling (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE domains (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE decimals (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE full (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE empty (id INTEGER PRIMARY KEY, note TEXT);
CREATE TABLE worded (id TEXT PRIMARY KEY, note TEXT);
INSERT INTO serials VALUES (1, 'a'), (41, 'b');
INSERT INTO identities VALUES (7, 'a');
INSERT INTO named VALUES (12, 'a');
INSERT INTO sharing VALUES (30, 'a');
INSERT INTO other_than_owned VALUES (5, 'a');
INSERT INTO falling VALUES (-4, 'a'), (900, 'b');
INSERT INTO domains VALUES (3, 'a');
INSERT INTO decimals VALUES (6, 'a');
INSERT INTO full VALUES (5, 'a');
INSERT INTO worded VALUES ('u9', 'a');
";

const TARGET: &str = "
CREATE SCHEMA app; CREATE SCHEMA numbers;
CREATE SEQUENCE numbers.\"Of all\"; CREATE SEQUENCE app.downwards INCREMENT BY -1; CREATE SEQUENCE app.few MAXVALUE 5;
CREATE SEQUENCE app.newer; CREATE DOMAIN app.key AS bigint CHECK (VALUE > 0); CREATE SEQUENCE app.words;
CREATE TABLE app.serials (id serial PRIMARY KEY, note text);
CREATE TABLE app.identities (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
CREATE TABLE app.named (id bigint DEFAULT nextval('numbers.\"Of all\"') PRIMARY KEY, note text);
CREATE TABLE app.sharing (id bigint DEFAULT nextval('numbers.\"Of all\"') PRIMARY KEY, note text);
CREATE TABLE app.other_than_owned (id serial PRIMARY KEY, note text);
ALTER TABLE app.other_than_owned ALTER id SET DEFAULT nextval('app.newer');
CREATE TABLE app.falling (id integer DEFAULT nextval('app.downwards') PRIMARY KEY, note text);
CREATE SEQUENCE app.of_domains; CREATE TABLE app.domains (id app.key DEFAULT nextval('app.of_domains') PRIMARY KEY, note text);
CREATE SEQUENCE app.of_decimals; CREATE TABLE app.decimals (id numeric DEFAULT nextval('app.of_decimals') PRIMARY KEY, note text);
CREATE TABLE app.full (id integer DEFAULT nextval('app.few') PRIMARY KEY, note text);
CREATE TABLE app.empty (id serial PRIMARY KEY, note text);
CREATE TABLE app.worded (id text DEFAULT 'u' || nextval('app.words') PRIMARY KEY, note text);
";

const SPEC: &str = "spec = 1\nname = \"case\"\n[source]\nurl = \"sqlite:${CASE_SOURCE}\"\n\
    [target]\nurl = \"${CASE_TARGET}\"\nschema = \"app\"\ntables = \"existing\"\n";

#[test]
fn every_sequence_of_the_application_goes_on_behind_the_rows() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.database.ask(TARGET);
    migration.apply().exits(0);
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    let sequences = verified["sequences"].as_array().unwrap();
    let found = sequences.iter().map(|one| {
        let word = |key: &str| one[key].as_str().unwrap().to_owned();
        (word("sequence"), word("table"), one["next"].as_i64(), one["last_key"].as_i64(), word("state"))
    });
    let one = |sequence: &str, table: &str, next: Option<i64>, last_key: Option<i64>, state: &str| {
        (sequence.to_owned(), table.to_owned(), next, last_key, state.to_owned())
    };
    let mut expected = vec![
        one("app.downwards", "falling", Some(-5), Some(-4), "free"),
        one("app.empty_id_seq", "empty", Some(1), None, "free"),
        one("app.few", "full", None, Some(5), "exhausted"),
        one("app.identities_id_seq", "identities", Some(8), Some(7), "free"),
        one("app.newer", "other_than_owned", Some(6), Some(5), "free"),
        one("app.of_decimals", "decimals", Some(7), Some(6), "free"),
        one("app.of_domains", "domains", Some(4), Some(3), "free"),
        one("app.serials_id_seq", "serials", Some(42), Some(41), "free"),
        one("numbers.\"Of all\"", "named", Some(31), Some(12), "free"),
        one("numbers.\"Of all\"", "sharing", Some(31), Some(30), "free"),
    ];
    expected.sort();
    let mut found = found.collect::<Vec<_>>();
    found.sort();
    assert_eq!(found, expected);
    let left_out = verified["not_compared"].as_array().unwrap();
    assert!(left_out.iter().any(|one| one["name"] == "app.words"), "{left_out:?}");
    for table in
        ["serials", "identities", "named", "sharing", "other_than_owned", "falling", "domains", "decimals", "empty"]
    {
        migration.database.ask(&format!("INSERT INTO app.{table} (note) VALUES ('new')"));
    }
}

#[test]
fn verify_names_the_sequence_whose_next_number_a_row_has() {
    let migration = Migration::new(SOURCE, SPEC);
    migration.database.ask(TARGET);
    migration.apply().exits(0);
    migration.database.ask(
        "SELECT setval('numbers.\"Of all\"', 20), setval('app.downwards', -2); ALTER TABLE app.identities ALTER id RESTART WITH 2",
    );
    let page = migration.directory().join("evidence.html");
    let found = migration.run(&["verify", "--report", page.to_str().unwrap()]).exits(3);
    for line in [
        "sequence numbers.\"Of all\" is behind: it gives 21 next, and app.sharing has rows up to id=30",
        "sequence app.downwards is behind: it gives -3 next, and app.falling has rows down to id=-4",
        "sequence app.identities_id_seq is behind: it gives 2 next, and app.identities has rows up to id=7",
        "6 of 10 sequences with a next number that no row has",
        "app.few has given its last number",
    ] {
        assert!(found.stdout.contains(line), "{line}: {found}");
    }
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Sequences, and whether their next number is free"));
}
