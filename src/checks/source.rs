//! Counts and sums of the source's rows, for checks that compare the target with them.

use crate::catalog::KeyRange;
use crate::name::Schemas;
use crate::plan::TableMapping;
use crate::proof::asking::{TextAsker, is_asked};
use crate::proof::form::{RowForm, RowHash, RowScratch, SideRow};
use crate::proof::meaning::Value;
use crate::proof::side::{ComparedTable, Visitor};
use crate::run::{ExecuteError, Stop, lend};
use crate::source::Reader;
use crate::spec::OnBadValue;
use crate::value::Zone;
use crate::value::sum::ExactSum;

/// The significant decimal digits of a `real` and of a `double precision` that PostgreSQL's cast to numeric keeps
/// (FLT_DIG and DBL_DIG in its source, `float4_numeric` and `float8_numeric`).
const DIGITS_OF_REAL: usize = 6;
const DIGITS_OF_DOUBLE: usize = 15;

/// Number of rows that a source table hands over: selected by the spec's `where`, and not rejected.
pub(super) async fn rows(
    reader: &mut Option<Reader>,
    mapping: &TableMapping,
    zone: &Zone,
    asking: Option<(TextAsker, Schemas)>,
    stop: &Stop,
) -> Result<u64, ExecuteError> {
    let (mapping, zone, stop) = (mapping.clone(), zone.clone(), stop.clone());
    lend(reader, move |reader| {
        if !rejects(&mapping) {
            return Ok(reader.count_rows(&mapping.selection(KeyRange::ALL))?);
        }
        let form = RowForm::of(&mapping, &[], &zone)?;
        let table = ComparedTable { mapping: &mapping, form: &form, stop: &stop };
        let tally = table.read_source(reader, KeyRange::ALL, borrowed(&asking), &mut CountingVisitor)?;
        Ok::<_, ExecuteError>(tally.loaded)
    })
    .await
}

/// Sum of a column over the rows that a source table hands over, each value as the target has it.
pub(super) async fn sum(
    reader: &mut Option<Reader>,
    mapping: &TableMapping,
    column: &str,
    zone: &Zone,
    asking: Option<(TextAsker, Schemas)>,
    stop: &Stop,
) -> Result<ExactSum, ExecuteError> {
    let (mut mapping, zone, stop) = (mapping.clone(), zone.clone(), stop.clone());
    let is_it = |name: &str| name.eq_ignore_ascii_case(column);
    // The other columns matter only if one of them can reject the row.
    if !rejects(&mapping) {
        mapping.columns.retain(|column| is_it(&column.source));
    }
    let position = mapping.columns.iter().position(|column| is_it(&column.source));
    let position = position.ok_or_else(|| ExecuteError::Task(format!("no column {column}")))?;
    lend(reader, move |reader| {
        let form = RowForm::of(&mapping, &[], &zone)?;
        let mut summing = Summing { form: &form, position, sum: ExactSum::default() };
        let table = ComparedTable { mapping: &mapping, form: &form, stop: &stop };
        table.read_source(reader, KeyRange::ALL, borrowed(&asking), &mut summing)?;
        Ok::<_, ExecuteError>(summing.sum)
    })
    .await
}

fn borrowed(asking: &Option<(TextAsker, Schemas)>) -> Option<(&TextAsker, &Schemas)> {
    asking.as_ref().map(|(asker, schemas)| (asker, schemas))
}

/// Whether the target is asked what it makes of values: one of them may reject its row.
pub(super) fn is_asked_about(mapping: &TableMapping) -> bool {
    rejects(mapping) && mapping.columns.iter().any(is_asked)
}

fn rejects(mapping: &TableMapping) -> bool {
    mapping.columns.iter().any(|column| column.treatment() == OnBadValue::Reject)
}

/// Visitor that does nothing: reading the rows counts them.
struct CountingVisitor;

impl Visitor for CountingVisitor {
    fn visit(&mut self, _: RowHash, _: SideRow<'_, '_>, _: &mut RowScratch) {}
}

/// Visitor that adds up one column.
struct Summing<'form> {
    form: &'form RowForm,
    position: usize,
    sum: ExactSum,
}

impl Visitor for Summing<'_> {
    fn visit(&mut self, _: RowHash, row: SideRow<'_, '_>, scratch: &mut RowScratch) {
        match self.form.value(row, self.position, scratch) {
            None | Some(Value::Null) => {}
            Some(Value::Single(number)) => self.sum.add_float(number.into(), DIGITS_OF_REAL),
            Some(Value::Double(number)) => self.sum.add_float(number, DIGITS_OF_DOUBLE),
            Some(number) => {
                // The plan permits sums of numeric columns only.
                let is_number = self.sum.add_text(&number.words());
                debug_assert!(is_number, "{number:?}");
            }
        }
    }
}
