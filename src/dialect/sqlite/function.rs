//! Which of SQLite's functions make one value of many rows: SQLite lists them itself
//! (<https://www.sqlite.org/pragma.html#pragma_function_list>).

use super::parser;
use std::sync::OnceLock;

/// What a function does with rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rows {
    /// It computes from its arguments alone.
    One,
    /// It aggregates, or looks at other rows of a window.
    Many,
}

struct Listed {
    name: String,
    /// The number of arguments; negative where it varies.
    arguments: i64,
    rows: Rows,
}

/// Aggregates that SQLite has in some builds only.
const OF_OTHER_BUILDS: [&str; 5] = ["median", "percentile", "percentile_cont", "percentile_disc", "string_agg"];

/// What a call of `name` with so many arguments does. One name may stand for both: `max(a)` aggregates, `max(a, b)` does
/// not.
pub(super) fn rows_of(name: &str, arguments: usize) -> Rows {
    static LIST: OnceLock<Vec<Listed>> = OnceLock::new();
    let listed = LIST.get_or_init(list);
    let named = || listed.iter().filter(|listed| listed.name.eq_ignore_ascii_case(name));
    let exact = |listed: &&Listed| usize::try_from(listed.arguments).is_ok_and(|number| number == arguments);
    let found = named().find(exact).or_else(|| named().find(|listed| listed.arguments < 0)).or_else(|| named().next());
    match found {
        Some(listed) => listed.rows,
        None if OF_OTHER_BUILDS.iter().any(|known| known.eq_ignore_ascii_case(name)) => Rows::Many,
        None => Rows::One,
    }
}

fn list() -> Vec<Listed> {
    let read = |connection: rusqlite::Connection| {
        let mut statement = connection.prepare("SELECT name, narg, type FROM pragma_function_list")?;
        let listed = statement.query_map([], |row| {
            let rows = if row.get::<_, String>(2)? == "s" { Rows::One } else { Rows::Many };
            Ok(Listed { name: row.get(0)?, arguments: row.get(1)?, rows })
        })?;
        listed.collect::<rusqlite::Result<Vec<_>>>()
    };
    parser::connection().and_then(|connection| read(connection).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_arguments_decides() {
        for (name, arguments) in [
            ("count", 0),
            ("COUNT", 1),
            ("count", 7),
            ("max", 1),
            ("min", 1),
            ("sum", 1),
            ("avg", 1),
            ("total", 1),
            ("group_concat", 2),
            ("string_agg", 2),
            ("json_group_array", 1),
            ("jsonb_group_object", 2),
            ("median", 1),
            ("row_number", 0),
            ("lag", 3),
        ] {
            assert_eq!(rows_of(name, arguments), Rows::Many, "{name}");
        }
        for (name, arguments) in [("max", 2), ("min", 3), ("lower", 1), ("coalesce", 2), ("json", 1), ("nosuch", 1)] {
            assert_eq!(rows_of(name, arguments), Rows::One, "{name}");
        }
    }
}
