//! Writing an expression node by node.

use super::aggregate::Grouping;
use super::clock::Now;
use super::extent::Extent;
use super::kind::Kind;
use super::literal::{Hexadecimal, Wanted};
use super::scope::Scope;
use super::sql::{Binds, Sql, Written};
use super::{Translated, Untranslatable, literal, strip, unknown};
use crate::catalog::ColumnType;
use crate::dialect::query::Relations;
use crate::dialect::sqlite::Affinity;
use crate::value::Zone;
use sqlparser::ast::{Expr, Ident, UnaryOperator, Value};
use std::cell::{Cell, RefCell};

/// Operators one inside another, at most: what the parser's own limit does not count, for it reads a chain in a loop.
const DEPTH: usize = 6_000;

/// What is to be known about a translation beside its text.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    /// It depends on the clock or on settings, which PostgreSQL allows neither in indexes nor in generated columns.
    pub(crate) is_stable: Cell<bool>,
    /// It reads the clock.
    pub(crate) reads_clock: Cell<bool>,
    /// It sums `numeric`, exactly, where SQLite has binary floating point.
    pub(crate) is_exact: Cell<bool>,
    /// Why the answer is not one and the same in SQLite either: rows that no order decides about.
    pub(crate) undetermined: RefCell<Option<String>>,
    /// What leaves the range of its type on the data there are, in the source's words, and the condition of SQLite that is
    /// true of such a row.
    pub(crate) excesses: RefCell<Vec<Excess>>,
    /// How deep the translator is in the expression.
    depth: Cell<usize>,
}

/// A part of an expression that may leave the range of PostgreSQL's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Excess {
    /// The part, in the source's SQL.
    pub(crate) part: String,
    /// True, in the source, where it does.
    pub(crate) condition: String,
}

impl Remarks {
    pub(super) fn immutable(&self, text: String) -> Translated {
        if self.is_stable.get() {
            let reason = "it depends on the clock or on the format of dates, which PostgreSQL does not allow here";
            return Err(Untranslatable(reason.to_owned()));
        }
        Ok(text)
    }

    /// Notes that rows of the answer are taken that nothing decides about.
    pub(crate) fn leaves_open(&self, reason: impl FnOnce() -> String) {
        self.undetermined.borrow_mut().get_or_insert_with(reason);
    }
}

/// Translates expressions over the columns of a scope.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Translator<'a> {
    pub(crate) scope: &'a Scope<'a>,
    pub(crate) hexadecimal: Hexadecimal,
    pub(crate) zone: &'a Zone,
    pub(crate) remarks: &'a Remarks,
    /// What subqueries may read; without it there are none.
    pub(crate) relations: Option<&'a Relations>,
    /// Where aggregate functions may stand.
    pub(crate) grouping: Option<&'a Grouping>,
    /// The SELECT list's own names, which SQLite knows in WHERE and behind it where no column is called so.
    pub(crate) aliases: &'a [(String, &'a Expr)],
}

impl<'a> Translator<'a> {
    pub(crate) fn new(text: &str, scope: &'a Scope<'a>, zone: &'a Zone, remarks: &'a Remarks) -> Self {
        let hexadecimal = Hexadecimal::of(text);
        Self { scope, hexadecimal, zone, remarks, relations: None, grouping: None, aliases: &[] }
    }

    /// A DEFAULT: a word that is all of it is a string, quoted or not, for there is no column it could name.
    pub(crate) fn default(&self, expression: &Expr, column_type: &ColumnType) -> Translated {
        let kind = Kind::of(column_type);
        let is_constant = |word: &str| ["true", "false"].iter().any(|known| word.eq_ignore_ascii_case(known));
        if let Expr::Identifier(word) = expression
            && (word.quote_style.is_some() || !is_constant(&word.value) && Now::read(expression).is_none())
        {
            let string = Value::SingleQuotedString(word.value.clone());
            return Ok(literal::write(&string, self.hexadecimal, self.zone, Wanted::Stored(kind))?.text);
        }
        let written = self.assigned(expression, &kind)?.text;
        let is_plain = matches!(expression, Expr::Value(_) | Expr::Identifier(_) | Expr::UnaryOp { .. });
        Ok(if is_plain || Now::read(expression).is_some() { written } else { format!("({written})") })
    }

    /// An expression whose value is stored in a column of this kind.
    pub(crate) fn assigned(&self, expression: &Expr, kind: &Kind) -> Written {
        let written = self.write(expression, Wanted::Stored(*kind))?.exactly(&format!("`{expression}`"))?;
        if written.kind.fits(*kind) {
            Ok(written)
        } else if written.kind == Kind::Truth && kind.is_number() {
            // SQLite's truth values are the integers 0 and 1.
            Ok(written.counted())
        } else {
            Err(Untranslatable(format!("it gives {}, and the column is {kind}", written.kind)))
        }
    }

    /// An expression where SQLite takes any number for a truth value and PostgreSQL only a boolean.
    pub(crate) fn truth(&self, expression: &Expr) -> Written {
        if let Expr::Nested(inner) = expression {
            let inner = self.truth(inner)?;
            return Ok(Sql { text: format!("({})", inner.text), binds: Binds::Atom, ..inner });
        }
        let wanted = if self.is_literal(expression) { Wanted::Alike(Kind::Truth) } else { Wanted::Natural };
        let written = self.write(expression, wanted)?;
        match written.kind {
            Kind::Truth | Kind::Null => Ok(written.typed(Kind::Truth)),
            number if number.is_number() => {
                let written = written.exactly(&format!("the truth of `{expression}`"))?;
                Ok(Sql::condition(format!("{} <> 0", written.within(Binds::Pattern)), Binds::Comparison))
            }
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not a truth value"))),
        }
    }

    /// A number; truth values count as 0 and 1.
    pub(crate) fn number(&self, expression: &Expr) -> Written {
        let written = self.write(expression, Wanted::Natural)?.counted().typed(Kind::Integer);
        if written.kind.is_number() {
            return Ok(written);
        }
        Err(Untranslatable(format!("`{expression}` gives {}, not a number", written.kind)))
    }

    /// Text; SQLite and PostgreSQL write integers the same.
    pub(crate) fn text(&self, expression: &Expr) -> Written {
        let written = self.write(expression, Wanted::Natural)?.typed(Kind::Text);
        match written.kind {
            Kind::Text => Ok(written),
            Kind::Integer => Ok(written.cast("text", Kind::Text)),
            other => Err(Untranslatable(format!("`{expression}` gives {other}, not text"))),
        }
    }

    /// Writes an expression; literals take the form that is wanted.
    pub(crate) fn write(&self, expression: &Expr, wanted: Wanted) -> Written {
        let depth = self.remarks.depth.get();
        if depth > DEPTH {
            return Err(Untranslatable(format!("it has more than {DEPTH} operators one inside another")));
        }
        self.remarks.depth.set(depth + 1);
        let written = match self.grouping {
            Some(grouping) => grouping.watch(|| self.node(expression, wanted)),
            None => self.node(expression, wanted),
        };
        self.remarks.depth.set(depth);
        written
    }

    fn node(&self, expression: &Expr, wanted: Wanted) -> Written {
        if let Some(now) = Now::read(expression) {
            self.remarks.is_stable.set(true);
            self.remarks.reads_clock.set(true);
            return now.write(wanted, self.zone, expression);
        }
        let test = |inner: &Expr, words: &str| {
            let tested = self.truth(inner)?;
            Ok(Sql::condition(format!("({}) {words}", tested.text), Binds::Is))
        };
        let null = |inner: &Expr, words: &str| {
            let tested = self.write(inner, Wanted::Natural)?;
            Ok(Sql::condition(format!("{} {words}", tested.within(Binds::Is)), Binds::Is))
        };
        match expression {
            Expr::Nested(inner) => {
                let written = self.write(inner, wanted)?;
                Ok(Sql { text: format!("({})", written.text), binds: Binds::Atom, ..written })
            }
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.name(expression, wanted),
            Expr::Value(value) => literal::write(&value.value, self.hexadecimal, self.zone, wanted),
            Expr::IsNull(inner) => null(inner, "IS NULL"),
            Expr::IsNotNull(inner) => null(inner, "IS NOT NULL"),
            Expr::IsTrue(inner) => test(inner, "IS TRUE"),
            Expr::IsNotTrue(inner) => test(inner, "IS NOT TRUE"),
            Expr::IsFalse(inner) => test(inner, "IS FALSE"),
            Expr::IsNotFalse(inner) => test(inner, "IS NOT FALSE"),
            Expr::InList { expr, list, negated } => self.in_list(expr, list, *negated),
            Expr::Between { expr, negated, low, high } => self.between(expr, *negated, low, high),
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                self.like(expr, *negated, pattern, escape_char.as_deref())
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                Ok(Sql::condition(format!("NOT ({})", self.truth(strip(expr))?.text), Binds::Not))
            }
            // What has a sign is no column any more to SQLite, and nothing is converted to its type.
            Expr::UnaryOp { op: UnaryOperator::Plus, expr } => {
                let written = self.write(expr, wanted)?;
                Ok(Sql { affinity: Affinity::Blob, ..written })
            }
            // COLLATE counts where values are compared.
            Expr::Collate { expr, .. } => self.write(expr, wanted),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => self.minus(expr, wanted, expression),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right, expression),
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), wanted)
            }
            Expr::Cast { expr, data_type, .. } => self.cast(expr, data_type, expression),
            Expr::Function(function) => self.function(function, wanted, expression),
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                self.substring(expr, substring_from.as_deref(), substring_for.as_deref(), expression)
            }
            Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters } => {
                let characters = trim_characters.iter().flatten().collect::<Vec<_>>();
                self.trim("trim", expr, &characters, expression)
            }
            Expr::Exists { subquery, negated } => self.exists(subquery, *negated),
            Expr::InSubquery { expr, subquery, negated } => self.in_subquery(expr, subquery, *negated),
            Expr::Subquery(subquery) => self.scalar_subquery(subquery),
            _ => Err(unknown(expression)),
        }
    }

    /// A column, or what the SELECT list calls by this name.
    fn name(&self, expression: &Expr, wanted: Wanted) -> Written {
        if let Some(aliased) = self.alias(expression) {
            let written = self.without_aliases().write(aliased, wanted)?;
            return Ok(Sql { text: written.within(Binds::Atom), binds: Binds::Atom, ..written });
        }
        if let Some(found) = self.scope.find(expression)? {
            if let (Some(grouping), false) = (self.grouping, found.is_outer) {
                grouping.note(expression);
            }
            return found.column.written();
        }
        match expression {
            Expr::Identifier(word) => self.bare_word(word, wanted),
            other => Err(Untranslatable(format!("it names `{other}`, which is no column that is copied"))),
        }
    }

    /// What the SELECT list calls by this name, where no column of its own tables is called so: SQLite looks there before
    /// it looks around the SELECT (<https://www.sqlite.org/src/file/src/resolve.c>).
    fn alias(&self, expression: &Expr) -> Option<&'a Expr> {
        let Expr::Identifier(name) = expression else { return None };
        let (_, aliased) = self.aliases.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(&name.value))?;
        (!self.scope.is_here(name)).then_some(aliased)
    }

    /// What an expression stands for, and the translator that reads it: without parentheses, and for a name of the SELECT
    /// list its expression. All that depends on how an expression is made asks here.
    pub(super) fn meant<'e>(&self, expression: &'e Expr) -> (Self, &'e Expr)
    where
        'a: 'e,
    {
        match strip(expression) {
            name @ Expr::Identifier(_) => match self.alias(name) {
                Some(aliased) => (self.without_aliases(), strip(aliased)),
                None => (*self, name),
            },
            other => (*self, other),
        }
    }

    fn without_aliases(&self) -> Self {
        Self { aliases: &[], ..*self }
    }

    /// A word that is no column: TRUE and FALSE, or in double quotes a string
    /// (<https://www.sqlite.org/quirks.html#double_quoted_string_literals_are_accepted>).
    fn bare_word(&self, word: &Ident, wanted: Wanted) -> Written {
        let value = match (word.quote_style, word.value.to_ascii_lowercase().as_str()) {
            (Some('"'), _) => Value::SingleQuotedString(word.value.clone()),
            (None, "true") => Value::Boolean(true),
            (None, "false") => Value::Boolean(false),
            _ => return Err(Untranslatable(format!("it names `{}`, which is no column that is copied", word.value))),
        };
        literal::write(&value, self.hexadecimal, self.zone, wanted)
    }

    fn minus(&self, inner: &Expr, wanted: Wanted, expression: &Expr) -> Written {
        // The sign belongs to the number: -9223372036854775808 has no positive counterpart.
        if let Expr::Value(value) = strip(inner)
            && let Value::Number(digits, _) = &value.value
        {
            // SQLite negates what the digits say: the 64 bits of a hexadecimal number.
            if digits.contains(['x', 'X']) {
                return Err(unknown(expression));
            }
            return literal::write(&Value::Number(format!("-{digits}"), false), self.hexadecimal, self.zone, wanted);
        }
        let written = self.wide(self.number(inner)?);
        let text = written.within(Binds::Sign);
        // Two signs in a row would begin a comment.
        let space = if text.starts_with('-') { " " } else { "" };
        let extent = written.extent.map(|extent| Extent { low: -extent.high, high: -extent.low });
        let negated = Sql { text: format!("-{space}{text}"), binds: Binds::Sign, extent, ..written };
        Ok(self.bounded(Sql { affinity: Affinity::Blob, ..negated }, expression))
    }

    /// Whether an expression is a literal or the present time, which take the form of what they stand beside.
    pub(crate) fn is_literal(&self, expression: &Expr) -> bool {
        match self.meant(expression) {
            (_, Expr::Value(_)) => true,
            (_, Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr }) => {
                matches!(strip(expr), Expr::Value(_))
            }
            (within, other) => within.string(other).is_some() || Now::read(other).is_some(),
        }
    }

    /// A literal string, in either of the quotes that SQLite accepts: a word in double quotes is one where it names nothing.
    pub(crate) fn string<'e>(&self, expression: &'e Expr) -> Option<&'e str>
    where
        'a: 'e,
    {
        let (within, meant) = self.meant(expression);
        match meant {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
                _ => None,
            },
            name @ Expr::Identifier(word) if word.quote_style == Some('"') => {
                matches!(within.scope.find(name), Ok(None)).then_some(word.value.as_str())
            }
            _ => None,
        }
    }
}
