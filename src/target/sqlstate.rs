//! PostgreSQL's error codes (documentation, appendix A) that decide something, and the names of their conditions.

/// The role lacks a privilege (`insufficient_privilege`).
pub const DENIED: &str = "42501";

/// Others depend on the object that would be dropped (`dependent_objects_still_exist`).
pub(crate) const DEPENDENT_OBJECTS: &str = "2BP01";

/// The server's disk has no space (`disk_full`).
pub(crate) const DISK_FULL: &str = "53100";

/// A number is divided by zero (`division_by_zero`).
pub(crate) const DIVISION_BY_ZERO: &str = "22012";

/// A row references one that does not exist (`foreign_key_violation`).
pub(crate) const FOREIGN_KEY_VIOLATION: &str = "23503";

/// No collation follows for a comparison (`indeterminate_collation`).
pub(crate) const INDETERMINATE_COLLATION: &str = "42P22";

/// A statement was cancelled: by a request, by its own time limit, or by an administrator (`query_canceled`).
pub(crate) const QUERY_CANCELED: &str = "57014";

/// The transaction only reads (`read_only_sql_transaction`).
pub(crate) const READ_ONLY: &str = "25006";

/// A parameter has no value (`undefined_parameter`).
pub(crate) const UNDEFINED_PARAMETER: &str = "42P02";

/// A table does not exist (`undefined_table`).
pub(crate) const UNDEFINED_TABLE: &str = "42P01";

/// A second row has the same unique key (`unique_violation`).
pub(crate) const UNIQUE_VIOLATION: &str = "23505";

/// An object is there already: duplicate table, object, schema.
pub(crate) const DUPLICATES: [&str; 3] = ["42P07", "42710", "42P06"];

/// The object of a statement is missing: undefined table, object, schema, column, function.
pub(crate) const MISSING_OBJECTS: [&str; 5] = [UNDEFINED_TABLE, "42704", "3F000", "42703", "42883"];

/// The ledger is missing, or is an older one: undefined table, column, schema.
pub(super) const MISSING_LEDGER: [&str; 3] = [UNDEFINED_TABLE, "42703", "3F000"];

/// A type's input function does not exist for the role: missing right, undefined object, table, function, schema, wrong
/// kind of object.
pub(super) const MISSING_TYPES: [&str; 6] = [DENIED, "42704", UNDEFINED_TABLE, "42883", "3F000", "42809"];

/// Whether the same work may succeed if it is tried again soon: the connection broke (class 08), the server goes down
/// (57P) or has no connection left, or other sessions were in the way: a serialization failure, a deadlock, a lock, an
/// object that they altered. A full disk or a time limit would be met again.
pub(super) fn is_transient(code: &str, message: &str) -> bool {
    code.starts_with("08")
        || code.starts_with("57P")
        || matches!(code, "40001" | "40P01" | "55P03" | "53300")
        || is_altered_by_others(message)
}

/// Whether a refusal says nothing about the statement itself, whose trial stays open, also where trying again at once
/// would not help: other sessions (class 40, locks), a resource that is used up (53), an operator (57), the system (58).
pub(crate) fn is_of_the_moment(code: &str, message: &str) -> bool {
    ["40", "53", "57", "58"].iter().any(|class| code.starts_with(class))
        || code == "55P03"
        || is_altered_by_others(message)
}

/// Whether another session has altered or dropped the same object meanwhile: "tuple concurrently updated" or "deleted", an
/// internal error by its code (`simple_heap_update` and `simple_heap_delete` in PostgreSQL's heapam.c), whose words no
/// language of the server's messages changes.
fn is_altered_by_others(message: &str) -> bool {
    message.starts_with("tuple concurrently")
}

/// The name of a condition (PostgreSQL documentation, appendix A) that user code meets, or that replaces an error's
/// words.
pub(super) fn condition(code: &str) -> Option<&'static str> {
    Some(match code {
        "P0001" => "raise_exception",
        "P0002" => "no_data_found",
        "P0003" => "too_many_rows",
        "P0004" => "assert_failure",
        "P0000" => "plpgsql_error",
        "22003" => "numeric_value_out_of_range",
        "22001" => "string_data_right_truncation",
        "22007" => "invalid_datetime_format",
        "22008" => "datetime_field_overflow",
        "22012" => "division_by_zero",
        "22023" => "invalid_parameter_value",
        "22P02" => "invalid_text_representation",
        "22P05" => "untranslatable_character",
        "21000" => "cardinality_violation",
        "23502" => "not_null_violation",
        "23503" => "foreign_key_violation",
        "23505" => "unique_violation",
        "23514" => "check_violation",
        "23P01" => "exclusion_violation",
        "25006" => "read_only_sql_transaction",
        "2D000" => "invalid_transaction_termination",
        "38000" => "external_routine_exception",
        "40001" => "serialization_failure",
        "40P01" => "deadlock_detected",
        "42501" => "insufficient_privilege",
        "42601" => "syntax_error",
        "42703" => "undefined_column",
        "42883" => "undefined_function",
        "42P01" => "undefined_table",
        "55P03" => "lock_not_available",
        "57014" => "query_canceled",
        "XX000" => "internal_error",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes with what is done about them: whether the work is tried again, and whether a trial of the statement is left open.
    #[test]
    fn what_is_tried_again_and_what_is_of_the_moment_differ_on_purpose() {
        let both = |code: &str, message: &str| (is_transient(code, message), is_of_the_moment(code, message));
        for code in ["40001", "40P01", "55P03", "53300", "57P01"] {
            assert_eq!(both(code, ""), (true, true), "{code}");
        }
        for message in ["tuple concurrently updated", "tuple concurrently deleted"] {
            assert_eq!(both("XX000", message), (true, true), "{message}");
        }
        // No statement has an answer without a connection; a full disk, a time limit and a broken file system stay.
        assert_eq!(both("08006", ""), (true, false));
        for code in [DISK_FULL, QUERY_CANCELED, "58030"] {
            assert_eq!(both(code, ""), (false, true), "{code}");
        }
        for code in [DENIED, UNDEFINED_TABLE, UNIQUE_VIOLATION, "XX000"] {
            assert_eq!(both(code, "tuples"), (false, false), "{code}");
        }
    }
}
