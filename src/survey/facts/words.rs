//! Texts of questions to the rows. A text names everything that an answer rests on: where the texts are the same, so are
//! the answers. A name in the target alone is not in it.

use crate::catalog::{CheckConstraint, CollationRule, ColumnType, Folding, ForeignKey};
use crate::dialect::postgresql::equality::{KeyFolding, collation_name};
use crate::plan::{ColumnMapping, ExpressionExcess, TableMapping};
use crate::spec::OnBadValue;
use crate::survey::keys::{ConvertedKey, KeyPart, Term, Tree};
use crate::survey::references::converted::ConvertedEnd;
use crate::survey::references::foreign_keys::Followed;
use crate::survey::rows::generated::GeneratedColumn;
use crate::survey::rows::limits::LimitsInDoubt;
use crate::value::{Reading, Zone};

/// A column's type with what `from` says: `timestamptz from unix_s`.
pub(crate) fn becomes(column: &ColumnMapping) -> String {
    let labels = if column.labels.is_empty() { String::new() } else { format!(" of {:?}", column.labels) };
    let words = format!("{}{labels}", type_words(&column.column_type, column.reading));
    match column.forgetting_words() {
        None => words,
        Some(forgets) => format!("{words} with {forgets}"),
    }
}

/// A type with what `from` says.
pub(crate) fn type_words(column_type: &ColumnType, reading: Reading) -> String {
    match reading {
        // It says how values are read anyway.
        reading if reading.is_plain() => column_type.to_string(),
        reading => format!("{column_type} from {reading}"),
    }
}

/// Whether the source's time zone has a say in what a value becomes.
pub(crate) fn is_temporal(column_type: &ColumnType) -> bool {
    matches!(
        column_type,
        ColumnType::Date | ColumnType::Time(_) | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_)
    )
}

/// A column with all that decides what its values become.
fn column_words(column: &ColumnMapping, zone: &Zone) -> String {
    let read = column.source_sql.as_ref().map(|sql| format!(" ({})", sql.trim())).unwrap_or_default();
    let zone = if is_temporal(&column.column_type) { format!(" in {}", column.zone(zone)) } else { String::new() };
    format!("{}{read} as {}{zone}", column.source, becomes(column))
}

fn columns_words<'a>(columns: impl Iterator<Item = &'a ColumnMapping>, zone: &Zone) -> String {
    columns.map(|column| column_words(column, zone)).collect::<Vec<_>>().join(", ")
}

fn key_words(mapping: &TableMapping, key: &ConvertedKey, zone: &Zone) -> String {
    let parts = key.parts.iter().map(|part| part_words(mapping, *part, zone)).collect::<Vec<_>>().join(", ");
    let nulls = if key.nulls_equal { " with equal NULLs" } else { "" };
    format!("{} ({parts}){nulls}{}", key.name, condition(key.predicate.as_deref()))
}

fn part_words(mapping: &TableMapping, part: KeyPart, zone: &Zone) -> String {
    let column = column_words(&mapping.columns[part.position], zone);
    let prefix = part.prefix.map(|length| format!(", the first {length}")).unwrap_or_default();
    column + &prefix + &part.folding.map(key_folding_words).unwrap_or_default()
}

fn key_folding_words(folding: KeyFolding) -> String {
    match folding {
        KeyFolding::Plain(folding) => folding_words(Some(folding)).to_owned(),
        KeyFolding::Collated(CollationRule { letters, ignores_trailing_spaces }) => {
            let letters = letters.map(|letters| format!(" by {}", collation_name(letters))).unwrap_or_default();
            let spaces = folding_words(ignores_trailing_spaces.then_some(Folding::TrailingSpaces));
            letters + spaces
        }
    }
}

fn folding_words(folding: Option<Folding>) -> &'static str {
    match folding {
        None => "",
        Some(Folding::AsciiCase) => " without case",
        Some(Folding::TrailingSpaces) => " without spaces at the end",
    }
}

fn tree_words(mapping: &TableMapping, tree: &Tree, zone: &Zone) -> String {
    let term = |term: &Term| match term {
        Term::Column(part) => part_words(mapping, *part, zone),
        Term::Computed { sql, folding, .. } => sql.trim().to_owned() + folding_words(*folding),
    };
    let terms = tree.terms.iter().map(term).collect::<Vec<_>>().join(", ");
    format!("{} ({terms}){}", tree.name, condition(tree.predicate.as_deref()))
}

/// Whether two rows share the key, once it is converted.
pub(crate) fn shared_key(mapping: &TableMapping, key: &ConvertedKey, zone: &Zone) -> String {
    format!("do rows share {}?", key_words(mapping, key, zone))
}

/// Whether values of a column become one that differ in their storage class alone.
pub(crate) fn merging(column: &ColumnMapping, zone: &Zone) -> String {
    format!("do values of different storage classes become one: {}?", column_words(column, zone))
}

/// Values that lose digits.
pub(crate) fn shortened(column: &ColumnMapping, zone: &Zone) -> String {
    format!("which values lose digits: {}?", column_words(column, zone))
}

/// Values that look as if they were encoded twice.
pub(crate) fn twice_encoded(column: &ColumnMapping, zone: &Zone) -> String {
    format!("which values look as if encoded twice: {}?", column_words(column, zone))
}

/// Rows that the condition of the spec leaves behind.
pub(crate) fn left_behind(filter: &str) -> String {
    format!("which rows are left behind{}?", condition(Some(filter)))
}

/// Limits of PostgreSQL that rows break, of those that their lengths leave in doubt.
pub(crate) fn limits(mapping: &TableMapping, limits: &LimitsInDoubt, zone: &Zone) -> String {
    let LimitsInDoubt { trees, is_wide, documents, is_large } = limits;
    let mut asked = trees.iter().map(|tree| tree_words(mapping, tree, zone)).collect::<Vec<_>>();
    if *is_wide {
        asked.push(format!("a row of {}", columns_words(mapping.columns.iter(), zone)));
    }
    asked.extend(documents.iter().map(|position| column_words(&mapping.columns[*position], zone)));
    if *is_large {
        asked.push(format!("all of {}", columns_words(mapping.columns.iter(), zone)));
    }
    format!("is anything too long for PostgreSQL: {}?", asked.join("; "))
}

/// Whether a part of an expression leaves its range on the rows.
pub(crate) fn excess(excess: &ExpressionExcess) -> String {
    let ExpressionExcess { of, table: _, name, part, condition } = excess;
    let how = if condition.is_empty() { "is rounded" } else { condition.as_str() };
    format!("does `{part}` of {} {name} leave its range: {how}?", format!("{of:?}").to_lowercase())
}

/// Whether rows break a CHECK.
pub(crate) fn check(check: &CheckConstraint) -> String {
    let name = check.name.as_ref().map(|name| format!(" {name}")).unwrap_or_default();
    format!("do rows break the CHECK{name} ({})?", check.expression.trim())
}

/// Whether rows have another value in a generated column than PostgreSQL will compute. The condition names the expression,
/// and the type as far as it matters.
pub(crate) fn generated(column: &GeneratedColumn) -> String {
    format!("do rows have another value in {} than its expression gives: {}?", column.name, column.differs)
}

fn condition(filter: Option<&str>) -> String {
    filter.map(|filter| format!(" where {}", filter.trim())).unwrap_or_default()
}

/// Rows of `child` that reference nothing in `parent`, of those that meet these conditions.
pub(crate) fn orphans(followed: &Followed<'_>, child: Option<&str>, parent: Option<&str>) -> String {
    let Followed { table, key, columns, .. } = followed;
    format!(
        "does {} ({}){} reference what {} ({}){} does not hold?",
        table.name,
        key.columns.join(", "),
        condition(child),
        followed.parent.name,
        columns.join(", "),
        condition(parent)
    )
}

/// The same question about the columns as they are converted.
pub(crate) fn converted_orphans(
    question: &str,
    child: &ConvertedEnd<'_>,
    parent: &ConvertedEnd<'_>,
    zone: &Zone,
) -> String {
    let of = |end: &ConvertedEnd<'_>| {
        let columns = &end.mapping().columns;
        columns_words(end.parts().iter().map(|part| &columns[part.position]), zone)
    };
    format!("{question} With {} -> {}.", of(child), of(parent))
}

/// Whether rows of `child` reference rejected rows of `parent`.
pub(crate) fn to_rejected(child: &TableMapping, key: &ForeignKey, parent: &TableMapping, zone: &Zone) -> String {
    let rejects = |mapping: &TableMapping| {
        let columns = mapping.columns.iter().filter(|column| column.treatment() == OnBadValue::Reject);
        let columns = columns_words(columns, zone);
        let rows = condition(mapping.filter.as_deref());
        let rejecting = if columns.is_empty() { String::new() } else { format!(" rejecting by {columns}") };
        format!("{}{rows}{rejecting}", mapping.source)
    };
    format!(
        "do rows of {} reference by ({}) what is rejected of {}?",
        rejects(child),
        key.columns.join(", "),
        rejects(parent)
    )
}
