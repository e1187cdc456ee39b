//! Sequences that belong to no table: made before the tables whose defaults draw from them, and set to the source's next
//! number once all rows are there.

use super::StepMaker;
use crate::catalog::Sequence;
use crate::plan::error::PlanError;
use crate::plan::mapping::{ColumnMapping, SequenceMapping};
use crate::plan::step::{StepId, StepKind};
use serde_json::{Value, json};

impl StepMaker<'_> {
    pub(super) fn generators(&mut self) -> Result<(), PlanError> {
        for sequence in self.sequences {
            let SequenceMapping { target, rule, .. } = sequence;
            let context = context(target, rule);
            let before = self.ids(&[StepKind::Schema]);
            self.render(StepKind::Generator, target, before, &context)?;
        }
        Ok(())
    }

    /// Sets the sequences after all copies: the number is then behind every row of the copied state.
    pub(super) fn positions(&mut self) -> Result<(), PlanError> {
        let copies = self.ids(&[StepKind::Copy]);
        for sequence in self.sequences {
            let SequenceMapping { target, rule, .. } = sequence;
            let after = copies.iter().cloned().chain([StepKind::Generator.id(target)]).collect::<Vec<StepId>>();
            let next = sequence.next(self.schemas());
            // Rows may have numbers that the source's sequence has not given.
            let drawn = self.tables.iter().flat_map(|mapping| {
                let is_drawn =
                    |column: &&ColumnMapping| column.column_type.is_number() && column.default.as_ref() == Some(&next);
                let drawn = mapping.columns.iter().filter(is_drawn);
                drawn.map(|column| json!({ "table": mapping.target, "column": column.target }))
            });
            let mut context = context(target, rule);
            context["drawn"] = drawn.collect();
            self.render(StepKind::Sequence, target, after, &context)?;
        }
        Ok(())
    }
}

/// The names of the templates. Numbers are texts there: those of `json!` keep their digits in a form of their own.
fn context(target: &str, rule: &Sequence) -> Value {
    let Sequence { start, increment, minimum, maximum, cycles } = rule;
    let [start, increment, minimum, maximum] = [start, increment, minimum, maximum].map(i64::to_string);
    let rises = rule.increment > 0;
    let rule = json!({
        "start": start, "increment": increment, "minimum": minimum, "maximum": maximum, "cycles": cycles, "rises": rises
    });
    json!({ "sequence": target, "rule": rule })
}
