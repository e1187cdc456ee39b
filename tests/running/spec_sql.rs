//! The spec's own SQL over the source: it computes a value or decides about a row, and never changes which rows there are.
//! What would is refused by `check` with its place in the file, or by `plan`, which knows the tables, with table and
//! column. What is right is judged by SQLite and PostgreSQL themselves.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, SPEC};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use transship::spec::SpecError;
use transship::spec::problem::code;

/// What no table is needed for to refuse it.
const REFUSED_BY_CHECK: [&str; 91] = [
    // Out of the parentheses.
    "0) UNION ALL SELECT 7,8,9 WHERE (1",
    "1) OR (1",
    "x) FROM a UNION SELECT (x",
    "x) IS NOT NULL OR (1",
    "1 IN (SELECT 1)) UNION SELECT (2",
    "1) --",
    "1) /* the rest",
    "1 /* inside */ ) OR ( 2",
    "x -- ) a comment\n) OR (1",
    "')' || x) OR (1",
    "1))((1",
    ")",
    "(",
    "x IN (1",
    "lower(n",
    "(SELECT max(x) FROM b",
    // Into what follows.
    "x /* the rest",
    "/*/",
    "x /*",
    "'",
    "x = 'a",
    "x = 'a''",
    "\"x",
    "\"x\"\"",
    "`x",
    "[x",
    "x'00",
    "x = 1\0 OR 1",
    "\0",
    // More than one expression, or none.
    "x; DROP TABLE a",
    "x;",
    "x, n",
    "1, (SELECT 1)",
    ", x",
    "SELECT 1",
    "select max(x) from b",
    "WITH q AS (SELECT 1) SELECT * FROM q",
    "VALUES (1)",
    "*",
    "a.*",
    "x AS y",
    "x y",
    "1 2",
    "x FROM b",
    "x WHERE 1",
    "x ORDER BY 1",
    "x LIMIT 1",
    "x GROUP BY n",
    "x HAVING 1",
    "x UNION SELECT 1",
    "x UNION ALL SELECT 1",
    "DISTINCT x",
    "ALL x",
    "x = 1 OR",
    "AND x",
    "x { 1",
    "x \\ 1",
    "CASE WHEN x THEN 1",
    "CAST(x TEXT)",
    "n REGEXP 'x'",
    // Filled in from outside.
    "?",
    "?1",
    "x > ?2",
    ":x",
    "@x",
    "$x",
    "#1",
    // One value of many rows.
    "count(*)",
    "COUNT()",
    "count(x)",
    "sum(x)",
    "avg(x)",
    "total(x)",
    "max(x)",
    "MIN ( x )",
    "coalesce(max(x), 0)",
    "lower(max(n))",
    "CASE WHEN max(x) > 1 THEN 1 END",
    "group_concat(n)",
    "group_concat(n, ',')",
    "string_agg(n, ',')",
    "json_group_array(x)",
    "json_group_object(n, x)",
    "jsonb_group_array(x)",
    "\"max\"(x)",
    "[max](x)",
    "`max`(x)",
    "max /* of all */ (x)",
    "max(DISTINCT x)",
    "sum(x) OVER ()",
    "row_number() OVER (ORDER BY id)",
];

/// What is refused by the tables: an aggregate in a subquery aggregates the outer rows where it names no column but theirs.
const REFUSED_BY_PLAN: [&str; 20] = [
    "(SELECT max(a.x))",
    "(SELECT max(x))",
    "(SELECT max(a.x) FROM b)",
    "(SELECT group_concat(a.n) FROM b WHERE b.a = a.id)",
    "(SELECT (SELECT max(a.x)) FROM b)",
    "(VALUES (max(a.x)))",
    "(WITH q AS (SELECT max(a.x) AS m) SELECT m FROM q)",
    "EXISTS (SELECT max(a.x))",
    "NOT EXISTS (SELECT count(a.x) FROM b)",
    "x IN (SELECT max(id))",
    "coalesce((SELECT sum(a.x)), 0)",
    "(SELECT 1, 2)",
    "(SELECT * FROM b)",
    "(1, 2)",
    "nosuch",
    "b.x",
    "(SELECT x FROM nosuch)",
    "RAISE(IGNORE)",
    "lower(n, n)",
    "rowid + nosuch.rowid",
];

/// What gives each row a value of its own.
const HARMLESS: [&str; 68] = [
    "x",
    "\"x\"",
    "[x]",
    "`x`",
    "a.x",
    "\"a\".\"x\"",
    "rowid",
    "NULL",
    "-x",
    "+x",
    "~x",
    "NOT x",
    "x + 1",
    "(x + 1) * (id - 2)",
    "x % 2 = 0",
    "x / 2",
    "x << 2 | 1",
    "x || n",
    "'it''s ; here -- and /* there'",
    "')'",
    "'(' || n || ')'",
    "\"n\" || ';'",
    "n -- what is called a name",
    "n /* a comment */",
    "/* a comment ) */ n",
    "-- a comment first\nn",
    "n || '--'",
    "lower(n)",
    "upper(trim(n))",
    "max(x, 2)",
    "min(x, id, 3)",
    "coalesce(x, 0)",
    "ifnull(n, 'none')",
    "nullif(x, 1)",
    "iif(x > 1, 'more', 'less')",
    "CASE x WHEN 1 THEN 'one' WHEN 2 THEN 'two' ELSE 'many' END",
    "CASE WHEN x IS NULL THEN 0 ELSE x END",
    "CAST(x AS TEXT)",
    "CAST(n AS BLOB) IS NULL",
    "n COLLATE NOCASE = 'A'",
    "n LIKE 'a%' ESCAPE '\\'",
    "n GLOB 'a*'",
    "x BETWEEN 1 AND 2",
    "x NOT BETWEEN 1 AND 2",
    "x IN (1, 2)",
    "x NOT IN (SELECT x FROM b)",
    "x IS NULL",
    "x ISNULL",
    "x NOT NULL",
    "x IS NOT 1",
    "x IS NOT DISTINCT FROM 1",
    "(x, n) = (1, 'a')",
    "x = 0x1F",
    "1_000 + x",
    "1.5e3 > x",
    "hex(x'00ff')",
    "substr(n, 1, 1)",
    "replace(n, ',', '.')",
    "printf('%d,%s', x, n)",
    "json_extract('{\"a\": [1, 2]}', '$.a[1]')",
    "json_object('n', n) ->> '$.n'",
    "strftime('%Y', 86400 * x, 'unixepoch')",
    "EXISTS (SELECT 1 FROM b WHERE b.a = a.id)",
    "(SELECT max(x) FROM b WHERE b.a = a.id)",
    "(SELECT count(*) FROM b WHERE b.a = a.id)",
    "(SELECT group_concat(b.x, ';') FROM b WHERE b.a = a.id)",
    "(SELECT n FROM (SELECT row_number() OVER (ORDER BY x) AS n, a FROM b) AS q WHERE q.a = a.id LIMIT 1)",
    "(WITH q AS (SELECT sum(x) AS s FROM b) SELECT s + a.x FROM q)",
];

const ROWS: &str = "INSERT INTO TABLE_ SELECT 1, 'A', 1 UNION ALL SELECT 2, 'b,c', NULL UNION ALL SELECT 3, NULL, 2
    UNION ALL SELECT 4, 'a(b', 7;";
const OTHER: &str = "CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER, x INTEGER);
    INSERT INTO b VALUES (1, 1, 5), (2, 1, 7), (3, 2, 1), (4, NULL, 2);";

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A table `a` with a text column for each expression, and the spec's lines that compute it.
fn computing(expressions: &[&str]) -> (String, String) {
    let columns = (0..expressions.len()).map(|at| format!(", e{at} TEXT")).collect::<String>();
    let source = format!("CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT, x INTEGER{columns});");
    let rows = ROWS.replace("TABLE_", "a (id, n, x)");
    let mut spec = format!("{SPEC}[tables.a.columns]\n");
    for (at, expression) in expressions.iter().enumerate() {
        writeln!(spec, "e{at} = {{ type = \"text\", source_sql = {} }}", quoted(expression)).unwrap();
    }
    (format!("{source}{rows}{OTHER}"), spec)
}

#[test]
fn what_breaks_out_is_refused_with_its_place() {
    for key in ["where = SQL", "columns.c = { source_sql = SQL }"] {
        let mut spec =
            "spec = 1\nname = \"t\"\n[source]\nurl = \"sqlite:t.db\"\n[target]\nurl = \"embedded:\"\n".to_owned();
        for (at, sql) in REFUSED_BY_CHECK.iter().enumerate() {
            write!(spec, "[tables.t{at}]\n{}\n", key.replace("SQL", &quoted(sql))).unwrap();
        }
        let error = transship::spec::read(&spec, Path::new("t.toml"), None, &|_| None).unwrap_err();
        let SpecError::Problems { problems, .. } = error else { panic!("{error}") };
        for (at, sql) in REFUSED_BY_CHECK.iter().enumerate() {
            let start = spec.find(&format!("[tables.t{at}]\n")).unwrap();
            let end = spec.find(&format!("[tables.t{}]\n", at + 1)).unwrap_or(spec.len());
            let here = problems.iter().filter(|problem| (start..end).contains(&problem.span.start)).collect::<Vec<_>>();
            let [problem] = here.as_slice() else { panic!("{sql}: {here:?}") };
            assert_eq!(problem.code, code::NOT_ONE_EXPRESSION, "{sql}: {problem:?}");
            assert!(
                problem.span.end <= end && !problem.span.is_empty() && problem.hint.is_some(),
                "{sql}: {problem:?}"
            );
        }
        assert_eq!(problems.len(), REFUSED_BY_CHECK.len());
    }
}

/// The mark stands under the very characters where the SQL is written as it is.
#[test]
fn the_place_is_exact() {
    let migration = Migration::small();
    let refused = |line: &str, place: &str, message: &str| {
        migration.write_spec(&format!("{SPEC}[tables.users]\n{line}\n"));
        let checked = migration.run(&["check"]).exits(2);
        assert!(checked.stderr.contains(place) && checked.stderr.contains(message), "{checked}");
        migration.apply().exits(2);
    };
    let first = SPEC.lines().count() + 2;
    let sql = "where = \"0) UNION ALL SELECT 7,8,9 WHERE (1\"";
    refused(sql, &format!("spec.toml:{first}:11"), "closes a parenthesis that it does not open");
    let sql = "columns.name.source_sql = 'lower(coalesce(max(name), 0))'";
    refused(sql, &format!("spec.toml:{first}:43"), "calls the aggregate or window function max");
    let sql = "where = \"\"\"\n  id > 0 AND\n  id , 1\"\"\"";
    refused(sql, &format!("spec.toml:{}:6", first + 2), "is more than one expression");
    let sql = "where = \"id >> > 1\"";
    refused(sql, &format!("spec.toml:{first}:16"), "is no SQL of SQLite: near \">\": syntax error");
    assert!(!migration.database.schemas().contains(&"app".to_owned()));
}

#[test]
fn what_only_the_tables_tell_is_a_finding_and_nothing_is_written() {
    let (source, spec) = computing(&REFUSED_BY_PLAN);
    // A condition is asked as well.
    let source = format!("{source} CREATE TABLE c AS SELECT id, x FROM b;");
    let spec = format!("{spec}[tables.c]\nwhere = \"x > (SELECT avg(c.x))\"\n");
    let migration = Migration::new(&source, &spec);
    migration.run(&["check"]).exits(0);
    let plan = migration.run(&["plan", "--format", "json"]).exits(3).json_by_place();
    let found = plan["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "source_sql_refused");
    let found = found.map(|finding| (finding["table"].clone(), finding["column"].clone())).collect::<Vec<_>>();
    for (at, sql) in REFUSED_BY_PLAN.iter().enumerate() {
        assert!(found.contains(&("a".into(), format!("e{at}").into())), "{sql}: {plan}");
    }
    assert!(found.contains(&("c".into(), Value::Null)), "{plan}");
    assert_eq!(found.len(), REFUSED_BY_PLAN.len() + 1, "{plan}");
    migration.apply().exits(3);
    migration.run(&["inspect", "--out", "facts.json"]).exits(3);
    assert!(!migration.database.schemas().contains(&"app".to_owned()));
}

#[test]
fn a_refusal_of_a_server_is_called_its_own() {
    let server = mariadb();
    let name = server.create_database();
    server.ask(&name, "CREATE TABLE u (id INT PRIMARY KEY)");
    let spec = "spec = 1\nname = \"case\"\nsource.url = \"${CASE_SOURCE}\"\ntarget.url = \"${CASE_TARGET}\"\n\
                target.schema = \"app\"\ntables.u.where = \"nowhere = 1\"\n";
    let mut migration = Migration::with_source(|_| {}, spec, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    let plan = migration.run(&["plan", "--format", "json"]).exits(3);
    assert!(plan.stdout.contains("\"MySQL or MariaDB cannot compute `where` for each row by itself: "), "{plan}");
    assert!(!plan.stdout.contains("SQLite"), "{plan}");
}

/// Each value is the one that SQLite gives when it is asked for that row alone.
#[test]
fn harmless_expressions_give_each_row_its_value() {
    let (source, spec) = computing(&HARMLESS);
    let migration = Migration::new(&source, &spec);
    migration.apply().exits(0);
    assert_eq!(migration.run(&["verify", "--format", "json"]).exits(0).json()["equal"], true);
    let connection = rusqlite::Connection::open(migration.source()).unwrap();
    for (at, sql) in HARMLESS.iter().enumerate() {
        for id in 1..=4 {
            let asked = format!("SELECT CAST(({sql}\n) AS TEXT) FROM a WHERE id = {id}");
            let expected = connection.query_row(&asked, [], |row| row.get::<_, Option<String>>(0)).unwrap();
            let actual =
                migration.database.value(&format!("SELECT coalesce(e{at}, 'NULL') FROM app.a WHERE id = {id}"));
            assert_eq!(actual, expected.unwrap_or_else(|| "NULL".to_owned()), "{sql}, {id}");
        }
    }
}

/// Each condition keeps the rows for which SQLite says that it is true, and counts the others.
#[test]
fn harmless_conditions_keep_the_rows_for_which_they_are_true() {
    let (mut source, mut spec) = (OTHER.to_owned(), SPEC.to_owned());
    let conditions = HARMLESS.iter().map(|sql| sql.replace("a.", "TABLE_.").replace("\"a\".", "\"TABLE_\"."));
    let conditions = conditions.collect::<Vec<_>>();
    let of_table = |at: usize| conditions[at].replace("b.TABLE_.", "b.a.").replace("TABLE_", &format!("w{at}"));
    for at in 0..conditions.len() {
        let rows = ROWS.replace("TABLE_", &format!("w{at}"));
        write!(source, "CREATE TABLE w{at} (id INTEGER PRIMARY KEY, n TEXT, x INTEGER);{rows}").unwrap();
        write!(spec, "[tables.w{at}]\nwhere = {}\n", quoted(&of_table(at))).unwrap();
    }
    let migration = Migration::new(&source, &spec);
    migration.apply().exits(0);
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    let connection = rusqlite::Connection::open(migration.source()).unwrap();
    for at in 0..conditions.len() {
        let sql = of_table(at);
        let mut kept = BTreeSet::new();
        for id in 1..=4 {
            let asked = format!("SELECT ({sql}\n) IS TRUE FROM w{at} WHERE id = {id}");
            if connection.query_row(&asked, [], |row| row.get::<_, bool>(0)).unwrap() {
                kept.insert(id.to_string());
            }
        }
        let there = format!("SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM app.w{at}");
        assert_eq!(migration.database.value(&there), kept.iter().cloned().collect::<Vec<_>>().join(" "), "{sql}");
        let tables = verified["tables"].as_array().unwrap();
        let table = tables.iter().find(|table| table["table"] == format!("w{at}")).unwrap();
        assert_eq!(table["filtered_rows"], 4 - kept.len(), "{sql}: {table}");
        assert_eq!(table["source_rows"], 4, "{sql}: {table}");
    }
}

/// A condition that answers otherwise each time cannot be counted: the chunk is not committed, and `verify` says it too.
#[test]
fn rows_that_do_not_add_up_fail_the_chunk() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY);
        WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 2000)
        INSERT INTO t SELECT n FROM counter";
    let migration = Migration::new(source, &format!("{SPEC}[tables.t]\nwhere = \"random() % 2 = 0\"\n"));
    let applied = migration.apply().exits(1);
    assert!(applied.stderr.contains("rows were read, but") && applied.stderr.contains("copy:t"), "{applied}");
    assert_eq!(migration.database.value("SELECT count(*) FROM app.t"), "0");
    // The same of what stands there already.
    migration.write_spec(SPEC);
    migration.apply().exits(0);
    migration.write_spec(&format!("{SPEC}[tables.t]\nwhere = \"random() % 2 = 0\"\n"));
    // Two draws of so many rows give the same number once in eighty times, four times in a row never.
    let verified = std::iter::repeat_with(|| migration.run(&["verify", "--format", "json"]).exits(3).json());
    let verified =
        verified.take(4).find(|found| found["tables"][0]["problem"].is_string()).expect("no problem is found");
    assert_eq!((&verified["equal"], &verified["tables"][0]["source_rows"]), (&false.into(), &2000.into()));
    assert!(verified["tables"][0]["problem"].as_str().unwrap().contains("changes the number of rows"), "{verified}");
}

/// `verify` compares what the spec's SQL gives with what the source has, even where `plan` was never asked.
#[test]
fn verify_names_a_table_whose_rows_cannot_be_read_for_themselves() {
    let source = "CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER); INSERT INTO a VALUES (1, 1), (2, 2), (3, 3);
        CREATE TABLE b (id INTEGER PRIMARY KEY); INSERT INTO b VALUES (1)";
    let migration = Migration::new(source, SPEC);
    migration.apply().exits(0);
    migration.database.ask("DELETE FROM app.a WHERE id > 1");
    migration.write_spec(&format!("{SPEC}[tables.a]\ncolumns.x.source_sql = \"EXISTS (SELECT max(a.x))\"\n"));
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    let tables = verified["tables"].as_array().unwrap();
    assert!(tables[0]["problem"].as_str().unwrap().contains("one value of many rows"), "{verified}");
    assert_eq!((&tables[0]["source_rows"], &tables[1]["problem"]), (&3.into(), &Value::Null), "{verified}");
}
