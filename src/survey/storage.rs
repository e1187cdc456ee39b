//! The place where the source lies, and what it means for reading it.

use crate::plan::{Finding, Severity};

/// The finding about a file system of this type, on which SQLite's locks are not seen by every machine that may write.
pub(crate) fn shared_file_system(kind: Option<&str>) -> Vec<Finding> {
    let finding = |kind| {
        let message = format!(
            "the source lies on a network file system ({kind}): the lock that keeps it as it is while it is read is not seen \
             by programs on other machines, nor outside of a virtual machine or container that only shares the folder"
        );
        Finding::general("network_file_system", Severity::Warns, message).suggesting(
            "stop every program that writes to it for as long as the migration runs, or migrate a copy on a local disk; \
             what is noticed to be written meanwhile fails the run",
        )
    };
    kind.map(finding).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_file_system_is_a_warning_that_names_it() {
        let findings = shared_file_system(Some("nfs4"));
        assert_eq!(
            (findings.len(), findings[0].severity, findings[0].code),
            (1, Severity::Warns, "network_file_system")
        );
        assert!(findings[0].message.contains("(nfs4)"));
        assert_eq!(shared_file_system(None), []);
    }
}
