//! Questions to the rows of one table, which its lengths and storage classes give reason to ask.
//!
//! One list for all who answer: the live source asks a question of its rows, `transship inspect` writes the answer down
//! under the question's text, and the file has it there.

use crate::catalog::{CheckConstraint, Table, TableProfile, TargetTable};
use crate::plan::{Finding, TableMapping};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::spec::Spec;
use crate::survey::facts::words;
use crate::survey::keys::ConvertedKey;
use crate::survey::keys::duplicates::{find_duplicates, may_be_shared, unique_keys};
use crate::survey::rows::generated::{GeneratedColumn, find_otherwise, in_doubt};
use crate::survey::rows::left_behind::find_left_behind;
use crate::survey::rows::limits::{LimitsInDoubt, find_beyond_limits};
use crate::survey::rows::violations::find_violations;
use crate::survey::surveyor::Surveyor;
use crate::survey::values::forgotten_class::{find_forgotten_class, may_forget_class};
use crate::survey::values::shortened::{find_shortened, may_shorten};
use crate::survey::values::twice_encoded;
use crate::value::Zone;
use std::collections::BTreeMap;

/// A question to the rows of one table.
#[derive(Debug, Clone)]
pub(crate) enum RowQuestion<'a> {
    /// Rows that this condition of the spec leaves behind.
    LeftBehind(&'a str),
    /// Whether values of the column at this position become one that differ in their storage class alone.
    ForgottenClass(usize),
    /// Values of the column at this position that lose digits, as the spec says.
    Shortened(usize),
    /// Values of the column at this position that look as if they were encoded twice.
    TwiceEncoded(usize),
    /// Whether rows share this key, once it is converted.
    SharedKey(ConvertedKey),
    /// Limits, of these, that rows break.
    Limits(LimitsInDoubt),
    /// Rows that break these CHECKs, each with the name that the spec calls it.
    Checks(Vec<(&'a CheckConstraint, String)>),
    /// Rows with another value in this generated column than PostgreSQL will compute.
    Generated(GeneratedColumn),
}

/// The questions about a table with this profile. `existing` are the application's tables, where it is their keys that
/// count and not those of the source.
pub(crate) fn questions<'a>(
    spec: &Spec,
    existing: Option<&BTreeMap<String, TargetTable>>,
    mapping: &'a TableMapping,
    table: &'a Table,
    profile: &TableProfile,
) -> Vec<RowQuestion<'a>> {
    let mut questions = mapping.filter.as_deref().map(RowQuestion::LeftBehind).into_iter().collect::<Vec<_>>();
    if profile.rows == 0 {
        return questions;
    }
    let columns = mapping.columns.iter().enumerate();
    let merging = columns.filter(|(at, column)| may_forget_class(mapping.dialect(), column, profile.stored(*at)));
    questions.extend(merging.map(|(at, _)| RowQuestion::ForgottenClass(at)));
    let columns = mapping.columns.iter().enumerate();
    let shortened = columns.filter(|(at, column)| may_shorten(column) && profile.stored(*at).kinds() > 0);
    questions.extend(shortened.map(|(at, _)| RowQuestion::Shortened(at)));
    let columns = mapping.columns.iter().zip(&profile.columns).enumerate();
    let suspicious = columns.filter(|(_, (column, profile))| twice_encoded::is_suspicious(column, profile));
    questions.extend(suspicious.map(|(at, _)| RowQuestion::TwiceEncoded(at)));
    let keys = unique_keys(spec, existing, mapping, table).into_iter();
    questions.extend(keys.filter(|key| may_be_shared(mapping, key, profile)).map(RowQuestion::SharedKey));
    let target = existing.and_then(|tables| tables.get(&mapping.target));
    questions.extend(LimitsInDoubt::of(spec, target, mapping, table, profile).map(RowQuestion::Limits));
    let checks = mapping.carried_checks(spec, table);
    questions.extend((!checks.is_empty()).then_some(RowQuestion::Checks(checks)));
    // The application's table has expressions of its own.
    let generated = if target.is_none() { in_doubt(spec, mapping, table) } else { Vec::new() };
    questions.extend(generated.into_iter().map(RowQuestion::Generated));
    questions
}

impl RowQuestion<'_> {
    /// Asks the source; all parts of the question together.
    pub(crate) fn ask(
        &self,
        surveyor: &Surveyor<'_>,
        reader: &Reader,
        mapping: &TableMapping,
        profile: &TableProfile,
    ) -> Result<Vec<Finding>, ExecuteError> {
        let found = match self {
            RowQuestion::LeftBehind(_) => find_left_behind(surveyor, reader, mapping, profile.rows)?,
            RowQuestion::ForgottenClass(position) => {
                find_forgotten_class(surveyor, reader, mapping, *position, profile.stored(*position))?
            }
            RowQuestion::Shortened(position) => find_shortened(surveyor, reader, mapping, *position)?,
            RowQuestion::TwiceEncoded(position) => twice_encoded::find(surveyor, reader, mapping, *position)?,
            RowQuestion::SharedKey(key) => find_duplicates(surveyor, reader, mapping, key, profile)?,
            RowQuestion::Generated(column) => find_otherwise(surveyor, reader, mapping, column)?,
            RowQuestion::Limits(limits) => return find_beyond_limits(surveyor, reader, mapping, limits),
            RowQuestion::Checks(checks) => return find_violations(surveyor, reader, mapping, checks),
        };
        Ok(found.into_iter().collect())
    }

    /// Parts that hold by themselves: with another spec one of them may be asked without the others.
    pub(crate) fn parts(self) -> Vec<Self> {
        match self {
            RowQuestion::Checks(checks) => checks.into_iter().map(|check| RowQuestion::Checks(vec![check])).collect(),
            whole => vec![whole],
        }
    }

    /// The question's text.
    pub(crate) fn words(&self, mapping: &TableMapping, zone: &Zone) -> String {
        match self {
            RowQuestion::LeftBehind(filter) => words::left_behind(filter),
            RowQuestion::ForgottenClass(position) => words::merging(&mapping.columns[*position], zone),
            RowQuestion::Shortened(position) => words::shortened(&mapping.columns[*position], zone),
            RowQuestion::TwiceEncoded(position) => words::twice_encoded(&mapping.columns[*position], zone),
            RowQuestion::SharedKey(key) => words::shared_key(mapping, key, zone),
            RowQuestion::Limits(limits) => words::limits(mapping, limits, zone),
            RowQuestion::Checks(checks) => checks.iter().map(|(check, _)| words::check(check)).collect(),
            RowQuestion::Generated(column) => words::generated(column),
        }
    }

    /// The doubt that remains where the question has no answer, as the end of a sentence.
    pub(crate) fn doubt(&self, mapping: &TableMapping) -> String {
        match self {
            RowQuestion::LeftBehind(_) => "how many rows `where` leaves behind".to_owned(),
            RowQuestion::ForgottenClass(position) => {
                let column = &mapping.columns[*position].source;
                format!("whether values of {column} that differ in their storage class become one")
            }
            RowQuestion::Shortened(position) => {
                format!("how many values of {} lose digits", mapping.columns[*position].source)
            }
            RowQuestion::TwiceEncoded(position) => {
                format!("which values of {} look as if encoded twice", mapping.columns[*position].source)
            }
            RowQuestion::SharedKey(key) => format!("whether rows share {}, once it is converted", key.name),
            RowQuestion::Limits(_) => "whether keys, documents or rows are too long for PostgreSQL".to_owned(),
            RowQuestion::Checks(checks) => {
                let checks = checks.iter().map(|(check, _)| check.expression.trim()).collect::<Vec<_>>();
                format!("whether all rows pass the CHECK ({})", checks.join("), ("))
            }
            RowQuestion::Generated(GeneratedColumn { name, .. }) => {
                format!("whether the values of the generated column {name} are what its expression gives now")
            }
        }
    }
}
