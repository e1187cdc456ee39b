//! Expansion of views: the size of a query after SQLite has replaced the names of views.
//!
//! SQLite replaces each view and each table of WITH by its query, as often as it is named, whenever it is asked for a
//! view's columns or rows. Views that join one another double with every level; SQLite cannot be interrupted meanwhile,
//! and PostgreSQL's planner takes as long. The number of names after expansion is computed from the text alone, in one
//! pass.

use super::token::tokens;
use crate::dialect::token::{Token, TokenKind};
use std::collections::BTreeMap;

/// Limit on the names of tables and views in one expanded view, for querying a database about it: some milliseconds of
/// work.
pub const MOST_ASKED: u64 = 1_000;

/// Limit on the names in one expanded view, for carrying it over. SQLite itself accepts as many references to one table
/// (`sqlite3SelectExpand` in select.c).
pub const MOST_CARRIED: u64 = 65_535;

/// For every view, by its name in lower case: the number of tables and views that it names after each view and each
/// table of WITH is expanded. Numbers beyond 64 bits saturate.
#[must_use]
pub fn expanded_names<'v>(views: impl IntoIterator<Item = (&'v str, &'v str)>) -> BTreeMap<String, u64> {
    sums(&views.into_iter().map(|(name, sql)| (name.to_ascii_lowercase(), Mentions::of(sql))).collect())
}

/// The same for a table's columns that are computed when they are read, by name and expression: the number of names in
/// each after all such columns are expanded.
#[must_use]
pub fn expanded_columns<'c>(columns: impl IntoIterator<Item = (&'c str, &'c str)>) -> BTreeMap<String, u64> {
    let mentions = |expression: &str| {
        let mut mentions = Mentions::default();
        let names = tokens(expression).into_iter().filter_map(|token| token.name());
        names.for_each(|name| mentions.add_name(name.to_ascii_lowercase(), None));
        mentions
    };
    sums(&columns.into_iter().map(|(name, expression)| (name.to_ascii_lowercase(), mentions(expression))).collect())
}

/// Numbers of names after expansion, from the names in each text.
fn sums(direct: &BTreeMap<String, Mentions>) -> BTreeMap<String, u64> {
    // `None` while a view is being summed: in a cycle, which SQLite refuses, it counts as zero.
    let mut sums: BTreeMap<String, Option<u64>> = BTreeMap::new();
    for name in direct.keys() {
        let mut path = vec![name];
        while let Some(&last) = path.last() {
            let Some(mentions) = direct.get(last).filter(|_| !matches!(sums.get(last), Some(Some(_)))) else {
                path.pop();
                continue;
            };
            let begun = sums.insert(last.clone(), None).is_some();
            let unknown = mentions.named.keys().filter(|name| direct.contains_key(*name) && !sums.contains_key(*name));
            let before = path.len();
            path.extend(unknown.filter(|_| !begun));
            if path.len() == before {
                // Tables, which name nothing, and views in a cycle.
                let of = |name: &String| sums.get(name).copied().flatten().unwrap_or(0);
                let each = mentions.named.iter().map(|(name, times)| times.saturating_mul(of(name).saturating_add(1)));
                let sum = each.fold(mentions.of_with, u64::saturating_add);
                sums.insert(last.clone(), Some(sum));
                path.pop();
            }
        }
    }
    // At the end every view that was begun has its sum.
    sums.into_iter().filter_map(|(name, sum)| Some((name, sum?))).collect()
}

/// Names in one query, with its tables of WITH expanded.
#[derive(Debug, Clone, Default)]
struct Mentions {
    /// Number of names of tables of WITH.
    of_with: u64,
    /// Number of other names, by the name in lower case.
    named: BTreeMap<String, u64>,
}

/// The part of a SELECT that is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SelectPart {
    /// Between FROM and WHERE, where a table is named next.
    Table,
    /// The same after a table: a comma leads to the next one.
    Tables,
    /// The list of WITH.
    With,
    /// Any other.
    Other,
}

/// State of one pair of parentheses.
#[derive(Debug)]
struct ParenthesisLevel {
    part: SelectPart,
    mentions: Mentions,
    /// The tables of WITH that can be named from here on.
    with: Vec<(String, Mentions)>,
    /// The table of WITH whose query comes next.
    next: Option<String>,
    /// The table of WITH whose query this is.
    defines: Option<String>,
}

impl ParenthesisLevel {
    fn new(part: SelectPart, defines: Option<String>) -> Self {
        Self { part, mentions: Mentions::default(), with: Vec::new(), next: None, defines }
    }
}

impl Mentions {
    /// Reads the statement of a view or a query.
    fn of(sql: &str) -> Self {
        let tokens = tokens(sql);
        let mut levels = vec![ParenthesisLevel::new(SelectPart::Other, None)];
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|before| tokens.get(before));
            let mentioned = match levels.last_mut() {
                Some(level) => level.read(token, before, tokens.get(at + 1)),
                None => None,
            };
            if let Some(name) = mentioned {
                let of_with = levels.iter().rev().flat_map(|level| level.with.iter().rev());
                let found = of_with.into_iter().find(|(known, _)| *known == name).map(|(_, mentions)| mentions.clone());
                if let Some(level) = levels.last_mut() {
                    level.mentions.add_name(name, found);
                }
            }
            match token.kind {
                TokenKind::Open => {
                    let Some(level) = levels.last_mut() else { break };
                    let is_query = before.is_some_and(|before| before.is_one_of(&["AS", "MATERIALIZED"]));
                    let defines = if is_query { level.next.take() } else { None };
                    // A join in parentheses; a query begins with SELECT.
                    let part = if level.part == SelectPart::Table { SelectPart::Table } else { SelectPart::Other };
                    levels.push(ParenthesisLevel::new(part, defines));
                }
                TokenKind::Close if levels.len() > 1 => {
                    let (Some(inner), Some(level)) = (levels.pop(), levels.last_mut()) else { break };
                    match inner.defines {
                        Some(name) => level.with.push((name, inner.mentions)),
                        None => level.mentions.add(inner.mentions),
                    }
                    level.part = if level.part == SelectPart::Table { SelectPart::Tables } else { level.part };
                }
                _ => {}
            }
        }
        let mut all = Self::default();
        levels.into_iter().for_each(|level| all.add(level.mentions));
        all
    }

    fn add(&mut self, other: Self) {
        self.of_with = self.of_with.saturating_add(other.of_with);
        for (name, times) in other.named {
            let sum = self.named.entry(name).or_default();
            *sum = sum.saturating_add(times);
        }
    }

    /// Adds a name; `table` if it is one of WITH.
    fn add_name(&mut self, name: String, table: Option<Self>) {
        match table {
            Some(mentions) => {
                self.of_with = self.of_with.saturating_add(1);
                self.add(mentions);
            }
            None => self.add(Self { of_with: 0, named: BTreeMap::from([(name, 1)]) }),
        }
    }
}

impl ParenthesisLevel {
    /// Reads a token; returns the table that it names, in lower case.
    fn read(&mut self, token: &Token<'_>, before: Option<&Token<'_>>, after: Option<&Token<'_>>) -> Option<String> {
        const ENDS: [&str; 12] = [
            "SELECT",
            "VALUES",
            "WHERE",
            "GROUP",
            "HAVING",
            "WINDOW",
            "ORDER",
            "LIMIT",
            "UNION",
            "EXCEPT",
            "INTERSECT",
            "RETURNING",
        ];
        let follows = |words: &[&str]| before.is_some_and(|before| before.is_one_of(words));
        if token.kind == TokenKind::Comma {
            self.part = if self.part == SelectPart::Tables { SelectPart::Table } else { self.part };
            return None;
        }
        if token.is_one_of(&ENDS) {
            self.part = SelectPart::Other;
            return None;
        }
        // IS DISTINCT FROM compares.
        if token.is("JOIN") || token.is("FROM") && !follows(&["DISTINCT"]) {
            self.part = SelectPart::Table;
            return None;
        }
        if token.is("WITH") {
            self.part = SelectPart::With;
            return None;
        }
        let name = match token.kind {
            TokenKind::Literal => token.text.trim_matches('\'').to_ascii_lowercase(),
            _ => token.name()?.to_ascii_lowercase(),
        };
        match self.part {
            SelectPart::With => {
                let begins =
                    follows(&["WITH", "RECURSIVE"]) || before.is_some_and(|before| before.kind == TokenKind::Comma);
                if begins && !token.is("RECURSIVE") {
                    self.next = Some(name);
                }
                None
            }
            // The name before the point is the schema.
            SelectPart::Table if after.is_none_or(|after| after.text != ".") => {
                self.part = SelectPart::Tables;
                Some(name)
            }
            _ => follows(&["IN"]).then_some(name).filter(|_| token.kind != TokenKind::Literal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sql: &str) -> u64 {
        expanded_names([("v", sql)])["v"]
    }

    #[test]
    fn names_are_counted_where_tables_stand() {
        for (sql, expected) in [
            ("CREATE VIEW v (t, u) AS SELECT t, u, f(t), (SELECT max(t) FROM u) FROM t WHERE t IN (1, 2)", 2),
            (
                "CREATE VIEW v AS SELECT * FROM main.t AS a, [u] b JOIN (`w` x LEFT JOIN 'y' ON x.a = y.a) ON a.b, \"z\"",
                5,
            ),
            ("CREATE VIEW v AS SELECT a IS DISTINCT FROM b FROM t GROUP BY a, b ORDER BY t, u", 1),
            ("CREATE VIEW v AS SELECT 1 FROM t WHERE a IN u UNION ALL SELECT 2 FROM json_each('[1, 2]', x), w", 4),
            ("CREATE VIEW v AS SELECT 1 FROM (SELECT 2 FROM t, u) AS s, w", 3),
            ("CREATE VIEW v AS VALUES (1), (2)", 0),
            ("", 0),
            ("))((", 0),
        ] {
            assert_eq!(names(sql), expected, "{sql}");
        }
    }

    #[test]
    fn a_table_of_with_counts_as_often_as_it_is_named() {
        let sql = "CREATE VIEW v AS WITH RECURSIVE a (x, y) AS (SELECT 1 FROM t), \
                   b AS NOT MATERIALIZED (SELECT * FROM a JOIN a), c AS (SELECT * FROM b, b) SELECT * FROM c, u";
        // c names b twice, b names a twice, a names t once: 1 + 2 + 4 + 4, and u.
        assert_eq!(names(sql), 12);
        let mut doubling = "CREATE VIEW v AS WITH c0 AS (SELECT 1 AS x)".to_owned();
        for at in 1..200 {
            let before = at - 1;
            doubling.push_str(&format!(", c{at} AS (SELECT a.x FROM c{before} a, c{before} b)"));
        }
        assert_eq!(names(&(doubling + " SELECT x FROM c199")), u64::MAX);
    }

    #[test]
    fn generated_columns_stand_in_the_place_of_their_names() {
        let columns = (1..31).map(|at| (format!("G{at}"), format!("g{0} + [G{0}]", at - 1))).collect::<Vec<_>>();
        let sums = expanded_columns(columns.iter().map(|(name, expression)| (name.as_str(), expression.as_str())));
        assert_eq!((sums["g1"], sums["g2"], sums["g30"]), (2, 6, (1 << 31) - 2));
    }

    #[test]
    fn views_stand_in_the_place_of_their_names() {
        let chain = (1..20_000).map(|at| (format!("V{at}"), format!("CREATE VIEW V{at} AS SELECT * FROM v{}", at - 1)));
        let views = chain.chain([("v0".to_owned(), "CREATE VIEW v0 AS SELECT * FROM t".to_owned())]);
        let views = views.collect::<Vec<_>>();
        let sums = expanded_names(views.iter().map(|(name, sql)| (name.as_str(), sql.as_str())));
        assert_eq!(sums["v19999"], 20_000);
        let joined = |at: usize| format!("CREATE VIEW v{at} AS SELECT * FROM v{0} a JOIN v{0} b", at - 1);
        let views = (1..90).map(|at| (format!("v{at}"), joined(at))).collect::<Vec<_>>();
        let sums = expanded_names(views.iter().map(|(name, sql)| (name.as_str(), sql.as_str())));
        assert_eq!((sums["v1"], sums["v2"], sums["v3"], sums["v89"]), (2, 6, 14, u64::MAX));
        let circle = [("a", "CREATE VIEW a AS SELECT * FROM b, b"), ("b", "CREATE VIEW b AS SELECT * FROM a")];
        assert!(expanded_names(circle).values().all(|sum| *sum < 10));
    }
}
