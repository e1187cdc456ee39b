//! The place where the source lies, and what it means for reading it.

use crate::catalog::{Engine, SnapshotState, Table};
use crate::plan::{Finding, FindingCode, Severity};
use crate::source::lock_privileges;
use std::collections::BTreeMap;

/// Code of the note about numbers outside of all tables.
pub const APPLICATION_NUMBERS: FindingCode = FindingCode::ApplicationNumbers;

/// Code of the finding about rows that may belong to several states of the source.
const NOT_PROVED: FindingCode = FindingCode::SnapshotNotProved;

/// The finding about a file system of this type, on which a file's locks are not seen by every machine that may write.
pub(crate) fn shared_file_system(kind: Option<&str>) -> Vec<Finding> {
    let finding = |kind| {
        let message = format!(
            "the source lies on a network file system ({kind}): the lock that keeps it as it is while it is read is not seen \
             by programs on other machines, nor outside of a virtual machine or container that only shares the folder"
        );
        Finding::general(FindingCode::NetworkFileSystem, Severity::Warns, message).suggesting(
            "stop every program that writes to it for as long as the migration runs, or migrate a copy on a local disk; \
             what is noticed to be written meanwhile fails the run",
        )
    };
    kind.map(finding).into_iter().collect()
}

/// The note about numbers that the source keeps for its application, by the words that read them.
pub(crate) fn application_numbers(numbers: &BTreeMap<String, i64>) -> Option<Finding> {
    let told = numbers.iter().map(|(words, number)| format!("{words} = {number}")).collect::<Vec<_>>();
    let message = format!(
        "the source keeps for its application, outside of all tables, {}; PostgreSQL has no such place, and an application \
         that looks there for the version of its schema does not find it",
        told.join(" and ")
    );
    let finding = Finding::general(APPLICATION_NUMBERS, Severity::Notes, message);
    let advice = "where the application asks for it, keep it in a table of one row, made by a step of the spec (`[steps]`), and let the \
                  application read it there";
    (!told.is_empty()).then(|| finding.suggesting(advice))
}

/// Findings about tables that are not proved to be in one state of the source, and about tables that need a lock to be.
/// `state` is `None` if the source was not asked.
pub(crate) fn of_snapshot<'a>(
    engine: Engine,
    tables: impl Iterator<Item = &'a Table>,
    state: Option<&SnapshotState>,
) -> Vec<Finding> {
    let (mut findings, privileges) = (Vec::new(), lock_privileges(engine));
    if !engine.keeps_state() {
        let message = "the source keeps the state that a run reads only while its connections last: after a run that was \
                       interrupted the next one reads a new state, compares with it what was copied, and copies again what \
                       differs";
        findings.push(Finding::general(FindingCode::StateNotKept, Severity::Notes, message));
    }
    if let Some(state) = state.filter(|state| !state.is_proven) {
        let message = format!(
            "others write to the source, and its connections ({}) are not proved to have the same state: rows that belong \
             together may come from two states",
            state.method
        );
        let by_lock =
            privileges.map(|lock| format!("or permit the user a lock ({}) and give `\"auto\"`, ", lock.of_source));
        findings.push(Finding::general(NOT_PROVED, Severity::Warns, message).suggesting(format!(
            "give `source.snapshot = \"one_connection\"`, {}or stop the writers for a moment",
            by_lock.unwrap_or_default()
        )));
    }
    for table in tables.filter(|table| table.is_outside_snapshot) {
        let message = "the table's storage engine has no transactions, so no snapshot holds its rows";
        let is_unprotected = state.is_some_and(|state| state.unprotected.contains(&table.name));
        findings.push(if is_unprotected {
            let message = format!("{message}, and no lock keeps writers from it: its rows may belong to several states");
            let by_lock = privileges.map(|lock| format!("permit the user {}, or ", lock.of_table));
            Finding::about(NOT_PROVED, Severity::Warns, &table.name, message).suggesting(format!(
                "{}stop the writers, or give the table a storage engine with transactions in the source",
                by_lock.unwrap_or_default()
            ))
        } else {
            let message = format!("{message}; a lock keeps writers to it waiting until the run has ended");
            Finding::about(FindingCode::SourceNotTransactional, Severity::Warns, &table.name, message).suggesting(
                "leave it as it is if writers may wait; otherwise give it a storage engine with transactions in the source, or \
                 leave the table behind: `skip = true`",
            )
        });
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_file_system_is_a_warning_that_names_it() {
        let findings = shared_file_system(Some("nfs4"));
        assert_eq!(
            (findings.len(), findings[0].severity, findings[0].code),
            (1, Severity::Warns, FindingCode::NetworkFileSystem)
        );
        assert!(findings[0].message.contains("(nfs4)"));
        assert_eq!(shared_file_system(None), []);
    }
}
