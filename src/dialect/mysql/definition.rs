//! Constraints of a table by its definition, as SHOW CREATE TABLE writes it: for users to whom the lists of
//! information_schema do not show them.

use super::token::tokens;
use crate::dialect::token::{Token, TokenKind};
use std::ops::Range;

/// A CREATE TABLE statement as the server writes it.
#[derive(Debug)]
pub(crate) struct Definition<'t> {
    sql: &'t str,
    /// The definitions of columns, keys and constraints, each as its tokens.
    parts: Vec<Vec<Token<'t>>>,
}

/// A period of the application's.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Period {
    /// The column that begins it.
    pub(crate) begins: String,
    /// The column that ends it.
    pub(crate) ends: String,
    /// The keys that let no two overlap.
    pub(crate) keys: Vec<String>,
}

impl<'t> Definition<'t> {
    /// Reads the statement.
    pub(crate) fn read(sql: &'t str) -> Self {
        let (mut parts, mut part, mut depth) = (Vec::new(), Vec::new(), 0_usize);
        for token in tokens(sql) {
            match token.kind {
                TokenKind::Close if depth <= 1 => break,
                TokenKind::Comma if depth == 1 => {
                    parts.push(std::mem::take(&mut part));
                    continue;
                }
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth -= 1,
                _ => {}
            }
            // The parenthesis that opens the list, and what stands before it, are part of none.
            if depth > 0 && !(depth == 1 && token.kind == TokenKind::Open) {
                part.push(token);
            }
        }
        parts.push(part);
        Self { sql, parts }
    }

    /// The CHECK constraints: names, and conditions without their parentheses. The CHECK of a column has the column's name.
    pub(crate) fn checks(&self) -> Vec<(String, &'t str)> {
        let check = |part: &Vec<Token<'t>>| {
            let at = top_level(part).find(|at| part[*at].is("CHECK"))?;
            let named = if part.first()?.is("CONSTRAINT") { part.get(1) } else { part.first() };
            Some((named?.name()?, self.sql.get(enclosed(&part[at + 1..])?)?))
        };
        self.parts.iter().filter_map(check).collect()
    }

    /// The period of the application's that a table has: the columns that begin and end it, and the keys that let no two
    /// overlap, by name; `PRIMARY` is the primary key.
    pub(crate) fn period(&self) -> Option<Period> {
        let of_application = |part: &&Vec<Token<'t>>| {
            let words = ["PERIOD", "FOR"].iter().zip(part.iter()).all(|(word, token)| token.is(word));
            // The period of the versions has no name in quotes.
            words && part.get(2).is_some_and(|token| token.kind == TokenKind::Quoted)
        };
        let part = self.parts.iter().find(of_application)?;
        let mut columns = part.iter().skip(3).filter_map(Token::name);
        Some(Period { begins: columns.next()?, ends: columns.next()?, keys: self.keys_without_overlaps() })
    }

    fn keys_without_overlaps(&self) -> Vec<String> {
        let key = |part: &Vec<Token<'t>>| {
            let (is_unique, is_primary) = (part.first()?.is("UNIQUE"), part.first()?.is("PRIMARY"));
            let refuses = part.windows(2).any(|words| words[0].is("WITHOUT") && words[1].is("OVERLAPS"));
            let named = || if is_primary { Some("PRIMARY".to_owned()) } else { part.get(2)?.name() };
            if refuses && (is_unique || is_primary) { named() } else { None }
        };
        self.parts.iter().filter_map(key).collect()
    }

    /// The actions of a foreign key, ON UPDATE and ON DELETE, as information_schema says them; `None` if there is no such key.
    pub(crate) fn actions(&self, constraint: &str) -> Option<[String; 2]> {
        let is_it = |part: &&Vec<Token<'t>>| {
            let name = part.get(1).and_then(Token::name);
            part.first().is_some_and(|token| token.is("CONSTRAINT"))
                && name.as_deref() == Some(constraint)
                && part.get(2).is_some_and(|token| token.is("FOREIGN"))
        };
        let part = self.parts.iter().find(is_it)?;
        Some(["UPDATE", "DELETE"].map(|event| {
            let on =
                top_level(part).find(|at| part[*at].is("ON") && part.get(at + 1).is_some_and(|word| word.is(event)));
            let word = |at: usize| part.get(at).map(|token| token.text.to_ascii_uppercase());
            match on.and_then(|on| Some((word(on + 2)?, word(on + 3)))) {
                Some((first, Some(second))) if matches!(first.as_str(), "SET" | "NO") => format!("{first} {second}"),
                Some((first, _)) => first,
                // As MariaDB lists it where nothing is said.
                None => "RESTRICT".to_owned(),
            }
        }))
    }
}

/// The positions of tokens that stand in no parentheses.
fn top_level<'p>(part: &'p [Token<'_>]) -> impl Iterator<Item = usize> + 'p {
    let mut depth = 0_usize;
    part.iter().enumerate().filter_map(move |(at, token)| {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

/// The place of what stands in the parentheses with which the tokens begin.
fn enclosed(tokens: &[Token<'_>]) -> Option<Range<usize>> {
    let open = tokens.first().filter(|token| token.kind == TokenKind::Open)?;
    let mut depth = 0_usize;
    for token in tokens {
        match token.kind {
            TokenKind::Open => depth += 1,
            TokenKind::Close => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(open.place.end..token.place.start);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As MariaDB 10.11 writes it.
    const SQL: &str = "CREATE TABLE `child` (\n  `id` int(11) NOT NULL COMMENT 'CHECK (no), CONSTRAINT',\n  \
        `price` decimal(5,2) DEFAULT NULL CHECK (`price` > 0 and (`id` <> 3)),\n  \
        `CHECK` longtext CHARACTER SET utf8mb4 DEFAULT NULL CHECK (json_valid(`CHECK`)),\n  PRIMARY KEY (`id`),\n  \
        CONSTRAINT `child_ibfk_1` FOREIGN KEY (`id`) REFERENCES `a``)` (`ON`) ON DELETE SET NULL ON UPDATE CASCADE,\n  \
        CONSTRAINT `child_ibfk_2` FOREIGN KEY (`price`) REFERENCES `b` (`id`),\n  \
        CONSTRAINT `both` CHECK (`price` <> `id` or `id` in (1,2))\n) ENGINE=InnoDB";

    #[test]
    fn constraints_are_found_among_names_and_texts_that_look_alike() {
        let definition = Definition::read(SQL);
        let expected = [
            ("price", "`price` > 0 and (`id` <> 3)"),
            ("CHECK", "json_valid(`CHECK`)"),
            ("both", "`price` <> `id` or `id` in (1,2)"),
        ];
        assert_eq!(definition.checks(), expected.map(|(name, condition)| (name.to_owned(), condition)));
        let actions = |name| definition.actions(name);
        assert_eq!(actions("child_ibfk_1"), Some(["CASCADE".to_owned(), "SET NULL".to_owned()]));
        assert_eq!(actions("child_ibfk_2"), Some(["RESTRICT".to_owned(), "RESTRICT".to_owned()]));
        assert_eq!(actions("both"), None);
    }

    #[test]
    fn a_period_of_the_application_has_columns_and_keys() {
        let sql = "CREATE TABLE `prices` (\n  `id` int(11) NOT NULL COMMENT 'WITHOUT OVERLAPS',\n  `from` date NOT NULL,\n  `to` date NOT NULL,\n  \
            `start` timestamp(6) GENERATED ALWAYS AS ROW START,\n  PERIOD FOR `valid` (`from`, `to`),\n  \
            PRIMARY KEY (`id`,`valid` WITHOUT OVERLAPS),\n  UNIQUE KEY `both` (`id`,`to`),\n  \
            UNIQUE KEY `one` (`id`,`valid` WITHOUT OVERLAPS),\n  PERIOD FOR SYSTEM_TIME (`start`, `end`)\n)";
        let expected = Period {
            begins: "from".to_owned(),
            ends: "to".to_owned(),
            keys: vec!["PRIMARY".to_owned(), "one".to_owned()],
        };
        assert_eq!(Definition::read(sql).period(), Some(expected));
        assert_eq!(Definition::read(SQL).period(), None);
    }
}
