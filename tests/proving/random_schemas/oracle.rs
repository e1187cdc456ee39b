//! Both sides read without transship, and compared by PostgreSQL: a value of SQLite goes to the server as text with its
//! storage class, and the server says whether it is what stands in the table.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value as Json;
use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// A connection to the target.
pub(crate) struct Target {
    runtime: Runtime,
    client: Client,
}

const SET_UP: &str = "
    SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET search_path = app, pg_temp; SET client_min_messages = error;
    CREATE FUNCTION pg_temp.as_number(value text) RETURNS numeric LANGUAGE plpgsql AS $$
    BEGIN RETURN value::numeric; EXCEPTION WHEN others THEN RETURN NULL; END $$;
    CREATE FUNCTION pg_temp.as_double(value text) RETURNS double precision LANGUAGE plpgsql AS $$
    BEGIN RETURN value::double precision; EXCEPTION WHEN others THEN RETURN NULL; END $$;
    CREATE FUNCTION pg_temp.quoted(value text) RETURNS text LANGUAGE sql AS
        $$ SELECT '''' || replace(value, '''', '''''') || '''' $$;";

impl Target {
    pub(crate) fn connect(url: &str) -> Target {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute(SET_UP).await.unwrap();
            client
        });
        Target { runtime, client }
    }

    /// The rows of all statements, NULL as nothing.
    pub(crate) fn ask(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>, String> {
        let messages = self.runtime.block_on(self.client.simple_query(sql));
        let messages = messages.map_err(|error| format!("PostgreSQL: {error:?}\n{sql}"))?;
        let rows = messages.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some((0..row.len()).map(|at| row.get(at).map(str::to_owned)).collect()),
            _ => None,
        });
        Ok(rows.collect())
    }

    /// The first column of the rows.
    pub(crate) fn words(&self, sql: &str) -> Result<Vec<String>, String> {
        Ok(self.ask(sql)?.into_iter().filter_map(|mut row| row.swap_remove(0)).collect())
    }
}

/// A value of SQLite on its way to PostgreSQL.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    class: &'static str,
    /// Nothing where PostgreSQL has no such text.
    text: Option<String>,
    /// In hexadecimal; of an integer, whether a double is exactly it.
    bytes: String,
}

impl Cell {
    pub(crate) fn read(value: ValueRef<'_>) -> Cell {
        let readable = |bytes: &[u8]| {
            let text = std::str::from_utf8(bytes).ok()?;
            (!text.contains('\0')).then(|| text.to_owned())
        };
        let (class, text, bytes): (_, _, &[u8]) = match value {
            ValueRef::Null => ("null", None, &[]),
            ValueRef::Integer(number) => ("integer", Some(number.to_string()), &[]),
            ValueRef::Real(number) if number.is_infinite() => {
                ("real", Some(if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()), &[])
            }
            ValueRef::Real(number) => ("real", Some(format!("{number:?}")), &[]),
            ValueRef::Text(bytes) => ("text", readable(bytes), bytes),
            ValueRef::Blob(bytes) => ("blob", readable(bytes), bytes),
        };
        let exact = |number: i64| {
            // No double between 2^53 and 2^63 has more than 53 bits from its first to its last.
            let bits = number.unsigned_abs().max(1);
            64 - bits.leading_zeros() - bits.trailing_zeros() <= 53
        };
        let bytes = match value {
            ValueRef::Integer(number) if !exact(number) => "no double".to_owned(),
            _ => hex::encode(bytes),
        };
        Cell { class, text, bytes }
    }

    /// A row constructor of class, text and bytes.
    fn literals(&self) -> String {
        let text = self.text.as_ref().map_or_else(|| "NULL".to_owned(), |text| literal(text));
        format!("'{}', {text}, '{}'", self.class, self.bytes)
    }
}

pub(crate) fn literal(text: &str) -> String {
    format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
}

pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Rows of SQLite, cell by cell.
pub(crate) fn source_rows(source: &Connection, sql: &str) -> Result<Vec<Vec<Cell>>, String> {
    let failed = |error: rusqlite::Error| format!("SQLite: {error}: {sql}");
    let mut statement = source.prepare(sql).map_err(failed)?;
    let columns = statement.column_count();
    let mut rows = statement.query([]).map_err(failed)?;
    let mut read = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        read.push((0..columns).map(|at| Cell::read(row.get_ref(at).unwrap())).collect());
    }
    Ok(read)
}

/// The condition under which `value`, an expression of this type, is what the source holds in `class`, `text` and
/// `bytes`, the words for its parts. Rounding shows: nothing is cast to the target's own precision.
pub(crate) fn is_same(value: &str, value_type: &str, reading: &str, [class, text, bytes]: [&str; 3]) -> String {
    let number = format!("pg_temp.as_number({value}::text) = {text}::numeric");
    let double = |one: &str, other: &str| format!("float8send({one}) = float8send({other})");
    let doubles = double(&format!("pg_temp.as_double({value}::text)"), &format!("{text}::float8"));
    let in_utf8 = format!("encode(convert_to({value}::text, 'UTF8'), 'hex') = {bytes}");
    let seconds = format!("extract(epoch FROM {value})");
    let base = value_type.split(['(', ' ']).next().unwrap_or_default();
    let cases: Vec<(&str, String)> = match (base, reading) {
        // A real is the double in whole numbers, and its shortest decimal in numeric.
        ("smallint" | "integer" | "bigint", _) => vec![("integer text", number), ("real", doubles)],
        ("numeric", _) => vec![("integer real text", number)],
        ("double", _) => {
            vec![("integer", format!("{doubles} AND {bytes} <> 'no double'")), ("real text", doubles)]
        }
        ("boolean", _) => vec![
            ("integer real", format!("{value}::int = {text}::numeric")),
            ("text", format!("{value} = {text}::boolean")),
        ],
        ("text" | "character" | "citext", "literal") => {
            let unreadable = format!("'CAST(X''' || upper({bytes}) || ''' AS TEXT)'");
            let infinite = format!("{value} = replace({text}, 'Infinity', '9.0e+999')");
            vec![
                ("text", format!("{value} = coalesce(pg_temp.quoted({text}), {unreadable})")),
                ("blob", format!("{value} = 'X''' || upper({bytes}) || ''''")),
                ("integer", format!("{value} = {text}")),
                ("real", format!("CASE WHEN {text} LIKE '%Infinity' THEN {infinite} ELSE {doubles} END")),
            ]
        }
        ("text" | "character" | "citext", _) => {
            vec![("text blob", in_utf8), ("integer", format!("{value}::text = {text}")), ("real", doubles)]
        }
        ("bytea", _) => vec![("text blob", format!("encode({value}, 'hex') = {bytes}"))],
        ("uuid", _) => {
            let plain = format!("replace({value}::text, '-', '')");
            vec![
                ("text", format!("{plain} = lower(translate({text}, '{{}}-', ''))")),
                ("blob", format!("{plain} = {bytes}")),
            ]
        }
        (_, "unix_s") => vec![("integer real text", format!("abs({seconds} - {text}::numeric) < 0.000001"))],
        (_, "unix_ms") => vec![("integer real text", format!("abs({seconds} * 1000 - {text}::numeric) < 0.001"))],
        (_, "julian") => {
            vec![("integer real text", format!("abs({seconds} - ({text}::numeric - 2440587.5) * 86400) < 0.001"))]
        }
        ("date", _) => vec![("text", format!("{value}::timestamp = {text}::timestamp"))],
        // Digits below a microsecond arrive only where the spec says that they are cut off.
        ("time", _) => vec![("text", format!("{value} = {}::time", cut(text)))],
        ("timestamp", _) => {
            let whole = if value_type.contains("without") { "timestamp" } else { "timestamptz" };
            vec![("text", format!("{value} = {}::{whole}", cut(text)))]
        }
        ("json", _) => vec![("text blob", format!("{value}::text = {text}")), ("integer real", number)],
        ("jsonb", _) => vec![
            ("text blob", format!("{value} = {text}::jsonb AND {value}::text = {text}::jsonb::text")),
            ("integer real", number),
        ],
        _ => Vec::new(),
    };
    let mut sql = format!("coalesce(CASE WHEN {class} = 'null' THEN {value} IS NULL");
    for (classes, condition) in cases {
        sql.push_str(&format!(" WHEN {class} = ANY (string_to_array('{classes}', ' ')) THEN {condition}"));
    }
    sql + " ELSE false END, false)"
}

/// A time in words without its digits below a microsecond.
fn cut(text: &str) -> String {
    format!("regexp_replace({text}, '(\\.\\d{{6}})\\d+', '\\1')")
}

/// Compares the rows of a table that transship's plan maps.
pub(crate) fn compare_rows(source: &Connection, target: &Target, table: &Json, schema: &str) -> Result<(), String> {
    let columns = table["columns"].as_array().unwrap();
    let names = columns.iter().map(|column| quote(&word(&column["source"]))).collect::<Vec<_>>();
    let rows = source_rows(source, &select(table, &names.join(", ")))?;
    let place = place(table, schema);
    let types = column_types(target, &place)?;
    let mut values = Vec::new();
    for column in columns {
        let name = word(&column["target"]);
        let found = types.iter().find(|(other, _)| *other == name);
        let (_, column_type) = found.ok_or_else(|| format!("{place} has no column {name}"))?;
        values.push((quote(&name), column_type.clone(), word(&column["reading"])));
    }
    pair(target, &rows, &place, &values)
}

pub(crate) fn word(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

/// The table in the target.
pub(crate) fn place(table: &Json, schema: &str) -> String {
    format!("{}.{}", quote(schema), quote(&word(&table["target"])))
}

/// The rows that are to be copied.
pub(crate) fn select(table: &Json, list: &str) -> String {
    let condition = table["filter"].as_str().map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
    format!("SELECT {list} FROM {}{condition}", quote(&word(&table["source"])))
}

/// Finds for every row of the source a row of its own in the target, with the same values: expressions over the target's
/// columns with their types and readings.
pub(crate) fn pair(
    target: &Target,
    rows: &[Vec<Cell>],
    place: &str,
    values: &[(String, String, String)],
) -> Result<(), String> {
    let count = target.words(&format!("SELECT count(*) FROM {place}"))?;
    if count != [rows.len().to_string()] {
        return Err(format!("{place}: {} rows in the source, {count:?} in the target", rows.len()));
    }
    if rows.is_empty() {
        return Ok(());
    }
    let conditions = values.iter().enumerate().map(|(at, (_, value_type, reading))| {
        let parts = ["class", "text", "bytes"].map(|part| format!("s.{part}{at}"));
        is_same(&format!("t.value{at}"), value_type, reading, [&parts[0], &parts[1], &parts[2]])
    });
    let conditions = conditions.collect::<Vec<_>>();
    let parts = (0..values.len()).map(|at| format!("class{at}, text{at}, bytes{at}")).collect::<Vec<_>>().join(", ");
    let literals = rows
        .iter()
        .enumerate()
        .map(|(number, row)| format!("({number}, {})", row.iter().map(Cell::literals).collect::<Vec<_>>().join(", ")));
    let wanted = values.iter().enumerate().map(|(at, (value, ..))| format!("{value} AS value{at}"));
    let from = format!(
        "FROM (VALUES {}) AS s(number, {parts}) CROSS JOIN (SELECT row_number() OVER (ORDER BY ctid) - 1 AS place, {} \
         FROM {place}) AS t",
        literals.collect::<Vec<_>>().join(",\n"),
        wanted.collect::<Vec<_>>().join(", ")
    );
    // Equal rows are equal to the same rows: taking the first that is free finds a pairing where there is one.
    let pairs = target.ask(&format!(
        "SELECT s.number, t.place {from} WHERE {} ORDER BY 1, abs(s.number - t.place)",
        conditions.join("\n AND ")
    ))?;
    let mut taken = std::collections::BTreeSet::new();
    for (number, row) in rows.iter().enumerate() {
        let mine = pairs.iter().filter(|pair| pair[0].as_deref() == Some(&number.to_string()));
        if !mine.map(|pair| pair[1].clone()).any(|place| taken.insert(place)) {
            let unlike = conditions.iter().zip(values).map(|(condition, (value, value_type, _))| {
                let what = literal(&format!("{value} {value_type}"));
                format!("SELECT {what}, t.*::text {from} WHERE s.number = {number} AND t.place = {number} AND NOT {condition}")
            });
            let unlike = target.ask(&unlike.collect::<Vec<_>>().join(" UNION ALL "))?;
            return Err(format!(
                "{place}: row {number} of the source is not there: {row:?}\nin its place differ: {unlike:?}"
            ));
        }
    }
    Ok(())
}

/// The columns of a table or index with their types.
pub(crate) fn column_types(target: &Target, place: &str) -> Result<Vec<(String, String)>, String> {
    let sql = format!(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
         WHERE attrelid = {}::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        literal(place)
    );
    let rows = target.ask(&sql)?;
    Ok(rows.into_iter().map(|row| (row[0].clone().unwrap_or_default(), row[1].clone().unwrap_or_default())).collect())
}

/// Whether a value of the source is what an expression of the target gives.
pub(crate) fn is_value(target: &Target, cell: &Cell, expression: &str, value_type: &str) -> Result<bool, String> {
    let condition = is_same("v.value", value_type, "stored", ["s.class", "s.text", "s.bytes"]);
    let sql = format!(
        "SELECT {condition} FROM (VALUES ({})) AS s(class, text, bytes)
         CROSS JOIN (SELECT ({expression})::{value_type} AS value) AS v",
        cell.literals()
    );
    Ok(target.words(&sql)? == ["t"])
}
