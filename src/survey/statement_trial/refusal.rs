//! PostgreSQL's refusals as findings: with its own words, which show the schema's literals, for there are no rows
//! whose values they could show; and with the rights or the lines of spec that settle it.

use super::refused_part::RefusedPart;
use crate::catalog::remedy;
use crate::name::{quote_identifier, quote_literal, quote_toml_key, quote_toml_text};
use crate::plan::{Finding, FindingCode, FindingSuggestion, Plan, Severity, Step, StepKind, Subject, TableMapping};
use crate::run::ExecuteError;
use crate::run::grants::need_of;
use crate::spec::Spec;
use crate::target::conditions::TargetConditions;
use crate::target::grants::{DENIED, read_missing};
use crate::target::sqlstate::{DUPLICATES, is_of_the_moment};
use crate::target::{ServerError, Session};
use std::collections::{BTreeMap, BTreeSet};

/// Findings that say of an object that it is there already.
const SAID_ALREADY: [FindingCode; 2] = [FindingCode::TargetTableExists, FindingCode::TargetViewExists];

/// PostgreSQL's answer to a statement that it does not take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatementRefusal {
    code: String,
    message: String,
    detail: Option<String>,
    hint: Option<String>,
    /// Whether it is about how the step is rolled back.
    is_of_undo: bool,
}

/// The refusals so far, each with its step.
#[derive(Debug)]
pub(super) struct StatementRefusals<'a> {
    spec: &'a Spec,
    plan: &'a Plan,
    conditions: &'a TargetConditions,
    refused: Vec<(&'a Step, StatementRefusal)>,
    /// The steps that a right is missing for, by the statement that would give it.
    lacking: BTreeMap<String, Vec<String>>,
}

impl StatementRefusal {
    pub(super) fn of(error: ServerError) -> Self {
        let ServerError { code, message, detail, hint } = error;
        Self { code, message, detail, hint, is_of_undo: false }
    }

    /// A refusal that no statement has met yet, and the first row would.
    pub(super) fn of_rows(code: &str, message: String, hint: &str) -> Self {
        Self { code: code.to_owned(), message, detail: None, hint: Some(hint.to_owned()), is_of_undo: false }
    }

    /// The same about how the step is rolled back.
    pub(super) fn of_undo(self) -> Self {
        Self { is_of_undo: true, ..self }
    }

    /// Whether it has this SQLSTATE.
    pub(super) fn is(&self, code: &str) -> bool {
        self.code == code
    }

    /// Whether it is of this moment and not of the statement.
    pub(super) fn is_of_the_moment(&self) -> bool {
        is_of_the_moment(&self.code, &self.message)
    }

    /// PostgreSQL's words.
    pub(super) fn words(&self) -> String {
        let mut words = self.message.clone();
        for more in [&self.detail, &self.hint].into_iter().flatten() {
            words.push_str(&format!(" ({})", more.trim_end_matches('.')));
        }
        format!("{words} [SQLSTATE {}]", self.code)
    }
}

impl<'a> StatementRefusals<'a> {
    pub(super) fn new(spec: &'a Spec, plan: &'a Plan, conditions: &'a TargetConditions) -> Self {
        Self { spec, plan, conditions, refused: Vec::new(), lacking: BTreeMap::new() }
    }

    /// Keeps what PostgreSQL said of a step.
    pub(super) fn add(&mut self, step: &'a Step, refusal: StatementRefusal) {
        // A finding of the plan itself about the table or its name says more.
        let table = self.mapping(step).map(|mapping| mapping.source.as_str());
        let is_there = DUPLICATES.contains(&refusal.code.as_str());
        let is_said = self.plan.blocking().flat_map(Finding::each).any(|finding| {
            let is_of_it = finding.table.is_some() && finding.table.as_deref() == table;
            is_of_it && finding.subject() == Subject::Plan || is_there && SAID_ALREADY.contains(&finding.code)
        });
        if !is_said {
            self.refused.push((step, refusal));
        }
    }

    /// Keeps what the role may not, with the statements that would let it: those that nothing else has asked for yet, or else
    /// all of them.
    pub(super) fn add_lacking(&mut self, mut grants: Vec<String>, what: &str) {
        if grants.iter().any(|grant| !self.lacking.contains_key(grant)) {
            grants.retain(|grant| !self.lacking.contains_key(grant));
        }
        for grant in grants {
            self.lacking.entry(grant).or_default().push(what.to_owned());
        }
    }

    /// The findings. A right that several steps lack is one of them.
    pub(super) async fn findings(mut self, session: &Session) -> Result<Vec<Finding>, ExecuteError> {
        let mut findings = Vec::new();
        for (step, refusal) in std::mem::take(&mut self.refused) {
            let grants = if refusal.code == DENIED { self.grants(session, step).await? } else { Vec::new() };
            if grants.is_empty() {
                findings.push(self.finding(session, step, &refusal).await?);
            } else {
                self.add_lacking(grants, &format!("may not do {} ({})", step.id, refusal.message));
            }
        }
        findings.extend(self.lacking.iter().map(|(grant, what)| lacking(grant, what)));
        Ok(findings)
    }

    /// The statements with which an administrator lets the role do a step, or does it in its stead.
    async fn grants(&self, session: &Session, step: &Step) -> Result<Vec<String>, ExecuteError> {
        let name = step.id.name.as_str();
        Ok(match step.kind() {
            StepKind::Role => vec![format!("CREATE ROLE {} NOLOGIN", quote_identifier(name))],
            StepKind::Setting => {
                let value = self.spec.target.settings.get(name).map(|value| quote_literal(value));
                let set = |value| {
                    format!("ALTER DATABASE {} SET {} = {value}", self.conditions.database, quote_identifier(name))
                };
                value.map(set).into_iter().collect()
            }
            kind => read_missing(session, &self.spec.target.schemas, need_of(kind, step.target_table())).await?,
        })
    }

    /// The mapping of the table that a step is about.
    fn mapping(&self, step: &Step) -> Option<&'a TableMapping> {
        // By the source's name: names in the target may collide, which is a finding of its own.
        let table = step.table.as_ref()?;
        self.plan.tables.iter().find(|mapping| mapping.source == table.source)
    }

    async fn finding(
        &self,
        session: &Session,
        step: &Step,
        refusal: &StatementRefusal,
    ) -> Result<Finding, ExecuteError> {
        let part = if refusal.is_of_undo { "`undo` of " } else { "" };
        let message = format!("PostgreSQL refuses {part}the step {}: {}", step.id, refusal.words());
        let mut finding = Finding::general(FindingCode::TargetRefuses, Severity::Blocks, message);
        let mapping = self.mapping(step);
        finding.table = mapping.map(|mapping| mapping.source.clone());
        let mut part = None;
        if let Some(mapping) = mapping.filter(|_| step.kind() == StepKind::Table) {
            part = RefusedPart::find(session, mapping).await?;
        }
        finding.suggestion = self.suggestion(step, mapping, part.as_ref()).map(FindingSuggestion::from);
        finding.column = part.map(|part| part.column);
        Ok(finding)
    }

    /// Lines of spec that settle the refusal.
    fn suggestion(&self, step: &Step, mapping: Option<&TableMapping>, refused: Option<&RefusedPart>) -> Option<String> {
        match (step.kind(), refused) {
            (StepKind::Table, Some(RefusedPart { column, key })) => {
                let table = mapping.map(|mapping| quote_toml_key(&mapping.source))?;
                let column = quote_toml_key(column);
                Some(format!(
                    "# or give one in PostgreSQL's SQL: {key} = \"…\"\n[tables.{table}.columns.{column}]\n{key} = false"
                ))
            }
            (StepKind::Table, None) => {
                let lacking = mapping.and_then(|mapping| lacking_extensions(self.spec, mapping))?;
                Some(format!("[target]\nextensions = [{lacking}]"))
            }
            (StepKind::Collation, _) => Some(
                "# or migrate into a UTF-8 database of a server with ICU\n[target]\ncomparison = \"bytes\"".to_owned(),
            ),
            (StepKind::View, _) => {
                let view = self.plan.views.iter().find(|view| view.target == step.id.name)?;
                let view = quote_toml_key(&view.source);
                Some(format!("# or give its SELECT in PostgreSQL's SQL: sql = \"…\"\n[views.{view}]\nskip = true"))
            }
            (kind, _) => {
                let lines = step.left_out_by.as_ref()?;
                let otherwise = match kind {
                    StepKind::Index => "# or give it in PostgreSQL's SQL, as \"(…)\"\n",
                    StepKind::Constraint => "# or give it in PostgreSQL's SQL\n",
                    _ => "",
                };
                Some(format!("{otherwise}[{}]\n{}", lines.heading, lines.body))
            }
        }
    }
}

/// The extensions of the spec, and those with the types of a table's columns; `None` if the spec has them all.
fn lacking_extensions(spec: &Spec, mapping: &TableMapping) -> Option<String> {
    let asked = spec.target.extensions.iter().map(String::as_str).collect::<Vec<_>>();
    let needed = mapping.columns.iter().filter_map(|column| column.column_type.extension());
    let lacking = needed.filter(|needed| !asked.contains(needed)).collect::<BTreeSet<_>>();
    let all = asked.iter().copied().chain(lacking.iter().copied()).map(quote_toml_text).collect::<Vec<_>>();
    (!lacking.is_empty()).then(|| all.join(", "))
}

/// A finding about a right, with all that it is needed for.
fn lacking(grant: &str, what: &[String]) -> Finding {
    const SHOWN: usize = 3;
    let shown = what.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join("; it ");
    let more = what.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!("; and {more} more") };
    let message = format!("the role of `target.url` {shown}{more}");
    let finding = Finding::general(FindingCode::TargetNotPermitted, Severity::Blocks, message);
    Finding { count: what.len() as u64, ..finding.suggesting(remedy([grant])) }
}
