//! Codes of findings: their words in documents, what they are about, and whether an inspect file holds them.

use super::finding::Subject;
use serde::{Serialize, Serializer};
use std::fmt;

/// Facts about a code.
struct CodeFacts {
    code: FindingCode,
    word: &'static str,
    subject: Subject,
    is_answer: bool,
}

/// The enum and its table, out of one list: code, word, what a finding of the code is about, and whether a question about the
/// source may have it for an answer, so that an inspect file holds it.
macro_rules! finding_codes {
    ($($code:ident $word:literal $subject:ident $is_answer:literal;)*) => {
        /// Code of a finding. Ordered by the words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FindingCode {
            $(#[doc = concat!("`", $word, "`")] $code,)*
        }

        /// Facts about the codes, in the order of the enum.
        const FACTS: &[CodeFacts] = &[$(CodeFacts {
            code: FindingCode::$code,
            word: $word,
            subject: Subject::$subject,
            is_answer: $is_answer,
        },)*];
    };
}

finding_codes! {
    AlteredInTarget "altered_in_target" Plan false;
    AmbiguousTable "ambiguous_table" Plan false;
    ApplicationNumbers "application_numbers" Plan false;
    ArithmeticOverflow "arithmetic_overflow" SourceData true;
    ChangedSinceRun "changed_since_run" Target false;
    ChangedValueDoesNotFit "changed_value_does_not_fit" SourceData false;
    CheckNotAsked "check_not_asked" SourceData true;
    CheckOmitted "check_omitted" Plan false;
    CheckReference "check_reference" Plan false;
    CheckViolated "check_violated" SourceData true;
    CollationOmitted "collation_omitted" Plan false;
    ColumnOfTargetAlone "column_of_target_alone" Plan false;
    ColumnOmitted "column_omitted" Plan false;
    ColumnVisible "column_visible" Plan false;
    ComputedInSource "computed_in_source" Plan false;
    ConflictClauseOmitted "conflict_clause_omitted" Plan false;
    ConstraintsOmitted "constraints_omitted" Plan false;
    ContradictsTargetType "contradicts_target_type" Target false;
    CounterUnknown "counter_unknown" Plan false;
    DefaultInUtc "default_in_utc" Plan false;
    DefaultOmitted "default_omitted" Plan false;
    DefaultWithTime "default_with_time" Plan false;
    DoubleEncoding "double_encoding" SourceData true;
    DuplicateKey "duplicate_key" SourceData true;
    EmptyName "empty_name" Plan false;
    EnumAsText "enum_as_text" Plan false;
    EventOmitted "event_omitted" Plan false;
    ExactDecimals "exact_decimals" Plan false;
    ExistingRows "existing_rows" Target false;
    ExistingRowsCollide "existing_rows_collide" Target false;
    ExtensionUnavailable "extension_unavailable" Target false;
    ForeignKeyOmitted "foreign_key_omitted" Plan false;
    ForeignKeyOrphans "foreign_key_orphans" SourceData false;
    ForeignKeyToOtherRows "foreign_key_to_other_rows" SourceData false;
    ForeignKeyToRejected "foreign_key_to_rejected" SourceData true;
    FullTextIndex "full_text_index" Plan false;
    FunctionOmitted "function_omitted" Plan false;
    GeneratedNotAsked "generated_not_asked" SourceData true;
    GeneratedOmitted "generated_omitted" Plan false;
    GeneratedValueDiffers "generated_value_differs" SourceData true;
    HistoryLeftBehind "history_left_behind" Plan false;
    IndexNotMade "index_not_made" Plan false;
    IndexOmitted "index_omitted" Plan false;
    IndexOverWords "index_over_words" Plan false;
    IndexUsed "index_used" Plan false;
    IndexWithoutOperators "index_without_operators" Plan false;
    IntegersRounded "integers_rounded" SourceData true;
    KeyTooLong "key_too_long" SourceData true;
    KeysCountedInGroups "keys_counted_in_groups" Plan false;
    KeysNotGenerated "keys_not_generated" Plan false;
    KeysUsedUp "keys_used_up" SourceData false;
    LabelsOfBytes "labels_of_bytes" Plan false;
    LedgerContradictsTarget "ledger_contradicts_target" Plan false;
    LeftOverRemoved "left_over_removed" Plan false;
    MergeIdTaken "merge_id_taken" Target false;
    MergeKeyContradiction "merge_key_contradiction" Plan false;
    MergeKeyCycle "merge_key_cycle" Plan false;
    MergeKeyMissing "merge_key_missing" Plan false;
    MergeKeyNotUnique "merge_key_not_unique" Target false;
    MergeKeyNull "merge_key_null" Target false;
    MergeReadsTypes "merge_reads_types" Plan false;
    MergeReference "merge_reference" Plan false;
    MergedNotRefreshed "merged_not_refreshed" Plan false;
    MergedRowsDiffer "merged_rows_differ" Target false;
    MigrationTool "migration_tool" Plan false;
    NameCollision "name_collision" Plan false;
    NameShortened "name_shortened" Plan false;
    NetworkFileSystem "network_file_system" SourceData false;
    NoColumns "no_columns" Plan false;
    NoTables "no_tables" Plan false;
    NoWayBack "no_way_back" Plan false;
    NotApplied "not_applied" Plan false;
    NotInspected "not_inspected" SourceData true;
    NullInPrimaryKey "null_in_primary_key" SourceData false;
    PartitionsKept "partitions_kept" Plan false;
    PartitionsMerged "partitions_merged" Plan false;
    PatternMatchesNothing "pattern_matches_nothing" Plan false;
    ProcedureOmitted "procedure_omitted" Plan false;
    RemarkOnBasis "remark_on_basis" Plan false;
    ReplacedTableNeeded "replaced_table_needed" Target false;
    RightsMissing "rights_missing" Plan false;
    RowRefused "row_refused" Plan false;
    RowSecurity "row_security" Target false;
    RowTooLarge "row_too_large" SourceData true;
    RowTooWide "row_too_wide" SourceData true;
    RowWithoutIdentity "row_without_identity" Plan false;
    RowsBeyondFilter "rows_beyond_filter" Plan false;
    RowsKept "rows_kept" Target false;
    RowsLeftBehind "rows_left_behind" SourceData true;
    RowsMerged "rows_merged" Target false;
    RowsOfTargetKept "rows_of_target_kept" Plan false;
    RowsRejected "rows_rejected" SourceData false;
    RowsRemoved "rows_removed" Target false;
    SchemaVersionDiffers "schema_version_differs" Target false;
    SchemaVersionUnknown "schema_version_unknown" Target false;
    SearchInGenerated "search_in_generated" Plan false;
    SearchInNoText "search_in_no_text" Plan false;
    SequenceOmitted "sequence_omitted" Plan false;
    SkippedColumn "skipped_column" Plan false;
    SnapshotNotProved "snapshot_not_proved" Plan false;
    SourceChanged "source_changed" SourceData false;
    SourceNotTransactional "source_not_transactional" Plan false;
    SourceSqlRefused "source_sql_refused" Plan false;
    StateNotKept "state_not_kept" Plan false;
    StaysAsMade "stays_as_made" SourceData false;
    StorageClassForgotten "storage_class_forgotten" SourceData true;
    SumOfNoNumber "sum_of_no_number" Plan false;
    SumWithRowsKept "sum_with_rows_kept" Target false;
    SystemColumn "system_column" Plan false;
    TableOfTargetAlone "table_of_target_alone" Plan false;
    TableReplaced "table_replaced" Plan false;
    TargetColumnMissing "target_column_missing" Target false;
    TargetColumnRequired "target_column_required" Target false;
    TargetColumnUnfilled "target_column_unfilled" Target false;
    TargetComputes "target_computes" Target false;
    TargetConstraintBroken "target_constraint_broken" Target false;
    TargetConstraintsNotChecked "target_constraints_not_checked" Target false;
    TargetDetachedGone "target_detached_gone" Target false;
    TargetDisk "target_disk" Target false;
    TargetEncoding "target_encoding" Target false;
    TargetKeysStand "target_keys_stand" Target false;
    TargetNotATable "target_not_a_table" Target false;
    TargetNotAnalyzed "target_not_analyzed" Target false;
    TargetNotLookedAt "target_not_looked_at" Target false;
    TargetNotPermitted "target_not_permitted" Target false;
    TargetNotRestorable "target_not_restorable" Target false;
    TargetNotSetAside "target_not_set_aside" Target false;
    TargetOnlyReads "target_only_reads" Target false;
    TargetReferencesLost "target_references_lost" Target false;
    TargetRefuses "target_refuses" Target false;
    TargetRollbackNotPermitted "target_rollback_not_permitted" Target false;
    TargetRowsChanged "target_rows_changed" Target false;
    TargetRowsOfSteps "target_rows_of_steps" Target false;
    TargetRules "target_rules" Target false;
    TargetSequenceUnclear "target_sequence_unclear" Target false;
    TargetTableExists "target_table_exists" Target false;
    TargetTableGone "target_table_gone" Target false;
    TargetTableMissing "target_table_missing" Target false;
    TargetUnreadable "target_unreadable" Target false;
    TargetViewExists "target_view_exists" Target false;
    TimezoneOfServer "timezone_of_server" Plan false;
    TooManyColumns "too_many_columns" Plan false;
    TransactionInStep "transaction_in_step" Plan false;
    TriggerOmitted "trigger_omitted" Plan false;
    TruncateReferenced "truncate_referenced" Target false;
    TypeByValues "type_by_values" Plan false;
    UniqueIndexOmitted "unique_index_omitted" Plan false;
    UnknownCheck "unknown_check" Plan false;
    UnknownColumn "unknown_column" Plan false;
    UnknownConflictClause "unknown_conflict_clause" Plan false;
    UnknownForeignKey "unknown_foreign_key" Plan false;
    UnknownHistory "unknown_history" Plan false;
    UnknownIndex "unknown_index" Plan false;
    UnknownKey "unknown_key" Plan false;
    UnknownObject "unknown_object" Plan false;
    UnknownTable "unknown_table" Plan false;
    UnknownTrigger "unknown_trigger" Plan false;
    UnknownView "unknown_view" Plan false;
    UnsuitableFrom "unsuitable_from" Plan false;
    UnsupportedTargetType "unsupported_target_type" Target false;
    UpdateOmitted "update_omitted" Plan false;
    ValueDoesNotFit "value_does_not_fit" SourceData false;
    ValueTooLarge "value_too_large" SourceData true;
    ValueWithoutSpelling "value_without_spelling" Plan false;
    ValuesNotJudged "values_not_judged" SourceData false;
    ValuesShortened "values_shortened" SourceData true;
    ViewOmitted "view_omitted" Plan false;
    VirtualTableOmitted "virtual_table_omitted" Plan false;
    VirtualTableRows "virtual_table_rows" SourceData false;
    VirtualTableUnreadable "virtual_table_unreadable" Plan false;
    WordWithoutMeaning "word_without_meaning" Plan false;
    ZeroDate "zero_date" Plan false;
    ZerosNotShown "zeros_not_shown" Plan false;
    ZonesMixed "zones_mixed" SourceData false;
}

impl FindingCode {
    /// The code of a word in a document; `None` if there is none.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        FACTS.iter().find(|facts| facts.word == word).map(|facts| facts.code)
    }

    fn facts(self) -> &'static CodeFacts {
        &FACTS[self as usize]
    }

    /// Its word in documents.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.facts().word
    }

    /// Subject of a finding of the code.
    #[must_use]
    pub fn subject(self) -> Subject {
        self.facts().subject
    }

    /// Whether a question about the source may have it for an answer.
    #[must_use]
    pub fn is_answer(self) -> bool {
        self.facts().is_answer
    }

    /// Whether it is about rows of others that a refresh would overwrite.
    #[must_use]
    pub fn is_of_overwritten_rows(self) -> bool {
        matches!(self, Self::TargetRowsChanged | Self::TargetRowsOfSteps)
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl Serialize for FindingCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_its_word() {
        for (at, facts) in FACTS.iter().enumerate() {
            assert_eq!(
                (facts.code as usize, FindingCode::of_word(facts.word)),
                (at, Some(facts.code)),
                "{}",
                facts.word
            );
            // The word of a code in the target's direction says so.
            assert!(facts.subject == Subject::Target || !facts.word.starts_with("target_"), "{}", facts.word);
        }
        // A plan's findings are sorted by their words.
        assert!(FACTS.is_sorted_by_key(|facts| facts.word));
        assert_eq!(FindingCode::of_word("nonsense"), None);
    }
}
