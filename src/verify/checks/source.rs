//! What the source hands over, for checks that hold the target against it.

use crate::catalog::{ColumnType, KeyRange};
use crate::execute::{ExecuteError, Stop};
use crate::plan::TableMapping;
use crate::source::sqlite::Reader;
use crate::spec::OnBadValue;
use crate::target::copy::display;
use crate::value::Zone;
use crate::value::sum::ExactSum;
use crate::verify::form::{RowForm, RowHash};
use crate::verify::lend::lend_until_stopped;
use crate::verify::side::{Visitor, read_source};

/// The significant decimal digits of a `real` and of a `double precision` that PostgreSQL's cast to numeric keeps
/// (FLT_DIG and DBL_DIG in its source, `float4_numeric` and `float8_numeric`).
const DIGITS_OF_REAL: usize = 6;
const DIGITS_OF_DOUBLE: usize = 15;

/// The number of rows that a source table hands over: selected by the spec's `where`, and not rejected.
pub(super) async fn rows(
    reader: &mut Option<Reader>,
    mapping: &TableMapping,
    zone: &Zone,
    stop: &Stop,
) -> Result<u64, ExecuteError> {
    let (mapping, zone, stopped) = (mapping.clone(), zone.clone(), stop.clone());
    lend_until_stopped(reader, stop, move |reader| {
        if !rejects(&mapping) {
            return Ok(reader.count_rows(&mapping.selection(KeyRange::ALL))?);
        }
        let form = RowForm::of(&mapping, &[]);
        Ok::<_, ExecuteError>(read_source(reader, &mapping, KeyRange::ALL, &form, &zone, &stopped, &mut Unseen)?.loaded)
    })
    .await
}

/// The sum of a column over the rows that a source table hands over, each value as the target has it.
pub(super) async fn sum(
    reader: &mut Option<Reader>,
    mapping: &TableMapping,
    column: &str,
    zone: &Zone,
    stop: &Stop,
) -> Result<ExactSum, ExecuteError> {
    let (mut mapping, zone, stopped) = (mapping.clone(), zone.clone(), stop.clone());
    let is_it = |name: &str| name.eq_ignore_ascii_case(column);
    // The other columns matter only where one of them can reject the row.
    if !rejects(&mapping) {
        mapping.columns.retain(|column| is_it(&column.source));
    }
    let position = mapping.columns.iter().position(|column| is_it(&column.source));
    let position = position.ok_or_else(|| ExecuteError::Task(format!("no column {column}")))?;
    let column_type = mapping.columns[position].column_type.clone();
    lend_until_stopped(reader, stop, move |reader| {
        let mut summing = Summing { position, column_type, sum: ExactSum::default() };
        let form = RowForm::of(&mapping, &[]);
        read_source(reader, &mapping, KeyRange::ALL, &form, &zone, &stopped, &mut summing)?;
        Ok::<_, ExecuteError>(summing.sum)
    })
    .await
}

fn rejects(mapping: &TableMapping) -> bool {
    mapping.columns.iter().any(|column| column.treatment() == OnBadValue::Reject)
}

/// Lets the rows pass; they are counted on the way.
struct Unseen;

impl Visitor for Unseen {
    fn visit<'row>(&mut self, _: RowHash, _: impl Iterator<Item = Option<&'row [u8]>> + Clone) {}
}

/// Adds up one column.
struct Summing {
    position: usize,
    column_type: ColumnType,
    sum: ExactSum,
}

impl Visitor for Summing {
    fn visit<'row>(&mut self, _: RowHash, mut fields: impl Iterator<Item = Option<&'row [u8]>> + Clone) {
        let Some(Some(field)) = fields.nth(self.position) else { return };
        match (&self.column_type, field) {
            (ColumnType::Real, [a, b, c, d]) => {
                self.sum.add_float(f32::from_be_bytes([*a, *b, *c, *d]).into(), DIGITS_OF_REAL);
            }
            (ColumnType::DoublePrecision, field) => {
                if let Ok(bytes) = field.try_into() {
                    self.sum.add_float(f64::from_be_bytes(bytes), DIGITS_OF_DOUBLE);
                }
            }
            (column_type, field) => {
                // The encoder wrote it: it is a number.
                let is_number = self.sum.add_text(&display(column_type, field));
                debug_assert!(is_number, "{column_type}");
            }
        }
    }
}
