//! Values that PostgreSQL's own input functions read: what the target makes of the source's texts, asked before the rows of
//! a range are compared.

use super::meaning::{TargetText, TargetTexts, answerless_text};
use crate::catalog::{ColumnType, KeyRange, Selection};
use crate::name::{Schemas, quote_identifier};
use crate::plan::{ColumnMapping, TableMapping};
use crate::run::{ExecuteError, Stop};
use crate::source::{ReadFailure, Reader};
use crate::target::{Session, TargetError};
use std::collections::BTreeSet;
use tokio::sync::{mpsc, oneshot};

/// Texts of one question, and their bytes.
const TEXTS: usize = 1_000;
const BYTES: usize = 1 << 20;

/// Question about the values of one column of a table.
#[derive(Debug)]
pub(crate) struct TextQuestion {
    /// Table with its schema, quoted.
    table: String,
    /// Column, not quoted.
    column: String,
    texts: Vec<String>,
}

/// For each text the value as PostgreSQL writes it and whether it is whole; nothing if PostgreSQL does not read it.
type Reply = oneshot::Sender<Result<Vec<Option<(String, bool)>>, TargetError>>;

/// Asks the target from a thread that may block.
#[derive(Debug, Clone)]
pub(crate) struct TextAsker(mpsc::Sender<(TextQuestion, Reply)>);

impl TextAsker {
    /// Gives the session to a task that answers until no asker is left.
    pub(crate) fn of(session: Session) -> Self {
        let (sender, mut questions) = mpsc::channel::<(TextQuestion, Reply)>(1);
        tokio::spawn(async move {
            while let Some((question, reply)) = questions.recv().await {
                // The thread that has asked may have been stopped meanwhile.
                let TextQuestion { table, column, texts } = &question;
                drop(reply.send(session.made_of_texts(table, column, texts).await));
            }
        });
        Self(sender)
    }

    fn ask(&self, question: TextQuestion) -> Result<Vec<Option<(String, bool)>>, ExecuteError> {
        let (reply, answer) = oneshot::channel();
        self.0.blocking_send((question, reply)).map_err(|_| ExecuteError::Interrupted)?;
        Ok(answer.blocking_recv().map_err(|_| ExecuteError::Interrupted)??)
    }

    /// Asks about the values that PostgreSQL reads, of the rows in a range.
    pub(crate) fn answers(
        &self,
        reader: &Reader,
        (mapping, schemas): (&TableMapping, &Schemas),
        range: &KeyRange,
        stop: &Stop,
    ) -> Result<TargetTexts, ExecuteError> {
        let mut answers = TargetTexts::default();
        let columns = mapping.columns.iter().enumerate().filter(|(_, column)| is_asked(column)).collect::<Vec<_>>();
        let whole = mapping.selection(range.clone());
        let selected = columns.iter().filter_map(|(at, _)| whole.columns.get(*at).cloned()).collect();
        let selection = Selection { columns: selected, ..whole };
        let mut waiting = columns.iter().map(|_| (BTreeSet::new(), 0)).collect::<Vec<(BTreeSet<String>, usize)>>();
        let table = schemas.qualified(&mapping.target);
        let mut ask = |at: usize, column: &ColumnMapping, texts: BTreeSet<String>| {
            let texts = texts.into_iter().collect::<Vec<_>>();
            let question = TextQuestion { table: table.clone(), column: column.target.clone(), texts: texts.clone() };
            let found = self.ask(question)?;
            texts.iter().zip(found).for_each(|(text, made)| answers.note(at, text, TargetText::of(made)));
            Ok::<_, ExecuteError>(())
        };
        let outcome = reader.for_each_row(&selection, |row| {
            if stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
            for (place, (at, column)) in columns.iter().enumerate() {
                let Some(text) = answerless_text(row.cell(place), column.reading) else { continue };
                let (texts, bytes) = &mut waiting[place];
                *bytes += text.len();
                texts.insert(text);
                if texts.len() >= TEXTS || *bytes >= BYTES {
                    *bytes = 0;
                    ask(*at, column, std::mem::take(texts))?;
                }
            }
            Ok(())
        });
        match outcome {
            Ok(_) => {}
            Err(ReadFailure::Source(error)) => return Err(error.into()),
            Err(ReadFailure::Caller(error)) => return Err(error),
        }
        for ((at, column), (texts, _)) in columns.iter().zip(waiting) {
            if !texts.is_empty() {
                ask(*at, column, texts)?;
            }
        }
        Ok(answers)
    }
}

/// Whether the meaning of a column's values is asked of the target.
pub(crate) fn is_asked(column: &ColumnMapping) -> bool {
    column.labels.is_empty() && matches!(column.column_type, ColumnType::Judged(_))
}

/// Column as it is read of the target, for the comparison: its text where the meaning is asked.
pub(crate) fn target_column(column: &ColumnMapping) -> String {
    let name = quote_identifier(&column.target);
    if is_asked(column) { format!("CAST({name} AS text)") } else { name.into_owned() }
}
