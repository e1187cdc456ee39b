//! Rights of a user, by the statements that would give them: the answer to SHOW GRANTS.

use super::token::tokens;
use crate::dialect::token::{Token, TokenKind};

/// The rights of one user. Source: MySQL manual, "SHOW GRANTS Statement", and MariaDB documentation, "GRANT".
#[derive(Debug, Default)]
pub(crate) struct Grants(Vec<Grant>);

/// Rights on one place.
#[derive(Debug, PartialEq, Eq)]
struct Grant {
    /// The rights on the whole place, in capitals. Those on single columns are not among them.
    rights: Vec<String>,
    /// The database, as a pattern of LIKE; `None` for all.
    database: Option<String>,
    /// The table; `None` for all.
    table: Option<String>,
    /// Whether they are taken away from those on all databases (MySQL manual, "Privilege Restriction Using Partial Revokes").
    is_revoked: bool,
}

impl Grants {
    /// Reads statements; those that give no right on tables are left out.
    pub(crate) fn read<'a>(statements: impl IntoIterator<Item = &'a str>) -> Self {
        Self(statements.into_iter().filter_map(grant).collect())
    }

    /// Whether the user has the right on all databases.
    pub(crate) fn everywhere(&self, right: &str) -> bool {
        self.0.iter().any(|grant| grant.database.is_none() && grant.table.is_none() && grant.gives(right))
    }

    /// Whether the user has the right on everything in the database.
    pub(crate) fn on_database(&self, right: &str, database: &str) -> bool {
        let of = |is_revoked| {
            let is_here = |grant: &Grant| {
                let is_like = grant.database.as_ref().is_some_and(|pattern| is_like(database, pattern));
                is_like && grant.table.is_none() && grant.is_revoked == is_revoked && grant.gives(right)
            };
            self.0.iter().any(is_here)
        };
        of(false) || (self.everywhere(right) && !of(true))
    }

    /// Whether the user has the right on the whole table.
    pub(crate) fn on_table(&self, right: &str, database: &str, table: &str) -> bool {
        let is_it = |grant: &Grant| {
            let is_here = grant.database.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(database));
            is_here && grant.table.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(table)) && grant.gives(right)
        };
        self.on_database(right, database) || self.0.iter().any(is_it)
    }
}

impl Grant {
    fn gives(&self, right: &str) -> bool {
        self.rights.iter().any(|given| given == right || given == "ALL" || given == "ALL PRIVILEGES")
    }
}

/// Reads `GRANT SELECT, SHOW VIEW, UPDATE (a, b) ON db.t TO …`; `None` for a role, a routine and whatever has no place.
fn grant(statement: &str) -> Option<Grant> {
    let tokens = tokens(statement);
    let (first, rest) = tokens.split_first()?;
    let is_revoked = first.is("REVOKE");
    if !is_revoked && !first.is("GRANT") {
        return None;
    }
    let on = rest.iter().position(|token| token.is("ON"))?;
    let (list, place) = (&rest[..on], &rest[on + 1..]);
    let place = if place.first()?.is("TABLE") { &place[1..] } else { place };
    let [database, dot, table, ..] = place else { return None };
    if dot.text != "." {
        return None;
    }
    let name = |token: &Token<'_>| if token.text == "*" { Some(None) } else { token.name().map(Some) };
    Some(Grant { rights: rights(list), database: name(database)?, table: name(table)?, is_revoked })
}

/// The rights of a list that are not about single columns.
fn rights(list: &[Token<'_>]) -> Vec<String> {
    let (mut rights, mut words, mut depth, mut is_of_columns) = (Vec::new(), Vec::new(), 0_usize, false);
    let mut end = |words: &mut Vec<String>, is_of_columns: &mut bool| {
        let right = std::mem::take(words).join(" ");
        if !std::mem::take(is_of_columns) && !right.is_empty() {
            rights.push(right);
        }
    };
    for token in list {
        match token.kind {
            TokenKind::Open => (depth, is_of_columns) = (depth + 1, true),
            TokenKind::Close => depth = depth.saturating_sub(1),
            TokenKind::Comma if depth == 0 => end(&mut words, &mut is_of_columns),
            TokenKind::Word if depth == 0 => words.push(token.text.to_ascii_uppercase()),
            _ => {}
        }
    }
    end(&mut words, &mut is_of_columns);
    rights
}

/// Whether a database's name is like a pattern: `%` is any text, `_` any character, `\` makes the next one ordinary.
fn is_like(name: &str, pattern: &str) -> bool {
    let (mut name_rest, mut pattern_rest) = (name.chars(), pattern.chars());
    loop {
        let before = pattern_rest.as_str();
        let matches = match pattern_rest.next() {
            None => return name_rest.as_str().is_empty(),
            Some('%') => {
                let rest = &before['%'.len_utf8()..];
                let tail = name_rest.as_str();
                let starts = tail.char_indices().map(|(at, _)| at).chain([tail.len()]);
                return starts.into_iter().any(|at| is_like(&tail[at..], rest));
            }
            Some('_') => name_rest.next().is_some(),
            Some('\\') => {
                let expected = pattern_rest.next();
                name_rest.next().is_some_and(|letter| expected.is_some_and(|other| is_same(letter, other)))
            }
            Some(expected) => name_rest.next().is_some_and(|letter| is_same(letter, expected)),
        };
        if !matches {
            return false;
        }
    }
}

/// Servers that store names in small letters compare them so; elsewhere a name in another case is no database.
fn is_same(letter: char, other: char) -> bool {
    letter == other || letter.eq_ignore_ascii_case(&other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_reach_as_far_as_their_place() {
        let grants = Grants::read([
            "GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*B6'",
            "GRANT SELECT, SHOW VIEW ON `sh\\_p`.* TO `u`@`%`",
            "GRANT SELECT (`a`, `on`), TRIGGER ON `other`.`t` TO `u`@`%` WITH GRANT OPTION",
            "GRANT EXECUTE ON PROCEDURE `other`.`p` TO `u`@`%`",
            "GRANT `role`@`%` TO `u`@`%`",
        ]);
        assert!(grants.on_database("SELECT", "sh_p") && grants.on_table("SHOW VIEW", "sh_p", "t"));
        assert!(!grants.on_database("SELECT", "shop") && !grants.on_database("TRIGGER", "sh_p"));
        assert!(grants.on_table("TRIGGER", "other", "t") && !grants.on_table("SELECT", "other", "t"));
        assert!(!grants.on_database("EXECUTE", "other") && !grants.everywhere("USAGE TO"));
        let all = Grants::read(["GRANT ALL PRIVILEGES ON *.* TO `u`@`%`", "REVOKE SELECT ON `hidden`.* FROM `u`@`%`"]);
        assert!(all.on_table("TRIGGER", "any", "t") && all.on_database("EVENT", "hidden"));
        assert!(!all.on_database("SELECT", "hidden") && all.on_database("SELECT", "seen"));
        let pattern = Grants::read(["GRANT SELECT ON `app%`.* TO `u`@`%`"]);
        assert!(pattern.on_database("SELECT", "app_1") && !pattern.on_database("SELECT", "my_app"));
    }
}
