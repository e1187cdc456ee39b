//! Dates, times and UUIDs, which SQLite compares as the texts that it has stored.
//!
//! Equal texts are equal moments and texts in order are moments in order where all of them have one spelling; what stands in
//! the rows has to have been looked at. This is the one place that decides whether such values are compared, grouped and
//! sorted alike on both sides.

use super::clock::Now;
use super::literal;
use super::translator::Translator;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::spelled::Spelled;
use crate::dialect::expression::sql::{Sql, Written};
use crate::value::{Cell, Spelling, Zone};
use sqlparser::ast::{Expr, Value};

/// Spellings that a reason names.
const NAMED: usize = 3;

impl Spelled {
    /// The reason for which values of this kind are equal, or in order, on one side and not on the other.
    fn obstacle(&self, kind: ValueKind) -> Option<String> {
        let spellings = match self {
            Self::Unknown => return Some("how it is spelled in the source was not looked at".to_owned()),
            Self::Computed => return Some("`source_sql` reads other values than the source's own SQL".to_owned()),
            Self::Merged => return Some("values that differ in the source may have become one".to_owned()),
            Self::In(spellings) => spellings,
        };
        let is_of_kind = |spelling: &Spelling| match kind {
            ValueKind::Counted => *spelling == Spelling::Number,
            ValueKind::Uuid => matches!(spelling, Spelling::Uuid { .. } | Spelling::Blob),
            _ => matches!(spelling, Spelling::Moment(_)),
        };
        if spellings.len() <= 1 && spellings.iter().all(is_of_kind) {
            return None;
        }
        let named = spellings.iter().take(NAMED).map(Spelling::to_string).collect::<Vec<_>>().join(", ");
        let more = if spellings.len() > NAMED { ", …" } else { "" };
        Some(format!("SQLite does so letter by letter, and it is spelled {named}{more}"))
    }

    /// Whether SQLite's functions of dates read all of them.
    pub(super) fn is_read_by_sqlite(&self) -> bool {
        matches!(self, Self::In(spellings) if spellings.iter().all(Spelling::is_read_by_sqlite))
    }
}

impl ValueKind {
    /// Refuses what GROUP BY, DISTINCT, their like and an order would take otherwise than the source.
    pub(crate) fn compares_alike(
        self,
        coercion: Coercion,
        spelled: &Spelled,
        what: &str,
    ) -> Result<(), Untranslatable> {
        let obstacle = match self {
            ValueKind::Opaque => Some("PostgreSQL does so in a way of its own".to_owned()),
            // A column of this affinity has no number.
            kind if coercion == Coercion::Text && (kind.is_number() || kind == ValueKind::Truth) => {
                Some(format!("SQLite does so letter by letter, and it is {kind} in PostgreSQL"))
            }
            kind if kind.is_spelled() => spelled.obstacle(kind),
            _ => None,
        };
        obstacle.map_or(Ok(()), |obstacle| Err(Untranslatable(format!("it compares or sorts `{what}`: {obstacle}"))))
    }
}

impl Sql {
    /// Refuses a value by itself that is equal to others, or comes before them, otherwise than in the source.
    pub(crate) fn compares_alike(&self, what: &str) -> Result<(), Untranslatable> {
        self.kind.compares_alike(self.coercion, &self.spelled, what)
    }

    /// Refuses two values that are compared otherwise than in the source.
    pub(crate) fn compares_alike_with(&self, other: &Self, what: &str) -> Result<(), Untranslatable> {
        match (self.kind, other.kind) {
            (ValueKind::Null, _) | (_, ValueKind::Null) => Ok(()),
            (one, two) => {
                let spelled = self.spelled.joined(&other.spelled);
                one.compares_alike(self.coercion, &spelled, what)?;
                two.compares_alike(other.coercion, &spelled, what)
            }
        }
    }

    /// Refuses the beginning of a text where the rest of it would make a difference: SQLite has it before all texts that it
    /// begins, and equal to none.
    pub(super) fn whole(&self, literal: &Expr) -> Result<(), Untranslatable> {
        if self.is_begun {
            return Err(Untranslatable(format!(
                "`{literal}` comes before every time that it begins in SQLite, and is the first of them in PostgreSQL"
            )));
        }
        Ok(())
    }
}

impl Translator<'_> {
    /// A literal beside what has a spelling in the source. The beginning of a text of that spelling is completed to the
    /// first text that it begins.
    pub(super) fn spelled_beside(&self, literal: &Expr, beside: &Sql) -> Written {
        let kind = beside.kind;
        let plain = || self.write(literal, Wanted::Compared(kind));
        if let Some(now) = Now::read(literal) {
            let written = plain()?;
            // SQLite's clock says UTC, and the stored texts the time of the source's zone.
            let is_alike = kind != ValueKind::Timestamptz || *self.zone == Zone::UTC;
            let spelled = if is_alike { now.spelled() } else { Spelled::Unknown };
            return Ok(Sql { spelled, ..written });
        }
        let (Some(text), Spelled::In(stored)) = (self.string(literal), &beside.spelled) else { return plain() };
        let own = Spelling::of(Cell::Text(text.as_bytes()));
        let only = stored.first().filter(|_| stored.len() == 1);
        // Where nothing is stored, nothing else than the rest of the day tells a date from a moment.
        let is_day = |own: &Spelling| *own == Spelling::Moment("####-##-##".to_owned());
        let is_moment = matches!(kind, ValueKind::Timestamp | ValueKind::Timestamptz);
        let completed = match only {
            Some(only) if own.as_ref() != Some(only) => only.completing(text),
            None if is_moment && own.as_ref().is_some_and(is_day) => Some(format!("{text} 00:00:00")),
            _ => None,
        };
        let Some(completed) = completed else {
            return plain().map(|written| Sql { spelled: Spelled::one(own), ..written });
        };
        let value = Value::SingleQuotedString(completed);
        let written = literal::write(&value, self.hexadecimal, self.zone, Wanted::Compared(kind))?;
        Ok(Sql { is_begun: true, spelled: beside.spelled.clone(), ..written })
    }
}
