//! Names in an expression: the columns of its tables.

use super::Untranslatable;
use super::coercion::Coercion;
use super::kind::ValueKind;
use super::number_range::NumberRange;
use super::spelled::Spelled;
use super::sql::{Sql, Translation};
use crate::catalog::{ColumnType, Equality};
use crate::value::{Dropping, Forgetting, FractionTreatment, Reading, Spelling, Zone};
use sqlparser::ast::Ident;
use std::cell::Cell;
use std::collections::BTreeSet;

/// A column of the source with its mapping, as far as expressions depend on it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MappedColumn<'a> {
    /// The column's name in the source.
    pub(crate) source: &'a str,
    /// The column's name in the target.
    pub(crate) target: &'a str,
    /// The conversion of values to the type that the source declares.
    pub(crate) coercion: Coercion,
    /// The type in the target.
    pub(crate) column_type: &'a ColumnType,
    /// How stored values are understood.
    pub(crate) reading: Reading,
    /// The parts of a value that may be dropped.
    pub(crate) forgetting: Forgetting,
    /// How the source compares its texts.
    pub(crate) equality: &'a Equality,
    /// The smallest and the largest stored number, if known.
    pub(crate) extent: Option<(f64, f64)>,
    /// The spellings of the stored values, if known.
    pub(crate) spellings: Option<&'a BTreeSet<Spelling>>,
    /// Whether an expression of the spec replaces the stored values.
    pub(crate) is_computed: bool,
    /// Whether some of its dates, or its default, are dates that no calendar has, or may be, and become others.
    pub(crate) changes_dates: bool,
    /// Whether its times are in another zone than the source's others.
    pub(crate) has_own_zone: bool,
    /// Whether the spec makes NULL of values that do not fit, and there may be some.
    pub(crate) may_become_null: bool,
    /// Whether the source computes with more digits of a second than arrive.
    pub(crate) is_shortened: bool,
    /// Carrier in the target of the source's comparison of its texts.
    pub(crate) carrier: Carrier,
    /// The labels that the source lists for it, and no text else is stored.
    pub(crate) labels: &'a [String],
}

/// Part of the target that compares a column's texts as the source does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Carrier {
    /// Nothing: the spec forgets it, or the tables are the application's own.
    #[default]
    Nothing,
    /// Its keys: other comparisons have to name the collation.
    Keys,
    /// The column's own collation.
    Column,
}

/// How the source compares a text, and what does so in the target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TextRule {
    pub(crate) equality: Equality,
    pub(crate) carrier: Carrier,
}

/// A column by the name it has in the source.
#[derive(Debug, Clone)]
pub(crate) struct Visible {
    pub(crate) name: String,
    /// Its SQL in PostgreSQL, or the reason why there is none.
    pub(crate) sql: Result<String, String>,
    pub(crate) kind: ValueKind,
    /// Whether some of its dates become others, which makes it opaque.
    pub(crate) changes_dates: bool,
    /// The word of the spec by which other values may arrive than the source computes with: it is shown, and nothing more.
    pub(crate) altered_by: Option<&'static str>,
    /// How the source compares its texts.
    pub(crate) equality: Equality,
    /// How stored values are understood.
    pub(crate) reading: Reading,
    /// The conversion of the other side of a comparison in the source.
    pub(crate) coercion: Coercion,
    /// The cast that its operators need, if PostgreSQL's type compares by rules of its own (citext, char).
    pub(crate) cast: Option<&'static str>,
    /// PostgreSQL has it in 32 bits or fewer.
    pub(crate) is_narrow: bool,
    /// Its last digits may differ from the source's.
    pub(crate) is_inexact: bool,
    /// Bounds of the stored data, if known.
    pub(crate) extent: Option<NumberRange>,
    /// Largest number of digits after the point of its decimals, if known.
    pub(crate) scale: Option<u32>,
    /// Spellings of its values in the source.
    pub(crate) spelled: Spelled,
    /// Carrier in the target of the source's comparison of its texts.
    pub(crate) carrier: Carrier,
    /// The labels that the source lists for it.
    pub(crate) labels: Vec<String>,
    /// Digits after the point that the source shows of a quotient.
    pub(crate) shown_digits: Option<u32>,
}

/// A table, view or subquery in FROM.
#[derive(Debug, Clone, Default)]
pub(crate) struct Relation {
    /// The name that the source's SQL qualifies columns with.
    pub(crate) alias: String,
    pub(crate) columns: Vec<Visible>,
    /// The columns that a join has merged with those of a relation to the left (USING, NATURAL).
    pub(crate) merged: Vec<String>,
    /// The column that has more names than its own, if it is migrated.
    pub(crate) synonyms: Option<Synonyms>,
    /// The columns of the primary key, none of which is ever NULL.
    pub(crate) key: Vec<String>,
}

/// Names that the engine gives a column beside its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Synonyms {
    /// The column's own name.
    pub(crate) column: String,
    /// The other names, which count if no column is called so.
    pub(crate) names: &'static [&'static str],
}

/// The relations of one SELECT, and those of the SELECT around it.
#[derive(Debug, Default)]
pub(crate) struct Scope<'a> {
    pub(crate) relations: Vec<Relation>,
    pub(crate) outer: Option<&'a Scope<'a>>,
    /// The zone of a time without one in the source.
    pub(crate) zone: Zone,
    /// A subquery has named a column of this scope.
    pub(crate) is_named_below: Cell<bool>,
}

/// A column found by its name.
pub(crate) struct FoundColumn<'a> {
    pub(crate) column: &'a Visible,
    /// It belongs to a SELECT around this one.
    pub(crate) is_outer: bool,
}

impl Visible {
    pub(crate) fn of(column: MappedColumn<'_>) -> Self {
        Self {
            name: column.source.to_owned(),
            sql: Ok(crate::name::quote_identifier(column.target).into_owned()),
            kind: kind(&column),
            changes_dates: column.changes_dates
                && matches!(
                    column.column_type,
                    ColumnType::Date | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_)
                ),
            altered_by: altered_by(&column),
            equality: column.equality.clone(),
            reading: column.reading,
            coercion: column.coercion,
            cast: matches!(column.column_type, ColumnType::Citext | ColumnType::Char(_)).then_some("text"),
            is_narrow: matches!(column.column_type, ColumnType::SmallInt | ColumnType::Integer),
            is_inexact: false,
            extent: column.extent.map(|(low, high)| NumberRange { low, high }),
            scale: scale(column.column_type),
            spelled: spelled(&column),
            carrier: column.carrier,
            labels: column.labels.to_vec(),
            shown_digits: None,
        }
    }

    /// The column as read from outside: a column of only NULL has the type text in PostgreSQL.
    pub(crate) fn typed(&self) -> Self {
        let kind = if self.kind == ValueKind::Null { ValueKind::Text } else { self.kind };
        Self { kind, ..self.clone() }
    }

    /// The column where its values are only shown.
    pub(crate) fn shown(&self) -> Translation {
        Ok(Sql::new(self.sql.clone().map_err(Untranslatable)?, self.shown_kind()))
    }

    /// The kind of what is shown of it: altered values are compared with nothing.
    pub(crate) fn shown_kind(&self) -> ValueKind {
        if self.altered_by.is_some() { ValueKind::Opaque } else { self.kind }
    }

    /// Whether a word of the spec alters its values, and makes NULL of none: IS NULL holds for the rows of the source.
    pub(crate) fn keeps_null(&self) -> bool {
        self.altered_by.is_some_and(|word| word != MAKES_NULL && word != COMPUTES)
    }

    /// The column in an expression.
    pub(crate) fn written(&self) -> Translation {
        if let (Ok(_), Some(word)) = (&self.sql, self.altered_by) {
            return Err(Untranslatable(format!("`{word}` changes values of `{}`, or may", self.name)));
        }
        let sql = self.sql.clone().map_err(Untranslatable)?;
        let sql = match self.cast {
            Some(cast) => format!("{sql}::{cast}"),
            None => sql,
        };
        let Self { kind, coercion, is_narrow, is_inexact, extent, scale, shown_digits, .. } = *self;
        let spelled = self.spelled.clone();
        let rule = Some(TextRule { equality: self.equality.clone(), carrier: self.carrier });
        let rule = rule.filter(|_| kind == ValueKind::Text);
        Ok(Sql { coercion, is_narrow, is_inexact, extent, scale, spelled, rule, shown_digits, ..Sql::new(sql, kind) })
    }
}

/// The word of the spec that makes another value, or NULL, of what the source computes with. Digits of numbers (`fraction`), dates
/// (`zero_dates`) and times in text have kinds and spellings of their own.
fn altered_by(column: &MappedColumn<'_>) -> Option<&'static str> {
    let Forgetting { leading_zeros, trailing_spaces, letter_case, fraction, .. } = column.forgetting;
    let words = [
        (column.may_become_null, MAKES_NULL),
        (leading_zeros == Dropping::Drop, "leading_zeros = \"drop\""),
        (trailing_spaces == Dropping::Drop, "trailing_spaces = \"drop\""),
        (letter_case == Dropping::Drop, "letter_case = \"drop\""),
        (column.is_shortened && fraction == FractionTreatment::Truncate, "fraction = \"truncate\""),
        (column.is_shortened && fraction == FractionTreatment::Round, "fraction = \"round\""),
    ];
    words.into_iter().find(|(is_so, _)| *is_so).map(|(_, word)| word)
}

/// Word of the spec that makes NULL of values.
const MAKES_NULL: &str = "on_bad_value = \"null\"";

/// Word of the spec that has the source compute other values.
pub(crate) const COMPUTES: &str = "source_sql";

/// The kind of a column. A number with a text of its own is selected and nothing else. Truth values that the source keeps as text are not translated: 't' is true in PostgreSQL, and
/// in the source a text without a number, which is false (<https://www.sqlite.org/lang_expr.html#boolean_expressions>).
fn kind(column: &MappedColumn<'_>) -> ValueKind {
    let are_numbers = |spellings: &BTreeSet<Spelling>| spellings.iter().all(|one| *one == Spelling::Number);
    match ValueKind::read(column.column_type, column.reading) {
        ValueKind::Truth if !column.spellings.is_some_and(are_numbers) => ValueKind::Opaque,
        // Dates that no calendar has are others in the target; a literal beside the column would be of the source's zone.
        ValueKind::Date | ValueKind::Timestamp | ValueKind::Timestamptz
            if column.changes_dates || column.has_own_zone =>
        {
            ValueKind::Opaque
        }
        // A number without some of its digits is another one.
        ValueKind::Decimal if column.forgetting.fraction != FractionTreatment::Refused => ValueKind::Opaque,
        kind if column.coercion == Coercion::Own && kind.is_number() => ValueKind::Opaque,
        kind => kind,
    }
}

/// The spellings of a column's values.
fn spelled(column: &MappedColumn<'_>) -> Spelled {
    let Some(spellings) = column.spellings else { return Spelled::Unknown };
    if column.is_computed {
        return Spelled::Computed;
    }
    let kept = match column.column_type {
        ColumnType::Time(digits) | ColumnType::Timestamp(digits) | ColumnType::Timestamptz(digits) => {
            usize::from(digits.unwrap_or(6))
        }
        _ => 6,
    };
    let is_counted = spellings.contains(&Spelling::Number);
    let is_cut = column.forgetting.fraction != FractionTreatment::Refused
        && (is_counted || spellings.iter().any(|spelling| spelling.fraction_digits() > kept));
    // Days are rounded to the millisecond.
    if is_cut || matches!(column.reading, Reading::Julian | Reading::Excel) && is_counted {
        return Spelled::Merged;
    }
    Spelled::In(spellings.clone())
}

impl<'a> Scope<'a> {
    /// The columns of one table, unqualified. `everything` are the names of the source's columns: an omitted one must
    /// not be taken for a string in double quotes.
    pub(crate) fn of_table<'names>(
        columns: impl Iterator<Item = Visible>,
        everything: impl Iterator<Item = &'names str>,
    ) -> Self {
        let mut visible = columns.collect::<Vec<_>>();
        for name in everything {
            if !visible.iter().any(|column| column.name.eq_ignore_ascii_case(name)) {
                visible.push(left_behind(name));
            }
        }
        Self { relations: vec![Relation { columns: visible, ..Relation::default() }], ..Self::default() }
    }

    /// The same without the columns that PostgreSQL computes: a generated column may not depend on another.
    pub(crate) fn without_generated(mut self, generated: &[String]) -> Self {
        for column in self.relations.iter_mut().flat_map(|relation| &mut relation.columns) {
            if generated.contains(&column.name) {
                column.sql = Err(format!("it builds on the generated column `{}`", column.name));
            }
        }
        self
    }

    /// The same for what is built over the values that arrive, whatever they were in the source: the keys of an index.
    pub(crate) fn of_arriving_values(mut self) -> Self {
        for column in self.relations.iter_mut().flat_map(|relation| &mut relation.columns) {
            column.altered_by = None;
        }
        self
    }

    /// The column of this name in this scope.
    pub(crate) fn column(&self, name: &str) -> Option<&Visible> {
        self.relations.iter().find_map(|relation| relation.column(name))
    }

    /// Notes the word of the spec by which other values of a column may arrive.
    pub(crate) fn alter(&mut self, column: &str, word: &'static str) {
        for visible in self.relations.iter_mut().flat_map(|relation| &mut relation.columns) {
            if visible.name == column {
                visible.altered_by.get_or_insert(word);
            }
        }
    }

    /// The column of this name, in this scope or in one around it.
    pub(crate) fn find(
        &self,
        qualifier: Option<&Ident>,
        name: &Ident,
    ) -> Result<Option<FoundColumn<'_>>, Untranslatable> {
        if let Some(column) = self.here(qualifier, name)? {
            return Ok(Some(FoundColumn { column, is_outer: false }));
        }
        let Some(outer) = self.outer else { return Ok(None) };
        let Some(found) = outer.find(qualifier, name)? else { return Ok(None) };
        outer.is_named_below.set(true);
        // PostgreSQL searches the qualifier here first.
        let hides = |relation: &Relation| found.column.sql.as_ref().is_ok_and(|sql| hides(relation, sql));
        if self.relations.iter().any(hides) {
            return Err(Untranslatable(format!("a subquery names `{name}` of an outer table that it hides")));
        }
        Ok(Some(FoundColumn { is_outer: true, ..found }))
    }

    /// Whether this scope itself has a column, or several, of this name.
    pub(crate) fn is_here(&self, name: &Ident) -> bool {
        !matches!(self.here(None, name), Ok(None))
    }

    fn here(&self, qualifier: Option<&Ident>, name: &Ident) -> Result<Option<&Visible>, Untranslatable> {
        let mut found: Option<&Visible> = None;
        for relation in &self.relations {
            let meant = match qualifier {
                Some(qualifier) => relation.alias.eq_ignore_ascii_case(&qualifier.value),
                None => !relation.merged.iter().any(|merged| merged.eq_ignore_ascii_case(&name.value)),
            };
            let Some(column) = relation.column(&name.value).filter(|_| meant) else { continue };
            if found.is_some() {
                return Err(Untranslatable(format!("`{name}` could be a column of more than one table")));
            }
            found = Some(column);
        }
        Ok(found)
    }
}

impl Relation {
    /// The column of this name; the one that has it for a synonym if no column is called so.
    pub(crate) fn column(&self, name: &str) -> Option<&Visible> {
        let named = |name: &str| self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name));
        let is_synonym = |synonyms: &&Synonyms| synonyms.names.iter().any(|word| name.eq_ignore_ascii_case(word));
        named(name).or_else(|| named(&self.synonyms.as_ref().filter(is_synonym)?.column))
    }
}

/// A column that the spec skips.
pub(crate) fn left_behind(name: &str) -> Visible {
    Visible {
        name: name.to_owned(),
        sql: Err(format!("it names `{name}`, which is left behind")),
        kind: ValueKind::Null,
        changes_dates: false,
        altered_by: None,
        equality: Equality::Bytes,
        reading: Reading::Stored,
        coercion: Coercion::Nothing,
        cast: None,
        is_narrow: false,
        is_inexact: false,
        extent: None,
        scale: None,
        spelled: Spelled::default(),
        carrier: Carrier::Nothing,
        labels: Vec::new(),
        shown_digits: None,
    }
}

/// Largest number of digits after the point that a type keeps.
fn scale(column_type: &ColumnType) -> Option<u32> {
    match column_type {
        ColumnType::Numeric(Some((_, scale))) => Some(u32::try_from(*scale).unwrap_or(0)),
        column_type => column_type.is_integer().then_some(0),
    }
}

/// Whether a column written as `sql` has the qualifier of this relation.
fn hides(relation: &Relation, sql: &str) -> bool {
    let qualifier = |sql: &str| sql.rsplit_once('.').map(|(qualifier, _)| qualifier.to_owned());
    let ours = relation.columns.iter().find_map(|column| qualifier(column.sql.as_deref().ok()?));
    ours.is_some() && ours == qualifier(sql)
}
