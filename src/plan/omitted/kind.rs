//! Kinds of omitted objects, each with its finding: code, severity, and the loss to the application.

use super::object::OmittedObject;
use crate::plan::FindingCode;
use crate::plan::finding::Severity;

/// One kind of omitted object.
pub(super) struct OmittedKind {
    /// The object.
    object: OmittedObject,
    /// Singular and plural in a sentence.
    pub(super) nouns: [&'static str; 2],
    pub(super) code: FindingCode,
    pub(super) severity: Severity,
    /// The loss to the application, in words.
    pub(super) lack: &'static str,
    /// The comment above the lines of spec that settle it.
    pub(super) advice: &'static str,
}

const FALSE: &str = "leaves it behind knowingly; PostgreSQL's SQL in place of false carries it over";
const SKIP: &str = "leaves it behind knowingly";

/// A default that was lost from a column which takes no NULL.
pub(super) const REFUSED: &str = "a row without a value is refused, for the column is NOT NULL";

/// Severities: a loss to the application warns; a query that is only slower, or a decision of the target's, is a note.
const KINDS: [OmittedKind; 21] = [
    OmittedKind {
        object: OmittedObject::Default,
        nouns: ["default", "defaults"],
        code: FindingCode::DefaultOmitted,
        severity: Severity::Warns,
        lack: "a row without a value gets NULL",
        advice: FALSE,
    },
    OmittedKind {
        object: OmittedObject::Generated,
        nouns: ["generated column", "generated columns"],
        code: FindingCode::GeneratedOmitted,
        severity: Severity::Warns,
        lack: "PostgreSQL computes nothing for new rows",
        advice: FALSE,
    },
    OmittedKind {
        object: OmittedObject::Check,
        nouns: ["check", "checks"],
        code: FindingCode::CheckOmitted,
        severity: Severity::Warns,
        lack: "new rows are not checked",
        advice: FALSE,
    },
    OmittedKind {
        object: OmittedObject::PrimaryKey,
        nouns: ["primary key", "primary keys"],
        code: FindingCode::UniqueIndexOmitted,
        severity: Severity::Warns,
        lack: "new rows may repeat a key",
        advice: SKIP,
    },
    OmittedKind {
        object: OmittedObject::Unique,
        nouns: ["unique key", "unique keys"],
        code: FindingCode::UniqueIndexOmitted,
        severity: Severity::Warns,
        lack: "new rows may repeat a key",
        advice: SKIP,
    },
    OmittedKind {
        object: OmittedObject::UniqueIndex,
        nouns: ["unique index", "unique indexes"],
        code: FindingCode::UniqueIndexOmitted,
        severity: Severity::Warns,
        lack: "new rows may repeat a key",
        advice: FALSE,
    },
    OmittedKind {
        object: OmittedObject::Index,
        nouns: ["index", "indexes"],
        code: FindingCode::IndexOmitted,
        severity: Severity::Notes,
        lack: "queries that used it are slower",
        advice: FALSE,
    },
    OmittedKind {
        object: OmittedObject::ForeignKey,
        nouns: ["foreign key", "foreign keys"],
        code: FindingCode::ForeignKeyOmitted,
        severity: Severity::Warns,
        lack: "new rows may reference what does not exist",
        advice: SKIP,
    },
    OmittedKind {
        object: OmittedObject::Collation,
        nouns: ["collation", "collations"],
        code: FindingCode::CollationOmitted,
        severity: Severity::Warns,
        lack: "comparisons and order may have other answers",
        advice: "this type compares by bytes, knowingly; \"citext\" compares without regard to case",
    },
    OmittedKind {
        object: OmittedObject::Comparison,
        nouns: ["collation", "collations"],
        code: FindingCode::CollationOmitted,
        severity: Severity::Warns,
        lack: "comparisons and order may have other answers",
        advice: "keeps unique keys unique in that way; \"columns\" gives all of them a collation that compares so, which LIKE refuses before PostgreSQL 18; \"bytes\" forgets it",
    },
    OmittedKind {
        object: OmittedObject::KeyComparison,
        nouns: ["collation of the key", "collations of keys"],
        code: FindingCode::CollationOmitted,
        severity: Severity::Warns,
        lack: "new rows may repeat a key in another spelling",
        advice: "accepts that, in place of the spec's lines for these columns; values that fit text keep the collation",
    },
    OmittedKind {
        object: OmittedObject::Constraints,
        nouns: ["table's constraints", "tables' constraints"],
        code: FindingCode::ConstraintsOmitted,
        severity: Severity::Warns,
        lack: "new rows are not checked",
        advice: SKIP,
    },
    OmittedKind {
        object: OmittedObject::ConflictClause,
        nouns: ["conflict clause", "conflict clauses"],
        code: FindingCode::ConflictClauseOmitted,
        severity: Severity::Warns,
        lack: "a statement that breaks the constraint fails",
        advice: SKIP,
    },
    OmittedKind {
        object: OmittedObject::Trigger,
        nouns: ["trigger", "triggers"],
        code: FindingCode::TriggerOmitted,
        severity: Severity::Warns,
        lack: "what a trigger did is not done",
        advice: "a step of its name (steps.\"trigger NAME\") does its work, skip leaves it behind knowingly",
    },
    OmittedKind {
        object: OmittedObject::Update,
        nouns: ["value on update", "values on update"],
        code: FindingCode::UpdateOmitted,
        severity: Severity::Warns,
        lack: "an UPDATE leaves the column as it is",
        advice: FALSE,
    },
    OmittedKind {
        object: OmittedObject::Procedure,
        nouns: ["procedure", "procedures"],
        code: FindingCode::ProcedureOmitted,
        severity: Severity::Warns,
        lack: "a call of it fails",
        advice: "a step of its name (steps.\"procedure NAME\") takes its place, skip leaves it behind knowingly",
    },
    OmittedKind {
        object: OmittedObject::Function,
        nouns: ["function", "functions"],
        code: FindingCode::FunctionOmitted,
        severity: Severity::Warns,
        lack: "a call of it fails",
        advice: "a step of its name (steps.\"function NAME\") takes its place, skip leaves it behind knowingly",
    },
    OmittedKind {
        object: OmittedObject::Event,
        nouns: ["event", "events"],
        code: FindingCode::EventOmitted,
        severity: Severity::Warns,
        lack: "nothing runs its statement",
        advice: "a step of its name (steps.\"event NAME\") takes its place, skip leaves it behind knowingly",
    },
    OmittedKind {
        object: OmittedObject::Sequence,
        nouns: ["sequence", "sequences"],
        code: FindingCode::SequenceOmitted,
        severity: Severity::Warns,
        lack: "nothing gives its next number",
        advice: "a step of its name (steps.\"sequence NAME\") takes its place, skip leaves it behind knowingly",
    },
    OmittedKind {
        object: OmittedObject::View,
        nouns: ["view", "views"],
        code: FindingCode::ViewOmitted,
        severity: Severity::Warns,
        lack: "queries of such a view fail",
        advice: "leaves it behind knowingly; sql = \"SELECT …\" in place of skip carries it over",
    },
    OmittedKind {
        object: OmittedObject::VirtualTable,
        nouns: ["virtual table", "virtual tables"],
        code: FindingCode::VirtualTableOmitted,
        severity: Severity::Warns,
        lack: "queries of such a table fail",
        advice: SKIP,
    },
];

/// All other kinds: columns that the application's own table computes.
const OTHER: OmittedKind = OmittedKind {
    object: OmittedObject::Column,
    nouns: ["column", "columns"],
    code: FindingCode::ColumnOmitted,
    severity: Severity::Notes,
    lack: "its values are not copied",
    advice: SKIP,
};

pub(super) fn kind(object: OmittedObject) -> &'static OmittedKind {
    KINDS.iter().find(|kind| kind.object == object).unwrap_or(&OTHER)
}

/// Whether the examples of findings with this code are names of objects, not keys of rows.
pub(super) fn names_objects(code: FindingCode) -> bool {
    code == OTHER.code || KINDS.iter().any(|kind| kind.code == code)
}
