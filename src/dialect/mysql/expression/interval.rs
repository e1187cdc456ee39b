//! Dates and times moved by an interval (MySQL manual, section "Temporal Intervals").

use super::translator::Translator;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{natural, unknown};
use crate::dialect::mysql::clock::Now;
use sqlparser::ast::{BinaryOperator, DateTimeField, Expr, Interval};

impl Translator<'_> {
    /// A date or time plus or minus a number of units. Beyond the year 9999 MySQL has NULL.
    pub(super) fn moved(
        &self,
        moment: &Expr,
        operator: &BinaryOperator,
        interval: &Interval,
        expression: &Expr,
    ) -> Translation {
        let sign = match operator {
            BinaryOperator::Plus => "+",
            BinaryOperator::Minus => "-",
            _ => return Err(unknown(expression)),
        };
        let plain = interval.leading_precision.is_none()
            && interval.last_field.is_none()
            && interval.fractional_seconds_precision.is_none();
        let number = natural(&interval.value).filter(|_| plain).ok_or_else(|| unknown(expression))?;
        let (unit, is_of_day) = match interval.leading_field.as_ref() {
            Some(DateTimeField::Year) => ("year", false),
            Some(DateTimeField::Quarter | DateTimeField::Month) => ("month", false),
            Some(DateTimeField::Week(None)) => ("week", false),
            Some(DateTimeField::Day) => ("day", false),
            Some(DateTimeField::Hour) => ("hour", true),
            Some(DateTimeField::Minute) => ("minute", true),
            Some(DateTimeField::Second) => ("second", true),
            _ => return Err(unknown(expression)),
        };
        let number = match interval.leading_field {
            Some(DateTimeField::Quarter) => number.checked_mul(3).ok_or_else(|| unknown(expression))?,
            _ => number,
        };
        let written = self.moment(moment, expression)?;
        let is_day = written.kind == ValueKind::Date && !is_of_day;
        let text = format!("{} {sign} interval '{number} {unit}'", written.within(Binds::Sum));
        let reads_clock = Now::read(moment).is_some();
        let kind = if is_day { ValueKind::Date } else { ValueKind::Timestamp };
        let text = if is_day { format!("({text})::date") } else { text };
        let binds = if is_day { Binds::Atom } else { Binds::Sum };
        if sign == "-" || reads_clock {
            return Ok(Sql { binds, ..Sql::new(text, kind) });
        }
        Ok(Sql::new(format!("CASE WHEN {text} < '10000-01-01' THEN {text} END"), kind))
    }
}
