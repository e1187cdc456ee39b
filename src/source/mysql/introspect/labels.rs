//! Labels of ENUM and members of SET as they are. The server writes the declared type in a character set of the Basic
//! Multilingual Plane, in `information_schema` and in SHOW CREATE TABLE alike: an emoji is `?` (tested with MariaDB 10.11 and
//! MySQL 9.7). A row that has the label shows it.

use super::{Texts, word};
use crate::catalog::DeclaredType;
use crate::dialect::Dialect as _;
use crate::dialect::mysql::{Mysql, declared_label, quote};
use crate::source::mysql::client::ClientError;
use crate::source::mysql::columns::text;
use crate::source::mysql::selection::SELECT;
use crate::source::mysql::snapshot::Reader;

impl Reader {
    /// Puts the labels that rows have in the place of those that the column's type shows with `?`; says whether one stays that
    /// no row has.
    pub(super) fn show_labels(&self, table: &str, row: &mut Texts) -> Result<bool, ClientError> {
        let (column, shown) = (word(row, 1), word(row, 2));
        if !shown.contains('?') {
            return Ok(false);
        }
        let listed = Mysql.labels(&DeclaredType::parse(&shown));
        let (base, mut labels) = match (listed.one, listed.several) {
            (Some(labels), _) => ("enum", labels),
            (None, Some(members)) => ("set", members),
            (None, None) => return Ok(false),
        };
        let mut stays = false;
        for (at, shown) in labels.iter_mut().enumerate().filter(|(_, shown)| shown.contains('?')) {
            match self.label(table, &column, at, base == "set")? {
                Some(label) => *shown = label,
                None => stays = true,
            }
        }
        row[2] =
            Some(format!("{base}({})", labels.iter().map(|label| declared_label(label)).collect::<Vec<_>>().join(",")));
        Ok(stays)
    }

    /// The label at this position, from a row that has it.
    fn label(&self, table: &str, column: &str, at: usize, is_member: bool) -> Result<Option<String>, ClientError> {
        let (table, column) = (quote(table), quote(column));
        // The number of a label counts from one; that of a set of members has a bit for each.
        let (value, has) = if is_member {
            // The members before it that the row has too stand before it in the text.
            let before = format!("bit_count({column} & {})", (1_u64 << at) - 1);
            let value = format!("substring_index(substring_index({column}, ',', {before} + 1), ',', -1)");
            (value, format!("({column} & {}) <> 0", 1_u64 << at))
        } else {
            (column.clone(), format!("{column} + 0 = {}", at + 1))
        };
        let sql = format!("{SELECT} {value} FROM {table} WHERE {has} LIMIT 1");
        let rows = self.client().query(&sql);
        Ok(Self::permitted(rows)?.and_then(|rows| rows.first().and_then(|row| text(row, 0))))
    }
}
