//! The lines that all blocking findings propose, as one piece of a spec: each heading once, so that it can be pasted as it is.
//! The ways beside the proposed ones stand with the findings.

use super::Plan;
use super::finding::{Finding, Severity};
use super::mapping::TableMapping;
use crate::catalog::selection::enclosed;
use crate::dialect::Dialect;
use crate::name::quote_toml_key;
use toml::{Table, Value};

/// The meaning of the source's SQL; `None` for a plan without tables, which has no conditions.
type SourceDialect = Option<&'static dyn Dialect>;

impl Plan {
    /// The proposed lines of several findings together; `None` where fewer than two propose lines.
    #[must_use]
    pub fn proposal(&self) -> Option<String> {
        proposal(&self.findings, self.tables.first().map(TableMapping::dialect))
    }
}

fn proposal(findings: &[Finding], dialect: SourceDialect) -> Option<String> {
    let blocking = findings.iter().filter(|finding| finding.severity == Severity::Blocks);
    let all = blocking.filter_map(|finding| lines(finding.suggestion.as_deref()?)).collect::<Vec<_>>();
    if all.len() < 2 {
        return None;
    }
    let mut together = Table::new();
    for lines in all {
        lay(&mut together, lines, dialect);
    }
    let mut leaving = Vec::new();
    leave_behind(&together, "", &mut leaving);
    let warning = match leaving.as_slice() {
        [] => String::new(),
        keys => format!("# leaves rows or values behind, where nothing keeps them: {}\n", keys.join(", ")),
    };
    Some(format!("{warning}{together}"))
}

/// The lines of a suggestion; `None` if it is words, or has a blank to be filled.
fn lines(suggestion: &str) -> Option<Table> {
    let start = suggestion.lines().position(|line| line.starts_with('['))?;
    let lines = suggestion.lines().skip(start).collect::<Vec<_>>().join("\n");
    if lines.contains('…') { None } else { lines.parse().ok() }
}

/// Lays lines over others, as a person merges what stands under the same heading. What is skipped needs nothing else, and rows
/// are copied if they meet every condition.
fn lay(over: &mut Table, lines: Table, dialect: SourceDialect) {
    let is_skipped = |table: &Table| table.get("skip") == Some(&Value::Boolean(true));
    if is_skipped(over) {
        return;
    }
    if is_skipped(&lines) {
        *over = lines;
        return;
    }
    for (key, value) in lines {
        match (over.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(upper)) => lay(under, upper, dialect),
            (Some(Value::String(one)), Value::String(other)) if key == "where" => {
                *one = both(one, &other, dialect);
            }
            (_, value) => {
                over.insert(key, value);
            }
        }
    }
}

/// Both conditions. What both begin with, the spec's own `where`, stands there once.
fn both(one: &str, other: &str, dialect: SourceDialect) -> String {
    if one == other {
        return one.to_owned();
    }
    match common(one, other, dialect) {
        Some(at) if one[at..].ends_with(&format!(" AND {}", enclosed(&other[at..]))) => one.to_owned(),
        Some(at) => format!("{one} AND {}", enclosed(&other[at..])),
        None if one.ends_with(&format!(" AND {}", enclosed(other))) => one.to_owned(),
        None => format!("{} AND {}", enclosed(one), enclosed(other)),
    }
}

/// The end of a condition in parentheses, and of the `AND` after it, with which both begin.
fn common(one: &str, other: &str, dialect: SourceDialect) -> Option<usize> {
    const AND: &str = " AND ";
    let end = dialect?.first_condition(one).filter(|first| one.starts_with(first))?.len();
    let begins = one[end..].starts_with(AND) && other.starts_with(&one[..end + AND.len()]);
    begins.then_some(end + AND.len())
}

/// The keys by which something stays behind.
fn leave_behind(lines: &Table, place: &str, found: &mut Vec<String>) {
    for (key, value) in lines {
        let key_of_toml = quote_toml_key(key);
        let path = if place.is_empty() { key_of_toml } else { format!("{place}.{key_of_toml}") };
        match (key.as_str(), value) {
            ("where", Value::String(_)) | ("skip", Value::Boolean(true)) => found.push(path),
            ("on_bad_value", Value::String(word)) if word != "stop" => found.push(path),
            (_, Value::Table(under)) => leave_behind(under, &path, found),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Engine;
    use crate::dialect;
    use crate::plan::FindingCode;

    #[test]
    fn lines_under_one_heading_stand_there_once() {
        let finding = |suggestion: &str| {
            Finding::general(FindingCode::NotInspected, Severity::Blocks, "m").suggesting(suggestion)
        };
        let findings = [
            finding("# keeps every row:\n[tables.t]\nforeign_keys.a = \"not_valid\"\n# or: where = 'x'"),
            finding("[tables.t]\nforeign_keys.b = \"not_valid\"\nwhere = '''a > 1\n'''"),
            finding("[tables.t]\nwhere = \"b > 1\"\n[tables.t.columns.c]\ntype = \"text\""),
            finding("[tables.u.columns.c]\ntype = \"text\""),
            finding("[tables.u]\nskip = true"),
            finding("[tables.u]\nwhere = 'y'"),
            finding("give it another name"),
            finding("[views.v]\nsql = \"…\""),
        ];
        let expected = "[tables.t]\nwhere = \"(a > 1\\n\\n) AND (b > 1\\n)\"\n\n[tables.t.foreign_keys]\na = \"not_valid\"\nb = \"not_valid\"\n\n\
                        [tables.t.columns.c]\ntype = \"text\"\n\n[tables.u]\nskip = true\n";
        let together = proposal(&findings, None).unwrap();
        assert_eq!(together.parse::<Table>().unwrap(), expected.parse::<Table>().unwrap(), "{together}");
        assert!(
            together.starts_with(
                "# leaves rows or values behind, where nothing keeps them: tables.t.where, tables.u.skip\n"
            )
        );
        assert_eq!(proposal(&findings[6..], None), None);
        assert_eq!(proposal(&findings[..1], None), None);
    }

    #[test]
    fn what_two_conditions_begin_with_stands_there_once() {
        let both = |one: &str, other: &str| {
            let all = [Engine::Sqlite, Engine::Mysql].map(|engine| both(one, other, Some(dialect::of(engine))));
            assert_eq!(all[0], all[1]);
            all[0].clone()
        };
        assert_eq!(both("(a = ')')\n AND b", "(a = ')')\n AND b"), "(a = ')')\n AND b");
        let joined = both("(a = ') AND ') AND b > 1", "(a = ') AND ') AND c OR d");
        assert!(joined.starts_with("(a = ') AND ') AND b > 1 AND (c OR d"), "{joined}");
        assert_eq!(both(&joined, "(a = ') AND ') AND c OR d"), joined);
        assert!(both("a", "b").starts_with("(a"), "{}", both("a", "b"));
        let commented = both("(a -- it's\n) AND b", "(a -- it's\n) AND c");
        assert_eq!(commented, "(a -- it's\n) AND b AND (c\n)");
    }
}
