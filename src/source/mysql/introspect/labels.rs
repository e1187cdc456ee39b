//! Labels of ENUM and members of SET as they are. The server writes the declared type in a character set of the Basic
//! Multilingual Plane, in `information_schema` and in SHOW CREATE TABLE alike: an emoji is `?`, and MySQL writes a label of
//! bytes that has one in digits, `x'f09f918d'`, without the zero of a byte below 16 (tested with MariaDB 10.11 and MySQL 9.7).
//!
//! A query shows them, whether a row has them or not: the column of a recursive query has the type of its first part, and makes
//! a label of the number that its second part gives ("WITH (Common Table Expressions)" in MySQL's manual).

use super::unshown::BEYOND;
use super::{Texts, word};
use crate::catalog::DeclaredType;
use crate::dialect::Dialect as _;
use crate::dialect::mysql::{Mysql, declared_label, quote};
use crate::source::mysql::client::ClientError;
use crate::source::mysql::columns::{integer, text};
use crate::source::mysql::selection::SELECT;
use crate::source::mysql::snapshot::Reader;

/// Character in the place of bytes that are no text.
const NO_TEXT: char = '\u{fffd}';

impl Reader {
    /// Puts the labels as they are in the place of those that the column's type shows otherwise; says whether one is no text.
    pub(super) fn show_labels(&self, table: &str, row: &mut Texts) -> Result<bool, ClientError> {
        let (column, shown) = (word(row, 1), word(row, 2));
        let declared = DeclaredType::parse(&shown);
        let listed = Mysql.labels(&declared);
        let (base, mut labels) = match (listed.one, listed.several) {
            (Some(labels), _) => ("enum", labels),
            (None, Some(members)) => ("set", members),
            (None, None) => return Ok(false),
        };
        let is_doubtful = |argument: &String| argument.contains('?') || !argument.starts_with('\'');
        let doubtful = declared.arguments.iter().enumerate().filter(|(_, argument)| is_doubtful(argument));
        let doubtful = doubtful.map(|(at, _)| at).collect::<Vec<_>>();
        if doubtful.is_empty() {
            return Ok(false);
        }
        let answer = self.client().query(&asking(table, &column, base == "set", &doubtful));
        // A table whose values nobody may read is not migrated.
        for row in Self::permitted(answer)?.unwrap_or_default() {
            let place = integer(&row, 0).and_then(|place| usize::try_from(place - 1).ok());
            let Some(shown) = place.and_then(|place| labels.get_mut(place)) else { continue };
            match text(&row, 1).filter(|label| !label.is_empty()) {
                Some(label) => *shown = label,
                // MariaDB gives no label for the number of the last of 64 members: the label is unknown.
                None if shown.contains(BEYOND) => *shown = NO_TEXT.to_string(),
                None => {}
            }
        }
        row[2] =
            Some(format!("{base}({})", labels.iter().map(|label| declared_label(label)).collect::<Vec<_>>().join(",")));
        Ok(labels.iter().any(|label| label.contains(NO_TEXT)))
    }
}

/// The query of the labels at these positions, each with its place.
fn asking(table: &str, column: &str, is_set: bool, positions: &[usize]) -> String {
    // The number of a label counts from one; that of a set of members has a bit for each, the last of which makes a decimal of
    // a number that is written in digits.
    let number = |at: usize| if is_set { format!("1 << {at}") } else { (at + 1).to_string() };
    let one = |&at: &usize| format!("SELECT {} AS number, {} AS place", number(at), at + 1);
    let asked = positions.iter().map(one).collect::<Vec<_>>().join(" UNION ALL ");
    format!(
        "WITH RECURSIVE listed (label, place) AS (SELECT {}, 0 FROM (SELECT 1) AS one LEFT JOIN {} ON FALSE UNION ALL \
         SELECT asked.number, asked.place FROM listed JOIN ({asked}) AS asked ON listed.place = 0) \
         {SELECT} place, label FROM listed WHERE place > 0",
        quote(column),
        quote(table)
    )
}

/// The default of a column that lists labels, which the server shows as it did the labels before they were asked for: the one
/// label, or the members, that are shown so, with `beyond` for a character beyond the plane. `None` where several are.
pub(super) fn shown_as(default: &str, listed: &str, beyond: &str) -> Option<String> {
    let listed = Mysql.labels(&DeclaredType::parse(listed));
    let as_shown = |label: &str| {
        let letters = label.chars().map(|letter| match u32::from(letter) > 0xffff {
            true => beyond.to_owned(),
            false => letter.to_string(),
        });
        letters.collect::<String>()
    };
    let only = |labels: &[String], shown: &str| {
        let mut alike = labels.iter().filter(|label| as_shown(label) == shown);
        alike.next().filter(|_| alike.next().is_none()).cloned()
    };
    match (listed.one, listed.several) {
        (Some(labels), _) => only(&labels, default),
        (None, Some(members)) => {
            let found = default.split(',').map(|shown| only(&members, shown)).collect::<Option<Vec<_>>>()?;
            Some(found.join(","))
        }
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::shown_as;

    #[test]
    fn a_default_is_the_label_that_alone_is_shown_so() {
        for (default, listed, expected) in [
            ("?", "enum('👍','none')", Some("👍")),
            ("?", "enum('👍','👎')", None),
            ("?", "enum('👍','?')", None),
            ("a?", "enum('a👍','👍')", Some("a👍")),
            ("x,?", "set('x','🍎')", Some("x,🍎")),
            ("?,?", "set('🍐','🍎')", None),
        ] {
            assert_eq!(shown_as(default, listed, "?").as_deref(), expected, "{listed}");
        }
    }
}
