//! Texts that `information_schema` does not show as they are.
//!
//! It has no characters beyond the Basic Multilingual Plane: an emoji in a default or a view is `?`, in an expression of
//! MariaDB `????`. The expressions of MySQL 8 and 9 it reads as if they were latin1: `é` is `Ã©`, in names as in texts. What is
//! doubtful is asked for in another way: constants by `DEFAULT()`, expressions of tables and views by the statement that makes
//! them, labels by a query of their numbers (`labels.rs`).

use super::expression::{freed, unescaped_literal};
use super::labels::shown_as;
use super::{TableListing, Texts, said, word};
use crate::catalog::{HiddenPart, HiddenPartKind};
use crate::dialect::mysql::{quote, view_query};
use crate::source::mysql::client::ClientError;
use crate::source::mysql::columns::text;
use crate::source::mysql::snapshot::Reader;

/// The longest character of UTF-8 in the place of which MariaDB writes as many `?`.
pub(super) const BEYOND: &str = "????";

impl Reader {
    /// Puts the texts of a table's labels, defaults and expressions in the place of those that are not shown as they are; gives
    /// those that nobody is shown.
    pub(super) fn show(&self, table: &str, listed: &mut TableListing) -> Result<Vec<HiddenPart>, ClientError> {
        let is_mariadb = listed.is_mariadb;
        let mut unseen = Vec::new();
        let mut created = Created { reader: self, table, sql: None, is_mariadb };
        for row in listed.columns.get_mut(table).into_iter().flatten() {
            if self.show_labels(table, row)? {
                let (table, column) = (Some(listed.database.known(table)), Some(word(row, 1)));
                unseen.push(HiddenPart { part: HiddenPartKind::Labels, table, column, grant: None });
            }
            let anchor = format!("\n  {} ", quote(&word(row, 1)));
            let lists_labels = ["enum(", "set("].iter().any(|list| word(row, 2).starts_with(list));
            let has_characters = said(row, 9).is_some() || lists_labels;
            match said(row, 4).filter(|text| is_doubtful(text, is_mariadb)) {
                Some(default) if !is_constant(&default, &word(row, 5), is_mariadb) => {
                    row[4] = Some(created.expression(&default, &[&anchor]));
                }
                // Every other character of a constant is shown.
                Some(default) if has_characters && default.contains('?') => {
                    match self.constant(table, row, &default, is_mariadb)? {
                        Some(constant) => row[4] = Some(constant),
                        None => {
                            // The server does not show the default: an expression without a translation is reported.
                            row[4] = Some(default_of(row));
                            row[5] = Some(format!("{} default_generated", word(row, 5)));
                        }
                    }
                }
                // Constant bytes: `binary_default.rs` asks for all of these.
                Some(_) | None => {}
            }
            // MySQL lists the instant as the session wrote it that made the table, in a zone that is not recorded.
            let is_instant = !is_mariadb && word(row, 2).starts_with("timestamp");
            if is_instant && said(row, 4).is_some_and(|text| text.starts_with(|letter: char| letter.is_ascii_digit())) {
                row[4] = created.instant(&anchor).or(row[4].take());
            }
            created.restore(row, 6, &[&anchor]);
        }
        for row in listed.checks.get_mut(table).into_iter().flatten() {
            let name = quote(&word(row, 1));
            // The CHECK of a column has the column's name.
            created.restore(row, 2, &[&format!("CONSTRAINT {name} CHECK "), &format!("\n  {name} ")]);
        }
        for row in listed.indexes.get_mut(table).into_iter().flatten() {
            let anchor = format!("KEY {} ", quote(&word(row, 1)));
            created.restore(row, 8, &[&anchor]);
        }
        Ok(unseen)
    }

    /// The SELECT of a view, whose text is `shown`.
    pub(super) fn view_text(&self, view: &str, shown: String) -> String {
        if !shown.contains('?') {
            return shown;
        }
        let created = self.said(&format!("SHOW CREATE VIEW {}", quote(view)), 1);
        created.and_then(|sql| view_query(&sql).map(str::to_owned)).unwrap_or(shown)
    }

    /// A text of the first row. What this user may not read stays as it is shown: it cannot be migrated either.
    fn said(&self, sql: &str, at: usize) -> Option<String> {
        self.client().query(sql).ok()?.first().and_then(|row| text(row, at))
    }

    /// A constant default in the spelling of `information_schema`; `None` if the server does not say it, nor a list of labels.
    fn constant(&self, table: &str, row: &Texts, shown: &str, is_mariadb: bool) -> Result<Option<String>, ClientError> {
        let constants = Self::permitted(self.of_constants(&quote(table), &[quote(&word(row, 1))], |default| default))?;
        let words = || {
            if is_mariadb {
                unescaped_literal(shown)?.get(1..)?.strip_suffix('\'').map(|words| words.replace("''", "'"))
            } else {
                Some(shown.to_owned())
            }
        };
        let beyond = if is_mariadb { BEYOND } else { "?" };
        let constant = constants.into_iter().flatten().flatten().next();
        Ok(constant.or_else(|| shown_as(&words()?, &word(row, 2), beyond)).map(|value| match is_mariadb {
            true => format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''")),
            false => value,
        }))
    }
}

/// The statement that makes a table, asked for once and only where it is needed.
struct Created<'a> {
    reader: &'a Reader,
    table: &'a str,
    sql: Option<String>,
    is_mariadb: bool,
}

impl Created<'_> {
    fn restore(&mut self, row: &mut Texts, at: usize, anchors: &[&str]) {
        let doubtful = said(row, at).filter(|text| is_doubtful(text, self.is_mariadb));
        if let Some(shown) = doubtful {
            row[at] = Some(self.expression(&shown, anchors));
        }
    }

    fn statement(&mut self) -> &str {
        let (reader, table) = (self.reader, self.table);
        let statement = || reader.said(&format!("SHOW CREATE TABLE {}", quote(table)), 1).unwrap_or_default();
        self.sql.get_or_insert_with(statement)
    }

    /// The constant default of the column behind the anchor, in the session's zone, which is UTC.
    fn instant(&mut self, anchor: &str) -> Option<String> {
        let (_, column) = self.statement().split_once(anchor)?;
        let (_, default) = column.lines().next()?.split_once(" DEFAULT '")?;
        default.split_once('\'').map(|(moment, _)| moment.to_owned())
    }

    /// The expression behind the first of the anchors that the statement has.
    fn expression(&mut self, shown: &str, anchors: &[&str]) -> String {
        let is_mariadb = self.is_mariadb;
        let sql = self.statement();
        if !is_mariadb {
            // The statement, in which only characters beyond the plane are not shown, says whether it was read as latin1.
            let read = decoded(shown).filter(|read| sql.contains(&masked(&freed(read))));
            return read.unwrap_or_else(|| shown.to_owned());
        }
        let start = anchors.iter().find_map(|anchor| sql.find(anchor)).unwrap_or(0);
        unmasked(&sql[start..], shown).unwrap_or(shown).to_owned()
    }
}

/// The expression that gives a column's default.
fn default_of(row: &Texts) -> String {
    format!("DEFAULT({})", quote(&word(row, 1)))
}

fn is_doubtful(text: &str, is_mariadb: bool) -> bool {
    text.contains('?') || !is_mariadb && !text.is_ascii()
}

/// Whether a default is a constant: MariaDB writes it in quotes, MySQL says of the others that they are expressions.
fn is_constant(default: &str, extra: &str, is_mariadb: bool) -> bool {
    if is_mariadb {
        unescaped_literal(default).is_some()
    } else {
        !extra.to_ascii_lowercase().contains("default_generated")
    }
}

/// A text of UTF-8 that was read as latin1; `None` if it cannot be one.
fn decoded(text: &str) -> Option<String> {
    let bytes = text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect::<Option<Vec<_>>>()?;
    String::from_utf8(bytes).ok()
}

fn masked(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    for letter in text.chars() {
        if u32::from(letter) > 0xffff {
            masked.push_str(BEYOND);
        } else {
            masked.push(letter);
        }
    }
    masked
}

/// The part of a statement that is `shown` once its characters beyond the plane are masked.
fn unmasked<'a>(sql: &'a str, shown: &str) -> Option<&'a str> {
    let place = masked(sql).find(shown)?;
    // Masked, a character of four bytes is four bytes.
    sql.get(place..place + shown.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_masked_is_found_behind_its_anchor() {
        let sql = "CREATE TABLE `t` (\n  `a` int DEFAULT concat('é😀','x'),\n  CONSTRAINT `c` CHECK (`a` <> '🚀')\n)";
        assert_eq!(unmasked(sql, "concat('é????','x')"), Some("concat('é😀','x')"));
        assert_eq!(unmasked(sql, "`a` <> '????'"), Some("`a` <> '🚀'"));
        assert_eq!(unmasked(sql, "`a` <> '?'"), None);
    }

    #[test]
    fn what_was_read_as_latin1_is_read_again() {
        assert_eq!(decoded("`grÃ¶Ã\u{9f}e` <> 'ð\u{9f}\u{98}\u{80}'").as_deref(), Some("`größe` <> '😀'"));
        assert_eq!(decoded("`größe`"), None);
        assert_eq!(decoded("'日'"), None);
    }
}
