//! Dates and times moved by an interval (MySQL manual, section "Temporal Intervals").

use super::translator::Translator;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::unknown;
use crate::dialect::mysql::clock::{IntervalLength, Now};
use sqlparser::ast::{BinaryOperator, Expr, Interval};

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
        let IntervalLength { number, unit, is_of_day } =
            IntervalLength::read(interval).ok_or_else(|| unknown(expression))?;
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
