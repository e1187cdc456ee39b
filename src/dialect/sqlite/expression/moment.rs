//! date(), time(), datetime() and strftime() of a column (<https://www.sqlite.org/lang_datefunc.html>).

use super::strftime::StrftimeFormat;
use super::translator::Translator;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::literal::Wanted;
use crate::dialect::expression::sql::{Sql, Translation};
use crate::dialect::expression::{Untranslatable, strip, unknown};
use crate::value::{Reading, Zone};
use sqlparser::ast::Expr;

impl Translator<'_> {
    /// A part of a date or time as text. A stored text without an offset has the same meaning in PostgreSQL only if
    /// both sides read it as UTC.
    pub(super) fn moment(&self, name: &str, arguments: &[&Expr], expression: &Expr) -> Translation {
        let (format, subject) = match (name, arguments) {
            ("date", [subject]) => (StrftimeFormat::date(), subject),
            ("time", [subject]) => (StrftimeFormat::time(false), subject),
            ("datetime", [subject]) => (StrftimeFormat::date_and_time(false), subject),
            ("strftime", [format, subject]) => {
                // A fraction is rounded by one side and cut off by the other.
                let format = self.string(format).and_then(StrftimeFormat::read);
                (format.filter(|format| !format.has_fraction()).ok_or_else(|| unknown(expression))?, subject)
            }
            _ => return Err(unknown(expression)),
        };
        let found = self.column(strip(subject))?.ok_or_else(|| unknown(expression))?;
        if !matches!(found.column.reading, Reading::Stored | Reading::Iso) {
            return Err(unknown(expression));
        }
        let written = self.write(subject, Wanted::Natural)?;
        if !written.spelled.is_read_by_sqlite() {
            let reason = format!("SQLite's {name}() reads not every spelling that `{subject}` may have in the source");
            return Err(Untranslatable(reason));
        }
        let text = match written.kind {
            ValueKind::Timestamptz if *self.zone == Zone::UTC => format!("{} AT TIME ZONE 'UTC'", written.text),
            ValueKind::Timestamp => written.text,
            ValueKind::Date if name != "time" => format!("{}::timestamp", written.text),
            _ => return Err(unknown(expression)),
        };
        self.remarks.is_stable.set(true);
        Ok(Sql::new(format.shown(&text), ValueKind::Text))
    }
}
