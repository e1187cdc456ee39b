//! Messages about mistakes.

use super::*;
use crate::spec::{ExistingRows, MergeSide, MergeSpec, SchemaVersion};
use proptest::prelude::*;

#[test]
fn all_mistakes_are_told_at_once() {
    let directory = Directory::new();
    let text = r#"
spec = 2
name = ""
templates = "nowhere"
[source]
url = "data.db"
exlude = ["a"]
include = ["a["]
timezone = "Europe/Berln"
[target]
url = 7
schema = "pg_catalog"
tables = "existng"
names = "snakecase"
extensions = ["a", "b", "a"]
settings = { "a b" = 1, c = [] }
grants = { r = "reed", s = ["SELEC", "insert", "INSERT"], t = 1 }
tls = "verify_full"
[types]
"varchar( 36 )" = "uuuid"
"VARCHAR(36)" = "uuid"
"VarChar(36 )" = "text"
"X" = "datetime"
"Y" = "varchar(0)"
[tables.a]
rename = "c"
after = "b"
where = " "
columns.x = { skip = true, type = "text" }
columns.y = { type = "bytea", from = "json", index = "gim", on_bad_value = "nul" }
columns.z = { skip = "yes" }
columns.Z = 1
[tables.b]
rename = "c"
skip = true
after = ["b"]
[tables.d]
where = "x = '${YEAR}'"
[steps.one]
[steps.two]
sql = "SELECT 1"
file = "search.sql"
[steps.three]
file = "missing.sql"
[steps.four]
sql = "-- nothing"
[checks.a]
sql = "SELECT 1"
[checks.b]
sql = "SELECT 1"
expect = 2020-01-01
target = "SELECT 1"
[checks.c]
not_null = "a.b"
[checks.d]
[checks.e]
severity = "wran"
unique = { table = "a", column = ["b"] }
[checks.f]
foreign_key = { table = "a", columns = ["b"], references = "", referenced_columns = ["c", "d"] }
[checks.g]
row_count = { table = "a", min = 3, max = 2 }
[checks.h]
row_count = { min = -1 }
sum = { table = "a", column = "b" }
[checks.i]
accepted_values = { table = "a", column = "b", values = [] }
[checks.j]
not_null = { table = "a", columns = [] }
[checks.k]
no_rows = "SELECT 1"
sql = "SELECT 1"
[[chekcs]]
"#;
    insta::assert_snapshot!(listing(directory.load(text, None, &[])), @r#"
    2:8 unknown_version at `2`: this transship reads spec = 1, and this is spec = 2
          write spec = 1, or take the transship that the spec was written for
    3:8 bad_value at `""`: `name` is empty
          -
    4:13 missing_file at `"nowhere"`: there is no directory `nowhere`
          write the path relative to the spec's directory
    6:7 bad_url at `"data.db"`: `data.db`: this does not begin with a scheme
          write sqlite:PATH
    7:1 unknown_key at `exlude`: unknown key `exlude` in [source]
          did you mean `exclude`? [source] knows `url`, `databases`, `include`, `exclude`, `timezone`, `zero_dates`, `snapshot`
    8:12 bad_value at `"a["`: `a[` is no pattern: unclosed character class; missing ']'
          write `*` for any text, and a backslash in front of one of `*?[]{}` that is meant literally
    9:12 unknown_timezone at `"Europe/Berln"`: `Europe/Berln` is not a time zone
          did you mean `Europe/Berlin`?
    11:7 wrong_type at `7`: `url`: expected a string, found an integer
          -
    12:10 bad_value at `"pg_catalog"`: schemas that begin with `pg_` belong to PostgreSQL
          choose another name
    13:10 bad_value at `"existng"`: `tables` cannot be `existng`
          did you mean `existing`? it is one of `create`, `existing`, `replace`
    14:9 bad_value at `"snakecase"`: `names` cannot be `snakecase`
          did you mean `snake_case`? it is one of `preserve`, `snake_case`, `lower`
    15:25 duplicate at `"a"`: `a` is given twice in `extensions`
          remove it
    16:14 bad_value at `"a b"`: `a b` cannot be the name of a setting
          -
    16:29 wrong_type at `[]`: `c`: expected a string, a number, true or false, found a list
          -
    17:16 bad_value at `"reed"`: `r` cannot be `reed`
          did you mean `read`? it is one of `all`, `read`
    17:29 bad_value at `"SELEC"`: `SELEC` is not a privilege on tables
          did you mean `SELECT`? privileges are `SELECT`, `INSERT`, `UPDATE`, `DELETE`, `TRUNCATE`, `REFERENCES`, `TRIGGER`
    17:48 duplicate at `"INSERT"`: INSERT is given twice
          -
    17:63 wrong_type at `1`: `t`: expected "all", "read" or a list of privileges, found an integer
          -
    18:7 bad_value at `"verify_full"`: `tls` cannot be `verify_full`
          did you mean `verify-full`? it is one of `disable`, `prefer`, `require`, `verify-ca`, `verify-full`
    20:19 unknown_type at `"uuuid"`: `uuuid` is not a column type that transship can write
          did you mean `uuid`? known types are `boolean`, `smallint`, `integer`, `bigint`, `real`, `double precision`, `numeric`, `text`, `varchar`, `char`, `citext`, `text[]`, `bytea`, `date`, `time`, `timestamp`, `timestamptz`, `interval`, `uuid`, `inet`, `json`, `jsonb`, `real[]`, `vector`, `geometry`, `geography`
    21:1 duplicate at `"VARCHAR(36)"`: `varchar( 36 )` and `VARCHAR(36)` are the same type
          remove one of the two
    22:1 duplicate at `"VarChar(36 )"`: `VARCHAR(36)` and `VarChar(36 )` are the same type
          remove one of the two
    23:7 unknown_type at `"datetime"`: `datetime` is not a column type that transship can write
          PostgreSQL calls it `timestamp`
    24:7 unknown_type at `"varchar(0)"`: `varchar(0)` is not a column type that transship can write
          `varchar` is known, but not what stands in its parentheses
    27:9 wrong_type at `"b"`: `after`: expected a list of strings, found a string
          write after = ["b"]
    28:9 bad_value at `" "`: `where` is empty
          -
    29:9 contradiction at `x`: the column `x` is skipped, and yet has `type`
          remove `skip`, or everything else
    30:38 contradiction at `"json"`: from = "json" does not give a bytea
          give the column the type json or jsonb
    30:54 bad_value at `"gim"`: `index` cannot be `gim`
          did you mean `gin`? it is one of `btree`, `hash`, `gin`, `gist`, `brin`
    30:76 bad_value at `"nul"`: `on_bad_value` cannot be `nul`
          did you mean `null`? it is one of `stop`, `null`, `reject`
    31:22 wrong_type at `"yes"`: `skip`: expected true or false, found a string
          -
    32:13 wrong_type at `1`: `Z`: expected a table, found an integer
          -
    33:9 contradiction at `b`: the table `b` is skipped, and yet has `rename`, `after`
          remove `skip`, or everything else
    34:10 duplicate at `"c"`: the table `a` is renamed to `c` too
          -
    36:9 contradiction at `["b"]`: the table `b` cannot come after itself
          -
    38:15 variable_not_read_here at `${YEAR}`: the variable `YEAR` is not read here
          write it in an [env.NAME] overlay if it differs from place to place, or $${YEAR} for a literal
    39:8 missing_key at `one`: the step `one` has no `sql`
          write sql = "…" or file = "PATH"
    40:8 contradiction at `two`: the step `two` has both `sql` and `file`
          remove one of the two
    44:8 missing_file at `"missing.sql"`: `missing.sql` cannot be read: No such file or directory (os error 2)
          write the path relative to the spec's directory
    46:7 bad_value at `"-- nothing"`: `sql` is empty
          -
    49:9 contradiction at `b`: the check `b` mixes two kinds of check
          write `sql` and `expect`; or `source` and `target`; or `no_rows`; or one of `not_null`, `unique`, `foreign_key`, `accepted_values`, `row_count`, `sum`
    51:10 wrong_type at `2020-01-01`: `expect`: expected a string or a number, found a date or time
          write it in quotes
    54:12 wrong_type at `"a.b"`: `not_null`: expected a table, found a string
          -
    55:9 missing_key at `d`: the check `d` asks nothing
          write `sql` and `expect`; or `source` and `target`; or `no_rows`; or one of `not_null`, `unique`, `foreign_key`, `accepted_values`, `row_count`, `sum`
    57:12 bad_value at `"wran"`: `severity` cannot be `wran`
          did you mean `warn`? it is one of `error`, `warn`
    58:1 missing_key at `unique`: `unique` has no `columns`
          write columns = ["COLUMN"]
    58:25 unknown_key at `column`: unknown key `column` in [checks.e.unique]
          did you mean `columns`? [checks.e.unique] knows `table`, `columns`
    60:60 bad_value at `""`: `references` is empty
          -
    60:85 contradiction at `["c", "d"]`: 1 in `columns`, 2 in `referenced_columns`
          name as many `referenced_columns` as `columns`: each column references one
    62:43 contradiction at `2`: `max` is less than `min`, 3
          -
    63:9 contradiction at `h`: the check `h` mixes two kinds of check
          write `sql` and `expect`; or `source` and `target`; or `no_rows`; or one of `not_null`, `unique`, `foreign_key`, `accepted_values`, `row_count`, `sum`
    64:1 missing_key at `row_count`: `row_count` has no `table`
          write table = "TABLE"
    64:21 bad_value at `-1`: `min` is no number of rows
          -
    67:57 bad_value at `[]`: `values` is empty
          -
    69:37 bad_value at `[]`: `columns` is empty
          -
    70:9 contradiction at `k`: the check `k` mixes two kinds of check
          write `sql` and `expect`; or `source` and `target`; or `no_rows`; or one of `not_null`, `unique`, `foreign_key`, `accepted_values`, `row_count`, `sum`
    73:3 unknown_key at `chekcs`: unknown key `chekcs` in the document
          did you mean `checks`? the document knows `spec`, `name`, `source`, `target`, `types`, `tables`, `views`, `triggers`, `objects`, `steps`, `checks`, `templates`, `backup`, `bench`, `cutover`, `kit`
    "#);
}

#[test]
fn syntax_errors_and_other_mistakes_come_together() {
    let directory = Directory::new();
    let text = "\u{feff}spec = 1\r\nname = 'n\r\n[source]\r\nurl = sqlite:a.db\r\nexlude = []\r\n[target]\r\n\
                url = 'embedded:'\r\n[target]\r\nfoo = 1";
    insta::assert_snapshot!(listing(directory.load(text, None, &[])), @r#"
    2:10 syntax at ``: invalid literal string, expected non-single-quote visible characters
          -
    2:11 syntax at ``: invalid literal string, expected `'`
          -
    4:7 syntax at `sqlite:a.db`: string values must be quoted, expected literal string
          -
    5:1 unknown_key at `exlude`: unknown key `exlude` in [source]
          did you mean `exclude`? [source] knows `url`, `databases`, `include`, `exclude`, `timezone`, `zero_dates`, `snapshot`
    8:2 syntax at `target`: duplicate key
          -
    "#);
    let error = directory.load(text, None, &[]).unwrap_err().to_string();
    let directory_name = directory.0.path().display().to_string();
    insta::assert_snapshot!(error.replace(&directory_name, "DIR"), @r#"
    DIR/spec.toml:2:10: invalid literal string, expected non-single-quote visible characters
    DIR/spec.toml:2:11: invalid literal string, expected `'`
    DIR/spec.toml:4:7: string values must be quoted, expected literal string
    DIR/spec.toml:5:1: unknown key `exlude` in [source]
      hint: did you mean `exclude`? [source] knows `url`, `databases`, `include`, `exclude`, `timezone`, `zero_dates`, `snapshot`
    DIR/spec.toml:8:2: duplicate key
    "#);
}

#[test]
fn rows_that_are_there_belong_to_tables_that_are_there() {
    let directory = Directory::new();
    let text = "spec = 1\nname = \"n\"\n[source]\nurl = \"sqlite:a.db\"\n[target]\nurl = \"embedded:\"\n\
                tables = \"existing\"\nexisting_rows = \"truncate\"\nschema_version = \"any\"\n[tables.a]\nexisting_rows = \"keep\"\n";
    let spec = directory.load(text, None, &[]).unwrap();
    let chosen = |table: &str| spec.existing_rows(table);
    assert_eq!((chosen("A"), chosen("b")), (ExistingRows::Keep, ExistingRows::Truncate));
    assert_eq!(spec.target.schema_version, SchemaVersion::Any);
    let text = text.replace("\"existing\"", "\"replace\"").replace("\"keep\"", "\"kept\"");
    insta::assert_snapshot!(listing(directory.load(&text, None, &[])), @r#"
    8:17 contradiction at `"truncate"`: `existing_rows` is about tables that the application has made
          remove it, or write tables = "existing" in [target]
    9:18 contradiction at `"any"`: `schema_version` is about tables that the application has made
          remove it, or write tables = "existing" in [target]
    11:17 bad_value at `"kept"`: `existing_rows` cannot be `kept`
          did you mean `keep`? it is one of `stop`, `keep`, `truncate`, `merge`
    11:17 contradiction at `"kept"`: `existing_rows` is about tables that the application has made
          remove it, or write tables = "existing" in [target]
    "#);
}

#[test]
fn without_rows_nothing_compares_them() {
    let directory = Directory::new();
    let text = "spec = 1\nname = \"n\"\n[source]\nurl = \"sqlite:a.db\"\n[target]\nurl = \"embedded:\"\n\
                tables = \"existing\"\nexisting_rows = \"truncate\"\ndata = \"none\"\n[checks.a]\nsource = \"SELECT 1\"\n\
                target = \"SELECT 1\"\n[checks.b]\nsql = \"SELECT 1\"\nexpect = 1\n[checks.c]\nrow_count = { table = \"t\" }\n";
    let spec = directory.load(text, None, &[]).unwrap();
    assert_eq!(spec.left_checks.iter().collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(spec.checks.keys().collect::<Vec<_>>(), ["b"]);
    assert_eq!(spec.existing_rows("t"), ExistingRows::Keep);
    insta::assert_snapshot!(listing(directory.load(&text.replace("none", "nothing"), None, &[])), @r#"
    9:8 bad_value at `"nothing"`: `data` cannot be `nothing`
          it is one of `all`, `none`
    "#);
}

#[test]
fn merging_is_said_of_tables_whose_rows_are_brought_together() {
    let directory = Directory::new();
    let text = "spec = 1\nname = \"n\"\n[source]\nurl = \"sqlite:a.db\"\n[target]\nurl = \"embedded:\"\n\
                tables = \"existing\"\nexisting_rows = \"merge\"\n[tables.a.merge]\nkey = [\"b\"]\nprefer = \"target\"\n";
    let spec = directory.load(text, None, &[]).unwrap();
    let merge = MergeSpec { key: vec!["b".to_owned()], prefer: Some(MergeSide::Target) };
    assert_eq!(spec.tables["a"].merge, Some(merge));
    let text = text.replace("\"merge\"", "\"keep\"").replace("[\"b\"]", "[]").replace("\"target\"", "\"both\"");
    insta::assert_snapshot!(listing(directory.load(&text, None, &[])), @r#"
    9:11 contradiction at `merge`: `merge` is about rows of both sides that are brought together
          write existing_rows = "merge" beside it, or remove it
    10:7 bad_value at `[]`: `merge.key` names no column
          name the columns, or remove it: then the primary key counts
    11:10 bad_value at `"both"`: `merge.prefer` cannot be `both`
          it is one of `source`, `target`
    "#);
}

#[test]
fn files_that_are_no_spec() {
    let directory = Directory::new();
    let path = directory.0.path().join("spec.toml");
    let mut messages = Vec::new();
    let mut attempt = |path: &Path| {
        let error = load(path, None, &|_| None).unwrap_err();
        assert!(matches!(error, SpecError::Io { .. }), "{error:?}");
        messages.push(error.to_string().rsplit_once(": ").unwrap().1.to_owned());
    };
    attempt(&path);
    attempt(directory.0.path());
    fs::write(&path, "\u{feff} \n").unwrap();
    attempt(&path);
    fs::write(&path, b"spec = 1\nname = \"\xff\"").unwrap();
    attempt(&path);
    insta::assert_snapshot!(messages.join("\n"), @r#"
    there is no such file
    this is a directory
    the file is empty
    the file is not UTF-8 text, from byte 17 on
    "#);
}

proptest! {
    /// Neither arbitrary text nor a damaged spec makes `load` panic, and every place it names is one of the text.
    #[test]
    fn nothing_panics(
        noise in prop_oneof![any::<String>(), "[\\[\\]{}=\"'$.,# \na-z0-9\\\\é]{0,40}"],
        place in any::<prop::sample::Index>(),
        removed in 0..40_usize,
    ) {
        let directory = Directory::new();
        let start = EXAMPLE.floor_char_boundary(place.index(EXAMPLE.len()));
        let end = EXAMPLE.ceil_char_boundary((start + removed).min(EXAMPLE.len()));
        for text in [noise.clone(), format!("{}{noise}{}", &EXAMPLE[..start], &EXAMPLE[end..])] {
            let path = directory.write(&text);
            for result in [load(&path, Some("dev"), &|_| Some("postgres://a:b@c".to_owned())), check(&path, &|_| None)] {
                let Err(error) = result else { continue };
                prop_assert!(!error.to_string().is_empty());
                if let SpecError::Problems { text: masked, problems, .. } = error {
                    prop_assert_eq!(masked.len(), text.len());
                    prop_assert!(!problems.is_empty());
                    for problem in problems {
                        prop_assert!(masked.get(problem.span.clone()).is_some(), "{problem:?}");
                        prop_assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn sql_in_place_of_a_translation_is_text_or_false() {
    let directory = Directory::new();
    let text = r#"spec = 1
name = "a"
[source]
url = "sqlite:a.db"
[target]
url = "embedded:"
[tables.t]
columns.a = { default = true, generated = " " }
columns.b = { default = "1", generated = "2" }
columns.c = { skip = true, default = false }
checks = { x = ["a"], y = false }
indexes = { i = "-- nothing" }
[views.v]
skip = true
sql = "SELECT 1"
colums = ["a"]
"#;
    insta::assert_snapshot!(listing(directory.load(text, None, &[])), @r#"
    8:25 bad_value at `true`: `default` cannot be true
          write PostgreSQL's SQL in quotes, "true" for the value itself, or false to leave it behind
    8:43 bad_value at `" "`: `generated` is empty
          -
    9:25 contradiction at `"1"`: the column `b` is generated, and yet has a default
          remove one of the two
    10:9 contradiction at `c`: the column `c` is skipped, and yet has `default`
          remove `skip`, or everything else
    11:16 wrong_type at `["a"]`: `x`: expected a string, a number, true or false, found a list
          -
    12:17 bad_value at `"-- nothing"`: `i` is empty
          -
    13:8 contradiction at `v`: the view `v` is skipped, and yet has `sql`
          remove `skip`, or everything else
    16:1 unknown_key at `colums`: unknown key `colums` in [views.v]
          [views.v] knows `rename`, `skip`, `sql`, `compare`, `compare_rows`, `compare_seconds`
    "#);
}

#[test]
fn a_path_of_windows_is_one_mistake() {
    let directory = Directory::new();
    for (path, line) in [(r"C:\Users\me\app.db", "5:19"), (r"C:\temp\new.db", "5:7")] {
        let text =
            format!("spec = 1\nname = \"a\"\n\n[source]\nurl = \"sqlite:{path}\"\n[target]\nurl = \"embedded:\"\n");
        let said = listing(directory.load(&text, None, &[]));
        assert!(said.starts_with(line) && said.contains("write the text in single quotes"), "{said}");
        assert_eq!(said.lines().count(), 2, "{said}");
        directory.load(&text.replace(&format!("\"sqlite:{path}\""), &format!("'sqlite:{path}'")), None, &[]).unwrap();
    }
}
