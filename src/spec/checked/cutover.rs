//! Checks `[cutover]`.

use super::Checker;
use crate::catalog::WriteHold;
use crate::spec::cutover::CutoverSpec;
use crate::spec::model::SourceSpec;
use crate::spec::problem::{Problem, code};
use crate::spec::raw::RawCutover;

impl Checker<'_> {
    pub(super) fn cutover(&self, raw: Option<&RawCutover>, source: Option<&SourceSpec>) -> CutoverSpec {
        let Some(raw) = raw else { return CutoverSpec::default() };
        let hold = raw.source.as_ref().and_then(|word| {
            let value = self.expanded(word)?;
            let hold = self.word("source", &value, &WriteHold::ALL)?;
            let is_file = source.is_some_and(|source| source.connection.file().is_some());
            if is_file && hold == WriteHold::ReadOnly {
                let message = "a file cannot be set to only read for programs that have it open";
                let problem = Problem::new(code::CONTRADICTION, value.span, message).label("only for a server");
                return self.report(problem.hint("write source = \"lock\", or leave it out"));
            }
            Some(hold)
        });
        CutoverSpec {
            window: raw.window.as_ref().and_then(|window| self.time("window", window)),
            source: hold.unwrap_or_default(),
        }
    }
}
