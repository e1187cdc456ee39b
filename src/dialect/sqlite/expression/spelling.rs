//! Dates, times and UUIDs, which SQLite compares as stored texts.
//!
//! If all texts have one spelling, equal texts are equal moments, and the order of the texts is that of the moments. So
//! the stored values have to have been read. This is the only place that decides whether such values are compared,
//! grouped and sorted alike on both sides.

use super::clock::Now;
use super::literal;
use super::translator::Translator;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::spelled::Spelled;
use crate::dialect::expression::sql::{Sql, Translation};
use crate::value::{Cell, Spelling, Zone};
use sqlparser::ast::{Expr, Value};

/// Most spellings that a reason names.
const NAMED: usize = 3;

impl Spelled {
    /// The reason why equality or order of values of this kind differs between both sides.
    fn obstacle(&self, kind: ValueKind) -> Option<String> {
        let spellings = match self {
            Self::Unknown => return Some("its spellings in the source were not read".to_owned()),
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
        Some(format!("SQLite compares it as text, letter by letter, and its spellings are {named}{more}"))
    }

    /// Whether SQLite's functions of dates read all of them.
    pub(super) fn is_read_by_sqlite(&self) -> bool {
        matches!(self, Self::In(spellings) if spellings.iter().all(is_read))
    }
}

/// Whether date() and its like read texts of this spelling (<https://www.sqlite.org/lang_datefunc.html>).
fn is_read(spelling: &Spelling) -> bool {
    let Spelling::Moment(layout) = spelling else { return false };
    let layout = layout.trim_ascii_end();
    let Some(time) = layout.strip_prefix("####-##-##") else { return layout.starts_with("##:##") };
    let time = time.strip_prefix(['T', ' ']).unwrap_or(time);
    let offset = time.find(['+', '-']).map(|at| &time[at + 1..]);
    !time.starts_with(['t', ' ']) && offset.is_none_or(|offset| offset.len() == 5 && offset.as_bytes()[2] == b':')
}

impl ValueKind {
    /// Refuses an expression that GROUP BY, DISTINCT, their like or ORDER BY would treat differently from the source.
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
                Some(format!("SQLite compares it as text, letter by letter, and it is {kind} in PostgreSQL"))
            }
            kind if kind.is_spelled() => spelled.obstacle(kind),
            _ => None,
        };
        obstacle.map_or(Ok(()), |obstacle| Err(Untranslatable(format!("it compares or sorts `{what}`: {obstacle}"))))
    }
}

impl Sql {
    /// Refuses a value whose equality or order among its own kind differs from the source.
    pub(crate) fn compares_alike(&self, what: &str) -> Result<(), Untranslatable> {
        self.kind.compares_alike(self.coercion, &self.spelled, what)
    }

    /// Refuses two values whose comparison differs from the source.
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

    /// Refuses the beginning of a text if the rest of it matters: SQLite sorts it before all texts that begin with it,
    /// and takes it for equal to none.
    pub(super) fn whole(&self, literal: &Expr) -> Result<(), Untranslatable> {
        if self.is_begun {
            return Err(Untranslatable(format!(
                "SQLite sorts `{literal}` before every time that begins with it, and PostgreSQL takes it for the first of \
                 these times"
            )));
        }
        Ok(())
    }
}

impl Translator<'_> {
    /// A literal beside values with a spelling in the source. The beginning of a text of that spelling is completed to
    /// the first text that begins with it.
    pub(super) fn spelled_beside(&self, literal: &Expr, beside: &Sql) -> Translation {
        let kind = beside.kind;
        let plain = || self.write(literal, Wanted::Compared(kind));
        if let Some(now) = Now::read(literal) {
            let written = plain()?;
            // SQLite's clock gives UTC, and the stored texts are in the source's zone.
            let is_alike = kind != ValueKind::Timestamptz || *self.zone == Zone::UTC;
            let spelled = if is_alike { now.spelled() } else { Spelled::Unknown };
            return Ok(Sql { spelled, ..written });
        }
        let (Some(text), Spelled::In(stored)) = (self.string(literal), &beside.spelled) else { return plain() };
        let own = Spelling::of(Cell::Text(text.as_bytes()));
        let only = stored.first().filter(|_| stored.len() == 1);
        // Without stored values, only the time of day distinguishes a date from a moment.
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
