//! Facts that are only in the stored CREATE TABLE statement: names of constraints, CHECKs, collations, generated
//! expressions.
//!
//! SQLite's pragmas do not report these. The statement is split by sqlparser's tokenizer and read token by token:
//! SQLite accepts and keeps any words as a type, so a full grammar would refuse tables that SQLite itself reads
//! (<https://www.sqlite.org/lang_createtable.html>).

use crate::catalog::{CheckConstraint, ConflictClause};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

/// Facts of a CREATE TABLE statement that no pragma has.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TableDefinition {
    /// The columns in order.
    pub(super) columns: Vec<ColumnDefinition>,
    /// The name given to the primary key.
    pub(super) primary_key_name: Option<String>,
    /// UNIQUE constraints: name and columns.
    pub(super) unique_constraints: Vec<NamedColumns>,
    /// Foreign keys in the order of their declaration.
    pub(super) foreign_keys: Vec<ForeignKeyDefinition>,
    /// CHECK constraints.
    pub(super) checks: Vec<CheckConstraint>,
    /// AUTOINCREMENT.
    pub(super) is_autoincrement: bool,
    /// ON CONFLICT, of keys and of NOT NULL.
    pub(super) conflict_clauses: Vec<ConflictClause>,
}

/// Facts of a column's definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnDefinition {
    /// The column's name.
    pub(super) name: String,
    /// COLLATE.
    pub(super) collation: Option<String>,
    /// The expression of GENERATED ALWAYS AS.
    pub(super) generated: Option<String>,
}

/// A constraint's name and columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedColumns {
    /// The name, if one was given.
    pub(super) name: Option<String>,
    /// The columns.
    pub(super) columns: Vec<String>,
}

/// A foreign key's name and whether it is checked at the end of the transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ForeignKeyDefinition {
    /// The name, if one was given.
    pub(super) name: Option<String>,
    /// DEFERRABLE INITIALLY DEFERRED.
    pub(super) deferred: bool,
}

impl TableDefinition {
    /// Reads a stored CREATE TABLE statement; `None` if it cannot be parsed.
    #[must_use]
    pub(super) fn read(sql: &str) -> Option<Self> {
        let tokens = Lexed::new(sql)?;
        let open = tokens.find_open_parenthesis()?;
        let mut definition = Self::default();
        for element in tokens.elements(open)? {
            ElementReader { tokens: &tokens, definition: &mut definition, column: None, name: None, last: None }
                .read(element)?;
        }
        Some(definition)
    }
}

/// The expressions of an index's keys and its WHERE, from the stored CREATE INDEX statement.
#[must_use]
pub(super) fn index_expressions(sql: &str) -> Option<(Vec<String>, Option<String>)> {
    let tokens = Lexed::new(sql)?;
    let open = tokens.find_open_parenthesis()?;
    let close = tokens.closing(open)?;
    let keys = tokens.elements(open)?.into_iter().map(|element| tokens.key_expression(element)).collect();
    let predicate = tokens.is_word(close + 1, "WHERE").then(|| tokens.text(close + 2, tokens.tokens.len()));
    Some((keys, predicate))
}

/// A statement's tokens without white space and comments, with their places in the text.
pub(super) struct Lexed<'sql> {
    sql: &'sql str,
    tokens: Vec<(Token, usize, usize)>,
}

pub(super) type Range = std::ops::Range<usize>;

impl<'sql> Lexed<'sql> {
    pub(super) fn new(sql: &'sql str) -> Option<Self> {
        let lexed = Tokenizer::new(&SQLiteDialect {}, sql).tokenize_with_location().ok()?;
        let lines = std::iter::once(0).chain(sql.match_indices('\n').map(|(at, _)| at + 1)).collect::<Vec<_>>();
        // The tokenizer counts lines and characters from one. The search for each place begins at the last one: a
        // statement may be one long line.
        let mut last = (1, 1, 0);
        let mut offset = |line: u64, column: u64| {
            let line_start = *lines.get(usize::try_from(line).ok()?.checked_sub(1)?)?;
            let is_behind = line == last.0 && column >= last.1;
            let (from, start) = if is_behind { (last.1, last.2) } else { (1, line_start) };
            let characters = usize::try_from(column.checked_sub(from)?).ok()?;
            let rest = &sql[start..];
            let at = start + rest.char_indices().nth(characters).map_or(rest.len(), |(at, _)| at);
            last = (line, column, at);
            Some(at)
        };
        let mut tokens = Vec::with_capacity(lexed.len());
        for TokenWithSpan { token, span } in lexed {
            if !matches!(token, Token::Whitespace(_) | Token::EOF | Token::SemiColon) {
                let place = (offset(span.start.line, span.start.column)?, offset(span.end.line, span.end.column)?);
                tokens.push((token, place.0, place.1));
            }
        }
        Some(Self { sql, tokens })
    }

    pub(super) fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at).map(|(token, ..)| token)
    }

    pub(super) fn find_open_parenthesis(&self) -> Option<usize> {
        self.tokens.iter().position(|(token, ..)| *token == Token::LParen)
    }

    /// The number of tokens.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The position of the parenthesis that closes the one at `open`.
    fn closing(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, (token, ..)) in self.tokens.iter().enumerate().skip(open) {
            match token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return Some(at);
            }
        }
        None
    }

    /// The ranges between the commas inside the parentheses that open at `open`.
    pub(super) fn elements(&self, open: usize) -> Option<Vec<Range>> {
        let close = self.closing(open)?;
        let mut elements = Vec::new();
        let (mut start, mut at) = (open + 1, open + 1);
        while at < close {
            match self.token(at)? {
                Token::LParen => at = self.closing(at)?,
                Token::Comma => {
                    elements.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        elements.push(start..close);
        Some(elements)
    }

    /// Whether the token at `at` is this word, unquoted.
    pub(super) fn is_word(&self, at: usize, word: &str) -> bool {
        matches!(self.token(at), Some(Token::Word(found)) if found.quote_style.is_none() && found.value.eq_ignore_ascii_case(word))
    }

    /// The name at `at`, in any of SQLite's quotes.
    pub(super) fn name(&self, at: usize) -> Option<String> {
        match self.token(at)? {
            Token::Word(word) => Some(word.value.clone()),
            Token::SingleQuotedString(text) | Token::DoubleQuotedString(text) => Some(text.clone()),
            _ => None,
        }
    }

    /// The original text from token `from` up to token `to`.
    fn text(&self, from: usize, to: usize) -> String {
        match (self.tokens.get(from), self.tokens.get(to.wrapping_sub(1))) {
            (Some((_, start, _)), Some((.., end))) if start <= end => self.sql[*start..*end].to_owned(),
            _ => String::new(),
        }
    }

    /// The first words of each element inside the parentheses: the columns of a constraint.
    fn names_inside(&self, open: usize) -> Option<Vec<String>> {
        self.elements(open)?.into_iter().map(|element| self.name(element.start)).collect()
    }

    /// An index key without its COLLATE, ASC and DESC.
    fn key_expression(&self, mut element: Range) -> String {
        if self.is_word(element.end - 1, "ASC") || self.is_word(element.end - 1, "DESC") {
            element.end -= 1;
        }
        if element.len() > 2 && self.is_word(element.end - 2, "COLLATE") {
            element.end -= 2;
        }
        self.text(element.start, element.end)
    }
}

/// Reads one element between commas: a column with its constraints, or table constraints.
struct ElementReader<'a, 'sql> {
    tokens: &'a Lexed<'sql>,
    definition: &'a mut TableDefinition,
    column: Option<ColumnDefinition>,
    /// The name of the constraint being read.
    name: Option<String>,
    /// The constraint that was read last, with its columns, if SQLite heeds an ON CONFLICT behind it.
    last: Option<(&'static str, Vec<String>)>,
}

impl ElementReader<'_, '_> {
    fn read(mut self, element: Range) -> Option<()> {
        const TABLE_CONSTRAINTS: [&str; 5] = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN"];
        let mut at = element.start;
        if !TABLE_CONSTRAINTS.iter().any(|word| self.tokens.is_word(at, word)) {
            let name = self.tokens.name(at)?;
            self.column = Some(ColumnDefinition { name, collation: None, generated: None });
            at += 1;
        }
        while at < element.end {
            at = self.word(at)?;
        }
        self.definition.columns.extend(self.column);
        Some(())
    }

    /// Reads the clause that begins at `at` and returns the position of the next one.
    fn word(&mut self, at: usize) -> Option<usize> {
        let tokens = self.tokens;
        let opens = |at: usize| tokens.token(at) == Some(&Token::LParen);
        if opens(at) {
            return Some(tokens.closing(at)? + 1);
        }
        let is = |word: &str| tokens.is_word(at, word);
        if is("CONSTRAINT") {
            self.name = tokens.name(at + 1);
            return Some(at + 2);
        }
        if is("CHECK") && opens(at + 1) {
            let close = tokens.closing(at + 1)?;
            let expression = tokens.text(at + 2, close);
            self.definition.checks.push(CheckConstraint { name: self.name.take(), expression, is_idle: false });
            self.last = None;
            return Some(close + 1);
        }
        let own = self.column.as_ref().map(|column| vec![column.name.clone()]);
        if is("PRIMARY") {
            self.definition.primary_key_name = self.name.take();
            self.last = own.or_else(|| tokens.names_inside(at + 2)).map(|columns| ("PRIMARY KEY", columns));
        } else if is("AUTOINCREMENT") {
            self.definition.is_autoincrement = true;
        } else if is("UNIQUE") {
            let columns = match own {
                Some(own) => own,
                None => tokens.names_inside(at + 1)?,
            };
            self.last = Some(("UNIQUE", columns.clone()));
            self.definition.unique_constraints.push(NamedColumns { name: self.name.take(), columns });
        } else if is("REFERENCES") {
            self.definition.foreign_keys.push(ForeignKeyDefinition { name: self.name.take(), deferred: false });
            return Some(at + 2);
        } else if is("INITIALLY") && tokens.is_word(at + 1, "DEFERRED") {
            if let Some(foreign_key) = self.definition.foreign_keys.last_mut() {
                foreign_key.deferred = true;
            }
        } else if is("COLLATE") {
            if let Some(column) = &mut self.column {
                column.collation = tokens.name(at + 1);
            }
            return Some(at + 2);
        } else if is("DEFAULT") {
            // The pragma has its expression; here it is only skipped.
            self.name = None;
            return Some(if opens(at + 1) { tokens.closing(at + 1)? + 1 } else { at + 2 });
        } else if is("AS") && opens(at + 1) {
            let close = tokens.closing(at + 1)?;
            if let Some(column) = &mut self.column {
                column.generated = Some(tokens.text(at + 2, close));
            }
            return Some(close + 1);
        } else if is("NULL") {
            self.name = None;
            self.last = own.filter(|_| tokens.is_word(at - 1, "NOT")).map(|columns| ("NOT NULL", columns));
        } else if is("ON") && tokens.is_word(at + 1, "CONFLICT") {
            let resolution = tokens.name(at + 2)?.to_ascii_uppercase();
            // ABORT is the rule for a constraint that says nothing.
            if let Some((constraint, columns)) = self.last.take().filter(|_| resolution != "ABORT") {
                let constraint = constraint.to_owned();
                self.definition.conflict_clauses.push(ConflictClause { constraint, columns, resolution });
            }
            return Some(at + 3);
        }
        Some(at + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_of_every_position() {
        let sql = r#"CREATE TABLE "odd ( name" ( -- a comment, with a comma
            id INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT,
            [é mail] VARCHAR(9) COLLATE NOCASE NOT NULL CONSTRAINT one UNIQUE DEFAULT 'a,(b' ,
            `n` unsigned big int DEFAULT (1+(2)) CHECK (n IN (0, 1)),
            total NUMERIC(10, 2) GENERATED ALWAYS AS (n * 2) STORED,
            parent INT CONSTRAINT up REFERENCES "odd ( name" (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
            CONSTRAINT "both" UNIQUE (n, total)
            CONSTRAINT positive CHECK (n > 0 AND total <> ')'),
            FOREIGN KEY (n, total) REFERENCES other
        )"#;
        let definition = TableDefinition::read(sql).unwrap();
        assert_eq!(definition.primary_key_name.as_deref(), Some("pk"));
        assert!(definition.is_autoincrement);
        let columns = definition.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>();
        assert_eq!(columns, ["id", "é mail", "n", "total", "parent"]);
        assert_eq!(definition.columns[1].collation.as_deref(), Some("NOCASE"));
        assert_eq!(definition.columns[3].generated.as_deref(), Some("n * 2"));
        let unique = |name: &str, columns: &[&str]| NamedColumns {
            name: Some(name.to_owned()),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
        };
        assert_eq!(definition.unique_constraints, [unique("one", &["é mail"]), unique("both", &["n", "total"])]);
        let checks = definition.checks.iter().map(|check| (check.name.as_deref(), check.expression.as_str()));
        assert_eq!(checks.collect::<Vec<_>>(), [(None, "n IN (0, 1)"), (Some("positive"), "n > 0 AND total <> ')'")]);
        assert_eq!(
            definition.foreign_keys,
            [
                ForeignKeyDefinition { name: Some("up".to_owned()), deferred: true },
                ForeignKeyDefinition { name: None, deferred: false }
            ]
        );
    }

    #[test]
    fn a_constraint_says_what_becomes_of_a_row_that_breaks_it() {
        let sql = "CREATE TABLE cache (
            k TEXT CONSTRAINT pk PRIMARY KEY DESC ON CONFLICT REPLACE, n INT NULL ON CONFLICT FAIL CHECK (n > 0) ON CONFLICT IGNORE,
            v TEXT DEFAULT 'NOT NULL ON CONFLICT FAIL' NOT NULL ON CONFLICT ignore UNIQUE,
            a INT UNIQUE ON CONFLICT ABORT REFERENCES cache (k) ON DELETE CASCADE,
            UNIQUE (a, \"b c\") ON CONFLICT ROLLBACK)";
        let definition = TableDefinition::read(sql).unwrap();
        let clauses = definition.conflict_clauses.iter();
        let clauses = clauses.map(|ConflictClause { constraint, columns, resolution }| {
            format!("{constraint} ({}) {resolution}", columns.join(", "))
        });
        let expected = ["PRIMARY KEY (k) REPLACE", "NOT NULL (v) IGNORE", "UNIQUE (a, b c) ROLLBACK"];
        assert_eq!(clauses.collect::<Vec<_>>(), expected);
        assert_eq!(definition.unique_constraints.len(), 3);
    }

    #[test]
    fn index_keys_and_predicate() {
        let sql = "CREATE UNIQUE INDEX i ON t (lower(a) COLLATE NOCASE DESC, b ASC) WHERE a IS NOT NULL";
        let (keys, predicate) = index_expressions(sql).unwrap();
        assert_eq!(keys, ["lower(a)", "b"]);
        assert_eq!(predicate.as_deref(), Some("a IS NOT NULL"));
    }
}
