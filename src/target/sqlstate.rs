//! PostgreSQL's error codes (documentation, appendix A) that decide something, their classes, and the names of their conditions.
//!
//! The first two characters of a code are its class. Several questions are asked of the classes, and each has its own list,
//! because each answer has other consequences; a unit test below shows all of them on the same codes.

/// Class of connections (`connection_exception`).
const CONNECTION: &str = "08";

/// Class of features that the server does not have (`feature_not_supported`).
const UNSUPPORTED: &str = "0A";

/// Class of statements that find more than one row (`cardinality_violation`).
const CARDINALITY: &str = "21";

/// Class of values (`data_exception`).
pub(super) const DATA: &str = "22";

/// Class of constraints (`integrity_constraint_violation`).
const INTEGRITY: &str = "23";

/// Class of the state of a transaction (`invalid_transaction_state`).
const TRANSACTION_STATE: &str = "25";

/// Class of roles and passwords (`invalid_authorization_specification`).
const AUTHORIZATION: &str = "28";

/// Class of transactions that the server rolls back (`transaction_rollback`).
const ROLLED_BACK: &str = "40";

/// Class of a view's check option (`with_check_option_violation`).
const CHECK_OPTION: &str = "44";

/// Class of resources that are used up (`insufficient_resources`).
const RESOURCES: &str = "53";

/// Class of limits of the program, such as the length of an index's entry (`program_limit_exceeded`).
const LIMIT: &str = "54";

/// Class of objects that are in another state than a statement needs, locks among it (`object_not_in_prerequisite_state`).
const PREREQUISITE: &str = "55";

/// Class of an operator's doings (`operator_intervention`).
const OPERATOR: &str = "57";

/// Class of the server's system (`system_error`).
const SYSTEM: &str = "58";

/// Class of what PL/pgSQL raises, an application's own errors among it (`plpgsql_error`).
const RAISED: &str = "P0";

/// Class of errors that should not be, and of functions that give no other code (`internal_error`).
const INTERNAL: &str = "XX";

/// A statement's text is wrong (`syntax_error`); some types' input functions say so of a value.
const SYNTAX_ERROR: &str = "42601";

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
    code.starts_with(CONNECTION)
        || code.starts_with("57P")
        || matches!(code, "40001" | "40P01" | "55P03" | "53300")
        || is_altered_by_others(message)
}

/// Whether a refusal says nothing about the statement itself, whose trial stays open, also where trying again at once
/// would not help: other sessions (class 40, locks), a resource that is used up (53), an operator (57), the system (58).
pub(crate) fn is_of_the_moment(code: &str, message: &str) -> bool {
    begins(code, &[ROLLED_BACK, RESOURCES, OPERATOR, SYSTEM]) || code == "55P03" || is_altered_by_others(message)
}

/// Classes of errors that rows raise: by a value, a constraint, a view's check option, or a function or trigger of the
/// application.
const OF_ROWS: [&str; 4] = [DATA, INTEGRITY, CHECK_OPTION, RAISED];

/// Beginnings of the codes that types' input functions and casts have for a text beside those of rows: functions of
/// extensions have no code of their own, and some take a text for a language.
const OF_TEXTS: [&str; 4] = [LIMIT, INTERNAL, UNSUPPORTED, SYNTAX_ERROR];

/// Classes of errors that no value causes: connection, transaction, resources, the operator, the system.
const NOT_OF_VALUES: [&str; 8] =
    [CONNECTION, TRANSACTION_STATE, AUTHORIZATION, ROLLED_BACK, RESOURCES, PREREQUISITE, OPERATOR, SYSTEM];

/// Lists of codes of errors, by their beginning.
pub(super) type CodeLists = &'static [&'static [&'static str]];

/// Codes for which a text is no value of a type, for the proof. All others end the comparison: the question computes more
/// than the value, and a fault of its own must not pass as a value that the target cannot have.
pub(super) const OF_REFUSED_TEXTS: CodeLists = &[&OF_ROWS, &OF_TEXTS];

/// Codes that say nothing of a document that PostgreSQL judges. Any other calls it no value of the type: the function of a
/// domain's CHECK may raise what it likes, and a value that is called refused by mistake only blocks a plan.
pub(super) const NOT_OF_JUDGED_VALUES: CodeLists = &[&NOT_OF_VALUES, &MISSING_TYPES];

/// Whether rows cause an error where a constraint is asked as a query over all rows, so that they would cause it in the copy
/// too. A limit is not among them: the query has limits that no single row meets, such as the size of its list of keys.
pub(super) fn is_of_rows(code: &str) -> bool {
    begins(code, &OF_ROWS)
}

/// Whether a row that is copied causes an error: as [`is_of_rows`], and by a limit, for an entry of an index may be too long.
pub(crate) fn is_of_a_copied_row(code: &str) -> bool {
    is_of_rows(code) || code.starts_with(LIMIT)
}

/// Whether a question about rows stays open for a reason that its answer can name: as [`is_of_a_copied_row`], and a lock. It
/// does not matter whose limit it is, for nothing is said about the rows.
pub(crate) fn leaves_rows_unknown(code: &str) -> bool {
    is_of_a_copied_row(code) || code.starts_with(PREREQUISITE)
}

/// Whether a type's input function may have raised an error because of the value or the type's name, rather than the server
/// for a reason of its own.
pub(super) fn may_be_of_a_value(code: &str) -> bool {
    !begins(code, &NOT_OF_VALUES)
}

/// Subject of an error's words, which decides how much of them may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ErrorSubject {
    /// The schema, rights, connections and resources.
    Schema,
    /// Values.
    Values,
    /// Constraints.
    Constraints,
    /// Unknown; of a class of the application's own, or of none.
    Other,
}

/// Classes whose words are about the schema, rights, connections and resources.
const OF_SCHEMA: [&str; 21] = [
    CONNECTION,
    UNSUPPORTED,
    "0B",
    "0L",
    "0P",
    TRANSACTION_STATE,
    "26",
    AUTHORIZATION,
    "2B",
    "2D",
    "34",
    "3B",
    "3D",
    "3F",
    ROLLED_BACK,
    "42",
    RESOURCES,
    LIMIT,
    PREREQUISITE,
    OPERATOR,
    SYSTEM,
];

impl ErrorSubject {
    pub(super) fn of(code: &str) -> Self {
        if begins(code, &OF_SCHEMA) {
            Self::Schema
        } else if begins(code, &[CARDINALITY, DATA]) {
            Self::Values
        } else if begins(code, &[INTEGRITY, CHECK_OPTION]) {
            Self::Constraints
        } else {
            Self::Other
        }
    }
}

fn begins(code: &str, classes: &[&str]) -> bool {
    classes.iter().any(|class| code.starts_with(class))
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

    /// Answers of all questions about the same codes: whether a trial of constraints, a copied row, a question about rows, a
    /// text of the proof and a judged value take a code for one of the rows or the value.
    #[test]
    fn questions_about_rows_and_values_differ_on_purpose() {
        let listed = |code: &str, lists: CodeLists| begins(code, &lists.concat());
        let answers = |code: &str| {
            [
                is_of_rows(code),
                is_of_a_copied_row(code),
                leaves_rows_unknown(code),
                listed(code, OF_REFUSED_TEXTS),
                !listed(code, NOT_OF_JUDGED_VALUES),
            ]
            .map(|is_yes| if is_yes { 'y' } else { '-' })
            .iter()
            .collect::<String>()
        };
        let cases: [(&[&str], &str); 7] = [
            // Rows and values are to blame wherever they meet a value, a constraint or the application's own error.
            (&["22P02", UNIQUE_VIOLATION, "44000", "P0001"], "yyyyy"),
            // A trial's query has limits of its own.
            (&["54000"], "-yyyy"),
            // A lock is no verdict on rows, but an answer that can be named.
            (&["55P03", "55000"], "--y--"),
            // Input functions of extensions have no better codes; a copy has parsed nothing by then.
            (&["XX000", "0A000", SYNTAX_ERROR], "---yy"),
            // A domain's function may raise any code, which the proof does not take for granted.
            (&["U0001", "21000", "42P22"], "----y"),
            // No type of this name or for this role: nothing could be asked.
            (&MISSING_TYPES, "-----"),
            (&["08006", "25006", "28000", "40001", DISK_FULL, QUERY_CANCELED, "58030"], "-----"),
        ];
        for (codes, expected) in cases {
            for code in codes {
                assert_eq!(answers(code), expected, "{code}");
                // A name that is missing is a reason too: it has its own list.
                let has_reason = expected.ends_with('y') || MISSING_TYPES.contains(code);
                assert_eq!(may_be_of_a_value(code), has_reason, "{code}");
            }
        }
    }

    #[test]
    fn the_class_is_the_subject_of_an_errors_words() {
        use ErrorSubject::{Constraints, Other, Schema, Values};
        let subjects = ["42P01", "54000", "22012", "21000", UNIQUE_VIOLATION, "44000", "P0001", "XX000", "U0001", ""];
        let expected = [Schema, Schema, Values, Values, Constraints, Constraints, Other, Other, Other, Other];
        assert_eq!(subjects.map(ErrorSubject::of), expected);
    }
}
