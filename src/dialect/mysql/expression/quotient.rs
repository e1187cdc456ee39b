//! Quotients: `/` and avg().
//!
//! A quotient is shown with four digits more than its dividend has (`div_precision_increment`, which is 4 unless a server
//! is set otherwise). MySQL computes on with these digits, MariaDB with those that fill its words of nine digits, so that
//! nothing but the quotient itself is known. Where those nine digits end with the ones that are shown, MariaDB cuts where
//! MySQL rounds.

use super::translator::Translator;
use crate::dialect::expression::Untranslatable;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use sqlparser::ast::Expr;

/// Digits that a quotient has more than its dividend.
const INCREMENT: u32 = 4;

/// Digits of a word of MariaDB's decimals.
const WORD: u32 = 9;

/// Most digits after the point of a quotient that is translated: PostgreSQL computes with 30.
const MOST: u32 = 20;

/// A type with so many digits after the point that the one rounding at the end is the only one that shows.
const WIDE: &str = "numeric(100, 30)";

impl Translator<'_> {
    /// `/`: NULL where the divisor is zero.
    pub(super) fn divided(&self, one: &Sql, two: &Sql) -> Translation {
        if one.kind == ValueKind::Float || two.kind == ValueKind::Float {
            let [one, two] = [one, two].map(|number| format!("({})::double precision", number.text));
            let sql = Sql { binds: Binds::Product, ..Sql::new(format!("{one} / nullif({two}, 0)"), ValueKind::Float) };
            return Ok(sql);
        }
        let shown = shown(one.decimals())?;
        let text = format!("({})::{WIDE} / nullif({}, 0)", one.text, two.text);
        Ok(Sql { binds: Binds::Product, shown_digits: Some(shown), ..Sql::new(text, ValueKind::Decimal) })
    }

    /// The mean of an aggregate's argument, called by `call` around a text.
    pub(super) fn mean(&self, number: &Sql, call: impl Fn(&str) -> String) -> Translation {
        if number.kind == ValueKind::Float {
            return Ok(Sql { is_inexact: true, ..Sql::new(call(&number.text), ValueKind::Float) });
        }
        let shown = shown(number.decimals())?;
        let text = call(&format!("({})::{WIDE}", number.text));
        Ok(Sql { shown_digits: Some(shown), ..Sql::new(text, ValueKind::Decimal) })
    }

    /// A quotient as it is shown; any other value unchanged.
    pub(in crate::dialect::mysql) fn shown(written: Sql) -> Sql {
        let Some(digits) = written.shown_digits else { return written };
        let text = format!("round({}, {digits})", written.text);
        Sql { text, binds: Binds::Atom, scale: Some(digits), shown_digits: None, ..written }
    }

    /// round(): away from zero on both sides. Of a quotient it depends on the version which digits it sees.
    pub(super) fn rounded(&self, value: &Expr, digits: u32, expression: &Expr) -> Translation {
        let written = self.write(value)?;
        if written.kind == ValueKind::Null || written.kind == ValueKind::Integer {
            return self.number(value);
        }
        if written.kind != ValueKind::Decimal {
            return Err(Untranslatable(format!("`{expression}` rounds {}", written.kind)));
        }
        if written.shown_digits.is_some() {
            self.remarks.leaves_open(|| format!("how many digits of the quotient in `{expression}` are rounded"));
        }
        let scale = written.scale.or(written.shown_digits);
        let text = format!("round({}, {digits})", written.text);
        // Zeros at the end are shown by MariaDB alone.
        let scale = scale.filter(|scale| digits <= *scale).map(|_| digits);
        Ok(Sql { scale, ..Sql::new(text, ValueKind::Decimal) })
    }
}

/// Digits after the point that are shown of a quotient whose dividend has these.
fn shown(scale: Option<u32>) -> Result<u32, Untranslatable> {
    let shown = scale.map(|scale| scale + INCREMENT).filter(|shown| *shown <= MOST && *shown % WORD != 0);
    shown.ok_or_else(unsettled)
}

fn unsettled() -> Untranslatable {
    Untranslatable("the last digit of its quotient depends on the version of the server".to_owned())
}
