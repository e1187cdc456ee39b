//! Columns whose values PostgreSQL's own input functions read: what it refuses is found before anything is written, and by a
//! copy that nobody has planned with the values; what is altered afterwards is a difference.

use crate::support::migration::{Migration, SPEC};

const SOURCE: &str = "CREATE TABLE hosts (id INTEGER PRIMARY KEY, net TEXT, tags TEXT, amounts TEXT);
    INSERT INTO hosts VALUES (1, '10.0.0.0/8', '[\"a\", \"b, c\"]', '{1.5}'), (2, 'nonsense', '[]', NULL), (3, NULL, 'x', '[2.345]')";

fn spec(words: &str) -> String {
    format!(
        "{SPEC}[tables.hosts]\n{words}\n[tables.hosts.columns]\nnet = {{ type = \"cidr\" }}\ntags = {{ type = \"text[]\" }}\n\
         amounts = {{ type = \"numeric(6,2)[]\" }}\n"
    )
}

#[test]
fn what_postgresql_does_not_read_is_found_before_anything_is_written() {
    let migration = Migration::new(SOURCE, &spec(""));
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let findings = plan["findings"].as_array().unwrap().iter();
    let findings = findings.map(|finding| (finding["column"].as_str().unwrap(), finding["message"].as_str().unwrap()));
    let refused = "PostgreSQL does not read it as the type: it is spelled otherwise";
    assert_eq!(
        findings.collect::<Vec<_>>(),
        [
            ("amounts", "1 value does not fit numeric(6,2)[]: PostgreSQL would round or cut it, or write it otherwise"),
            ("net", format!("1 value does not fit cidr: {refused}").as_str()),
            ("tags", format!("1 value does not fit text[]: {refused}").as_str()),
        ]
    );
    assert!(!plan.to_string().contains("nonsense"), "a value is shown only if it is asked for");
    migration.apply().exits(3);
    let blind = migration.run(&["plan", "--assume-empty-target", "--format", "json"]).exits(0).json();
    assert!(blind.to_string().contains("values_not_judged"), "{blind:#}");
}

#[test]
fn a_copy_without_a_look_at_the_values_asks_by_itself() {
    let migration = Migration::new(SOURCE, &spec("on_bad_value = \"reject\""));
    migration.run(&["apply", "--yes", "--no-profile"]).exits(0);
    let rows = "SELECT string_agg(h::text, ' ' ORDER BY id) FROM app.hosts h";
    assert_eq!(migration.database.value(rows), "(1,10.0.0.0/8,\"{a,\"\"b, c\"\"}\",{1.50})");
    let verified = migration.verify().exits(0);
    assert!(verified.stdout.contains("2 rows rejected"), "{verified}");
    assert!(verified.stdout.contains("  cidr: hosts.net\n"), "{verified}");
    let path = |name: &str| migration.directory().join(name).display().to_string();
    migration.run(&["verify", "--report", &path("e.html"), "--report", &path("e.json")]).exits(0);
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert!(read("e.html").contains("hosts.net</td><td>cidr"), "the page names the columns that PostgreSQL has read");
    let evidence: serde_json::Value = serde_json::from_str(&read("e.json")).unwrap();
    assert_eq!(evidence["judged_by_postgresql"][0]["column_type"], "numeric(6,2)[]");
    migration.apply().exits(0);

    // A change of the source is noticed by what PostgreSQL makes of it, and copied again.
    migration
        .change_source("UPDATE hosts SET net = '10.1.0.0/16' WHERE id = 2; UPDATE hosts SET tags = 'y' WHERE id = 1");
    migration.verify().exits(3);
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    assert_eq!(migration.database.value(rows), "(2,10.1.0.0/16,{},)");
    migration.verify().exits(0);

    migration.database.ask("UPDATE app.hosts SET tags = '{a}'");
    let verified = migration.verify().exits(3);
    assert!(verified.stdout.contains("id=2: column tags"), "{verified}");
}

/// Types of the target that the values below need.
const OWN_TYPES: &str = "CREATE SCHEMA own; CREATE TYPE own.comp AS (s varchar(3), n numeric(4,1));
    CREATE DOMAIN own.dom AS numeric(5,1); CREATE DOMAIN own.cut AS varchar(3); CREATE DOMAIN own.doc AS jsonb";

/// Types with values of which PostgreSQL would keep less or other than the text says, and values that it keeps whole.
const ALTERED_AND_KEPT: [(&str, &[&str], &[&str]); 37] = [
    ("timestamptz[]", &[r#"["2020-07-01 12:00:00"]"#, "{2020-07-01}"], &[r#"["2020-07-01 12:00:00+00"]"#]),
    ("tstzrange", &["[2020-07-01 12:00,)"], &[r#"["2020-07-01 12:00:00+00",)"#]),
    ("timetz", &["12:00", "now", "2020-01-01 10:00 Europe/Berlin"], &["10:00:00+02"]),
    (
        "own.comp",
        &[
            r#"{"s":"q","n":1,"zz":5}"#,
            r#"{"S":"q","n":1}"#,
            r#"{"s":"q"}"#,
            r#"{"s":"q","s":"r","n":1}"#,
            r#"{"s":"q","n":1.25}"#,
            "(a,1.25)",
            r#"("abc   ",1)"#,
        ],
        &[r#"{"n":1,"s":"q"}"#, "(a,1.2)"],
    ),
    ("own.comp[]", &[r#"[{"s":"q","n":1.25}]"#], &[r#"[{"s":"q","n":1.2}]"#]),
    ("own.dom", &["5.96"], &["5.9", "5.90"]),
    ("own.dom[]", &["[5.96]", "{5.96}"], &["[5.9]", "{5.9}"]),
    ("own.cut[]", &[r#"["abc  "]"#], &[r#"["abc"]"#]),
    ("own.doc", &[r#"{"a":1,"a":2}"#, "5", r#""x""#], &[r#"{"a":1}"#]),
    ("timestamp[]", &[r#"["2020-01-01 00:00:00+05"]"#, "{now}"], &[r#"["2020-01-01 00:00:00"]"#]),
    ("daterange", &[r#"["2020-01-01 23:00",)"#, "[today,)"], &["[2020-01-01,2020-01-31]", "(,)"]),
    (
        "tsrange",
        &["[2020-01-01 00:00:00.1234567,)", "[2020-01-01 00:00+05,)"],
        &["[2020-01-01 00:00,2020-01-01T01:00)"],
    ),
    ("datemultirange", &["{[today,)}"], &["{[2020-01-01,2020-01-03), [2021-01-01,2021-01-03]}"]),
    ("tsmultirange", &["{[now,)}"], &["{[2020-01-01 00:00,)}"]),
    ("interval[]", &[r#"["1.0000001 s"]"#], &[r#"["01:00:00"]"#]),
    ("float8[]", &["[9007199254740993]"], &["[0.1, 9007199254740992]", "{0.1}"]),
    ("float4[]", &["{16777217}"], &["{0.1}"]),
    ("point", &["(9007199254740993,1)", "1,2"], &["(1,2)"]),
    ("oid", &["-1"], &["42"]),
    ("money", &["12,34", "$", "1.005"], &["12.5", "$1.25"]),
    ("money[]", &["[1.005]"], &[r#"["$1.25"]"#]),
    ("jsonb[]", &[r#"[{"a":1,"a":2}]"#], &[r#"[{"a":1}, null, "x"]"#]),
    ("hstore", &["a=>1, a=>2"], &[r#""a"=>"1""#]),
    ("text[]", &["[[],[]]"], &["[]", r#"{a, "b c"}"#, r#"[["a"],["b"]]"#]),
    ("varchar(3)[]", &[r#"["abc "]"#, r#"{"abc "}"#], &["{abc}"]),
    ("numeric(6,2)[]", &["[1.005]", "{1.005}"], &["{1.5}", "[1.5]"]),
    ("bool[]", &["[1]"], &["[true]", "{t,no}"]),
    ("cidr[]", &[r#"["10.0.0/8", 1]"#], &["{10/8}", r#"["10.0.0.0/8"]"#]),
    ("name", &["a23456789012345678901234567890123456789012345678901234567890123456789"], &["Ada"]),
    ("bit(3)[]", &[r#"["101", null, 11]"#], &[r#"["101"]"#]),
    ("cidr", &["10.0.0.1/8"], &["10/8"]),
    ("int4range", &["(5,5"], &["[1,5]"]),
    ("macaddr", &["08"], &["08-00-2B-01-02-03"]),
    ("tsvector", &["b a"], &["'a' 'b'"]),
    ("xml", &["<a>"], &["<a/>"]),
    ("inet[]", &[r#"["10.0.0.1/32 "]"#], &[r#"["10.0.0.1"]"#]),
    ("time[]", &[r#"["10:00:00.1234567"]"#], &[r#"["10:00:00"]"#]),
];

const LENGTHS: (&[&str], &[&str]) = (
    &["0.0000005 s", "1.123456789 sec ago", "P0.001Y", "1.0000001 years", "00:00:00.0000001"],
    &["1 mon 3 days 04:05", "P1Y2MT3.5S", "90 minutes", "1 day", "1.5 seconds", "-01:00:00"],
);

/// Values that money and others do not read: they are found before the copy, and each is named.
const UNREAD: [(&str, &[&str]); 7] = [
    ("money", &["1e2", "5abc", "999999999999999999999"]),
    ("oid", &["99999999999999"]),
    ("daterange", &["[2020-13-01,)"]),
    ("timetz", &["25:00+00", "hello"]),
    ("timestamp[]", &["{13/02/2020}"]),
    ("timestamptz[]", &[r#"["x"]"#]),
    ("tstzrange", &["[2020-13-01,)"]),
];

#[test]
fn what_is_not_known_to_be_kept_whole_is_never_altered_in_silence() {
    let mut groups = ALTERED_AND_KEPT
        .iter()
        .map(|(name, altered, kept)| {
            let from = if *name == "float4[]" { ", from = \"text\"" } else { "" };
            (*name, from, altered.to_vec(), kept.to_vec())
        })
        .collect::<Vec<_>>();
    groups.push(("interval", ", from = \"text\"", LENGTHS.0.to_vec(), LENGTHS.1.to_vec()));
    groups.extend(UNREAD.map(|(name, unread)| (name, "", unread.to_vec(), Vec::new())));
    let (mut source, mut columns) = (String::new(), String::new());
    let (mut bad, mut kept) = (Vec::new(), Vec::new());
    for (at, (name, from, altered, whole)) in groups.iter().enumerate() {
        source.push_str(&format!("CREATE TABLE t{at} (id INTEGER PRIMARY KEY, v TEXT);"));
        for (id, value) in altered.iter().chain(whole).enumerate() {
            source.push_str(&format!("INSERT INTO t{at} VALUES ({id}, '{}');", value.replace('\'', "''")));
            let list = if id < altered.len() { &mut bad } else { &mut kept };
            list.push(format!("t{at}/{id} {name}: {value}"));
        }
        columns.push_str(&format!(
            "[tables.t{at}]\non_bad_value = \"reject\"\n[tables.t{at}.columns]\nv = {{ type = '{name}'{from} }}\n"
        ));
    }
    let spec = SPEC.replace("[target]\n", "[target]\nextensions = [\"hstore\"]\n");
    let migration = Migration::new(&source, &format!("{spec}{columns}"));
    migration.database.ask(OWN_TYPES);
    let blocking = format!("{spec}{}", columns.replace("on_bad_value = \"reject\"", ""));
    migration.write_spec(&blocking);
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let blocked = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "value_does_not_fit");
    let blocked = blocked.map(|finding| finding["table"].as_str().unwrap()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(blocked.len(), groups.len(), "{blocked:?}");

    // Each altering value is rejected, no other is, and the proof is of the same mind.
    migration.write_spec(&format!("{spec}{columns}"));
    migration.run(&["apply", "--yes"]).exits(0);
    let mut copied = Vec::new();
    for (at, (name, _, altered, whole)) in groups.iter().enumerate() {
        let ids = migration.database.value(&format!("SELECT coalesce(string_agg(id::text, ' '), '') FROM app.t{at}"));
        let values = altered.iter().chain(whole).collect::<Vec<_>>();
        let ids =
            ids.split_whitespace().map(|id| id.parse::<usize>().unwrap()).collect::<std::collections::BTreeSet<_>>();
        copied.extend(ids.iter().map(|id| format!("t{at}/{id} {name}: {}", values[*id])));
    }
    assert_eq!(copied, kept);
    assert!(!bad.is_empty());
    let verified = migration.verify().exits(0);
    assert!(verified.stdout.contains("Equal"), "{verified}");
}
