//! Window functions (MySQL manual, section "Window Functions").

use super::aggregate::is_aggregate;
use super::function::plain_arguments;
use super::translator::Translator;
use crate::dialect::expression::coercion::Coercion;
use crate::dialect::expression::kind::ValueKind;
use crate::dialect::expression::sql::{Binds, Sql, Translation};
use crate::dialect::expression::{Untranslatable, natural, unknown};
use sqlparser::ast::{
    Expr, Function, FunctionArguments, NamedWindowDefinition, NamedWindowExpr, WindowFrame, WindowFrameBound,
    WindowFrameUnits, WindowSpec, WindowType,
};

impl Translator<'_> {
    pub(super) fn window(
        &self,
        name: &str,
        function: &Function,
        window: &WindowType,
        expression: &Expr,
    ) -> Translation {
        let spec = match window {
            WindowType::WindowSpec(spec) => spec,
            WindowType::NamedWindow(name) => {
                let named = |NamedWindowDefinition(known, window): &&NamedWindowDefinition| {
                    known.value.eq_ignore_ascii_case(&name.value) && matches!(window, NamedWindowExpr::WindowSpec(_))
                };
                match self.windows.iter().find(named) {
                    Some(NamedWindowDefinition(_, NamedWindowExpr::WindowSpec(spec))) => spec,
                    _ => return Err(unknown(expression)),
                }
            }
        };
        let FunctionArguments::List(list) = &function.args else { return Err(unknown(expression)) };
        let is_plain = function.filter.is_none()
            && function.null_treatment.is_none()
            && list.clauses.is_empty()
            && list.duplicate_treatment.is_none()
            && spec.window_name.is_none();
        let arguments = plain_arguments(&list.args).unwrap_or_default();
        let over = self.over(spec, expression)?;
        let of_row =
            |kind: ValueKind| Sql { coercion: Coercion::Integer, ..Sql::new(format!("{name}() OVER ({over})"), kind) };
        match (name, arguments.as_slice()) {
            _ if !is_plain => Err(unknown(expression)),
            ("row_number", []) => {
                if !self.decides_rows(spec)? {
                    self.remarks.leaves_open(|| format!("which of equal rows `{expression}` counts first"));
                }
                Ok(of_row(ValueKind::Integer))
            }
            ("rank" | "dense_rank", []) => Ok(of_row(ValueKind::Integer)),
            ("lag" | "lead" | "first_value" | "last_value", [value, rest @ ..]) => {
                let offset = match rest {
                    [] => String::new(),
                    [offset] if matches!(name, "lag" | "lead") => {
                        format!(", {}", natural(offset).ok_or_else(|| unknown(expression))?)
                    }
                    _ => return Err(unknown(expression)),
                };
                if !self.decides_rows(spec)? {
                    self.remarks.leaves_open(|| format!("which of equal rows `{expression}` takes"));
                }
                let value = self.value(value)?;
                let text = format!("{name}({}{offset}) OVER ({over})", value.text);
                Ok(Sql { words: None, binds: Binds::Atom, ..Sql { text, ..value } })
            }
            _ if is_aggregate(name) => {
                if matches!(&spec.window_frame, Some(frame) if frame.units == WindowFrameUnits::Rows)
                    && !self.decides_rows(spec)?
                {
                    self.remarks.leaves_open(|| format!("which of equal rows `{expression}` takes first"));
                }
                let called = self.call(name, list, expression, false)?;
                // A mean is rounded around the call of the window.
                Ok(Sql { text: format!("{} OVER ({over})", called.text), binds: Binds::Atom, ..called })
            }
            _ => Err(unknown(expression)),
        }
    }

    fn over(&self, spec: &WindowSpec, expression: &Expr) -> Result<String, Untranslatable> {
        let mut parts = Vec::new();
        if !spec.partition_by.is_empty() {
            let keys = spec.partition_by.iter().map(|key| Ok(self.distinguished(key)?.text));
            parts.push(format!("PARTITION BY {}", keys.collect::<Result<Vec<_>, Untranslatable>>()?.join(", ")));
        }
        if !spec.order_by.is_empty() {
            let terms = spec.order_by.iter().map(|term| self.order_term(term)).collect::<Result<Vec<_>, _>>()?;
            parts.push(format!("ORDER BY {}", terms.join(", ")));
        }
        if let Some(frame) = &spec.window_frame {
            parts.push(framed(frame).ok_or_else(|| unknown(expression))?);
        }
        Ok(parts.join(" "))
    }

    /// Whether the order of a window tells all its rows apart: by the primary key of the only table.
    fn decides_rows(&self, spec: &WindowSpec) -> Result<bool, Untranslatable> {
        let [relation] = self.scope.relations.as_slice() else { return Ok(false) };
        let ordered = spec.order_by.iter().map(|term| self.column_of(&term.expr));
        let ordered = ordered.collect::<Result<Vec<_>, _>>()?;
        let is_ordered = |key: &String| ordered.iter().flatten().any(|column| column.name.eq_ignore_ascii_case(key));
        Ok(!relation.key.is_empty() && relation.key.iter().all(is_ordered))
    }
}

/// ROWS between two numbers of rows, or RANGE up to the current row.
fn framed(frame: &WindowFrame) -> Option<String> {
    let bound = |bound: &WindowFrameBound| {
        let rows = |rows: &Option<Box<Expr>>, side: &str| match rows {
            None => Some(format!("UNBOUNDED {side}")),
            Some(rows) if frame.units == WindowFrameUnits::Rows => Some(format!("{} {side}", natural(rows)?)),
            Some(_) => None,
        };
        match bound {
            WindowFrameBound::CurrentRow => Some("CURRENT ROW".to_owned()),
            WindowFrameBound::Preceding(number) => rows(number, "PRECEDING"),
            WindowFrameBound::Following(number) => rows(number, "FOLLOWING"),
        }
    };
    let units = match frame.units {
        WindowFrameUnits::Rows => "ROWS",
        WindowFrameUnits::Range => "RANGE",
        WindowFrameUnits::Groups => return None,
    };
    let start = bound(&frame.start_bound)?;
    Some(match &frame.end_bound {
        Some(end) => format!("{units} BETWEEN {start} AND {}", bound(end)?),
        None => format!("{units} {start}"),
    })
}
