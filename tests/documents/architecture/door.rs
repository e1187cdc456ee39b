//! The target's door: PostgreSQL's driver, its transactions and its catalog are the business of one room.

use super::paths::without_comments;
use super::{File, assert_none, files, module_of};
use std::collections::BTreeSet;
use std::path::Path;

/// The room that the door belongs to.
const TARGET: &str = "target";

/// The room that asks other engines, by queries of its own.
const SOURCE: &str = "source";

/// Rooms that speak of transactions without beginning one in PostgreSQL: SQLite's snapshot, and the reading of SQL.
const OWN_TRANSACTIONS: [&str; 2] = ["source", "dialect"];

/// Names that a spec may not use, or may give to an extension.
const NAMES_OF_POSTGRESQL: &str = "spec";

/// Room that names files (`pg_hba.conf`, a script for psql) and, by the table of rooms, cannot ask a database.
const NAMES_FILES: &str = "kit";

/// First words of statements that begin or end a transaction, or a part of it.
const TRANSACTION: [&str; 7] = ["BEGIN", "START", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"];

/// The string literals of a source text outside of its unit tests, with their lines.
pub(super) fn literals(text: &str) -> Vec<(usize, String)> {
    let text = &text[..text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len())];
    let (mut found, mut line, mut rest) = (Vec::new(), 1, text);
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some((length, literal)) = literal(rest) {
            found.push((line, literal.to_owned()));
            length
        } else if let Some(length) =
            ["'\"'", "'\\\"'", "'\\''", "'\\\\'"].iter().find(|quote| rest.starts_with(**quote))
        {
            length.len()
        } else if first.is_alphanumeric() || first == '_' {
            // The r of a raw string stands by itself.
            rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    found
}

/// A string literal at the beginning of a text: how long it is, and what it holds.
fn literal(text: &str) -> Option<(usize, &str)> {
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let body = raw[hashes..].strip_prefix('"')?;
        let end = body.find(&format!("\"{}", &raw[..hashes]))?;
        return Some((1 + hashes + 1 + end + 1 + hashes, &body[..end]));
    }
    let body = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = body.find(|letter| {
        let is_end = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        is_end
    })?;
    Some((end + 2, &body[..end]))
}

/// Whether a literal holds a statement that begins or ends a transaction.
fn is_of_transactions(literal: &str) -> bool {
    literal.split([';', '\n']).any(|statement| {
        let mut words = statement.split_whitespace();
        words.next().is_some_and(|word| TRANSACTION.contains(&word))
    })
}

/// Words that begin as names of the catalog do: a file of libpq's, and programs.
const NOT_OF_THE_CATALOG: [&str; 5] = ["pg_service", "pg_dump", "pg_restore", "pg_temp", "pg_catalog"];

/// A name of PostgreSQL's catalog in a literal.
fn of_catalog(literal: &str) -> Option<&str> {
    let words = literal.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.filter(|word| !NOT_OF_THE_CATALOG.contains(word)).find(|word| {
        ["pg_", "to_reg"].iter().any(|start| word.len() > start.len() && word.starts_with(start))
            || ["information_schema", "regclass", "regnamespace"].contains(word)
            || word.ends_with("_privilege")
    })
}

/// The file in which PostgreSQL's error codes have their names.
const CODES: &str = "src/target/sqlstate.rs";

/// The codes that have a name there.
fn codes(text: &str) -> BTreeSet<&str> {
    let constants = text.lines().filter(|line| line.contains("const "));
    constants.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// The file with the words for a refused value by its code, in a room that may not use the target's.
const WORDS_OF_CODES: &str = "src/value/input_refusal.rs";

/// Rooms that do not meet PostgreSQL's errors, and have two digits for other ends.
const WITHOUT_CODES: [&str; 5] = ["connection", "dialect", "source", "spec", "value"];

/// Whether a literal has the form of a class of errors: a digit, and a digit or a capital letter, but for `00`, a success.
fn is_class(literal: &str) -> bool {
    let letters = literal.as_bytes();
    literal != "00"
        && matches!(letters, [first, second] if first.is_ascii_digit() && (second.is_ascii_digit() || second.is_ascii_uppercase()))
}

/// The lines of a file that name a code, or a class of codes.
fn codes_elsewhere(file: &File, codes: &BTreeSet<&str>) -> Vec<String> {
    if [CODES, WORDS_OF_CODES].contains(&file.path.as_str())
        || file.path.contains("/tests/")
        || file.path.ends_with("/tests.rs")
    {
        return Vec::new();
    }
    let meets_errors = !WITHOUT_CODES.contains(&module_of(&file.path));
    let is_one = |literal: &str| codes.contains(literal) || meets_errors && is_class(literal);
    let written = literals(&file.text).into_iter().filter(|(_, literal)| is_one(literal));
    written.map(|(line, code)| format!("{}:{line}: {code} belongs into {CODES}, with a name", file.path)).collect()
}

#[test]
fn error_codes_have_their_names_in_one_file() {
    let files = files();
    let codes = codes(&files.iter().find(|file| file.path == CODES).unwrap().text);
    assert!(["42501", "2BP01", "22", "P0"].iter().all(|code| codes.contains(code)), "{codes:?}");
    assert_none(&files.iter().flat_map(|file| codes_elsewhere(file, &codes)).collect::<Vec<_>>());
    let written =
        |path: &str, text: &str| codes_elsewhere(&File { path: path.to_owned(), text: text.to_owned() }, &codes).len();
    assert_eq!(written("src/apply/run.rs", "[\"22\", \"38\", \"P0\", \"ab\"].contains(&class)"), 3);
    assert_eq!(written("src/value/spelling.rs", "[\"38\", \"ab\"].contains(&class)"), 0);
}

/// The file with the SQL that a plan shows, the ledger's tables among it.
const SHOWN_SQL: &str = "src/plan/merge_sql.rs";

#[test]
fn the_ledgers_tables_are_named_by_the_ledger() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/target/ledger/schema.sql");
    let schema = std::fs::read_to_string(source).unwrap();
    let names = schema.lines().filter_map(|line| line.strip_prefix("CREATE TABLE IF NOT EXISTS "));
    let tables = names.map(|rest| rest.split(' ').next().unwrap()).collect::<Vec<_>>();
    assert!(tables.contains(&"transship.merged_ids"), "{tables:?}");
    let (mut found, mut shown) = (Vec::new(), 0);
    for file in files().iter().filter(|file| module_of(&file.path) != TARGET && !file.path.contains("/tests/")) {
        for (line, literal) in literals(&file.text) {
            // A setting of the session may have such a name too.
            let is_table =
                |table: &&&str| literal.contains(**table) && !literal.contains(&format!("SET LOCAL {table}"));
            match tables.iter().find(is_table) {
                Some(table) if file.path == SHOWN_SQL && literal == *table => shown += 1,
                Some(table) => found.push(format!("{}:{line}: names {table}; `Ledger` does", file.path)),
                None => {}
            }
        }
    }
    assert_none(&found);
    assert_eq!(shown, 2, "the tables that {SHOWN_SQL} names, each once");
}

/// The lines of a file that go around the door.
fn around_the_door(file: &File) -> Vec<String> {
    let room = module_of(&file.path);
    if room == TARGET || file.path.contains("/tests/") {
        return Vec::new();
    }
    let said = |line: usize, what: String| format!("{}:{line}: {what}", file.path);
    let (code, lines) = without_comments(&file.text);
    let driver = code.match_indices("tokio_postgres");
    let mut found = driver.map(|(at, _)| said(lines[at], "names PostgreSQL's driver".to_owned())).collect::<Vec<_>>();
    for (line, literal) in literals(&file.text) {
        if !OWN_TRANSACTIONS.contains(&room) && is_of_transactions(&literal) {
            found.push(said(line, "begins or ends a transaction; Session::transaction does".to_owned()));
        }
        // A source has an information_schema of its own.
        let asks = room != NAMES_OF_POSTGRESQL && room != NAMES_FILES;
        let is_asked = |name: &&str| asks && (room != "source" || *name != "information_schema");
        if let Some(name) = of_catalog(&literal).filter(is_asked) {
            found.push(said(line, format!("asks PostgreSQL's catalog for {name}; a function of `{TARGET}` does")));
        }
        if room != SOURCE && room != NAMES_FILES && (literal.contains("../target/") || literal.ends_with(".sql")) {
            found.push(said(line, format!("includes the query {literal}; a function of `{TARGET}` asks it")));
        }
    }
    found
}

#[test]
fn nobody_goes_around_the_targets_door() {
    assert_none(&files().iter().flat_map(around_the_door).collect::<Vec<_>>());
}

#[test]
fn queries_are_in_the_target() {
    fn walk(directory: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(directory).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                found.push(path.display().to_string());
            }
        }
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut all, mut own) = (Vec::new(), Vec::new());
    walk(&source, &mut all);
    walk(&source.join(TARGET), &mut own);
    assert!(!own.is_empty());
    walk(&source.join(SOURCE), &mut own);
    all.retain(|path| !own.contains(path));
    assert_none(&all);
}

/// The reading of literals itself: a rule that finds nothing would hold for ever.
#[test]
fn ways_around_the_door_are_found() {
    let text = "let a = \"b\\\"\"; // \"c\"\nlet d = r#\"e\"f\"#; let quote = '\"';\nlet g = \"h\";\n#[cfg(test)]\nmod tests { \"i\" }";
    let found = literals(text).into_iter().map(|(line, literal)| format!("{line} {literal}")).collect::<Vec<_>>();
    assert_eq!(found, ["1 b\\\"", "2 e\"f", "3 h"]);
    let broken = |path: &str, text: &str| around_the_door(&File { path: path.to_owned(), text: text.to_owned() }).len();
    for text in [
        "use tokio_postgres::Row;",
        "session.execute(\"BEGIN READ ONLY\", doing)",
        "session.execute(\"SET a = b; COMMIT\", doing)",
        "let sql = \"SELECT FROM pg_class\";",
        "let sql = format!(\"SELECT {name}::regclass\");",
        "include_str!(\"closure.sql\")",
    ] {
        assert_eq!(broken("src/apply/run.rs", text), 1, "{text}");
        assert_eq!(broken("src/target/ledger/mod.rs", text), 0, "{text}");
    }
    for text in ["// tokio_postgres, and \"pg_class\"", "let words = \"a COMMIT that was lost\";", "\"has no rows\""] {
        assert_eq!(broken("src/apply/run.rs", text), 0, "{text}");
    }
    assert_eq!(broken("src/source/sqlite/snapshot.rs", "connection.execute_batch(\"BEGIN\")"), 0);
}
