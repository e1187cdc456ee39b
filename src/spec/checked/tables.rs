//! Checks `[types]` and `[tables]`.

use super::Checker;
use crate::catalog::{ColumnType, DeclaredType};
use crate::name::{did_you_mean, hint_of_known, nearest};
use crate::spec::column_zone::ColumnZone;
use crate::spec::model::{
    ColumnSpec, ForeignKeyMode, IndexMethod, OnBadValue, SqlOrOmitted, TableSpec, TargetSpec, TextComparison,
};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawColumn, RawForgetting, RawTable, RawType};
use crate::spec::read::{Scalar, Text};
use crate::spec::type_rule::TypeRule;
use crate::value::{Dropping, Forgetting, FractionTreatment, Reading, RepeatedTime, ZeroDates};
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

/// Names of other engines for a PostgreSQL type.
const FOREIGN_TYPES: [(&str, &str); 12] = [
    ("datetime", "timestamp"),
    ("string", "text"),
    ("clob", "text"),
    ("nvarchar", "varchar"),
    ("blob", "bytea"),
    ("binary", "bytea"),
    ("tinyint", "smallint"),
    ("int64", "bigint"),
    ("serial", "integer"),
    ("bigserial", "bigint"),
    ("money", "numeric"),
    ("guid", "uuid"),
];

impl Checker<'_> {
    /// The rules of `[types]`, the most specific first.
    pub(super) fn types(&self, raw: &[RawType]) -> Vec<TypeRule> {
        let mut rules: Vec<(&Text, TypeRule)> = Vec::new();
        for rule in raw {
            let name = &rule.name;
            let declared = DeclaredType::parse(name.get_ref());
            let says = self.column(&rule.says);
            if declared.base.contains(['(', ')']) {
                let message = format!("the parentheses of `{}` do not match", name.get_ref());
                self.problems.report(Problem::new(code::BAD_VALUE, name.span(), message));
            } else if let Some((first, _)) = rules.iter().find(|(_, rule)| rule.declared == declared) {
                // The tree is sorted by spelling; the second one in the file is the duplicate.
                let (first, second) =
                    if first.span().start < name.span().start { (*first, name) } else { (name, *first) };
                let message = format!("`{}` and `{}` are the same type", first.get_ref(), second.get_ref());
                let problem = Problem::new(code::DUPLICATE, second.span(), message);
                self.problems.report(problem.label("the second rule for it").hint("remove one of the two"));
            } else {
                rules.push((name, TypeRule { declared, says }));
            }
        }
        let mut rules: Vec<TypeRule> = rules.into_iter().map(|(_, rule)| rule).collect();
        rules.sort_by(|one, other| one.declared.order().cmp(&other.declared.order()));
        rules
    }

    fn column_type(&self, text: &Text) -> Option<ColumnType> {
        let value = self.plain(text)?;
        let error = match value.text.parse() {
            Ok(column_type) => return Some(column_type),
            Err(error) => error,
        };
        let written = value.text.trim().to_lowercase();
        let bare = written.split_once('(').map_or(written.as_str(), |(bare, _)| bare.trim());
        let foreign = FOREIGN_TYPES.iter().find(|(foreign, _)| *foreign == bare).map(|(_, ours)| *ours);
        let hint = match foreign {
            Some(ours) => format!("PostgreSQL calls it `{ours}`"),
            None if bare != written && bare.parse::<ColumnType>().is_ok() => {
                format!("`{bare}` is known, but not what stands in its parentheses")
            }
            None => {
                let known = [&ColumnType::NAMES[..], &ColumnType::SPECIAL].concat();
                let hint = hint_of_known(bare, &known, "known types are");
                match nearest(bare, known.iter().copied().chain(ColumnType::judged_names())) {
                    Some(name) if !known.contains(&name) => did_you_mean(name),
                    Some(_) => hint,
                    None => format!("{hint}; a type of your own is written with its schema: `app.{bare}`"),
                }
            }
        };
        self.report(
            Problem::new(code::UNKNOWN_TYPE, value.span, error.to_string()).label("not a known type").hint(hint),
        )
    }

    /// The tables; `tells_case` says that the source may have two whose names differ in case alone.
    pub(super) fn tables(
        &self,
        raw: &[RawTable],
        target: Option<&TargetSpec>,
        tells_case: bool,
    ) -> BTreeMap<String, TableSpec> {
        let names = raw.iter().map(|table| (&table.name, table.rename.as_ref()));
        self.distinct_names("table", names, if tells_case { NameCase::Counts } else { NameCase::Ignored });
        raw.iter().map(|table| (table.name.get_ref().clone(), self.table(table, target))).collect()
    }

    /// The tables of which something stays behind, by the word under this key.
    pub(super) fn left_behind(
        &self,
        raw: &[RawTable],
        key: &'static str,
        word: impl Fn(&RawTable) -> Option<&Text>,
    ) -> BTreeSet<String> {
        let leaves = |table: &&RawTable| {
            let word = word(table).and_then(|word| self.plain(word));
            word.and_then(|word| self.word(key, &word, &[("leave_behind", ())])).is_some()
        };
        raw.iter().filter(leaves).map(|table| table.name.get_ref().clone()).collect()
    }

    fn table(&self, raw: &RawTable, target: Option<&TargetSpec>) -> TableSpec {
        let skip = raw.skip.as_ref().is_some_and(|skip| *skip.get_ref());
        if skip {
            let others = [
                ("rename", raw.rename.is_some()),
                ("after", raw.after.is_some()),
                ("where", raw.filter.is_some()),
                ("existing_rows", raw.existing_rows.is_some()),
                ("merge", raw.merge.is_some()),
                ("history", raw.history.is_some()),
                ("conflict_clauses", raw.conflict_clauses.is_some()),
                ("columns", !raw.columns.is_empty()),
                ("search", raw.search.is_some()),
                ("checks", !raw.checks.is_empty()),
                ("indexes", !raw.indexes.is_empty()),
                ("foreign_keys", !raw.foreign_keys.is_empty()),
                ("keys", !raw.keys.is_empty()),
                ("partitions", raw.partitions.is_some()),
                ("on_bad_value", raw.on_bad_value.is_some()),
            ];
            self.skipped_with("table", &raw.name, &others);
        }
        let names = raw.columns.iter().map(|column| (&column.name, column.rename.as_ref()));
        self.distinct_names("column", names, NameCase::Ignored);
        let after = self.distinct("after", raw.after.as_ref(), false);
        if let Some(after) = raw.after.as_ref().filter(|_| after.contains(raw.name.get_ref())) {
            let message = format!("the table `{}` cannot come after itself", raw.name.get_ref());
            self.problems.report(Problem::new(code::CONTRADICTION, after.span(), message));
        }
        let existing_rows = self.existing_rows(raw.existing_rows.as_ref(), target.map(|target| target.tables));
        TableSpec {
            rename: raw.rename.as_ref().and_then(|rename| self.name(rename, "rename")),
            skip,
            after,
            filter: raw.filter.as_ref().and_then(|filter| self.source_expression(filter, "where")),
            on_bad_value: self.on_bad_value(raw.on_bad_value.as_ref()),
            existing_rows,
            merge: raw.merge.as_ref().and_then(|merge| self.merge(merge, existing_rows, target)),
            columns: raw.columns.iter().map(|column| (column.name.get_ref().clone(), self.column(column))).collect(),
            search: raw.search.as_ref().and_then(|search| self.search(search)),
            checks: self.all_given(&raw.checks),
            indexes: self.all_given(&raw.indexes),
            left_keys: raw.keys.iter().filter_map(|(columns, word)| self.left_key(columns, word)).collect(),
            partitions: raw.partitions.as_ref().map(|partitions| *partitions.get_ref()),
            foreign_keys: raw
                .foreign_keys
                .iter()
                .filter_map(|(columns, mode)| Some((columns.get_ref().clone(), self.foreign_key(mode)?)))
                .collect(),
        }
    }

    fn foreign_key(&self, mode: &Spanned<Scalar>) -> Option<ForeignKeyMode> {
        let words = [
            ("validate", ForeignKeyMode::Validate),
            ("not_valid", ForeignKeyMode::NotValid),
            ("skip", ForeignKeyMode::Skip),
        ];
        match mode.get_ref() {
            Scalar::Boolean(false) => Some(ForeignKeyMode::Skip),
            Scalar::Text(text) => {
                let value = self.plain(&Spanned::new(mode.span(), text.clone()))?;
                self.word("foreign_keys", &value, &words)
            }
            _ => {
                let message = "a foreign key is \"validate\", \"not_valid\" or false";
                self.report(Problem::new(code::WRONG_TYPE, mode.span(), message).label("expected one of these"))
            }
        }
    }

    /// The columns of a primary key or unique constraint that stays behind; `false` is the only word for one.
    fn left_key(&self, columns: &Text, word: &Spanned<Scalar>) -> Option<String> {
        if matches!(word.get_ref(), Scalar::Boolean(false)) {
            return Some(columns.get_ref().clone());
        }
        let message = format!("the key ({}) can only be false", columns.get_ref());
        let hint = "write false to leave the key behind, or remove the line to keep it";
        self.report(Problem::new(code::BAD_VALUE, word.span(), message).label("expected false").hint(hint))
    }

    fn column(&self, raw: &RawColumn) -> ColumnSpec {
        let skip = raw.skip.as_ref().is_some_and(|skip| *skip.get_ref());
        if skip {
            let forgets = |key| raw.forgetting.keys().any(|(given, _)| given == key);
            let others = [
                ("type", raw.column_type.is_some()),
                ("rename", raw.rename.is_some()),
                ("source_sql", raw.source_sql.is_some()),
                ("from", raw.from.is_some()),
                ("leading_zeros", forgets("leading_zeros")),
                ("trailing_spaces", forgets("trailing_spaces")),
                ("fraction", forgets("fraction")),
                ("repeated_time", forgets("repeated_time")),
                ("storage_class", forgets("storage_class")),
                ("zero_dates", forgets("zero_dates")),
                ("timezone", raw.timezone.is_some()),
                ("letter_case", forgets("letter_case")),
                ("not_null", raw.not_null.is_some()),
                ("comparison", raw.comparison.is_some()),
                ("index", raw.index.is_some()),
                ("default", raw.default.is_some()),
                ("generated", raw.generated.is_some()),
                ("on_update", raw.on_update.is_some()),
                ("on_bad_value", raw.on_bad_value.is_some()),
            ];
            self.skipped_with("column", &raw.name, &others);
        }
        let column_type = raw.column_type.as_ref().and_then(|text| self.column_type(text));
        let (from, forgetting) = self.conversion(column_type.as_ref(), raw.from.as_ref(), &raw.forgetting);
        let timezone = raw.timezone.as_ref().and_then(|text| self.column_zone(column_type.as_ref(), text));
        let index = raw.index.as_ref().and_then(|index| self.word("index", &self.plain(index)?, &IndexMethod::ALL));
        let comparison = raw.comparison.as_ref();
        let comparison = comparison.and_then(|text| self.word("comparison", &self.plain(text)?, &TextComparison::ALL));
        let rename = raw.rename.as_ref().and_then(|rename| self.name(rename, "rename"));
        let default = raw.default.as_ref().and_then(|given| self.given("default", given));
        let generated = raw.generated.as_ref().and_then(|given| self.given("generated", given));
        if let (Some(_), Some(SqlOrOmitted::Sql(_)), Some(place)) = (&default, &generated, &raw.default) {
            let message = format!("the column `{}` is generated, and yet has a default", raw.name.get_ref());
            self.problems
                .report(Problem::new(code::CONTRADICTION, place.span(), message).hint("remove one of the two"));
        }
        let on_bad_value = self.on_bad_value(raw.on_bad_value.as_ref());
        let source_sql = raw.source_sql.as_ref().and_then(|sql| self.source_expression(sql, "source_sql"));
        let not_null = raw.not_null.as_ref().map(|not_null| *not_null.get_ref());
        ColumnSpec {
            column_type,
            rename,
            skip,
            source_sql,
            from,
            forgetting,
            timezone,
            not_null,
            comparison,
            index,
            default,
            generated,
            on_update: raw.on_update.as_ref().and_then(|given| self.given("on_update", given)),
            on_bad_value,
        }
    }

    /// The zone of a column's times; it has no meaning for a type without a date.
    fn column_zone(&self, column_type: Option<&ColumnType>, text: &Text) -> Option<ColumnZone> {
        if let Some(column_type) = column_type.filter(|column_type| !column_type.is_dated()) {
            let message = format!("`timezone` says nothing about {column_type}");
            let problem = Problem::new(code::CONTRADICTION, text.span(), message);
            self.problems.report(problem.hint("remove it, or give the column the type date, timestamp or timestamptz"));
        }
        Some(ColumnZone::new(&self.expanded(text)?.text, self.timezone(text)?))
    }

    /// Conversion of values to a type, and the parts that may be forgotten: the keys have to have a meaning for the
    /// type.
    fn conversion(
        &self,
        column_type: Option<&ColumnType>,
        from: Option<&Text>,
        raw: &RawForgetting,
    ) -> (Option<Reading>, Forgetting) {
        let reading = from.and_then(|from| self.word("from", &self.plain(from)?, &Reading::ALL));
        if let (Some(column_type), Some(reading), Some(place)) = (column_type, reading, from) {
            self.reading_fits(reading, column_type, place);
        }
        for (key, place) in raw.keys() {
            let Some(column_type) = column_type.filter(|known| !known.forgetting_keys().contains(&key)) else {
                continue;
            };
            let message = format!("`{key}` says nothing about {column_type}");
            let hint = match key {
                "leading_zeros" => "remove it, or give the column a type of numbers",
                "trailing_spaces" => "remove it, or give the column the type char(n)",
                "letter_case" => "remove it: it is for enums, whose type the source or the target says",
                "fraction" => {
                    "remove it, or give the column the type time, timestamp, timestamptz, numeric(p,s) or real"
                }
                "storage_class" => "remove it, or give the column the type text, varchar, char, citext or bytea",
                _ => "remove it, or give the column the type date, timestamp or timestamptz",
            };
            self.problems.report(Problem::new(code::CONTRADICTION, place.span(), message).hint(hint));
        }
        let fraction =
            raw.fraction.as_ref().and_then(|text| self.word("fraction", &self.plain(text)?, &FractionTreatment::ALL));
        if let (Some(FractionTreatment::Truncate), Some(place), Some(ColumnType::Real)) =
            (fraction, &raw.fraction, column_type)
        {
            let message = "`fraction = \"truncate\"` says nothing about real".to_owned();
            let problem = Problem::new(code::CONTRADICTION, place.span(), message);
            self.problems
                .report(problem.hint("write \"round\", which takes the nearest real: a real has no digits to cut off"));
        }
        let dropping = |key, text: &Option<Text>| self.word(key, &self.plain(text.as_ref()?)?, &Dropping::ALL);
        let repeated = raw.repeated_time.as_ref();
        let repeated = repeated.and_then(|text| self.word("repeated_time", &self.plain(text)?, &RepeatedTime::ALL));
        let zero_dates = raw.zero_dates.as_ref();
        let zero_dates = zero_dates.and_then(|text| self.word("zero_dates", &self.plain(text)?, &ZeroDates::ALL));
        let forgetting = Forgetting {
            leading_zeros: dropping("leading_zeros", &raw.leading_zeros).unwrap_or_default(),
            trailing_spaces: dropping("trailing_spaces", &raw.trailing_spaces).unwrap_or_default(),
            fraction: fraction.unwrap_or_default(),
            repeated_time: repeated.unwrap_or_default(),
            storage_class: dropping("storage_class", &raw.storage_class).unwrap_or_default(),
            zero_dates: zero_dates.unwrap_or_default(),
            letter_case: dropping("letter_case", &raw.letter_case).unwrap_or_default(),
        };
        (reading, forgetting)
    }

    fn reading_fits(&self, from: Reading, column_type: &ColumnType, place: &Text) {
        let (fits, needs) = match from {
            Reading::Stored => return,
            Reading::Julian | Reading::Excel | Reading::Yyyymmdd => (
                matches!(column_type, ColumnType::Date | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_)),
                "date, timestamp or timestamptz",
            ),
            Reading::Iso
            | Reading::UnixS
            | Reading::UnixMs
            | Reading::UnixUs
            | Reading::UnixNs
            | Reading::DotnetTicks => (
                matches!(
                    column_type,
                    ColumnType::Date | ColumnType::Time(_) | ColumnType::Timestamp(_) | ColumnType::Timestamptz(_)
                ),
                "date, time, timestamp or timestamptz",
            ),
            Reading::Microseconds | Reading::EpochInterval => (matches!(column_type, ColumnType::Interval), "interval"),
            Reading::Hex | Reading::Base64 => (matches!(column_type, ColumnType::Bytea), "bytea"),
            Reading::Utf8 => (
                matches!(
                    column_type,
                    ColumnType::Text
                        | ColumnType::Varchar(_)
                        | ColumnType::Char(_)
                        | ColumnType::Citext
                        | ColumnType::Bytea
                        | ColumnType::Judged(_)
                ),
                "text or bytea",
            ),
            Reading::Uuid | Reading::Guid | Reading::Swapped => (matches!(column_type, ColumnType::Uuid), "uuid"),
            Reading::Text if column_type.is_read_from_text() => return,
            Reading::Text | Reading::DoubleUtf8 | Reading::MixedUtf8 => (
                matches!(
                    column_type,
                    ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Char(_) | ColumnType::Citext
                ),
                "text",
            ),
            Reading::Literal => {
                (matches!(column_type, ColumnType::Text | ColumnType::Varchar(_) | ColumnType::Citext), "text")
            }
            Reading::Json => (matches!(column_type, ColumnType::Json | ColumnType::Jsonb), "json or jsonb"),
        };
        if !fits {
            let message = format!("from = \"{from}\" does not give a {column_type}");
            let problem = Problem::new(code::CONTRADICTION, place.span(), message);
            self.problems
                .report(problem.label(format!("for {needs}")).hint(format!("give the column the type {needs}")));
        }
    }

    pub(super) fn skipped_with(&self, what: &str, name: &Text, others: &[(&str, bool)]) {
        let said: Vec<String> = others.iter().filter(|(_, said)| *said).map(|(key, _)| format!("`{key}`")).collect();
        if !said.is_empty() {
            let message = format!("the {what} `{}` is skipped, and yet has {}", name.get_ref(), said.join(", "));
            let problem = Problem::new(code::CONTRADICTION, name.span(), message);
            self.problems.report(problem.label("stays behind").hint("remove `skip`, or everything else"));
        }
    }

    fn on_bad_value(&self, text: Option<&Text>) -> Option<OnBadValue> {
        self.word("on_bad_value", &self.plain(text?)?, &OnBadValue::ALL)
    }

    /// Reports names that are equal to the source, and two objects renamed to one name.
    pub(super) fn distinct_names<'r>(
        &self,
        what: &str,
        names: impl Iterator<Item = (&'r Text, Option<&'r Text>)> + Clone,
        case: NameCase,
    ) {
        let mut in_file: Vec<_> = names.collect();
        in_file.sort_by_key(|(name, _)| name.span().start);
        for (index, (name, rename)) in in_file.iter().enumerate() {
            let earlier = &in_file[..index];
            let is_same = |first: &str| case == NameCase::Ignored && first.eq_ignore_ascii_case(name.get_ref());
            if let Some((first, _)) = earlier.iter().find(|(first, _)| is_same(first.get_ref())) {
                let message = format!("`{}` and `{}` are the same {what}", first.get_ref(), name.get_ref());
                let problem = Problem::new(code::DUPLICATE, name.span(), message);
                self.problems
                    .report(problem.label("the second time").hint("write both into one; case makes no difference"));
            }
            let Some(rename) = rename else {
                continue;
            };
            let same = |other: &Option<&Text>| other.is_some_and(|other| other.get_ref() == rename.get_ref());
            if let Some((first, _)) = earlier.iter().find(|(_, other)| same(other)) {
                let message = format!("the {what} `{}` is renamed to `{}` too", first.get_ref(), rename.get_ref());
                self.problems.report(Problem::new(code::DUPLICATE, rename.span(), message).label("the same name"));
            }
        }
    }
}

/// Whether the case of letters tells the source's names apart. Equal names are errors of TOML itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameCase {
    Counts,
    Ignored,
}
