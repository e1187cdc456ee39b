//! Findings about a server around the database: what its user may not see, and the zone of its clock.

use crate::catalog::{Catalog, Column, ColumnType, HiddenPartKind, ServerZone, Table};
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::mapping::type_said;
use crate::plan::{Finding, FindingCode, Plan, PlanError, RowFacts, Severity};
use crate::spec::{Spec, TablesMode};
use crate::survey::facts::PlanBasis;
use jiff::tz::{Offset, TimeZone};

/// Code of the findings about parts of the source that its user may not see.
const RIGHTS: FindingCode = FindingCode::RightsMissing;

/// Findings about what the user may not see: a migrated table would lose structure and values silently; everything else
/// is only missing from the list of what is omitted.
///
/// Labels have no say where the spec or the application has decided on the type.
pub(crate) fn unseen<'a>(
    spec: &'a Spec,
    catalog: &'a Catalog,
    tables: impl Iterator<Item = &'a Table>,
) -> Vec<Finding> {
    let is_decided = |table: &str, column: &str| {
        let is_typed = |found: &Column| type_said(spec, table, found).is_some();
        spec.target.tables == TablesMode::Existing
            || catalog.table(table).and_then(|table| table.column(column)).is_some_and(is_typed)
    };
    let of_table = |name: &'a str| catalog.unseen.iter().filter(move |unseen| unseen.table.as_deref() == Some(name));
    let hidden = tables.flat_map(|table| of_table(&table.name).map(|unseen| (&table.name, unseen)));
    let mut findings = hidden
        .filter_map(|(table, unseen)| match (&unseen.column, &unseen.grant) {
            (Some(column), _) => (!is_decided(table, column)).then(|| hidden_labels(table, column)),
            (None, grant) => Some(hidden_columns(table, grant.as_deref()?)),
        })
        .collect::<Vec<_>>();
    let whole = catalog.unseen.iter().filter(|unseen| unseen.table.is_none()).collect::<Vec<_>>();
    if !whole.is_empty() {
        let parts = listed(&whole.iter().map(|unseen| words(unseen.part)).collect::<Vec<_>>());
        let message = format!(
            "the source's user has no right to see all {parts} of the database: those that it does not see are neither \
             migrated nor listed among what is omitted"
        );
        let grants = whole.iter().filter_map(|unseen| Some(statement(unseen.grant.as_deref()?))).collect::<Vec<_>>();
        findings.push(Finding::general(RIGHTS, Severity::Warns, message).suggesting(format!(
            "let an administrator give the right, in the source's database: {}",
            grants.join(" ")
        )));
    }
    findings
}

fn hidden_columns(table: &str, grant: &str) -> Finding {
    let message = "the source's user may read only some columns of the table, and the source does not show whether it has \
                   others: they would be lost";
    Finding::about(RIGHTS, Severity::Blocks, table, message).suggesting(format!(
        "# let an administrator give the right, in the source's database: {}\n# or leave the table behind:\n[tables.{}]\nskip = true",
        statement(grant),
        quote_toml_key(table)
    ))
}

fn hidden_labels(table: &str, column: &str) -> Finding {
    let message = "a label has bytes that are no text, and PostgreSQL's labels are text";
    Finding::about(FindingCode::LabelsOfBytes, Severity::Blocks, table, message).in_column(column).suggesting(format!(
        "# the bytes, without a list of labels:\n[tables.{}.columns.{}]\ntype = \"bytea\"\nfrom = \"utf8\"",
        quote_toml_key(table),
        quote_toml_key(column)
    ))
}

fn statement(grant: &str) -> String {
    format!("{grant} TO …;")
}

fn words(part: HiddenPartKind) -> &'static str {
    match part {
        HiddenPartKind::Columns => "columns",
        HiddenPartKind::Tables => "tables and views",
        HiddenPartKind::Triggers => "triggers",
        HiddenPartKind::Routines => "procedures and functions",
        HiddenPartKind::Events => "events",
        HiddenPartKind::Labels => "labels",
    }
}

fn listed(words: &[&str]) -> String {
    match words {
        [others @ .., last] if !others.is_empty() => format!("{} and {last}", others.join(", ")),
        words => words.concat(),
    }
}

/// The finding about a server whose clock is not in UTC, where the spec is silent about the zone and something depends on it:
/// the plan that another zone makes is another one.
pub(crate) fn zone(basis: &PlanBasis<'_>, contents: &RowFacts, plan: &Plan) -> Result<Option<Finding>, PlanError> {
    let Some(zone) = basis.catalog.server_zone.as_ref().filter(|_| !basis.spec.source.names_timezone) else {
        return Ok(None);
    };
    let mut spec = basis.spec.clone();
    // One hour tells any zone from UTC.
    spec.source.timezone = TimeZone::fixed(Offset::constant(1));
    let elsewhere = PlanBasis { spec: &spec, ..*basis }.plan(contents)?;
    let is_instant = |column: &crate::plan::ColumnMapping| {
        matches!(column.column_type, ColumnType::Timestamptz(_)) && !column.is_utc && column.timezone.is_none()
    };
    let depends = plan.steps.iter().map(|step| &step.sql).ne(elsewhere.steps.iter().map(|step| &step.sql))
        || plan.copies.iter().flat_map(|mapping| &mapping.columns).any(is_instant);
    Ok(depends.then(|| of_zone(zone)))
}

fn of_zone(zone: &ServerZone) -> Finding {
    let message = format!(
        "the clock of the source's server is in the zone {}: times without a zone are of that zone as a rule, and so is the \
         present time that defaults, triggers and views write; the spec does not say it, so they would be taken for UTC",
        zone.words
    );
    let suggestion = match &zone.name {
        Some(name) => format!("[source]\ntimezone = {}", quote_toml_text(name)),
        None => "give `source.timezone` the zone's name, such as \"Europe/Berlin\"; \"UTC\" if the application's sessions are in UTC"
            .to_owned(),
    };
    Finding::general(FindingCode::TimezoneOfServer, Severity::Blocks, message).suggesting(suggestion)
}
