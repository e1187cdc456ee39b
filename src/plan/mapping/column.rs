//! One column: its name, type and default in the target.

use super::date_change::DateChange;
use super::default::default_of;
use super::judged::{read_instead, settled};
use super::selection::{column_spec, holds_default, is_nullable_key, leaves_key, rule_for, table_spec};
use super::sequences::drawn;
use super::{ColumnMapping, MappingDraft, enum_types};
use crate::catalog::{Column, ColumnType, DeclaredType, Equality, KeyGeneration, Table};
use crate::dialect;
use crate::dialect::declared::{Declared, ListedTexts, StoredClasses, by_content};
use crate::dialect::expression::Untranslatable;
use crate::dialect::postgresql::equality;
use crate::name::{quote_toml_key, quote_toml_text};
use crate::plan::Inputs;
use crate::plan::finding::{Cause, Finding, FindingCode, Severity};
use crate::plan::names::Namespace;
use crate::plan::omitted::{OmissionReason, Omitted, OmittedObject, OmittedPlace, SpecLines};
use crate::spec::{ColumnSpec, OnBadValue, Spec, SqlOrOmitted, TablesMode, TextComparison};
use crate::value::{Forgetting, StorageClass, Verdicts, Zone};

/// The names that no column of a table can have (PostgreSQL documentation, section 5.6).
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// Stable name of the findings about defaults that write more than their column's dates.
pub const TIME_OF_DEFAULT: FindingCode = FindingCode::DefaultWithTime;

impl MappingDraft {
    pub(super) fn column(
        &mut self,
        inputs: Inputs<'_>,
        table: &Table,
        column: &Column,
        names: &mut Namespace,
    ) -> Option<ColumnMapping> {
        let own = column_spec(inputs.spec, &table.name, &column.name).cloned().unwrap_or_default();
        if own.skip {
            let place = OmittedPlace::column(&table.name, &column.name);
            self.omit(OmittedObject::Column, place, OmissionReason::known("left out by `skip`"));
            return None;
        }
        let target = self.column_name(inputs.spec, (table, column), &own, names);
        let declared_type = DeclaredType::parse(&column.declared_type);
        let dialect = dialect::of(inputs.catalog.engine);
        let listed = dialect.labels(&declared_type);
        // Listed texts differ under every collation, or the source would not have taken the list.
        let is_listed = listed != ListedTexts::default();
        // A rule about a declared type is about the type that it gives.
        let said = own.or(rule_for(inputs.spec, &declared_type));
        let column_type = column_type(inputs, table, column, &said);
        let (column_type, reading) = settled(inputs, &column.declared_type, column_type, said.from.unwrap_or_default());
        let on_bad_value = on_bad_value(inputs.spec, table, &own, &said);
        let is_made = inputs.spec.target.tables != TablesMode::Existing;
        let comparison = said.comparison.or(inputs.spec.target.comparison);
        let labels = listed.one.filter(|_| column_type == ColumnType::Text).unwrap_or_default();
        let members = listed.several.filter(|_| column_type == ColumnType::TextArray).unwrap_or_default();
        let wants_enum = is_made && !labels.is_empty() && said.column_type.is_none();
        let can_be_enum = enum_types::can_be_enum(&labels);
        if is_made {
            if !is_listed {
                self.collation_differs((table, column), &column_type, comparison, &own);
            }
            if column.generates_keys.is_some() && !column_type.is_integer() && own.column_type.is_none() {
                self.findings.push(keys_not_generated(inputs, table, column, &column_type));
            }
        }
        if wants_enum && !can_be_enum {
            self.findings.push(long_labels(table, column));
        }
        let forgetting =
            said.forgetting.or(Forgetting { zero_dates: inputs.spec.source.zero_dates, ..Forgetting::default() });
        Some(ColumnMapping {
            source: column.name.clone(),
            target,
            declared_type: column.declared_type.clone(),
            keeps_values: column.keeps_values,
            identity: column.generates_keys.is_some() && column_type.is_integer(),
            generates_keys: column.generates_keys.is_some(),
            source_sql: read_instead(inputs, &table.name, (&column.name, &column.declared_type), &column_type),
            date_change: DateChange::of(column, &column_type, &own, forgetting),
            column_type,
            reading,
            forgetting,
            not_null: said.not_null.unwrap_or(column.not_null)
                || column.generates_keys.is_some()
                || keeps_key(inputs, table, column, on_bad_value),
            on_bad_value,
            default: None,
            generated: None,
            equality: if is_listed { Equality::Bytes } else { column.equality.clone() },
            comparison: comparison.unwrap_or_default(),
            compared_by: None,
            target_type: None,
            comment: column.comment.clone(),
            // Named once all tables are mapped.
            enum_type: (wants_enum && can_be_enum).then(String::new),
            labels,
            members,
            timezone: own_zone(&said, inputs.spec),
            is_utc: dialect.is_utc(&declared_type),
            forgets_scale: false,
            is_proven: false,
            verdicts: Verdicts::default(),
            extent: inputs.contents.extent_of(&table.name, &column.name),
            spellings: inputs.contents.spellings_of(&table.name, &column.name).cloned(),
        })
    }

    /// The column's name in the target; one that the target cannot have is a finding.
    fn column_name(
        &mut self,
        spec: &Spec,
        (table, column): (&Table, &Column),
        own: &ColumnSpec,
        names: &mut Namespace,
    ) -> String {
        let target = match &own.rename {
            Some(name) => crate::name::shorten(name),
            None => spec.target.names.apply(&column.name),
        };
        let heading = format!("[tables.{}.columns.{}]", quote_toml_key(&table.name), quote_toml_key(&column.name));
        let finding = |code, message: String, name: String| {
            Finding::about(code, Severity::Blocks, &table.name, message)
                .in_column(&column.name)
                .suggesting(format!("{heading}\nrename = {name}"))
        };
        if !names.take(&target) {
            let message = format!("two columns would be called {target} in the target");
            self.findings.push(finding(
                FindingCode::NameCollision,
                message,
                quote_toml_text(&names.take_free(&target)),
            ));
        }
        if SYSTEM_COLUMNS.contains(&target.as_str()) || target.is_empty() {
            let message = if target.is_empty() {
                "PostgreSQL has no empty names".to_owned()
            } else {
                format!("every table of PostgreSQL has a system column {target}")
            };
            self.findings.push(finding(FindingCode::SystemColumn, message, format!("\"{target}_\"")));
        }
        target
    }

    /// Reports a column whose texts PostgreSQL does not compare as the source does.
    fn collation_differs(
        &mut self,
        (table, column): (&Table, &Column),
        column_type: &ColumnType,
        comparison: Option<TextComparison>,
        own: &ColumnSpec,
    ) {
        let Some(collation) = column.equality.collation() else { return };
        if equality::is_kept(&column.equality, column_type) {
            return;
        }
        match column.equality.rule() {
            Some(_) => self.comparison(table, column, collation, comparison, own),
            None => self.collation(table, column, collation, column_type, own),
        }
    }

    /// The defaults, once the columns' types are settled.
    pub(super) fn defaults(&mut self, inputs: Inputs<'_>, zone: &Zone) {
        let (mut omitted, mut findings) = (Vec::new(), Vec::new());
        for mapping in &mut self.tables {
            let Some(table) = inputs.catalog.table(&mapping.source) else { continue };
            let dialect = mapping.dialect();
            let is_stored = |column: &&mut ColumnMapping| !column.identity && column.generated.is_none();
            for column in mapping.columns.iter_mut().filter(is_stored) {
                let place = || OmittedPlace::column(&table.name, &column.source);
                let own = column_spec(inputs.spec, &table.name, &column.source).cloned().unwrap_or_default();
                let own_given = own.default.is_some();
                let said = own.or(rule_for(inputs.spec, &DeclaredType::parse(&column.declared_type)));
                let (is_typed, by_spec) = (said.column_type.is_some(), said.default);
                let has_default = table.column(&column.source).is_some_and(|column| column.default.is_some());
                // A line of [types] has nothing to leave behind where the source has no default.
                let is_meant =
                    |given: &&SqlOrOmitted| own_given || has_default || matches!(given, SqlOrOmitted::Sql(_));
                match by_spec.as_ref().filter(is_meant) {
                    None => {}
                    Some(SqlOrOmitted::Sql(sql)) => {
                        column.default = Some(sql.clone());
                        continue;
                    }
                    Some(SqlOrOmitted::LeftBehind) => {
                        omitted.push(Omitted::new(
                            OmittedObject::Default,
                            place(),
                            OmissionReason::known("left out by the spec"),
                        ));
                        continue;
                    }
                }
                let default = table.column(&column.source).and_then(|column| column.default.as_deref());
                let made = |text: &str| match dialect.drawn_sequence(text) {
                    Some(name) => drawn(&self.sequences, &inputs.spec.target.schemas, &name, column),
                    None if column.is_utc && *zone != Zone::UTC && dialect.moves_local_time(text) => {
                        Err(Untranslatable(format!("it moves the local time of {zone}, and the column is in UTC")))
                    }
                    None => default_of(dialect, text, column, &column.zone(zone)),
                };
                match default.map(|text| (text, made(text))) {
                    None => {}
                    Some((_, Ok(default))) => column.default = Some(default),
                    Some((text, Err(reason))) => {
                        let (table_key, column_key) = (quote_toml_key(&table.name), quote_toml_key(&column.source));
                        let heading = format!("tables.{table_key}.columns.{column_key}");
                        let reason = OmissionReason::undecided(&reason.0, text, &heading, "default", "…");
                        let is_date = column.column_type == ColumnType::Date && !is_typed;
                        let reason = if is_date && dialect.keeps_time_of_day(text) {
                            findings.push(time_of_default(&table.name, &column.source, text));
                            reason.reported_by(TIME_OF_DEFAULT)
                        } else {
                            reason
                        };
                        let default = Omitted::new(OmittedObject::Default, place(), reason);
                        omitted.push(if column.not_null { default.of_not_null_column() } else { default });
                    }
                }
            }
        }
        self.omitted.extend(omitted);
        self.findings.extend(findings);
    }

    /// Reports a column whose collation PostgreSQL does not have. A type that the spec itself gives is a decision, and
    /// is not reported.
    fn collation(
        &mut self,
        table: &Table,
        column: &Column,
        collation: &str,
        column_type: &ColumnType,
        by_spec: &ColumnSpec,
    ) {
        let cause = format!("PostgreSQL compares without the collation {collation}");
        let reason = match &by_spec.column_type {
            Some(_) => OmissionReason::known(cause),
            None => {
                let line = format!("type = {}", quote_toml_text(&column_type.to_string()));
                let (table, column) = (quote_toml_key(&table.name), quote_toml_key(&column.name));
                OmissionReason::from(cause).settled_by(SpecLines::new(format!("tables.{table}.columns.{column}"), line))
            }
        };
        self.omit(OmittedObject::Collation, OmittedPlace::column(&table.name, &column.name), reason);
    }

    /// Keeps the spec's words on forgetting that have a meaning for the columns' final types, and reports the others.
    pub(super) fn settle_forgetting(&mut self, spec: &Spec) {
        for mapping in &mut self.tables {
            for column in &mut mapping.columns {
                let keys = column.forgetting_keys();
                column.forgetting = column.forgetting.only(keys);
                let said = column_spec(spec, &mapping.source, &column.source).map(|column| column.forgetting);
                let has_zone = column.column_type.is_dated() && !column.is_utc;
                column.timezone = column.timezone.take().filter(|_| has_zone);
                let zone_said =
                    column_spec(spec, &mapping.source, &column.source).is_some_and(|said| said.timezone.is_some());
                if zone_said && !has_zone {
                    let words = if column.is_utc {
                        "times that the source keeps in UTC"
                    } else {
                        &column.column_type.to_string()
                    };
                    let message = format!("`timezone` says nothing about {words}");
                    let finding =
                        Finding::about(FindingCode::WordWithoutMeaning, Severity::Warns, &mapping.source, message);
                    self.findings.push(finding.in_column(&column.source).suggesting("remove `timezone`"));
                }
                let meaningless = said.into_iter().flat_map(Forgetting::words).filter(|(key, _)| !keys.contains(key));
                for (key, _) in meaningless {
                    let message = format!("`{key}` says nothing about {}", column.column_type);
                    let finding =
                        Finding::about(FindingCode::WordWithoutMeaning, Severity::Warns, &mapping.source, message);
                    self.findings.push(finding.in_column(&column.source).suggesting(format!("remove `{key}`")));
                }
            }
        }
    }
}

fn column_type(inputs: Inputs<'_>, table: &Table, column: &Column, said: &ColumnSpec) -> ColumnType {
    if let Some(column_type) = &said.column_type {
        return column_type.clone();
    }
    if let Some(kept) = inputs.contents.kept_type(&table.name, &column.name) {
        return kept.clone();
    }
    match dialect::of(inputs.catalog.engine).declared(&DeclaredType::parse(&column.declared_type)) {
        Declared::Says(column_type) => column_type,
        // Keys that the source counts up are numbers.
        Declared::Preferred(_, otherwise) if column.generates_keys.is_some() => otherwise,
        Declared::Preferred(first, otherwise) => {
            if inputs.contents.is_held(&table.name, &column.name) && holds_default(inputs.catalog.engine, column) {
                first
            } else {
                otherwise
            }
        }
        Declared::Undecided(otherwise) => {
            let none = StoredClasses::new();
            let stored = inputs.contents.classes_of(&table.name, &column.name).unwrap_or(&none);
            by_content(stored, &otherwise)
        }
    }
}

/// The warning about a default with a time of day in a column that is a date: new rows of the source have both.
fn time_of_default(table: &str, column: &str, text: &str) -> Finding {
    let words =
        "a time of day beside the date, which a date of PostgreSQL does not have; without a decision it stays behind";
    let message = format!("the default `{text}` writes {words}");
    let (table_key, column_key) = (quote_toml_key(table), quote_toml_key(column));
    let lines = format!(
        "# keeps both; the dates that stand there get midnight\n[tables.{table_key}.columns.{column_key}]\ntype = \"timestamp\"\n\
         # or stays a date, without the default: default = false"
    );
    let cause = Cause::new(["default writes", "defaults write"], words);
    let finding = Finding::about(TIME_OF_DEFAULT, Severity::Warns, table, message).because(cause);
    finding.in_column(column).suggesting(lines)
}

/// The finding about generated keys in a column that cannot be an identity column. `bigint` is proposed unless its last number,
/// or one beyond it, has been given.
fn keys_not_generated(inputs: Inputs<'_>, table: &Table, column: &Column, column_type: &ColumnType) -> Finding {
    let message =
        format!("the source generates keys here, and PostgreSQL generates none in a column of the type {column_type}");
    let size = inputs.sizes.get(&table.name);
    let is_beyond =
        column.generates_keys == Some(KeyGeneration::NeverTwice) && size.is_some_and(|size| size.used_up() == Some(64));
    let own = quote_toml_text(&column_type.to_string());
    let (words, line) = match is_beyond {
        true => {
            ("it holds keys that do not fit an identity column; this keeps the type that it has now".to_owned(), own)
        }
        false => {
            let words = format!(
                "makes it an identity column, if the keys fit 63 bits; or keep the type that it has now: type = {own}"
            );
            (words, quote_toml_text("bigint"))
        }
    };
    let (table_key, column_key) = (quote_toml_key(&table.name), quote_toml_key(&column.name));
    Finding::about(FindingCode::KeysNotGenerated, Severity::Warns, &table.name, message)
        .in_column(&column.name)
        .suggesting(format!("# {words}\n[tables.{table_key}.columns.{column_key}]\ntype = {line}"))
}

/// Treatment of values that do not fit: the word on a table is about fewer columns than the word on a type.
fn on_bad_value(spec: &Spec, table: &Table, own: &ColumnSpec, said: &ColumnSpec) -> OnBadValue {
    let by_table = table_spec(spec, &table.name).and_then(|table| table.on_bad_value);
    own.on_bad_value.or(by_table).or(said.on_bad_value).unwrap_or_default()
}

/// The zone of a column's times, where it is another than the source's.
fn own_zone(said: &ColumnSpec, spec: &Spec) -> Option<Zone> {
    let zone = said.timezone.as_ref().map(|zone| Zone::from(zone.zone().clone()));
    zone.filter(|zone| *zone != Zone::from(spec.source.timezone.clone()))
}

/// The note on labels that PostgreSQL's enums do not take.
fn long_labels(table: &Table, column: &Column) -> Finding {
    let message =
        "a label has more than 63 bytes, as many as PostgreSQL's enums keep: the column becomes text with a CHECK";
    let (table_key, column_key) = (quote_toml_key(&table.name), quote_toml_key(&column.name));
    Finding::about(FindingCode::EnumAsText, Severity::Notes, &table.name, message)
        .in_column(&column.name)
        .suggesting(format!("[tables.{table_key}.columns.{column_key}]\ntype = \"text\""))
}

/// Whether a column of a primary key in which SQLite allows NULL is NOT NULL in the target all the same: rows with NULL
/// in it are rejected, or there are none and the key is a primary key in the target too. A key that the spec leaves behind asks
/// for nothing.
fn keeps_key(inputs: Inputs<'_>, table: &Table, column: &Column, on_bad_value: OnBadValue) -> bool {
    let stored = inputs.contents.classes_of(&table.name, &column.name);
    let leaves_key = table.primary_key.as_ref().is_some_and(|key| leaves_key(inputs.spec, &table.name, &key.columns));
    is_nullable_key(table, column)
        && !leaves_key
        && match on_bad_value {
            OnBadValue::Stop => false,
            OnBadValue::Null => !stored.is_some_and(|stored| stored.contains_key(&StorageClass::Null)),
            OnBadValue::Reject => true,
        }
}
