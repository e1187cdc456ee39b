//! Facts of one table, as the spec of today maps it.

use crate::catalog::{ColumnProfile, Table, TableProfile, TargetTable};
use crate::plan::{ColumnMapping, ExcessOf, ExpressionExcess, Finding, Plan, Severity, TableMapping};
use crate::rows::encoder::row_encoder;
use crate::spec::{OnBadValue, Spec};
use crate::survey::facts::inspection::{ColumnFacts, Inspection, RecordedFinding, TableFacts};
use crate::survey::facts::recorded::column::{ColumnFit, remedy, verdict};
use crate::survey::facts::row_question::{RowQuestion, questions};
use crate::survey::facts::{LOOK_AGAIN, PlanBasis, not_inspected, words};
use crate::survey::rows::violations::CHECK_NOT_ASKED;
use crate::survey::values::misfits::{Misfit, rows_rejected, unsuitable};
use crate::survey::values::{excesses, misfits, shapes};
use crate::value::Zone;
use std::collections::BTreeMap;

/// Reason for which values do not fit, where the inspect file only has how many there are at least.
const MORE_UNKNOWN: &str = "the inspect file does not say which values these are, and whether there are more";

/// A table as the spec of today has it, and what was found in it.
pub(crate) struct RecordedTable<'a> {
    pub(crate) spec: &'a Spec,
    /// The application's tables, where it is their keys that count.
    pub(crate) existing: Option<&'a BTreeMap<String, TargetTable>>,
    pub(crate) mapping: &'a TableMapping,
    pub(crate) table: &'a Table,
    pub(crate) facts: &'a TableFacts,
    pub(crate) zone: &'a Zone,
    /// The source's time zone when the facts were found.
    pub(crate) looked_at_in: &'a str,
    /// The plan, for the arithmetic in it.
    pub(crate) plan: &'a Plan,
}

/// Relation of the rows that the spec selects now to the inspected ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overlap {
    Same,
    /// A part of the inspected rows.
    Fewer,
    /// Unknown: `where` has been changed or removed.
    Others,
}

impl Overlap {
    pub(crate) fn between(looked_at: Option<&str>, now: Option<&str>) -> Self {
        match (looked_at.map(str::trim), now.map(str::trim)) {
            (one, other) if one == other => Overlap::Same,
            (None, Some(_)) => Overlap::Fewer,
            _ => Overlap::Others,
        }
    }
}

impl RecordedTable<'_> {
    fn rows(&self) -> Overlap {
        Overlap::between(self.facts.filter.as_deref(), self.mapping.filter.as_deref())
    }

    /// Whether the facts are about the zone of the column's times.
    fn same_zone(&self, column: &ColumnMapping, facts: &ColumnFacts) -> bool {
        facts.timezone.as_deref().unwrap_or(self.looked_at_in) == column.zone(self.zone).to_string()
    }

    fn column(&self, position: usize) -> Option<&ColumnFacts> {
        self.facts.columns.get(&self.mapping.columns[position].source)
    }

    /// Everything that looking at the rows would find, or that it is not known.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let source = &self.mapping.source;
        if self.rows() == Overlap::Others {
            let message = "which values do not fit, which keys are duplicates and which rows break a constraint: `where` has \
                           changed since the source was inspected";
            return vec![not_inspected(source, message)];
        }
        let found = self.of_all_rows();
        if self.rows() == Overlap::Same {
            return [found, self.left_behind()].concat();
        }
        if found.is_empty() {
            return self.left_behind();
        }
        // An answer that all rows are right holds for some of them; findings may be about rows that are left behind.
        let place = |finding: &Finding| match &finding.column {
            Some(column) => format!("{} in {column} ({})", finding.code, finding.count),
            None => format!("{} ({})", finding.code, finding.count),
        };
        let places = found.iter().map(place).collect::<Vec<_>>().join(", ");
        let message =
            format!("how many of these findings are about rows that `where` selects: {places}, counted over all rows");
        [vec![not_inspected(source, message)], self.left_behind()].concat()
    }

    fn left_behind(&self) -> Vec<Finding> {
        self.answers(|question| matches!(question, RowQuestion::LeftBehind(_)))
    }

    fn of_all_rows(&self) -> Vec<Finding> {
        match row_encoder(self.mapping, self.zone) {
            Ok(_) if self.facts.rows == 0 => Vec::new(),
            Ok(_) => {
                let of_copied = self.answers(|question| !matches!(question, RowQuestion::LeftBehind(_)));
                [self.values(), of_copied, self.excesses()].concat()
            }
            Err(error) => unsuitable(self.mapping, error).into_iter().collect(),
        }
    }

    /// The profile as a plan shows it; nothing where other rows were looked at, or none.
    pub(crate) fn profile(&self) -> Option<TableProfile> {
        let is_read = self.rows() == Overlap::Same && row_encoder(self.mapping, self.zone).is_ok();
        is_read.then(|| TableProfile {
            columns: (0..self.mapping.columns.len()).filter_map(|position| self.column_profile(position)).collect(),
            table: self.mapping.source.clone(),
            rows: self.facts.rows,
        })
    }

    fn column_profile(&self, position: usize) -> Option<ColumnProfile> {
        let column = &self.mapping.columns[position];
        let facts = self.column(position).filter(|facts| facts.source_sql == column.source_sql)?;
        let dates = crate::survey::values::profile::holds_dates(self.mapping, column);
        let profile = facts.profile(&column.source);
        Some(if dates {
            profile
        } else {
            ColumnProfile { dates: std::collections::BTreeMap::new(), fractions_beyond_microseconds: 0, ..profile }
        })
    }

    /// The same with every column in its place; of one that was not looked at nothing is said.
    fn whole_profile(&self) -> TableProfile {
        let column = |position| self.column_profile(position).unwrap_or_default();
        TableProfile {
            columns: (0..self.mapping.columns.len()).map(column).collect(),
            table: self.mapping.source.clone(),
            rows: self.facts.rows,
        }
    }

    /// Values that do not fit, rows that are rejected for them, times with and without zone.
    fn values(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut rejecting: Vec<(&str, Misfit)> = Vec::new();
        let mut may_reject_more = false;
        for (position, column) in self.mapping.columns.iter().enumerate() {
            let facts = self.column(position);
            match facts.map_or(ColumnFit::Unknown, |facts| verdict(column, facts, self.same_zone(column, facts))) {
                ColumnFit::Fits => {}
                ColumnFit::Misfits(misfit) => {
                    findings.extend(misfits::findings(self.mapping, position, &misfit));
                    if column.treatment() == OnBadValue::Reject {
                        rejecting.push((&column.source, misfit));
                    }
                }
                ColumnFit::AtLeast(count) => {
                    let reasons = [(MORE_UNKNOWN.to_owned(), count)].into();
                    let remedy = facts.and_then(|facts| remedy(column, facts, self.same_zone(column, facts)));
                    // A column that takes NULL holds no more than that: no other type was tried.
                    let is_settled = remedy.is_some()
                        || !column.not_null
                        || column.treatment() != OnBadValue::Stop
                        || column.target_type.is_some()
                        || facts.is_some_and(|facts| count <= facts.stored.null);
                    let misfit = Misfit { count, reasons, remedy, ..Misfit::default() };
                    findings.extend(misfits::findings(self.mapping, position, &misfit).into_iter().map(|found| {
                        let message = format!("at least {}", found.message);
                        let suggestion = if is_settled { found.suggestion } else { Some(LOOK_AGAIN.into()) };
                        Finding { message, suggestion, ..found }
                    }));
                    if column.treatment() == OnBadValue::Reject {
                        may_reject_more = true;
                        rejecting.push((&column.source, misfit));
                    }
                }
                ColumnFit::Unknown => {
                    may_reject_more |= column.treatment() == OnBadValue::Reject;
                    let message = format!("whether all its values are {}", words::becomes(column));
                    findings.push(not_inspected(&self.mapping.source, message).in_column(&column.source));
                }
            }
            // How a time is written depends on no zone.
            let zones = facts.and_then(|facts| facts.zones);
            let zones = zones.map(|zones| (zones.said, zones.unsaid));
            findings.extend(zones.and_then(|zones| shapes::mixed(self.mapping, position, zones, self.zone)));
        }
        findings.extend(self.rejected(&rejecting, may_reject_more));
        findings
    }

    /// How many rows are rejected: several columns of one row may be bad.
    fn rejected(&self, rejecting: &[(&str, Misfit)], may_reject_more: bool) -> Option<Finding> {
        let counts = rejecting.iter().map(|(_, misfit)| misfit.all());
        let (least, most) = (counts.clone().max().unwrap_or(0), counts.sum::<u64>());
        let looked_at = self.facts.rejected.as_ref().filter(|rejected| {
            rejected.columns.iter().map(String::as_str).eq(rejecting.iter().map(|(column, _)| *column))
        });
        match looked_at {
            _ if least == most && !may_reject_more => rows_rejected(self.mapping, most),
            Some(rejected) if !may_reject_more => rows_rejected(self.mapping, rejected.rows),
            // A row may have several such values, and other columns may have more.
            _ => rows_rejected(self.mapping, least)
                .map(|finding| Finding { message: format!("at least {}", finding.message), ..finding }),
        }
    }

    /// Answers to some of the questions about the table.
    fn answers(&self, is_asked: impl Fn(&RowQuestion<'_>) -> bool) -> Vec<Finding> {
        let questions = questions(self.spec, self.existing, self.mapping, self.table, &self.whole_profile());
        questions.into_iter().filter(is_asked).flat_map(|question| self.answer(question)).collect()
    }

    fn answer(&self, question: RowQuestion<'_>) -> Vec<Finding> {
        let mut findings = Vec::new();
        for part in question.parts() {
            let answer = match self.facts.questions.get(&part.words(self.mapping, self.zone)) {
                Some(found) => found.iter().filter_map(|found| found.finding(&self.mapping.source)).collect(),
                None => vec![not_inspected(&self.mapping.source, part.doubt(self.mapping))],
            };
            // The source is asked for all parts together: where one cannot be asked, none is.
            if answer.iter().any(|finding| finding.code == CHECK_NOT_ASKED) {
                return answer;
            }
            findings.extend(answer);
        }
        findings
    }

    /// Arithmetic that leaves its range.
    fn excesses(&self) -> Vec<Finding> {
        let is_of_it = |part: &ExpressionExcess| part.table == self.mapping.source && part.of != ExcessOf::View;
        let expressions = excesses::expressions(self.plan).into_iter();
        let of_it = expressions.filter(|parts| parts.first().is_some_and(|part| is_of_it(part)));
        of_it.flat_map(|parts| of_expression(&parts, Some(&self.facts.questions))).collect()
    }
}

/// Findings about one expression from the answers about its parts; `answers` is absent if none of them still holds.
pub(crate) fn of_expression(
    parts: &[&ExpressionExcess],
    answers: Option<&BTreeMap<String, Vec<RecordedFinding>>>,
) -> Vec<Finding> {
    let (mut found, mut in_doubt) = (Vec::new(), None);
    for part in parts {
        match answers.and_then(|answers| answers.get(&words::excess(part))) {
            Some(answer) => found.extend(answer.iter().filter_map(|found| found.finding(&part.table))),
            None => in_doubt = in_doubt.or(Some(*part)),
        }
    }
    // Of so many parts not all are known by name.
    let in_doubt = in_doubt.or(parts.last().copied().filter(|_| parts.len() >= ExpressionExcess::MOST));
    let mut findings = excesses::of_parts(found);
    findings.extend(in_doubt.filter(|_| findings.iter().all(|finding| finding.severity != Severity::Blocks)).map(
        |part| {
            let message = format!("the inspect file does not say {}", excesses::doubt(part));
            excesses::unknown(part, message, LOOK_AGAIN)
        },
    ));
    findings
}

/// A table with its facts; otherwise the finding that it was not looked at, unless it is empty.
pub(crate) fn known<'a>(
    inspection: &'a Inspection,
    basis: &PlanBasis<'a>,
    mapping: &'a TableMapping,
    table: &'a Table,
    plan: &'a Plan,
) -> Result<RecordedTable<'a>, Option<Box<Finding>>> {
    let PlanBasis { spec, zone, .. } = *basis;
    let (looked_at_in, existing) = (inspection.timezone.as_str(), basis.existing());
    match inspection.tables.get(&table.name) {
        Some(facts) => Ok(RecordedTable { spec, existing, mapping, table, facts, zone, looked_at_in, plan }),
        None if inspection.sizes.get(&table.name).is_some_and(|size| size.rows == 0) => Err(None),
        None => {
            let message = "what its rows hold, which values do not fit and which keys are duplicates: its rows were \
                           not read";
            Err(Some(Box::new(not_inspected(&table.name, message))))
        }
    }
}
