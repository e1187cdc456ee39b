//! Whole documents: the specs that they become, and the messages about their mistakes.

mod databases;
mod mistakes;
mod variables;

use super::*;
use crate::catalog::ColumnType;
use crate::connection::{SourceConnection, TargetConnection, TlsMode};
use crate::name::{NameStyle, Schemas};
use crate::spec::{CheckQuestion, IndexMethod, OnBadValue, Privileges, StepSql};
use crate::value::Reading;
use std::fs;

/// The example of the design, without its unsupported parts.
const EXAMPLE: &str = r#"
spec = 1
name = "dryad"
templates = "templates"

[source]
url = "sqlite:${DRYAD_DB:-specs/dryad/dryad.db}"
exclude = ["alembic_version"]
timezone = "Europe/Berlin"

[target]
url = "${DATABASE_URL:-embedded:}"
schema = "dryad"
tables = "create"
names = "preserve"
extensions = ["uuid-ossp", "pg_trgm", "btree_gin"]
settings = { timezone = "UTC", work_mem = 65536, "app.on" = true, "app.ratio" = 0.5 }
grants = { dryad_user = "all", reader = "read", writer = ["select", "INSERT"] }

[types]
"DATETIME" = "timestamptz"
"VARCHAR" = "text"
"VARCHAR(36)" = "uuid"
"JSON" = "jsonb"

[tables.documents]
after = ["users"]
where = "deleted_at IS NULL"
columns.metadata = { type = "jsonb", index = "gin" }
columns.old_name = { rename = "title" }
columns.legacy = { skip = true }
columns.created = { type = "timestamptz", from = "unix_ms", on_bad_value = "reject" }
on_bad_value = "null"

[tables."old stuff"]
skip = true

[steps."trigram search"]
after = ["copy:document_chunks"]
sql = "CREATE INDEX … -- $${NOT_A_VARIABLE}"

[steps.search]
file = "search.sql"
before = ["check:users agree"]
transaction = false

[checks."every message has a conversation"]
sql = "SELECT count(*) FROM dryad.messages m"
expect = 0
[checks."users agree"]
source = "SELECT count(*), max(id) FROM users"
target = "SELECT count(*), max(id) FROM dryad.users"

[env.prod.target]
url = "${PROD_DATABASE_URL}"
tls = "verify-full"
[env.prod.tables.documents.columns]
legacy = { skip = false, type = "text" }
[env.dev.source]
url = "sqlite:dev.db"
exclude = []
"#;

struct Directory(tempfile::TempDir);

impl Directory {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        fs::create_dir(directory.path().join("templates")).unwrap();
        fs::write(directory.path().join("search.sql"), "SELECT '${not touched}';\n").unwrap();
        Self(directory)
    }

    fn write(&self, text: &str) -> std::path::PathBuf {
        let path = self.0.path().join("spec.toml");
        fs::write(&path, text).unwrap();
        path
    }

    fn load(&self, text: &str, environment: Option<&str>, variables: &[(&str, &str)]) -> Result<Spec, SpecError> {
        load(&self.write(text), environment, &lookup(variables))
    }
}

fn lookup<'v>(variables: &'v [(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<'v> {
    |name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

/// Every problem with its place, the text there, and its hint.
fn listing(result: Result<Spec, SpecError>) -> String {
    let SpecError::Problems { text, problems, .. } = result.unwrap_err() else {
        panic!("not a list of problems");
    };
    let lines = problems.iter().map(|problem| {
        let (line, column) = problem.position(&text);
        let place = &text[problem.span.clone()];
        let code = problem.code.trim_start_matches("transship::spec::");
        let hint = problem.hint.as_deref().unwrap_or("-");
        format!("{line}:{column} {code} at `{place}`: {}\n      {hint}", problem.message)
    });
    lines.collect::<Vec<_>>().join("\n")
}

const HEAD: &str = "spec = 1\nname = 'n'\n[source]\nurl = 'sqlite:a.db'\n[target]\nurl = 'embedded:'\n";

#[test]
fn the_example_is_understood() {
    let directory = Directory::new();
    let spec = directory.load(EXAMPLE, None, &[]).unwrap();
    let base = directory.0.path();
    assert_eq!((spec.name.as_str(), spec.environment), ("dryad", None));
    assert_eq!(spec.source.connection, SourceConnection::Sqlite { path: base.join("specs/dryad/dryad.db") });
    assert!(spec.source.tables.selects("documents") && !spec.source.tables.selects("Alembic_Version"));
    assert_eq!(spec.source.timezone.iana_name(), Some("Europe/Berlin"));
    assert!(matches!(spec.target.connection, TargetConnection::Embedded { spec_directory } if spec_directory == base));
    assert_eq!((spec.target.schemas.first(), spec.target.names), ("dryad", NameStyle::Preserve));
    assert_eq!(spec.target.extensions, ["uuid-ossp", "pg_trgm", "btree_gin"]);
    assert_eq!(
        spec.target.settings.into_iter().collect::<Vec<_>>(),
        [("app.on", "on"), ("app.ratio", "0.5"), ("timezone", "UTC"), ("work_mem", "65536")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
    assert_eq!(spec.target.grants["dryad_user"], Privileges::All);
    assert_eq!(spec.target.grants["reader"], Privileges::Read);
    assert_eq!(spec.target.grants["writer"], Privileges::Listed(vec!["SELECT".into(), "INSERT".into()]));
    let types: Vec<_> = spec
        .types
        .iter()
        .map(|rule| format!("{} = {}", rule.declared, rule.says.column_type.as_ref().unwrap()))
        .collect();
    assert_eq!(types, ["VARCHAR(36) = uuid", "DATETIME = timestamptz", "VARCHAR = text", "JSON = jsonb"]);
    let documents = &spec.tables["documents"];
    assert_eq!(documents.after, ["users"]);
    assert_eq!(documents.filter.as_deref(), Some("deleted_at IS NULL"));
    assert_eq!(documents.columns["metadata"].index, Some(IndexMethod::Gin));
    assert_eq!(documents.columns["old_name"].rename.as_deref(), Some("title"));
    assert!(documents.columns["legacy"].skip);
    assert_eq!(documents.on_bad_value, Some(OnBadValue::Null));
    assert_eq!(documents.columns["created"].on_bad_value, Some(OnBadValue::Reject));
    assert_eq!(documents.columns["old_name"].on_bad_value, None);
    assert_eq!(documents.columns["created"].from, Some(Reading::UnixMs));
    assert_eq!(documents.columns["created"].column_type, Some(ColumnType::Timestamptz(None)));
    assert!(spec.tables["old stuff"].skip);
    let statements = |step: &str| match &spec.steps[step].sql {
        StepSql::Statements(sql) => sql.clone(),
        template => panic!("{template:?}"),
    };
    assert_eq!(statements("trigram search"), "CREATE INDEX … -- ${NOT_A_VARIABLE}");
    assert!(spec.steps["trigram search"].transaction && !spec.steps["search"].transaction);
    assert_eq!(statements("search"), "SELECT '${not touched}';\n");
    assert!(
        matches!(&spec.checks["every message has a conversation"].question, CheckQuestion::Expect { expected, .. } if expected.to_string() == "0")
    );
    assert!(matches!(&spec.checks["users agree"].question, CheckQuestion::Same { .. }));
    assert_eq!(spec.templates, Some(base.join("templates")));
    // Silent parts have defaults.
    let spec = directory.load(HEAD, None, &[]).unwrap();
    assert_eq!(spec.backup, crate::spec::BackupSpec::silent(base));
    assert_eq!(spec.target.schemas, Schemas::one("public"));
    assert_eq!(spec.source.timezone, jiff::tz::TimeZone::UTC);
    assert!(spec.source.tables.selects("anything"));
}

#[test]
fn overlays_merge_tables_and_replace_everything_else() {
    let directory = Directory::new();
    let spec = directory.load(EXAMPLE, Some("prod"), &[("PROD_DATABASE_URL", "postgres://u:p@h/db?sslmode=disable")]);
    let spec = spec.unwrap();
    assert_eq!(spec.environment.as_deref(), Some("prod"));
    let TargetConnection::Postgres(target) = &spec.target.connection else { panic!("{:?}", spec.target.connection) };
    assert_eq!((target.tls, target.redacted().as_str()), (TlsMode::VerifyFull, "postgres://u:***@h:5432/db"));
    assert_eq!(spec.target.schemas, Schemas::one("dryad"));
    assert!(!spec.tables["documents"].columns["legacy"].skip);
    assert_eq!(spec.tables["documents"].columns["legacy"].column_type, Some(ColumnType::Text));
    assert_eq!(spec.tables["documents"].columns["metadata"].index, Some(IndexMethod::Gin));

    let spec = directory.load(EXAMPLE, Some("dev"), &[]).unwrap();
    assert_eq!(spec.source.connection, SourceConnection::Sqlite { path: directory.0.path().join("dev.db") });
    assert!(spec.source.tables.selects("alembic_version"));

    insta::assert_snapshot!(listing(directory.load(EXAMPLE, Some("pord"), &[])), @r#"
    54:2 unknown_environment at `env`: there is no environment `pord`
          did you mean `prod`? the spec has `dev`, `prod`
    "#);
    insta::assert_snapshot!(listing(directory.load(HEAD, Some("prod"), &[])), @r#"
    1:1 unknown_environment at ``: there is no environment `prod`
          write one, which begins with [env.prod]: the spec has no overlays
    "#);
    let text =
        format!("{HEAD}[env]\na = 1\n[env.b]\nspec = 1\nenv = {{}}\n[env.c.source]\nurl = 'data.db'\nulr = ''\n");
    insta::assert_snapshot!(listing(directory.load(&text, Some("c"), &[])), @r#"
    8:1 wrong_type at `a`: an overlay must be a table, not an integer
          write [env.NAME.source], [env.NAME.target], …
    10:1 unknown_key at `spec`: `spec` cannot be laid over
          write it at the top: an overlay has the keys of the document, without `spec` and `env`
    11:1 unknown_key at `env`: `env` cannot be laid over
          write it at the top: an overlay has the keys of the document, without `spec` and `env`
    13:7 bad_url at `'data.db'`: `data.db`: this does not begin with a scheme
          write sqlite:PATH
    14:1 unknown_key at `ulr`: unknown key `ulr` in [source]
          did you mean `url`? [source] knows `url`, `databases`, `include`, `exclude`, `timezone`, `zero_dates`, `snapshot`
    "#);
}

#[test]
fn check_looks_into_every_overlay() {
    let directory = Directory::new();
    check(&directory.write(EXAMPLE), &|_| None).unwrap();
    let text = format!(
        "{HEAD}schema = 1\n[env.a.target]\nurl = '${{UNSET}}'\ntls = 'on'\n[env.b.source]\nurl = '${{UNSET:-a.db}}'\n"
    );
    insta::assert_snapshot!(listing(check(&directory.write(&text), &|_| None)), @r#"
    7:10 wrong_type at `1`: `schema`: expected a string, found an integer
          -
    10:7 bad_value at `'on'`: `tls` cannot be `on`
          it is one of `disable`, `prefer`, `require`, `verify-ca`, `verify-full`
    12:7 bad_url at `'${UNSET:-a.db}'`: `${UNSET:-a.db}`: this does not begin with a scheme
          write sqlite:PATH
    "#);
    let text = "spec = 1\nname = 'n'\nsource.url = 'sqlite:a'\n[target]\n[env.dev.target]\nurl = 'embedded:'\n";
    insta::assert_snapshot!(listing(check(&directory.write(text), &|_| None)), @r#"
    4:2 missing_key at `target`: [target] has no `url`
          write url = "${DATABASE_URL}", or choose --env dev
    "#);
    directory.load(text, Some("dev"), &[]).unwrap();
}

#[test]
fn a_cut_over_has_a_window_and_a_hold() {
    let directory = Directory::new();
    let cutover =
        directory.load(&format!("{HEAD}[cutover]\nwindow = '5m'\nsource = 'lock'\n"), None, &[]).unwrap().cutover;
    assert_eq!(cutover.window.map(|window| window.as_secs()), Some(300));
    assert_eq!(cutover.source, crate::catalog::WriteHold::Lock);
    for wrong in ["window = 'soon'", "window = '0s'", "source = 'none'", "source = 'read_only'", "windows = '5m'"] {
        assert!(directory.load(&format!("{HEAD}[cutover]\n{wrong}\n"), None, &[]).is_err(), "{wrong}");
    }
    let server = HEAD.replace("sqlite:", "mysql://u@h/");
    let cutover = directory.load(&format!("{server}[cutover]\nsource = 'read_only'\n"), None, &[]).unwrap().cutover;
    assert_eq!(cutover.source, crate::catalog::WriteHold::ReadOnly);
}

#[test]
fn backups_have_a_place_an_age_and_a_number() {
    let directory = Directory::new();
    let words = "[backup]\ndirectory = '/var/b'\nbefore_apply = true\nmax_age = '7d 1h'\nkeep = 3\n";
    let backup = directory.load(&format!("{HEAD}{words}"), None, &[]).unwrap().backup;
    assert_eq!((backup.directory.to_str(), backup.before_apply, backup.keep), (Some("/var/b"), true, Some(3)));
    assert_eq!(backup.max_age.as_secs(), (7 * 24 + 1) * 3600);
    for wrong in [
        "max_age = 'soon'",
        "max_age = '-1h'",
        "max_age = '0s'",
        "keep = 0",
        "keep = -1",
        "keep = 1.5",
        "directory = ''",
    ] {
        assert!(directory.load(&format!("{HEAD}[backup]\n{wrong}\n"), None, &[]).is_err(), "{wrong}");
    }
}

#[test]
fn benches_have_clients_a_duration_and_budgets() {
    let directory = Directory::new();
    let bench = "[bench.'a b']\nsource = 'SELECT ?1'\ntarget = 'SELECT $1::int'\nparameters = 'SELECT 1'\n";
    let benches = directory.load(&format!("{HEAD}{bench}"), None, &[]).unwrap().benches;
    let silent = &benches["a b"];
    assert_eq!((silent.clients.as_slice(), silent.duration.as_secs(), silent.p95_ms), (&[1, 8, 32][..], 10, None));
    let more = "clients = [8, 1, 8]\nduration = '500ms'\np95_ms = 1_000.5\nnot_slower_than_source = true\n";
    let benches = directory.load(&format!("{HEAD}{bench}{more}"), None, &[]).unwrap().benches;
    let said = &benches["a b"];
    assert_eq!((said.clients.as_slice(), said.duration.as_millis(), said.p95_ms), (&[1, 8][..], 500, Some(1000.5)));
    assert!(said.not_slower_than_source);
    for wrong in [
        "clients = []",
        "clients = [0]",
        "clients = [257]",
        "clients = ['1']",
        "duration = 'long'",
        "duration = '0s'",
        "p95_ms = 0",
        "p95_ms = '20'",
        "p95_ms = nan",
        "p95 = 20",
    ] {
        assert!(directory.load(&format!("{HEAD}{bench}{wrong}\n"), None, &[]).is_err(), "{wrong}");
    }
    for wrong in [bench.replace("SELECT ?1", "DELETE FROM t"), bench.replace("SELECT $1::int", "SELECT 1; SELECT 2")] {
        assert!(directory.load(&format!("{HEAD}{wrong}"), None, &[]).is_err(), "{wrong}");
    }
}
