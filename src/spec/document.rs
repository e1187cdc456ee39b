//! From the TOML tree to the raw document: the known keys, and the TOML types of their values.

use super::overlay;
use super::problem::{Problem, Problems, code};
use super::raw::{
    RawBackup, RawBench, RawCheck, RawColumn, RawCutover, RawDatabase, RawDocument, RawField, RawForgetting, RawGrant,
    RawKit, RawKitBackup, RawKitPool, RawMerge, RawSearch, RawSource, RawStep, RawTable, RawTableCheck, RawTarget,
    RawTrigger, RawType, RawView,
};
use super::read::{TableReader, Text};
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

/// Parses a document. A syntax error does not end the parsing; the tree holds all values that could be parsed.
pub(super) fn parse<'i>(text: &'i str, problems: &Problems) -> DeTable<'i> {
    let (tree, errors) = DeTable::parse_recoverable(text);
    let mut line_of_escape = None;
    for error in errors {
        let span = error.span().unwrap_or(0..0);
        let start = (0..=span.start.min(text.len())).rev().find(|start| text.is_char_boundary(*start));
        let end = (span.end..text.len()).find(|end| text.is_char_boundary(*end));
        let span = start.unwrap_or(0)..end.unwrap_or(text.len());
        let before = &text[..span.start];
        let line = before.matches('\n').count();
        // After a backslash that was meant, the parser takes offence at the next ones too.
        if line_of_escape == Some(line) {
            continue;
        }
        let problem = Problem::new(code::SYNTAX, span, error.message()).label("not TOML");
        let is_in_escape = ends_in_escape(before);
        line_of_escape = is_in_escape.then_some(line).or(line_of_escape);
        problems.report(if is_in_escape { problem.hint(SINGLE_QUOTES) } else { problem });
    }
    tree.into_inner()
}

/// Hint for a path of Windows in double quotes.
pub(super) const SINGLE_QUOTES: &str = "write the text in single quotes, as in 'sqlite:C:\\Users\\me\\app.db': in double quotes a backslash begins an escape";

/// Whether a text ends in a backslash, or in one and the letter of its escape.
fn ends_in_escape(before: &str) -> bool {
    before.ends_with('\\') || before.strip_suffix(['u', 'U', 'x']).is_some_and(|before| before.ends_with('\\'))
}

/// Reads the whole document.
pub(super) fn read(tree: &DeTable<'_>, problems: &Problems) -> RawDocument {
    overlay::check_overlays(tree, problems);
    let mut document = TableReader::document(tree, problems);
    let raw = RawDocument {
        version: document.scalar("spec"),
        name: document.text("name"),
        source: document.table("source").map(source),
        target: document.table("target").map(target),
        types: document.table("types").map(|types| types.named_entries(declared_type)).unwrap_or_default(),
        tables: document.named_tables("tables").into_iter().map(table).collect(),
        views: document.named_tables("views").into_iter().map(view).collect(),
        triggers: document.named_tables("triggers").into_iter().map(trigger).collect(),
        objects: document.named_tables("objects").into_iter().map(trigger).collect(),
        steps: document.named_tables("steps").into_iter().map(step).collect(),
        checks: document.named_tables("checks").into_iter().map(check).collect(),
        templates: document.text("templates"),
        backup: document.table("backup").map(backup),
        benches: document.named_tables("bench").into_iter().map(bench).collect(),
        cutover: document.table("cutover").map(cutover),
        kit: document.table("kit").map(kit),
        environments: overlay::environments(tree),
    };
    document.finish(&["env"]);
    raw
}

fn source(mut table: TableReader<'_, '_>) -> RawSource {
    let source = RawSource {
        place: table.span(),
        url: table.text_field("url"),
        databases: table.read("databases", databases),
        include: table.texts("include"),
        exclude: table.texts("exclude"),
        timezone: table.text("timezone"),
        zero_dates: table.text("zero_dates"),
        snapshot: table.text("snapshot"),
    };
    table.finish(&[]);
    source
}

/// A list of names, or a table of names and schemas, in the order in which they are written.
fn databases<'i>(
    table: &TableReader<'_, 'i>,
    key: &str,
    value: &Spanned<DeValue<'i>>,
) -> Option<Spanned<Vec<RawDatabase>>> {
    let mut databases = match value.get_ref() {
        DeValue::Array(_) => {
            let names = table.as_texts(key, value)?.into_inner();
            names.into_iter().map(|name| RawDatabase { name, schema: None }).collect()
        }
        DeValue::Table(entries) => {
            let entry = |(name, schema): (&Spanned<DeString<'i>>, &Spanned<DeValue<'i>>)| {
                let schema = Some(table.as_text(name.get_ref(), schema)?);
                Some(RawDatabase { name: Spanned::new(name.span(), name.get_ref().to_string()), schema })
            };
            entries.iter().map(entry).collect::<Option<Vec<_>>>()?
        }
        _ => return table.wrong_type(key, value, "a list of databases, or a table of databases and schemas"),
    };
    databases.sort_by_key(|database| database.name.span().start);
    Some(Spanned::new(value.span(), databases))
}

fn target(mut table: TableReader<'_, '_>) -> RawTarget {
    let target = RawTarget {
        place: table.span(),
        url: table.text_field("url"),
        schema: table.text("schema"),
        tables: table.text("tables"),
        existing_rows: table.text("existing_rows"),
        schema_version: table.text("schema_version"),
        data: table.text("data"),
        names: table.text("names"),
        comparison: table.text("comparison"),
        extensions: table.texts("extensions"),
        settings: table.table("settings").map(|table| table.entries(TableReader::as_scalar)).unwrap_or_default(),
        grants: table.table("grants").map(|table| table.entries(grant)).unwrap_or_default(),
        tls: table.text("tls"),
        trusted_roles: table.texts("trusted_roles"),
    };
    table.finish(&[]);
    target
}

fn backup(mut table: TableReader<'_, '_>) -> RawBackup {
    let backup = RawBackup {
        directory: table.text("directory"),
        before_apply: table.boolean("before_apply"),
        max_age: table.text("max_age"),
        keep: table.scalar("keep"),
    };
    table.finish(&[]);
    backup
}

fn cutover(mut table: TableReader<'_, '_>) -> RawCutover {
    let cutover = RawCutover { window: table.text("window"), source: table.text("source") };
    table.finish(&[]);
    cutover
}

fn declared_type<'t, 'i>(
    types: &TableReader<'t, 'i>,
    name: &Spanned<DeString<'i>>,
    value: &'t Spanned<DeValue<'i>>,
) -> Option<RawType> {
    let declared = Spanned::new(name.span(), name.get_ref().to_string());
    match value.get_ref() {
        DeValue::Table(_) => {
            let mut table = types.as_table(name, value)?;
            let nothing = RawColumn::named(declared.clone());
            let says = RawColumn {
                column_type: table.text("type"),
                from: table.text("from"),
                forgetting: forgetting(&mut table),
                timezone: table.text("timezone"),
                not_null: table.boolean("not_null"),
                comparison: table.text("comparison"),
                index: table.text("index"),
                default: table.scalar("default"),
                on_bad_value: table.text("on_bad_value"),
                ..nothing
            };
            if !says.says_something() {
                table.missing("type", "a rule says something of such columns: type, from, fraction, on_bad_value, …");
            }
            table.finish(&[]);
            Some(RawType { name: declared, says })
        }
        DeValue::String(_) => {
            let column_type = types.as_text(name.get_ref(), value);
            let says = RawColumn { column_type, ..RawColumn::named(declared.clone()) };
            Some(RawType { name: declared, says })
        }
        _ => types.wrong_type(name.get_ref(), value, "a type, or a table such as { type = \"…\" }"),
    }
}

fn forgetting(table: &mut TableReader<'_, '_>) -> RawForgetting {
    RawForgetting {
        leading_zeros: table.text("leading_zeros"),
        trailing_spaces: table.text("trailing_spaces"),
        fraction: table.text("fraction"),
        repeated_time: table.text("repeated_time"),
        storage_class: table.text("storage_class"),
        zero_dates: table.text("zero_dates"),
        letter_case: table.text("letter_case"),
    }
}

fn grant<'i>(table: &TableReader<'_, 'i>, role: &str, value: &Spanned<DeValue<'i>>) -> Option<RawGrant> {
    match value.get_ref() {
        DeValue::String(_) => table.as_text(role, value).map(RawGrant::Word),
        DeValue::Array(_) => table.as_texts(role, value).map(RawGrant::Listed),
        _ => table.wrong_type(role, value, "\"all\", \"read\" or a list of privileges"),
    }
}

fn table((name, mut table): (Text, TableReader<'_, '_>)) -> RawTable {
    let raw = RawTable {
        name,
        rename: table.text("rename"),
        skip: table.boolean("skip"),
        after: table.texts("after"),
        filter: table.text("where"),
        existing_rows: table.text("existing_rows"),
        merge: table.table("merge").map(merge),
        history: table.text("history"),
        conflict_clauses: table.text("conflict_clauses"),
        columns: table.named_tables("columns").into_iter().map(column).collect(),
        search: table.table("search").map(search),
        checks: table.table("checks").map(|table| table.entries(TableReader::as_scalar)).unwrap_or_default(),
        indexes: table.table("indexes").map(|table| table.entries(TableReader::as_scalar)).unwrap_or_default(),
        foreign_keys: table.table("foreign_keys").map(|keys| keys.entries(TableReader::as_scalar)).unwrap_or_default(),
        keys: table.table("keys").map(|keys| keys.entries(TableReader::as_scalar)).unwrap_or_default(),
        partitions: table.boolean("partitions"),
        on_bad_value: table.text("on_bad_value"),
    };
    table.finish(&[]);
    raw
}

fn column((name, mut table): (Text, TableReader<'_, '_>)) -> RawColumn {
    let raw = RawColumn {
        name,
        column_type: table.text("type"),
        rename: table.text("rename"),
        skip: table.boolean("skip"),
        source_sql: table.text("source_sql"),
        from: table.text("from"),
        forgetting: forgetting(&mut table),
        timezone: table.text("timezone"),
        not_null: table.boolean("not_null"),
        comparison: table.text("comparison"),
        index: table.text("index"),
        default: table.scalar("default"),
        generated: table.scalar("generated"),
        on_update: table.scalar("on_update"),
        on_bad_value: table.text("on_bad_value"),
    };
    table.finish(&[]);
    raw
}

fn merge(mut table: TableReader<'_, '_>) -> RawMerge {
    let raw = RawMerge { place: table.span(), key: table.texts("key"), prefer: table.text("prefer") };
    table.finish(&[]);
    raw
}

fn search(mut table: TableReader<'_, '_>) -> RawSearch {
    let raw = RawSearch {
        place: table.span(),
        columns: table.texts("columns"),
        config: table.text("config"),
        column: table.text("column"),
    };
    table.finish(&[]);
    raw
}

fn view((name, mut table): (Text, TableReader<'_, '_>)) -> RawView {
    let raw = RawView {
        name,
        rename: table.text("rename"),
        skip: table.boolean("skip"),
        sql: table.text("sql"),
        compare: table.boolean("compare"),
        compare_rows: table.scalar("compare_rows"),
        compare_seconds: table.scalar("compare_seconds"),
    };
    table.finish(&[]);
    raw
}

fn trigger((name, mut table): (Text, TableReader<'_, '_>)) -> RawTrigger {
    let raw = RawTrigger { name, skip: table.boolean("skip") };
    table.finish(&[]);
    raw
}

fn step((name, mut table): (Text, TableReader<'_, '_>)) -> RawStep {
    let raw = RawStep {
        name,
        after: table.texts("after"),
        before: table.texts("before"),
        sql: table.text_field("sql"),
        file: table.text_field("file"),
        undo: table.text_field("undo"),
        transaction: table.boolean("transaction"),
    };
    table.finish(&[]);
    raw
}

fn bench((name, mut table): (Text, TableReader<'_, '_>)) -> RawBench {
    let raw = RawBench {
        name,
        source: table.text_field("source"),
        target: table.text_field("target"),
        parameters: table.text("parameters"),
        clients: table.scalars("clients"),
        duration: table.text("duration"),
        p95_ms: table.scalar("p95_ms"),
        not_slower_than_source: table.boolean("not_slower_than_source"),
    };
    table.finish(&[]);
    raw
}

fn kit(mut table: TableReader<'_, '_>) -> RawKit {
    let raw = RawKit {
        postgresql: table.scalar("postgresql"),
        postgresql_image: table.text("postgresql_image"),
        image: table.text("image"),
        platforms: table.texts("platforms"),
        namespace: table.text("namespace"),
        memory: table.text("memory"),
        cores: table.scalar("cores"),
        storage: table.text("storage"),
        trusted: table.texts("trusted"),
        pool: table.table("pool").map(kit_pool),
        backup: table.table("backup").map(kit_backup),
    };
    table.finish(&[]);
    raw
}

fn kit_pool(mut table: TableReader<'_, '_>) -> RawKitPool {
    let raw = RawKitPool {
        size: table.scalar("size"),
        overflow: table.scalar("overflow"),
        timeout: table.scalar("timeout"),
        recycle: table.scalar("recycle"),
        connect_timeout: table.scalar("connect_timeout"),
        statement_timeout: table.scalar("statement_timeout"),
    };
    table.finish(&[]);
    raw
}

fn kit_backup(mut table: TableReader<'_, '_>) -> RawKitBackup {
    let raw = RawKitBackup { schedule: table.text("schedule"), keep: table.scalar("keep") };
    table.finish(&[]);
    raw
}

fn check((name, mut table): (Text, TableReader<'_, '_>)) -> RawCheck {
    let mut raw = RawCheck {
        name,
        sql: table.text_field("sql"),
        expect: table.scalar_field("expect"),
        source: table.text_field("source"),
        target: table.text_field("target"),
        no_rows: table.text_field("no_rows"),
        severity: table.text("severity"),
        ready_made: Vec::new(),
        unreadable: 0,
    };
    for kind in ["not_null", "unique", "foreign_key", "accepted_values", "row_count", "sum"] {
        match table.table_field(kind) {
            RawField::Read(check) => raw.ready_made.push(table_check(kind, check)),
            RawField::Unreadable => raw.unreadable += 1,
            RawField::Absent => {}
        }
    }
    table.finish(&[]);
    raw
}

fn table_check(kind: &'static str, mut table: TableReader<'_, '_>) -> RawTableCheck {
    let mut raw = RawTableCheck {
        kind,
        place: table.span(),
        table: table.text("table"),
        columns: None,
        column: None,
        references: None,
        referenced_columns: None,
        values: None,
        min: None,
        max: None,
    };
    match kind {
        "row_count" => {
            raw.min = table.scalar("min");
            raw.max = table.scalar("max");
        }
        "accepted_values" => {
            raw.column = table.text("column");
            raw.values = table.scalars("values");
        }
        "sum" => raw.column = table.text("column"),
        _ => raw.columns = table.texts("columns"),
    }
    if kind == "foreign_key" {
        raw.references = table.text("references");
        raw.referenced_columns = table.texts("referenced_columns");
    }
    table.finish(&[]);
    raw
}
