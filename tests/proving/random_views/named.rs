//! Random views that say something by a name of their SELECT list, over columns of several collations.

use super::grammar::{Dice, Sort, leaf, text};

/// A view that says something by the name that the SELECT list gives to it.
pub(super) fn view(dice: &mut Dice) -> String {
    let column = dice.of(&["c", "pad", "s", "s", "s COLLATE NOCASE", "s COLLATE RTRIM", "c COLLATE BINARY", "v"]);
    let meant = match dice.below(8) {
        0 => format!("({column})"),
        1 => format!("+{column}"),
        2 => format!("CAST({column} AS TEXT)"),
        3 => format!("coalesce({column}, '')"),
        4 => text(dice, 2),
        _ => column.to_owned(),
    };
    // Also names that columns have: SQLite takes the column first, except alone in ORDER BY.
    let name = dice.of(&["g", "g", "v", "s"]);
    let (spoken, literal) = (dice.of(&["", "+", "upper"]), leaf(dice, Sort::Text));
    let term = if spoken.is_empty() { name.to_owned() } else { format!("{spoken}({name})") };
    let collate = dice.of(&["", "", "", " COLLATE NOCASE", " COLLATE BINARY"]);
    match dice.below(8) {
        0 => format!("SELECT {meant} AS {name}, count(*) AS x FROM t GROUP BY {term}{collate}"),
        1 => format!(
            "SELECT {meant} AS {name}, count(*) AS x FROM t GROUP BY {name}{collate} HAVING {term} <> {literal}"
        ),
        2 => format!("SELECT id, {meant} AS {name} FROM t WHERE {term}{collate} = {literal}"),
        3 => format!("SELECT id, {meant} AS {name} FROM t WHERE coalesce({name}, '') >= {literal}"),
        4 => format!("SELECT id, {meant} AS {name} FROM t ORDER BY {term}{collate}, id LIMIT 5"),
        5 => {
            format!("SELECT id, {meant} AS {name} FROM t ORDER BY {}{collate}, 1 LIMIT 5", dice.of(&["(2)", "+2", "2"]))
        }
        6 => format!("SELECT count(*) AS x, {meant} AS {name} FROM t GROUP BY {}{collate}", dice.of(&["(2)", "2"])),
        _ => {
            let inner = format!("SELECT id, {meant} AS {name} FROM t");
            format!("WITH w AS ({inner}) SELECT {name} AS h, count(*) AS x FROM w WHERE {term} <> {literal} GROUP BY h")
        }
    }
}
