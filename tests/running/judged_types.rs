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
    CREATE DOMAIN own.dom AS numeric(5,1); CREATE DOMAIN own.cut AS varchar(3); CREATE DOMAIN own.doc AS jsonb;
    CREATE DOMAIN own.zip AS integer; CREATE DOMAIN own.note AS text; CREATE DOMAIN own.tod AS time;
    CREATE DOMAIN own.moment AS timestamp(3); CREATE DOMAIN own.size AS float8; CREATE DOMAIN own.host AS inet;
    CREATE DOMAIN own.list AS integer[]; CREATE DOMAIN own.span AS int4range; CREATE DOMAIN own.truth AS boolean;
    CREATE DOMAIN own.clock AS interval minute to second; CREATE DOMAIN own.code AS char(4)";

/// Types with values of which PostgreSQL would keep less or other than the text says, and values that it keeps whole.
const ALTERED_AND_KEPT: &[(&str, &[&str], &[&str])] = &[
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
    ("own.dom", &["5.96", "05.9", "005", "-07"], &["5.9", "5.90", " +7 ", "0", "0.5", ".5", "1e1"]),
    ("own.zip", &["01234", "-05", "00", "0x1F"], &["99", " 7 ", "+5", "-5", "0"]),
    ("own.note", &[" [1, 2] ", "{\"a\": 1}\n"], &["[1,  2]", "{\"a\": 1}", " plain ", "01"]),
    ("own.tod", &["23:59:60", "10:00:00.1234567", "9:00", "noon"], &["10:00", "24:00", "23:59:59.50"]),
    (
        "own.moment",
        &["2020-01-01 23:59:60", "2020-01-01 24:00", "2020-01-01", "2020-01-01 10:00:00.1234", "today"],
        &["2020-01-01T10:00", "2020-01-01 10:00:00.120"],
    ),
    ("own.size", &["007.5", "9007199254740993"], &["7.50", "1e3", "0.1"]),
    (
        "own.host",
        &["010.0.0.1", "10.0.0.1/08", "::ffff:.2.3.4", "::ffff:1.2/96"],
        &["10.0.0.1", "10.0.0.1/8", "2001:DB8::1", "::ffff:1.2.3.4"],
    ),
    ("own.list", &["{007}", r#"["007"]"#], &["{7}", "[7]", "{ 7 , NULL }"]),
    ("own.span", &["[01,5]", "(1,1)"], &["[1,5]"]),
    ("own.truth", &["2"], &["yes", "T", "off", "1"]),
    ("own.clock", &["04:05"], &["00:04:05"]),
    ("own.code", &["ab  "], &["ab", "abcd"]),
    ("integer[]", &["{007,1}", "{1,00}"], &["{7,1}", "{{1,2},{ 3 , +4 }}", "[7]"]),
    ("pg_catalog.xid", &["010", "4294967299"], &["42"]),
    ("pg_catalog.xid8", &["010"], &["42"]),
    ("macaddr8", &["08:00:2b:01:02:03", "0800.2b01.0203.0405."], &["08-00-2B-01-02-03-04-05", "08002b0102030405"]),
    ("macaddr[]", &["{8:0:2b:1:2:3}"], &["{08-00-2b-01-02-03}"]),
    ("numrange", &["[01.5,2]", "(1,1)", "[1,infinity)", "[1e 3,)"], &["[1.50,2]", "[1e3,)", r#"["1", "2"]"#]),
    (
        "int4multirange",
        &["{[1,2],[3,4]}", "{[5,6],[1,2]}", "{[1,3),empty}", "{[01,3)}", "{(1,1)}"],
        &["{[1,2], [5,7]}", "{}", "{ }", "{[1,3),[5,)}"],
    ),
    ("bit(3)", &["B101", "x5"], &["101"]),
    ("uuid[]", &["{{}"], &["{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}"]),
    ("own.dom[]", &["[5.96]", "{5.96}"], &["[5.9]", "{5.9}"]),
    ("own.cut[]", &[r#"["abc  "]"#], &[r#"["abc"]"#]),
    ("own.doc", &[r#"{"a":1,"a":2}"#, "5", r#""x""#], &[r#"{"a":1}"#]),
    ("timestamp[]", &[r#"["2020-01-01 00:00:00+05"]"#, "{now}"], &[r#"["2020-01-01 00:00:00"]"#]),
    (
        "daterange",
        &[r#"["2020-01-01 23:00",)"#, "[today,)", "(2020-01-01,2020-01-02)"],
        &["[2020-01-01,2020-01-31]", "(,)", "empty"],
    ),
    (
        "tsrange",
        &[
            "[2020-01-01 00:00:00.1234567,)",
            "[2020-01-01 00:00+05,)",
            "[2020-01-01 23:59:60,)",
            r#"[2"020-01-01 10:00",)"#,
            "[2020-01-01 24:00,)",
            "[2020-01-01 10:00,2020-01-01 10:00)",
        ],
        &["[2020-01-01 00:00,2020-01-01T01:00)"],
    ),
    (
        "datemultirange",
        &["{[today,)}", "{[2020-01-01,2020-01-02],[2020-01-03,)}"],
        &["{[2020-01-01,2020-01-03), [2021-01-01,2021-01-03]}"],
    ),
    ("tsmultirange", &["{[now,)}"], &["{[2020-01-01 00:00,)}"]),
    ("interval[]", &[r#"["1.0000001 s"]"#], &[r#"["01:00:00"]"#]),
    ("float8[]", &["[9007199254740993]"], &["[0.1, 9007199254740992]", "{0.1}"]),
    ("float4[]", &["{16777217}"], &["{0.1}"]),
    ("point", &["(9007199254740993,1)", "1,2"], &["(1,2)"]),
    ("oid", &["-1", "042"], &["42"]),
    ("money", &["12,34", "$", "1.005", "012.5"], &["12.5", "$1.25"]),
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
    ("cidr", &["10.0.0.1/8", "192.168.1", "10", "010.0.0.0/8"], &["10/8", "10.0.0.0", "2001:DB8::/32"]),
    ("int4range", &["(5,5", "[007,9]", "(1,1)", "(5,6)"], &["[1,5]", "[ 1 , 5 ]", "empty", "(,)"]),
    ("macaddr", &["08", "8:0:2b:1:2:3", "08--00-2b-01-02-03"], &["08-00-2B-01-02-03", "0800.2b01.0203"]),
    ("tsvector", &["b a"], &["'a' 'b'"]),
    ("xml", &["<a>"], &["<a/>"]),
    ("inet[]", &[r#"["10.0.0.1/32 "]"#], &[r#"["10.0.0.1"]"#]),
    ("time[]", &[r#"["10:00:00.1234567"]"#], &[r#"["10:00:00"]"#]),
];

const LENGTHS: (&[&str], &[&str]) = (
    &["0.0000005 s", "1.123456789 sec ago", "P0.001Y", "1.0000001 years", "00:00:00.0000001", "007 days", "00:00:60"],
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

const HOSTS: &str = "CREATE TABLE hosts (id INTEGER PRIMARY KEY, net TEXT);
    INSERT INTO hosts WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)
        SELECT i, iif(i % 2, 'host ' || i, '10.0.' || (i / 250) || '.' || (i % 250)) FROM n";

#[test]
fn each_of_many_refused_values_is_known() {
    let spec = format!("{SPEC}[tables.hosts]\non_bad_value = \"reject\"\ncolumns.net.type = \"cidr\"\n");
    let migration = Migration::new(HOSTS, &spec.replace("on_bad_value = \"reject\"\n", ""));
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    assert_eq!(plan["findings"][0]["count"], 1_250, "{plan:#}");
    migration.write_spec(&spec);
    migration.run(&["apply", "--yes"]).exits(0);
    let counts = "SELECT count(*) || ' ' || (SELECT count(*) FROM transship.rejected_rows) FROM app.hosts";
    assert_eq!(migration.database.value(counts), "1250 1250");
    assert!(migration.verify().exits(0).stdout.contains("1,250 rows rejected"));
}

/// Values that are equal to PostgreSQL alone: a key over them is tried before it is made, beside a column of an ordinary type, too.
#[test]
fn rows_that_share_a_key_of_such_values_are_found_by_the_plan() {
    let source = "CREATE TABLE nets (id INTEGER PRIMARY KEY, net TEXT UNIQUE, zone INTEGER, amounts TEXT, UNIQUE (zone, amounts));
        INSERT INTO nets VALUES (1, '10.0.0.0/8', 1, '{1.0}'), (2, '10/8', 1, '{1.00}'), (3, NULL, 2, '{1.0}'), (4, NULL, NULL, '{1.0}')";
    let spec =
        format!("{SPEC}[tables.nets.columns]\nnet = {{ type = \"cidr\" }}\namounts = {{ type = \"numeric[]\" }}\n");
    let migration = Migration::new(source, &spec);
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json();
    let found = plan["findings"].as_array().unwrap().iter().flat_map(|finding| match finding["places"].as_array() {
        Some(places) => places.clone(),
        None => vec![finding.clone()],
    });
    let found = found.map(|finding| (finding["count"].clone(), finding["examples"][0].clone())).collect::<Vec<_>>();
    assert_eq!(found, vec![(1.into(), "id=1 and id=2".into()); 2], "{plan:#}");
    assert!(plan.to_string().contains("duplicate_key") && !plan.to_string().contains("not_inspected"), "{plan:#}");
    assert!(plan.to_string().contains("keys.\\\"zone, amounts\\\" = false"), "{plan:#}");
    migration.apply().exits(3);
    migration.change_source("UPDATE nets SET net = '11.0.0.0/8', zone = 3 WHERE id = 2");
    let plan = migration.run(&["plan", "--format", "json"]).exits(0);
    assert!(!plan.stdout.contains("not_inspected"), "{plan}");
    migration.apply().exits(0);
    migration.verify().exits(0);
    // Without the target nobody knows.
    let blind = migration.run(&["plan", "--assume-empty-target", "--format", "json"]).exits(0);
    assert!(blind.stdout.contains("whether rows share"), "{blind}");
}
