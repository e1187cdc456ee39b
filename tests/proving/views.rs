//! Views: the same rows on both sides, or left behind with a reason.
//!
//! Every view of [`SAME`] is made in SQLite and asked on both sides, in a database whose collation is not that of bytes;
//! every view of [`OMITTED`] has to be left behind.

use crate::support::database::Database;
use crate::support::migration::{Migration, SPEC};
use crate::support::waiting::NOT_HOURS;
use rusqlite::types::ValueRef;
use std::collections::BTreeMap;

const TABLES: &str = "
CREATE TABLE users (
    id INTEGER PRIMARY KEY, name TEXT, email TEXT COLLATE NOCASE, age INTEGER, score REAL, active BOOLEAN,
    born DATE, seen DATETIME, manager_id INTEGER, \"Group\" VARCHAR(20), meta JSON, price DECIMAL(10, 2)
);
INSERT INTO users VALUES
    (1, 'Ada', 'ada@x.org', 36, 1.5, 1, '1815-12-10', '2024-01-31 23:59:59', NULL, 'a', '{\"k\": 1}', 1.25),
    (2, 'grace', 'ADA@x.org', 85, 2.676, 0, '1906-12-09', '2024-02-01 00:00:00', 1, 'b', NULL, 0.1),
    (3, 'Zoe', NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL),
    (4, 'ähre', 'e@x.org', -7, -2.5, 1, '2000-02-29', '2024-02-10 12:30:00', 2, 'a', '{}', 0.2),
    (5, NULL, 'f@x.org', 0, 0.1, 0, '1999-12-31', '2023-12-31 08:00:00', 9, 'B', '[]', 7),
    (6, 'bob%', 'g@x.org', 36, 1.006, 1, '2001-01-01', '2024-03-01 01:02:03', 4, 'b', NULL, 3.5);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT, words INTEGER, tag TEXT);
INSERT INTO posts VALUES
    (1, 1, 'One', 100, 'x'), (2, 1, 'two', 250, 'y'), (3, 2, 'Three', NULL, 'x'), (4, NULL, 'Four', 7, NULL),
    (5, 4, 'five', 0, 'z'), (6, 4, 'Six', 250, 'x');
CREATE TABLE tags (tag TEXT PRIMARY KEY, weight INTEGER);
INSERT INTO tags VALUES ('x', 3), ('y', 0), ('w', -2);
";

/// What means the same on both sides.
const SAME: &[(&str, &str)] = &[
    ("plain", "SELECT id, name FROM users"),
    ("everything", "SELECT * FROM users"),
    ("qualified_star", "SELECT p.*, u.name FROM posts p JOIN users u ON u.id = p.user_id"),
    ("same_names", "SELECT u.id, p.id, p.id AS \"Post Id\" FROM users u, posts p WHERE p.user_id = u.id"),
    ("column_list (a, \"B c\")", "SELECT id, upper(name) FROM users"),
    ("by_name", "SELECT name FROM users ORDER BY name"),
    ("by_name_descending", "SELECT id, name AS label FROM users ORDER BY label DESC, 1"),
    ("by_email", "SELECT lower(email) AS mail FROM users ORDER BY email, id"),
    ("by_age_nulls_last", "SELECT id FROM users ORDER BY age NULLS LAST, id DESC"),
    ("limited", "SELECT id FROM users ORDER BY id LIMIT 2 OFFSET 1"),
    ("limited_by_comma", "SELECT id FROM users ORDER BY -id LIMIT 1, 3"),
    ("adults", "SELECT id FROM users WHERE active AND age >= 18"),
    ("not_active", "SELECT id FROM users WHERE NOT active OR active = 0"),
    ("like_ada", "SELECT id FROM users WHERE name LIKE 'ADA' OR name LIKE '%b\\%' ESCAPE '\\'"),
    ("same_mail", "SELECT id FROM users WHERE email = 'Ada@X.org'"),
    ("mail_by_alias", "SELECT id, email AS g FROM users WHERE g = 'Ada@X.org'"),
    ("by_place", "SELECT id, name FROM users ORDER BY (2) DESC, +1 LIMIT 3"),
    ("by_alias_first", "SELECT -id AS age, id AS x FROM users ORDER BY (age) LIMIT 2"),
    ("mail_in", "SELECT id FROM users WHERE email IN ('ADA@X.ORG', 'e@x.org')"),
    ("after_bob", "SELECT id FROM users WHERE name > 'Bob' AND name < 'c'"),
    ("between_names", "SELECT id FROM users WHERE name BETWEEN 'A' AND 'Zz'"),
    ("quotient", "SELECT id, age / 5 AS fifth, age % 5 AS rest, 10 / age AS inverse, score / age AS ratio FROM users"),
    ("products", "SELECT id, age * 1.1 AS more, age * 2 - -1 AS odd, -score AS minus FROM users"),
    ("rounded", "SELECT id, round(price, 2) AS two, round(score) AS whole, round(age) AS same FROM users"),
    ("joined_text", "SELECT id, name || ' <' || email || '>' AS label, 'n' || age AS number FROM users"),
    ("quoted", "SELECT id, \"Group\", \"no such column\" AS word, 'it''s' AS text FROM users"),
    (
        "chosen",
        "SELECT id, CASE WHEN age > 40 THEN 'old' WHEN age IS NULL THEN NULL ELSE 'young' END AS kind, \
        iif(active, 1, 0) AS flag, coalesce(name, 'nobody') AS who, nullif(age, 36) AS other FROM users",
    ),
    ("casts", "SELECT id, CAST(age AS TEXT) AS t, CAST(score AS INTEGER) AS i, CAST(age AS REAL) AS r FROM users"),
    (
        "texts",
        "SELECT id, length(name) AS l, substr(name, 2, 2) AS s, trim(name, 'A') AS t, instr(name, 'a') AS i, \
        replace(name, 'a', 'o') AS r FROM users",
    ),
    ("days", "SELECT id, date(seen) AS day, strftime('%Y-%m', seen) AS month, date(born) AS born FROM users"),
    ("january", "SELECT id FROM users WHERE date(seen) = '2024-01-31' OR strftime('%Y', seen) = '2023'"),
    ("recent", "SELECT id FROM users WHERE seen < datetime('now') AND born < date('now')"),
    (
        "lately",
        "SELECT id FROM users WHERE seen < datetime('now', '-1 month') AND born < date('now', 'weekday 0', '-7 days')",
    ),
    ("left_join", "SELECT u.name, p.title FROM users u LEFT JOIN posts p ON p.user_id = u.id AND p.words > 50"),
    (
        "comma_and_join",
        "SELECT u.id, p.id AS post, t.weight FROM users u, posts p LEFT JOIN tags t ON t.tag = p.tag \
        WHERE u.id = p.user_id",
    ),
    ("using_join", "SELECT * FROM posts JOIN tags USING (tag)"),
    ("using_left_join", "SELECT tag, title, weight FROM posts LEFT JOIN tags USING (tag)"),
    ("natural_join", "SELECT * FROM tags NATURAL JOIN posts"),
    ("cross_join", "SELECT a.tag, b.tag AS other FROM tags a CROSS JOIN tags b"),
    ("right_join", "SELECT p.title, t.tag FROM posts p RIGHT JOIN tags t ON t.tag = p.tag"),
    ("itself", "SELECT u.name, m.name AS manager FROM users u JOIN users m ON m.id = u.manager_id"),
    (
        "nested_join",
        "SELECT u.id, t.weight FROM users u LEFT JOIN (posts p JOIN tags t ON t.tag = p.tag) ON p.user_id = u.id",
    ),
    (
        "counted",
        "SELECT count(*) AS n_rows, count(age) AS aged, count(DISTINCT age) AS ages, sum(age) AS years, \
        avg(age) AS mean, min(name) AS first, max(name) AS last, total(score) AS score, max(active) AS any_active, \
        min(active) AS all_active, min(seen) AS seen FROM users",
    ),
    (
        "nothing_counted",
        "SELECT count(*) AS n, sum(age) AS s, total(age) AS t, avg(age) AS a, max(id) AS m FROM users WHERE id > 99",
    ),
    (
        "grouped",
        "SELECT \"Group\" AS g, count(*) AS n, sum(active) AS on_count, group_concat(DISTINCT \"Group\") AS gs \
        FROM users GROUP BY \"Group\" ORDER BY n DESC, g",
    ),
    (
        "with_having",
        "SELECT user_id, sum(words) AS words FROM posts GROUP BY user_id HAVING sum(words) > 100 OR count(*) > 1",
    ),
    ("having_alias", "SELECT user_id, count(*) AS n FROM posts GROUP BY 1 HAVING n > 1 ORDER BY n"),
    ("by_month", "SELECT strftime('%Y-%m', seen) AS month, count(*) AS n FROM users GROUP BY month ORDER BY month"),
    (
        "by_initial",
        "SELECT upper(substr(name, 1, 1)) AS initial, avg(score) AS mean FROM users GROUP BY upper(substr(name, 1, 1))",
    ),
    (
        "filtered",
        "SELECT count(*) FILTER (WHERE active) AS active, sum(age) FILTER (WHERE age > 0) AS years FROM users",
    ),
    ("sum_of_case", "SELECT sum(CASE WHEN active THEN 1 ELSE 0 END) AS n, sum(age > 30) AS old FROM users"),
    ("prices", "SELECT sum(price) AS total, avg(price) AS mean, round(sum(price) * 2.5, 3) AS about FROM users"),
    ("distinct_tags", "SELECT DISTINCT tag FROM posts ORDER BY tag DESC"),
    ("distinct_pairs", "SELECT DISTINCT user_id, tag IS NULL AS untagged FROM posts"),
    ("united", "SELECT name AS label FROM users UNION SELECT title FROM posts ORDER BY label"),
    (
        "united_all",
        "SELECT id, 'user' AS kind FROM users UNION ALL SELECT id, 'post' FROM posts ORDER BY 2, 1 DESC LIMIT 8",
    ),
    ("excepted", "SELECT tag FROM tags EXCEPT SELECT tag FROM posts"),
    ("intersected", "SELECT tag FROM tags INTERSECT SELECT tag FROM posts"),
    ("nulls_united", "SELECT id, NULL AS x FROM users UNION ALL SELECT id, NULL FROM posts UNION ALL SELECT 0, 'end'"),
    ("with_posts", "SELECT name FROM users u WHERE EXISTS (SELECT 1 FROM posts p WHERE p.user_id = u.id)"),
    ("without_posts", "SELECT id FROM users WHERE id NOT IN (SELECT user_id FROM posts WHERE user_id IS NOT NULL)"),
    ("post_counts", "SELECT u.id, (SELECT count(*) FROM posts p WHERE p.user_id = u.id) AS posts FROM users u"),
    (
        "longest",
        "SELECT u.id, (SELECT title FROM posts p WHERE p.user_id = u.id ORDER BY words DESC, id LIMIT 1) AS t FROM users u",
    ),
    (
        "derived",
        "SELECT d.user_id, d.n * 2 AS twice FROM (SELECT user_id, count(*) AS n FROM posts GROUP BY user_id) d WHERE d.n > 1",
    ),
    ("derived_bare", "SELECT n FROM (SELECT count(*) AS n FROM posts)"),
    (
        "with_table",
        "WITH long AS (SELECT * FROM posts WHERE words >= 100), c(n) AS (SELECT count(*) FROM long) \
        SELECT long.title, c.n FROM long, c",
    ),
    (
        "chain",
        "WITH RECURSIVE up(id, name, depth) AS (SELECT id, name, 0 FROM users WHERE manager_id IS NULL \
        UNION ALL SELECT u.id, u.name, up.depth + 1 FROM users u JOIN up ON u.manager_id = up.id) \
        SELECT * FROM up ORDER BY depth, id",
    ),
    ("numbers", "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i, i * i AS square FROM n"),
    ("over_views", "SELECT a.id, p.posts FROM adults a JOIN post_counts p ON p.id = a.id ORDER BY a.id"),
    ("over_odd_names", "SELECT \"Post Id\" FROM same_names WHERE \"id:1\" > 1"),
    ("over_lowered", "SELECT b.mail FROM by_email b JOIN users u ON b.mail = u.name || '@x.org'"),
    ("rowids", "SELECT rowid, p.oid AS o FROM posts p"),
    ("constants", "SELECT 1 AS one, 'x' AS x, NULL AS none, 1.5 AS half"),
    ("shadowing_alias", "SELECT id AS age, age AS id FROM users WHERE age > 10 ORDER BY age"),
    ("alias_in_where", "SELECT age * 2 AS twice FROM users WHERE twice > 50"),
    ("typed_literals", "SELECT id FROM users WHERE age = '36' OR name = 5 OR active = '0'"),
    ("since", "SELECT id FROM users WHERE seen >= '2024-02-01' AND seen < '2024-03-01'"),
    (
        "exactly",
        "SELECT id FROM users WHERE seen = '2024-02-01 00:00:00' OR seen BETWEEN '2024-02-10' AND '2024-02-10 23:59:59'",
    ),
    (
        "rounded_large",
        "SELECT round(score * 1000000000000000.0) AS large, round(0.5) AS half, round(-1.5) AS minus FROM users",
    ),
    ("times", "SELECT id, seen, born FROM users ORDER BY seen DESC, born"),
];

/// What does not, with a part of the reason.
const OMITTED: &[(&str, &str, &str)] = &[
    ("bare_column", "SELECT name, max(age) FROM users", "neither grouped nor aggregated"),
    (
        "bare_in_subquery",
        "SELECT count(*), (SELECT title FROM posts WHERE user_id = users.id) FROM users",
        "neither grouped",
    ),
    ("unlike", "SELECT id FROM users WHERE name = age", "it compares text with an integer"),
    ("text_as_number", "SELECT name + 1 FROM users", "not a number"),
    ("document_part", "SELECT json_extract(meta, '$.k') FROM users", "whatever the document holds"),
    ("unknown_function", "SELECT printf('%d', age) FROM users", "printf"),
    ("table_function", "SELECT value FROM json_each('[1]')", "not known to mean the same"),
    ("group_nocase", "SELECT email, count(*) FROM users GROUP BY email", "without regard to case"),
    ("distinct_nocase", "SELECT DISTINCT email FROM users", "DISTINCT"),
    ("distinct_json", "SELECT DISTINCT meta FROM users", "DISTINCT"),
    ("numeric_quotient", "SELECT price / 2 FROM users", "not known to mean the same"),
    ("moved_clock", "SELECT id FROM users WHERE seen > datetime('now', '-1 week')", "not known to mean the same"),
    ("mixed_parts", "SELECT name FROM users UNION SELECT id FROM posts", "its parts give text and an integer"),
    ("over_omitted", "SELECT * FROM unlike", "it reads the view unlike, which is left behind"),
    ("broken", "SELECT * FROM gone", "SQLite itself does not read it: no such table: main.gone"),
    ("over_virtual", "SELECT * FROM search", "it reads search, which is not migrated"),
    ("year_as_number", "SELECT id FROM users WHERE strftime('%Y', seen) = 2024", "never finds"),
    ("number_as_text", "SELECT id FROM users WHERE age + 1 = '37'", "never finds"),
    ("count_as_text", "SELECT 1 FROM posts GROUP BY tag HAVING count(*) IN ('1')", "never finds"),
    ("year_of_view", "SELECT month FROM days WHERE month = 2024", "never finds"),
    ("after_a_date", "SELECT id FROM users WHERE seen > '2024-02-01'", "before every time that begins with it"),
    ("until_a_date", "SELECT id FROM users WHERE '2024-02-01' >= seen", "before every time that begins with it"),
    (
        "between_dates",
        "SELECT id FROM users WHERE seen BETWEEN '2024-01-01' AND '2024-02-01'",
        "before every time that begins with it",
    ),
    ("inner_collation", "SELECT id FROM users WHERE name = 'a' || ('da' COLLATE NOCASE)", "written inside of it"),
    ("inner_distinct", "SELECT DISTINCT name || 'x' COLLATE NOCASE AS x FROM users", "DISTINCT distinguishes"),
    ("rounded_half", "SELECT id, round(score, 2) AS two FROM users", "a half such as 2.675"),
    ("rounded_mean", "SELECT round(avg(price), 2) AS mean FROM users", "a half such as 2.675"),
    ("alias_nocase", "SELECT email AS g, count(*) AS n FROM users GROUP BY g", "without regard to case"),
    ("alias_cast", "SELECT CAST(email AS TEXT) AS g, count(*) AS n FROM users GROUP BY g", "without regard to case"),
    ("alias_written", "SELECT name COLLATE RTRIM AS g, count(*) AS n FROM users GROUP BY g", "spaces at its end"),
    (
        "alias_inside",
        "SELECT name COLLATE NOCASE AS g FROM users WHERE coalesce(g, '') = 'ADA'",
        "written inside of it",
    ),
    ("mixed_collations", "SELECT name AS n FROM users UNION ALL SELECT email FROM users", "different collations"),
    ("nullif_nocase", "SELECT nullif(email, 'ADA@x.org') FROM users", "without regard to case"),
    ("windowed", "SELECT row_number() OVER (ORDER BY id) FROM users", "not known to mean the same"),
];

fn source() -> String {
    let made = |name: &str, sql: &str| format!("CREATE VIEW {name} AS {sql};\n");
    let same = SAME.iter().map(|(name, sql)| made(name, sql));
    let omitted = OMITTED.iter().map(|(name, sql, _)| made(name, sql));
    let virtual_table = "CREATE VIRTUAL TABLE search USING fts5(body);\n".to_owned();
    std::iter::once(TABLES.to_owned() + &virtual_table).chain(same).chain(omitted).collect()
}

/// A database in whose collation `a` comes before `B`, and `ä` before `b`.
fn database() -> Database {
    let plain = Database::create();
    let name = format!("{}_icu", plain.name);
    plain.ask(&format!(
        "CREATE DATABASE {name} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'"
    ));
    let url = plain.url.replace(&plain.name, &name);
    Database { name, url }
}

/// A value of either side, brought to one spelling: numbers by their value, truth as 0 and 1, times without their zone.
fn spelled(value: &str, is_boolean: bool) -> String {
    if is_boolean {
        return spelled(if value == "t" { "1" } else { value }, false).replace('f', "0.000000000");
    }
    match value.parse::<f64>() {
        Ok(number) if !value.contains("nan") => format!("{:.9}", number + 0.0),
        _ => value.trim_end_matches("+00").replace("{\"k\":1}", "{\"k\": 1}"),
    }
}

#[test]
fn views_show_the_same_rows_or_stay_behind() {
    let migration = Migration::into_database(&source(), SPEC, database());
    let plan = migration.run(&["plan", "--format", "json"]).exits(0).json();
    let reasons = plan["omitted"].as_array().unwrap().iter().filter(|omitted| omitted["kind"] == "view");
    let mut reasons = reasons
        .map(|omitted| (omitted["name"].as_str().unwrap(), omitted["reason"].as_str().unwrap()))
        .collect::<BTreeMap<_, _>>();
    for (name, _, part) in OMITTED {
        let reason = reasons.remove(name).unwrap_or_else(|| panic!("{name} was translated"));
        assert!(reason.contains(part), "{name}: {reason}");
    }
    assert!(reasons.is_empty(), "{reasons:#?}");
    migration.apply().exits(0);
    let sqlite = rusqlite::Connection::open(migration.source()).unwrap();
    let mut wrong = Vec::new();
    for (name, sql) in SAME {
        let name = name.split(' ').next().unwrap();
        let mut statement = sqlite.prepare(&format!("SELECT * FROM {name}")).unwrap();
        let names = statement.column_names().map(str::to_owned).collect::<Vec<_>>();
        let mut rows = statement.query([]).unwrap();
        let mut expected = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let text = |at| match row.get_ref(at).unwrap() {
                ValueRef::Null => "NULL".to_owned(),
                ValueRef::Integer(integer) => integer.to_string(),
                ValueRef::Real(real) => real.to_string(),
                ValueRef::Text(text) => String::from_utf8(text.to_vec()).unwrap(),
                ValueRef::Blob(_) => panic!("no view has blobs"),
            };
            expected.push((0..names.len()).map(|at| spelled(&text(at), false)).collect::<Vec<_>>());
        }
        let columns = migration.database.ask(&format!(
            "SELECT attname, atttypid = 'boolean'::regtype FROM pg_attribute WHERE attrelid = 'app.{name}'::regclass ORDER BY attnum"
        ));
        let found = columns.iter().map(|column| column[0].clone()).collect::<Vec<_>>();
        assert_eq!(found, names, "{name}");
        let answer = migration.database.ask(&format!("SET timezone = 'UTC'; SELECT * FROM app.{name}"));
        let row = |row: Vec<String>| {
            let values = row.iter().zip(&columns).map(|(value, column)| spelled(value, column[1] == "t"));
            values.collect::<Vec<_>>()
        };
        let mut answer = answer.into_iter().map(row).collect::<Vec<_>>();
        if !sql.contains("ORDER BY") || sql.contains("(SELECT title") {
            expected.sort();
            answer.sort();
        }
        if answer != expected {
            wrong.push(format!("{name}: {sql}\n  SQLite     {expected:?}\n  PostgreSQL {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_spec_decides_over_views() {
    let source = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO users VALUES (1, 'Ada');
        CREATE VIEW old AS SELECT id FROM users;
        CREATE VIEW shown AS SELECT id, printf('%s!', name) AS loud FROM users;
        CREATE VIEW unwanted AS SELECT 1;
        CREATE VIEW \"CamelCase\" AS SELECT id AS \"userId\" FROM users;
        CREATE VIEW outside AS SELECT 2 AS two";
    let spec = SPEC
        .replace("schema = \"app\"", "schema = \"app\"\nnames = \"snake_case\"\ngrants = { view_reader = \"read\" }");
    let spec = spec.replace("[target]", "exclude = [\"out*\"]\n\n[target]")
        + "[views.old]\nrename = \"new\"\n[views.shown]\nsql = \"SELECT id, name || '!' AS loud FROM users;\"\n[views.unwanted]\nskip = true\n";
    let migration = Migration::new(source, &spec);
    migration.apply().exits(0);
    let views = "SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'v' ORDER BY 1";
    let names = migration.database.ask(views).into_iter().flatten().collect::<Vec<_>>();
    assert_eq!(names, ["camel_case", "new", "shown"]);
    assert_eq!(migration.database.value("SELECT loud FROM app.shown"), "Ada!");
    assert_eq!(migration.database.value("SELECT user_id FROM app.camel_case"), "1");
    let may = migration.database.value("SELECT has_table_privilege('view_reader', 'app.shown', 'SELECT')");
    assert_eq!(may, "t");
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));
    migration.write_spec(&spec.replace("[views.old]", "[views.olt]"));
    let plan = migration.plan().exits(3);
    assert!(plan.stdout.contains("did you mean `old`?"), "{plan}");
}

#[test]
fn verify_asks_each_view_on_both_sides() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, price DECIMAL(8, 2), active BOOLEAN, seen DATETIME, raw BLOB);
        INSERT INTO t VALUES (1, 'a', 0.1, 1, '2024-01-31 23:59:59', x'00'), (2, NULL, 0.2, 0, NULL, NULL),
            (3, 'secret', 2, 1, '2024-01-31 00:00:00', x'ff'), (4, 'secret', 2, 1, '2024-01-31 00:00:00', x'ff');
        CREATE VIEW everything AS SELECT * FROM t;
        CREATE VIEW names AS SELECT name, active FROM t;
        CREATE VIEW money AS SELECT active, sum(price) AS total, avg(price) AS mean FROM t GROUP BY active;
        CREATE VIEW today AS SELECT id, date('now') AS day FROM t;
        CREATE VIEW some_name AS SELECT name FROM t LIMIT 1;
        CREATE VIEW long AS SELECT id FROM t;
        CREATE VIEW unwanted AS SELECT id FROM t;
        CREATE VIEW endless AS WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000)
            SELECT count(*) AS c FROM n;";
    let spec = SPEC.to_owned()
        + "[views.long]\ncompare_rows = 3\n[views.unwanted]\ncompare = false\n[views.endless]\ncompare_seconds = 1\n";
    let migration = Migration::new(source, &spec);
    migration.apply().exits(0);
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    let views = |verified: &serde_json::Value| {
        let views = verified["views"].as_array().unwrap().iter();
        let named = views.map(|view| (view["view"].as_str().unwrap().to_owned(), view.clone()));
        named.collect::<BTreeMap<_, _>>()
    };
    let found = views(&verified);
    for name in ["everything", "names", "money", "some_name"] {
        assert_eq!(found[name]["equal"], true, "{name}: {}", found[name]);
    }
    for (name, part) in
        [("today", "clock"), ("long", "compare_rows"), ("unwanted", "compare = false"), ("endless", "compare_seconds")]
    {
        assert!(found[name]["equal"].is_null(), "{name}: {}", found[name]);
        assert!(found[name]["reason"].as_str().unwrap().contains(part), "{name}: {}", found[name]);
    }
    let text = migration.verify().exits(0).stdout;
    assert!(text.contains("4 of 8 views answered the same") && text.contains("not compared: 4 views"), "{text}");

    // One row of two equal ones in place of another: a count would not see it, nor a set.
    migration.database.ask(
        "CREATE OR REPLACE VIEW app.names AS SELECT CASE id WHEN 4 THEN 'a' ELSE name END AS name, active FROM app.t;
         CREATE OR REPLACE VIEW app.everything AS
             SELECT id, name, price, active, seen + interval '1 microsecond' AS seen, raw FROM app.t;
         CREATE OR REPLACE VIEW app.money AS SELECT active, sum(price) + 0.001 AS total, avg(price)::float8 AS mean
             FROM app.t GROUP BY active;
         CREATE OR REPLACE VIEW app.some_name AS SELECT 'other' AS name",
    );
    let differing = migration.run(&["verify", "--format", "json"]).exits(3);
    assert!(!differing.stdout.contains("secret"), "{differing}");
    let found = views(&differing.json());
    let counts = |name: &str| [&found[name]["missing"], &found[name]["extra"]].map(|count| count.as_u64().unwrap());
    assert_eq!([counts("names"), counts("everything"), counts("money")], [[1, 1], [3, 3], [2, 2]]);
    assert_eq!(found["names"]["equal"], false);
    assert!(found["some_name"]["equal"].is_null(), "{}", found["some_name"]);
    assert!(found["some_name"]["reason"].as_str().unwrap().contains("not determined"), "{}", found["some_name"]);
    let shown = migration.run(&["verify", "--show-values"]).exits(3).stdout;
    assert!(
        shown.contains("view names: NOT EQUAL: 1 missing, 1 row extra") && shown.contains("name=secret"),
        "{shown}"
    );

    migration
        .database
        .ask("DROP VIEW app.names; CREATE VIEW app.names AS SELECT 1 / (id - id) AS name, active FROM app.t");
    let failing = migration.verify().exits(3).stdout;
    assert!(failing.contains("view names: NOT EQUAL: PostgreSQL fails with the code 22012"), "{failing}");
    migration.database.ask("DROP VIEW app.names");
    assert!(migration.verify().exits(3).stdout.contains("app.names does not exist"));
}

#[test]
fn rows_that_the_spec_leaves_behind_are_no_difference_of_a_view() {
    let source = "CREATE TABLE t (id INTEGER PRIMARY KEY, gone BOOLEAN);
        INSERT INTO t VALUES (1, 0), (2, 1);
        CREATE VIEW counted AS SELECT count(*) AS n FROM t";
    let migration = Migration::new(source, &(SPEC.to_owned() + "[tables.t]\nwhere = \"NOT gone\"\n"));
    migration.apply().exits(0);
    let text = migration.verify().exits(0).stdout;
    assert!(text.contains("view counted: the rows of t are not the same on both sides"), "{text}");
}

#[test]
fn planning_is_not_exponential() {
    let sum = |terms: usize, what: &str| vec![what; terms].join(" + ");
    let nested = |levels: usize| format!("{}n{}", "(".repeat(levels), ")".repeat(levels));
    let cases = (0..60).fold("n".to_owned(), |inner, _| format!("CASE WHEN n > 1 THEN {inner} ELSE 0 END"));
    let operands = (0..12).fold("n".to_owned(), |inner, _| format!("CASE {inner} WHEN 1 THEN 2 WHEN 3 THEN 4 END"));
    let subqueries = (0..8).fold("SELECT 1".to_owned(), |inner, _| format!("SELECT ({inner}) + 1"));
    let mut source = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO t VALUES (1, 2);".to_owned();
    for (name, expression) in [
        ("long_sum", sum(900, "n")),
        ("deep", nested(80)),
        ("cases", cases),
        ("operands", operands),
        ("product", vec!["id"; 30].join(" * ")),
        ("subqueries", format!("({subqueries})")),
    ] {
        source.push_str(&format!("CREATE VIEW {name} AS SELECT id, {expression} AS x FROM t;\n"));
    }
    // The last one made is the first in order: each waits for the next.
    source.push_str("CREATE VIEW v500 AS SELECT id FROM t;\n");
    for at in (0..500).rev() {
        source.push_str(&format!("CREATE VIEW v{at:03} AS SELECT id FROM v{:03};\n", at + 1));
    }
    let migration = Migration::new(&source, SPEC);
    let begun = std::time::Instant::now();
    let plan = migration.run(&["plan", "--format", "json"]).json();
    assert!(begun.elapsed() < NOT_HOURS, "planning took {:?}", begun.elapsed());
    let steps = plan["steps"].as_array().unwrap().iter().filter_map(|step| step["id"].as_str()?.strip_prefix("view:"));
    let omitted = plan["omitted"].as_array().unwrap();
    let reason =
        |omitted: &serde_json::Value| omitted["reason"].as_str().unwrap().chars().take(200).collect::<String>();
    assert_eq!(steps.count(), 507, "{:#?}", omitted.iter().map(reason).collect::<Vec<_>>());
}
