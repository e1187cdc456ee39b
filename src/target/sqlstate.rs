//! Names of the conditions of PostgreSQL's error codes.

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
