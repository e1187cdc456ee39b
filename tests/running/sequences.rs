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

/// A row that is inserted and deleted moves the source's counter, and no row of the table.
#[test]
fn a_counter_that_moved_without_rows_is_followed_by_a_refresh() {
    let source = "CREATE TABLE e (id INTEGER PRIMARY KEY AUTOINCREMENT, note TEXT); INSERT INTO e (note) VALUES ('a')";
    let of_application = "CREATE SCHEMA app; CREATE TABLE app.e (id serial PRIMARY KEY, note text)";
    for (spec, target) in [(SPEC.replace("tables = \"existing\"\n", ""), "SELECT 1"), (SPEC.to_owned(), of_application)]
    {
        let migration = Migration::new(source, &spec);
        migration.database.ask(target);
        migration.apply().exits(0);
        migration.change_source("INSERT INTO e (note) VALUES ('b'), ('c'); DELETE FROM e WHERE id > 1");
        let behind = migration.verify().exits(3);
        assert!(behind.stdout.contains("app.e has had rows up to id=3"), "{behind}");
        migration.run(&["apply", "--refresh", "--yes"]).exits(0);
        migration.verify().exits(0);
        let again = migration.run(&["apply", "--refresh", "--yes"]).exits(0);
        assert!(again.stdout.contains("nothing to do"), "{again}");
        assert_eq!(migration.database.value("INSERT INTO app.e (note) VALUES ('d') RETURNING id"), "4");
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
        "sequence numbers.\"Of all\" is behind: its next number is 21, and app.sharing has rows up to id=30",
        "sequence app.downwards is behind: its next number is -3, and app.falling has rows down to id=-4",
        "sequence app.identities_id_seq is behind: its next number is 2, and app.identities has rows up to id=7",
        "6 of 10 sequences with a next number that no row has",
        "app.few has given its last number",
    ] {
        assert!(found.stdout.contains(line), "{line}: {found}");
    }
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("Sequences, and whether their next number is free"));
}

const UNCLEAR_SOURCE: &str = "
CREATE TABLE called (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO called VALUES (4, 'a');
CREATE TABLE named (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO named VALUES (4, 'a');
CREATE TABLE negated (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO negated VALUES (-4, 'a');
CREATE TABLE divided (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO divided VALUES (4, 'a');
CREATE TABLE of_domain (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO of_domain VALUES (4, 'a');
CREATE TABLE overridden (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO overridden VALUES (4, 'a');
CREATE TABLE cast (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO cast VALUES (4, 'a');
CREATE TABLE triggered (id INTEGER PRIMARY KEY, note TEXT); INSERT INTO triggered VALUES (4, 'a');
";

const UNCLEAR_TARGET: &str = "
CREATE SCHEMA app;
CREATE SEQUENCE app.of_function; CREATE SEQUENCE app.of_name; CREATE SEQUENCE app.of_negation; CREATE SEQUENCE app.of_half;
CREATE SEQUENCE app.of_key; CREATE SEQUENCE app.of_cast; CREATE SEQUENCE app.of_trigger; CREATE SEQUENCE app.of_nobody;
CREATE DOMAIN app.key AS bigint DEFAULT nextval('app.of_key'); CREATE DOMAIN app.inner AS app.key;
CREATE FUNCTION app.nid() RETURNS bigint LANGUAGE sql AS $$ SELECT nextval('app.of_function') $$;
CREATE FUNCTION app.numbered() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.id := coalesce(NEW.id, nextval('app.of_trigger')); RETURN NEW; END $$;
CREATE TABLE app.called (id bigint DEFAULT app.nid() PRIMARY KEY, note text DEFAULT lower('A'));
CREATE TABLE app.named (id bigint DEFAULT nextval('app.of_'||'name') PRIMARY KEY, note text DEFAULT gen_random_uuid()::text);
CREATE TABLE app.negated (id bigint DEFAULT -nextval('app.of_negation') PRIMARY KEY, note text);
CREATE TABLE app.divided (id bigint DEFAULT nextval('app.of_half') / 2 PRIMARY KEY, note text);
CREATE TABLE app.of_domain (id app.inner PRIMARY KEY, note text);
CREATE TABLE app.overridden (id app.inner DEFAULT 0 PRIMARY KEY, note text);
CREATE TABLE app.cast (id integer DEFAULT nextval('app.of_cast')::text::int PRIMARY KEY, note text);
CREATE TABLE app.triggered (id bigint PRIMARY KEY, note text); CREATE SEQUENCE app.owned OWNED BY app.called.id;
CREATE TRIGGER numbering BEFORE INSERT ON app.triggered FOR EACH ROW EXECUTE FUNCTION app.numbered();
CREATE TABLE app.elsewhere (id serial);
";

#[test]
fn what_may_draw_from_a_sequence_in_another_way_is_never_called_equal_in_silence() {
    let migration = Migration::new(UNCLEAR_SOURCE, SPEC);
    migration.database.ask(UNCLEAR_TARGET);
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let unclear = plan["findings"].as_array().unwrap().iter().filter(|one| one["code"] == "target_sequence_unclear");
    let places = unclear.flat_map(|one| match one["places"].as_array() {
        Some(places) => places.clone(),
        None => vec![one.clone()],
    });
    let mut places = places.map(|place| place["table"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    places.sort();
    assert_eq!(places, ["called", "divided", "named", "negated"], "{plan:#}");
    migration.apply().exits(0);
    let report = migration.directory().join("verify.xml");
    let text = migration.run(&["verify", "--report", report.to_str().unwrap()]).exits(0).stdout;
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    let left_out = verified["not_compared"].as_array().unwrap().iter().map(|one| {
        let word = |key: &str| one[key].as_str().unwrap();
        (word("kind"), word("name"), word("reason"))
    });
    let left_out = left_out.collect::<Vec<_>>();
    let named = left_out.iter().map(|(kind, name, _)| format!("{kind} {name}")).collect::<Vec<_>>();
    assert_eq!(
        named,
        [
            "default app.called.id",
            "default app.divided.id",
            "default app.named.id",
            "default app.negated.id",
            "sequence app.of_function",
            "sequence app.of_half",
            "sequence app.of_name",
            "sequence app.of_negation",
            "sequence app.of_nobody",
            "sequence app.of_trigger",
            "sequence app.owned",
            "trigger app.triggered.numbering",
        ],
        "{left_out:#?}"
    );
    let xml = std::fs::read_to_string(report).unwrap();
    for (kind, name, reason) in &left_out {
        assert!(text.contains(&format!("{kind} {name}: {reason}")), "{text}");
        assert!(xml.contains(&format!("name=\"{kind} {name}\"")), "{xml}");
    }
    let sequences = verified["sequences"].as_array().unwrap();
    let held = sequences.iter().map(|one| one["sequence"].as_str().unwrap()).collect::<Vec<_>>();
    assert_eq!(held, ["app.of_cast", "app.of_key"], "the domain's default, and a cast");
    migration
        .database
        .ask("INSERT INTO app.of_domain (note) VALUES ('new'); INSERT INTO app.cast (note) VALUES ('new')");
}

#[test]
fn the_right_to_set_the_sequence_of_a_domain_is_asked_for_by_the_plan() {
    let mut migration = Migration::new("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (4);", SPEC);
    migration.database.ask(
        "CREATE ROLE sequences_loader LOGIN; CREATE SCHEMA app; CREATE SEQUENCE app.s;
         CREATE DOMAIN app.key AS bigint DEFAULT nextval('app.s'); CREATE TABLE app.t (id app.key PRIMARY KEY);
         ALTER TABLE app.t OWNER TO sequences_loader; GRANT USAGE ON SCHEMA app TO sequences_loader",
    );
    let url = migration.database.url.replace("postgres@", "sequences_loader@");
    migration.set("CASE_TARGET", &url);
    let planned = migration.run(&["plan", "--format", "json"]).exits(3).json();
    assert!(planned.to_string().contains("GRANT SELECT, UPDATE ON SEQUENCE app.s TO sequences_loader"), "{planned:#}");
}
