//! Sequences: the next number that a column gets is none that a row has, and none that the source has given already.

use super::not_compared::UncomparedKind;
use super::outcome::{SequenceResult, SequenceState};
use super::structure::{StructureChange, StructureChangeKind, StructureComparison};
use crate::name::Schemas;
use crate::plan::{Plan, SequenceMapping, StepKind, StepState, TableMapping};
use crate::run::{ExecuteError, lend};
use crate::source::Reader;
use crate::target::draws::{ColumnDraw, Draw, DrawnSequence, SequencePosition, UnclearDraw, read_draws};
use crate::target::structure::{NextNumber, RowChangerKind, read_next_number, read_row_changers, read_sequences};
use crate::target::{Session, TargetError};
use std::collections::{BTreeMap, BTreeSet};

/// Description of a query of sequences, for errors.
const DOING: &str = "asking the sequences of the tables";

impl StructureComparison {
    /// Compares the sequences from which the columns of loaded tables draw with the rows: an identity, a serial, or one that
    /// a default names. No snapshot covers a sequence. Whatever else may give a row its number is left out, with its reason.
    pub(super) async fn tables_sequences(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        plan: &Plan,
        strangers: &BTreeSet<String>,
    ) -> Result<(), TargetError> {
        let loaded = loaded(plan, strangers);
        for schema in schemas.iter() {
            for ColumnDraw { table, column, draw } in read_draws(session, schema.name(), None, DOING).await? {
                let Some(mapping) = loaded.get(schema.known(&table).as_str()) else { continue };
                match draw {
                    Draw::From(drawn) => self.compare_with_rows(session, schemas, mapping, &column, drawn).await?,
                    Draw::Unclear(unclear) => self.leave_default_out(schemas, mapping, &column, &unclear),
                }
            }
        }
        for changer in read_row_changers(session, schemas, DOING).await? {
            if let Some(mapping) = loaded.get(changer.table.as_str()) {
                let name = format!("{}.{}", schemas.shown(&mapping.target), changer.name);
                let (kind, how) = match changer.kind {
                    RowChangerKind::Rule => {
                        (UncomparedKind::Rule, "it may put another statement in the place of an INSERT")
                    }
                    RowChangerKind::Trigger => {
                        (UncomparedKind::Trigger, "it runs BEFORE INSERT, and may give a new row its number")
                    }
                };
                let reason = format!("{how}; it was not executed, and no sequence that it draws from was compared");
                self.leave_out(kind, name, &reason);
            }
        }
        self.sequences.sort_by(|one, two| (&one.sequence, &one.table).cmp(&(&two.sequence, &two.table)));
        Ok(())
    }

    /// Lists a default that is not understood, and the sequences that it names.
    fn leave_default_out(&mut self, schemas: &Schemas, mapping: &TableMapping, column: &str, unclear: &UnclearDraw) {
        let name = format!("{}.{column}", schemas.shown(&mapping.target));
        for sequence in &unclear.sequences {
            self.leave_out(
                UncomparedKind::Sequence,
                sequence.clone(),
                &format!("the default of {name} computes with its number"),
            );
        }
        let (default, how) = (&unclear.default, unclear.cause.words());
        self.leave_out(
            UncomparedKind::Default,
            name,
            &format!("`{default}` {how}: whether the next number is free is not known"),
        );
    }

    /// Lists every sequence of the schemas that was compared with no column and no sequence of the source, except those
    /// of tables that are no part of the migration, which are not compared either.
    pub(super) async fn other_sequences(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        plan: &Plan,
        strangers: &BTreeSet<String>,
    ) -> Result<(), TargetError> {
        let loaded = loaded(plan, strangers);
        for standing in read_sequences(session, schemas, DOING).await? {
            let is_held = self.held.contains(&standing.sequence)
                || self.sequences.iter().any(|one| one.sequence == standing.sequence);
            if is_held {
                continue;
            }
            let reason = match standing.owner {
                None => "no column of a loaded table draws from it by a plain default: a trigger, a function or the \
                         application may"
                    .to_owned(),
                Some([schema, table, column]) => {
                    let known = schemas.name_of(&schema, &table);
                    let Some(known) = known.filter(|known| plan.tables.iter().any(|table| table.target == *known))
                    else {
                        continue;
                    };
                    let is_loaded = loaded.contains_key(known.as_str());
                    let why =
                        if is_loaded { "which does not draw from it plainly" } else { "a table that was not loaded" };
                    format!("it belongs to {schema}.{table}.{column}, {why}")
                }
            };
            self.leave_out(UncomparedKind::Sequence, standing.sequence, &reason);
        }
        Ok(())
    }

    async fn compare_with_rows(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        mapping: &TableMapping,
        column: &str,
        drawn: DrawnSequence,
    ) -> Result<(), TargetError> {
        let table = schemas.qualified(&mapping.target);
        let obstacle = if !drawn.is_readable {
            Some("the role of `target.url` may not read it, or its column".to_owned())
        } else if drawn.rule.cycles {
            Some("it is a CYCLE sequence: which of two numbers comes first cannot be told".to_owned())
        } else if !drawn.is_number {
            Some(format!("{table} does not keep its numbers as numbers, in {column}"))
        } else {
            None
        };
        if let Some(obstacle) = obstacle {
            self.leave_out(UncomparedKind::Sequence, drawn.sequence, &obstacle);
            return Ok(());
        }
        let SequencePosition { next, last_key } = drawn.read_position(session, &table, column, DOING).await?;
        // The source never hands out a key twice; only its own counter has the last one.
        let handed_out =
            mapping.last_key_of(column).filter(|key| next.is_some_and(|next| drawn.gives_again(next, *key)));
        let DrawnSequence { sequence, rule, .. } = drawn;
        let column = column.to_owned();
        let is_taken = |next: i64, key: i64| !rule.is_behind(next.into(), key.into());
        let state = match next {
            // It hands out no key, and so none that a row has.
            None => SequenceState::Exhausted,
            Some(next) => {
                let by_row = last_key.filter(|key| is_taken(next, *key));
                let taken = by_row.max(handed_out);
                if let Some(taken) = taken {
                    let had = if by_row.is_some() { "has" } else { "has had" };
                    let direction = if rule.increment > 0 { "up" } else { "down" };
                    let reason =
                        format!("its next number is {next}, and {table} {had} rows {direction} to {column}={taken}");
                    let object = format!("sequence {sequence}");
                    self.changes.push(StructureChange {
                        object,
                        kind: StructureChangeKind::Behind,
                        reason: Some(reason),
                    });
                }
                if taken.is_some() { SequenceState::Behind } else { SequenceState::Free }
            }
        };
        self.sequences.push(SequenceResult { sequence, table: mapping.source.clone(), column, next, last_key, state });
        Ok(())
    }

    /// Compares the sequences that a run has set with the source's present numbers. A sequence that is gone is a difference of
    /// the structure already.
    pub(super) async fn compare_sequences(
        &mut self,
        session: &Session,
        schemas: &Schemas,
        plan: &Plan,
        strangers: &BTreeSet<String>,
        readers: &mut Vec<Reader>,
    ) -> Result<(), ExecuteError> {
        let is_set = |sequence: &&SequenceMapping| {
            let id = StepKind::Sequence.id(&sequence.target);
            let is_done = plan.steps.iter().any(|step| step.id == id && step.state == StepState::Done);
            is_done && !strangers.contains(&sequence.target)
        };
        for sequence in plan.sequences.iter().filter(is_set) {
            let name = sequence.qualified(schemas);
            if sequence.rule.cycles {
                self.leave_out(
                    UncomparedKind::Sequence,
                    name,
                    "it is a CYCLE sequence: which of two numbers comes first cannot be told",
                );
                continue;
            }
            let (source, mut reader) = (sequence.source.clone(), readers.pop());
            let given = lend(&mut reader, move |reader| reader.next_number(&source)).await;
            readers.extend(reader);
            self.held.insert(name.clone());
            match (given?, read_next_number(session, &name, "asking the sequences").await?) {
                (Some(given), NextNumber::Known(next)) if sequence.rule.is_behind(given.into(), next) => {
                    let reason =
                        Some(format!("its next number is {next}, and the source has used every number before {given}"));
                    self.changes.push(StructureChange {
                        object: format!("sequence {name}"),
                        kind: StructureChangeKind::Behind,
                        reason,
                    });
                }
                (_, NextNumber::Unreadable) => {
                    self.leave_out(UncomparedKind::Sequence, name, "the role of `target.url` may not read it");
                }
                _ => {}
            }
        }
        self.changes.sort();
        Ok(())
    }
}

/// Loaded tables by their names in the target, without those in whose place others have made another relation.
fn loaded<'a>(plan: &'a Plan, strangers: &BTreeSet<String>) -> BTreeMap<&'a str, &'a TableMapping> {
    let is_done = |step: &&crate::plan::Step| step.kind() == StepKind::Copy && step.state == StepState::Done;
    let copied = plan.steps.iter().filter(is_done).filter_map(|step| step.source_table()).collect::<BTreeSet<_>>();
    let is_ours =
        |mapping: &&TableMapping| copied.contains(mapping.source.as_str()) && !strangers.contains(&mapping.target);
    plan.tables.iter().filter(is_ours).map(|mapping| (mapping.target.as_str(), mapping)).collect()
}
