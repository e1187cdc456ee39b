//! Whole documents: what they become, and what is said about their mistakes.

use super::*;
use crate::catalog::ColumnType;
use crate::name::NameStyle;
use crate::spec::{Check, IndexMethod, Privileges, SourceConnection, TargetConnection, TlsMode};
use crate::value::Reading;
use proptest::prelude::*;
use std::fs;

/// The example of the design, without what is not supported yet.
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
columns.created = { type = "timestamptz", from = "unix_ms" }
on_bad_value = "stop"

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
fn deep() {
    let directory = Directory::new();
    for n in [100, 1000, 10_000, 100_000] {
        let deep = vec!["a"; n].join(".");
        for text in [
            format!("{HEAD}{deep} = 1"),
            format!("{HEAD}[{deep}]\n"),
            format!("{HEAD}[env.x]\n[env.y]\n[env.x.{deep}]\nb=1\n"),
            format!("{HEAD}x={}", "[".repeat(n)),
        ] {
            eprintln!("{n}");
            let _ = directory.load(&text, Some("x"), &[]);
        }
    }
}
