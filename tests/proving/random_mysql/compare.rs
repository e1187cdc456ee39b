//! Both sides read by plain clients: the values of every row and what keeps them, in a form of their own.

use super::draft::quote;
use crate::random_schemas::oracle::{self, Target, column_types, literal, word};
use crate::support::mysql_server::MysqlServer;
use serde_json::Value as Json;
use std::net::IpAddr;

/// A database of the source, and the schema of the target.
pub(crate) struct Sides<'a> {
    pub(crate) server: &'a MysqlServer,
    pub(crate) database: &'a str,
    pub(crate) target: &'a Target,
    pub(crate) schema: &'a str,
    pub(crate) spec: &'a toml::Table,
    pub(crate) is_mariadb: bool,
}

/// A row in words, NULL as nothing.
type Row = Vec<Option<String>>;

impl Sides<'_> {
    /// Compares rows, keys, defaults and generators of a table of the plan.
    pub(crate) fn compare(&self, table: &Json, omitted: &[Json]) -> Result<(), String> {
        let place = oracle::place(table, self.schema);
        let types = column_types(self.target, &place)?;
        let columns = table["columns"].as_array().unwrap().iter().filter(|column| column["reading"] == "stored");
        let columns = columns.map(|column| {
            let (source, target) = (word(&column["source"]), word(&column["target"]));
            let target_type = types.iter().find(|(name, _)| *name == target);
            let (_, target_type) = target_type.ok_or_else(|| format!("{place} has no column {target}"))?;
            let (declared, target_type) = (self.declared(table, &source), target_type.clone());
            Ok(Pair { source, target, declared, target_type, is_mariadb: self.is_mariadb })
        });
        let columns = columns.collect::<Result<Vec<_>, String>>()?;
        if !columns.is_empty() {
            self.compare_rows(table, &place, &columns)?;
        }
        for column in &columns {
            let name = format!("{}.{}", word(&table["source"]), column.source);
            if !omitted.iter().any(|one| one["kind"] == "default" && one["name"] == *name) {
                self.compare_default(table, &place, column)?;
            }
        }
        let is_foreign_key = |one: &&Json| one["kind"] == "foreign key" && one["table"] == table["source"];
        self.compare_keys(table, &place, omitted.iter().filter(is_foreign_key).count())
    }

    fn declared(&self, table: &Json, column: &str) -> String {
        let sql = format!(
            "SELECT concat(data_type, if(column_type LIKE 'bit%', '!', '')) FROM information_schema.columns
             WHERE table_schema = database() AND BINARY table_name = {} AND column_name = {}",
            text(&word(&table["source"])),
            text(column)
        );
        self.server.ask(self.database, &sql).trim().to_owned()
    }

    fn compare_rows(&self, table: &Json, place: &str, columns: &[Pair]) -> Result<(), String> {
        let list = columns.iter().map(|column| column.of_source(&quote(&column.source))).collect::<Vec<_>>().join(", ");
        let condition = table["filter"].as_str().map(|filter| format!(" WHERE {filter}")).unwrap_or_default();
        let sql = format!("SET time_zone = '+00:00'; SELECT {list} FROM {}{condition}", quote(&word(&table["source"])));
        let mut there = Vec::new();
        for line in self.server.ask(self.database, &sql).lines() {
            let fields = line.split('\t').zip(columns);
            let row = fields.map(|(field, column)| self.said_by_source(table, column, field));
            there.push(row.collect::<Result<Row, _>>()?);
        }
        let list = columns
            .iter()
            .map(|column| column.of_target(&oracle::quote(&column.target)))
            .collect::<Vec<_>>()
            .join(", ");
        let mut arrived = Vec::new();
        for row in self.target.ask(&format!("SELECT {list} FROM {place}"))? {
            let row =
                row.iter().zip(columns).map(|(field, column)| field.as_deref().map(|field| column.canonical(field)));
            arrived.push(row.collect::<Row>());
        }
        there.sort();
        arrived.sort();
        if there == arrived {
            return Ok(());
        }
        let only =
            |one: &[Row], other: &[Row]| one.iter().filter(|row| !other.contains(row)).cloned().collect::<Vec<_>>();
        let names =
            columns.iter().map(|column| (&column.source, &column.declared, &column.target_type)).collect::<Vec<_>>();
        Err(format!(
            "{place}: {} rows there, {} arrived\n{names:?}\nonly in the source: {:?}\nonly in the target: {:?}",
            there.len(),
            arrived.len(),
            only(&there, &arrived),
            only(&arrived, &there)
        ))
    }

    /// The words for a value of the source, which is in hexadecimal.
    fn said_by_source(&self, table: &Json, column: &Pair, field: &str) -> Result<Option<String>, String> {
        if field == "NULL" {
            return Ok(None);
        }
        if column.target_type == "bytea" {
            return Ok(Some(field.to_lowercase()));
        }
        let bytes = hex::decode(field).map_err(|error| format!("{error}: {field}"))?;
        let said = String::from_utf8_lossy(&bytes).into_owned();
        let is_date = ["date", "timestamp"].iter().any(|name| column.target_type.starts_with(name));
        if is_date && (said.get(5..7) == Some("00") || said.get(8..10) == Some("00")) {
            let own = self.spec.get("tables").and_then(|tables| tables.get(word(&table["source"])));
            let own = own.and_then(|own| own.get("columns")?.get(&column.source)?.get("zero_dates"));
            let general = self.spec.get("source").and_then(|source| source.get("zero_dates"));
            return match own.or(general).and_then(|decided| decided.as_str()) {
                Some("null") => Ok(None),
                Some("epoch") => Ok(Some(column.canonical("1970-01-01 00:00:00").replace(" 00:00:00", ""))),
                Some(word) => Ok(Some(word.to_owned())),
                None => Err(format!("a zero date arrived without a decision: {said}")),
            };
        }
        if column.target_type == "jsonb" {
            let kept = self.target.words(&format!("SELECT ({}::jsonb)::text", literal(&said)))?;
            return Ok(Some(kept.concat()));
        }
        Ok(Some(column.canonical(&said)))
    }

    /// A constant default gives the same value on both sides.
    fn compare_default(&self, table: &Json, place: &str, column: &Pair) -> Result<(), String> {
        let name = word(&table["source"]);
        let sql = format!(
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = database() AND BINARY table_name = {}
                AND column_name = {} AND extra IN ('', 'INVISIBLE') AND column_default IS NOT NULL
                AND column_default NOT LIKE '%(%' AND column_default NOT LIKE 'current%' AND column_default <> 'NULL'
                AND column_default NOT LIKE '%0000-00-00%' AND data_type NOT IN ('json')",
            text(&name),
            text(&column.source)
        );
        if self.server.ask(self.database, &sql).trim() != "1" {
            return Ok(());
        }
        let value = column.of_source(&format!("DEFAULT({})", quote(&column.source)));
        let sql = format!("SET time_zone = '+00:00'; SELECT {value} FROM {} LIMIT 1", quote(&name));
        let said = self.server.ask(self.database, &sql);
        if said.is_empty() {
            return Ok(());
        }
        let said = self.said_by_source(table, column, said.trim())?;
        let sql = format!(
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = adrelid AND attnum = adnum
             WHERE adrelid = {}::regclass AND attname = {}",
            literal(place),
            literal(&column.target)
        );
        let default = self.target.words(&sql)?;
        let Some(default) = default.first() else {
            return Err(format!("{place}.{} has no default: {said:?} in the source", column.target));
        };
        let value = column.of_target(&format!("(({default})::{})", column.target_type));
        let given = self.target.ask(&format!("SELECT {value}"))?;
        let given = given[0][0].as_deref().map(|given| column.canonical(given));
        if given == said {
            return Ok(());
        }
        Err(format!("{place}.{}: the default is {said:?} in the source, {given:?} in the target", column.target))
    }

    /// Keys, NOT NULL, and where a generator goes on. What the plan says stays behind is not looked for.
    fn compare_keys(&self, table: &Json, place: &str, left_behind: usize) -> Result<(), String> {
        let name = word(&table["source"]);
        let sql = format!(
            "SELECT sum(constraint_type = 'PRIMARY KEY'), sum(constraint_type IN ('PRIMARY KEY', 'UNIQUE')), sum(constraint_type = 'FOREIGN KEY')
             FROM information_schema.table_constraints WHERE table_schema = database() AND BINARY table_name = {}",
            text(&name)
        );
        let said = self.server.ask(self.database, &sql).replace("NULL", "0");
        let source = said.split_whitespace().map(|count| count.parse::<u32>().unwrap()).collect::<Vec<_>>();
        let sql = format!(
            "SELECT (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'p'),
                (SELECT count(*) FROM pg_index WHERE indrelid = c.oid AND indisunique),
                (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f')
             FROM pg_class c WHERE c.oid = {}::regclass",
            literal(place)
        );
        let target = &self.target.ask(&sql)?[0];
        let target = target.iter().map(|count| count.as_deref().unwrap().parse::<u32>().unwrap()).collect::<Vec<_>>();
        // A key that ignores case has an index of its own beside it; one may stand for two that are equal.
        if target[0] != source[0] || source[1] > 0 && target[1] == 0 {
            return Err(format!(
                "{place}: primary and unique keys are {source:?} in the source, {target:?} in the target"
            ));
        }
        if target[2] as usize + left_behind != source[2] as usize {
            return Err(format!("{place}: {} foreign keys in the source, {} in the target", source[2], target[2]));
        }
        Ok(())
    }
}

/// A column on both sides.
struct Pair {
    source: String,
    target: String,
    /// The source's `data_type`.
    declared: String,
    target_type: String,
    is_mariadb: bool,
}

impl Pair {
    /// The value of a column or expression of the source in hexadecimal: its text in UTF-8, or its bytes.
    fn of_source(&self, value: &str) -> String {
        let is_bytes = ["binary", "blob", "geometry", "point", "polygon", "linestring"]
            .iter()
            .any(|name| self.declared.contains(name));
        match self.declared.as_str() {
            _ if is_bytes => format!("HEX({value})"),
            declared if declared.starts_with("bit") => format!("HEX(CONCAT({value} + 0))"),
            // The digits of DOUBLE(10,2) that are shown are not all that is stored.
            "float" | "double" => format!("HEX(CONCAT(CAST({value} AS DOUBLE)))"),
            "enum" | "set" if self.target_type == "bytea" => format!("HEX({value})"),
            "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "enum" | "set" | "json" => {
                format!("HEX(CONVERT({value} USING utf8mb4))")
            }
            _ => format!("HEX(CONCAT({value}))"),
        }
    }

    fn base(&self) -> &str {
        self.target_type.split(['(', ' ']).next().unwrap_or_default()
    }

    /// The value of a column or expression of the target as text.
    fn of_target(&self, value: &str) -> String {
        match self.base() {
            "bytea" => format!("encode({value}, 'hex')"),
            "real" => format!("{value}::double precision::text"),
            "interval" => format!("extract(epoch FROM {value})::text"),
            "timestamp" if self.target_type.contains("with time zone") => format!("({value} AT TIME ZONE 'UTC')::text"),
            "text[]" => format!("array_to_string({value}, ',')"),
            "inet" => format!("host({value})"),
            _ => format!("{value}::text"),
        }
    }

    /// One spelling for the words of both sides.
    fn canonical(&self, said: &str) -> String {
        match self.base() {
            "boolean" => ["false", "true"][usize::from(["1", "true"].contains(&said))].to_owned(),
            "smallint" | "integer" | "bigint" | "numeric" => number(said),
            // MySQL does not write all digits of a double.
            "real" | "double" => said.parse::<f64>().map_or(said.to_owned(), |number| match self.is_mariadb {
                true => format!("{:016x}", number.to_bits()),
                false => format!("{:.13e}", number.clamp(f64::MIN, f64::MAX)),
            }),
            "interval" if !said.contains(':') => number(said),
            "interval" | "time" => seconds(said),
            // The year zero is 1 BC.
            "date" | "timestamp" => match said.strip_suffix(" BC").and_then(|said| said.strip_prefix("0001")) {
                Some(rest) => without_zeros(&format!("0000{rest}")),
                None => without_zeros(said),
            },
            "inet" => said.parse::<IpAddr>().map_or(said.to_owned(), |address| address.to_string()),
            _ => said.to_owned(),
        }
    }
}

/// A literal of MySQL under `NO_BACKSLASH_ESCAPES`, and without it.
fn text(value: &str) -> String {
    format!("CONVERT(x'{}' USING utf8mb4)", hex::encode(value))
}

/// A number without the zeros that say nothing.
fn number(said: &str) -> String {
    let (sign, digits) = said.strip_prefix('-').map_or(("", said), |digits| ("-", digits));
    let digits = without_zeros(digits.trim_start_matches('0'));
    match digits.as_str() {
        "" => "0".to_owned(),
        fraction if fraction.starts_with('.') => format!("{sign}0{fraction}"),
        _ => format!("{sign}{digits}"),
    }
}

fn without_zeros(said: &str) -> String {
    if said.contains('.') { said.trim_end_matches('0').trim_end_matches('.').to_owned() } else { said.to_owned() }
}

/// A time in seconds.
fn seconds(said: &str) -> String {
    let (sign, time) = said.strip_prefix('-').map_or(("", said), |time| ("-", time));
    let parts = time.split(':').collect::<Vec<_>>();
    let [hours, minutes, rest] = parts[..] else { return said.to_owned() };
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
    let count = |part: &str| part.parse::<u64>().unwrap();
    number(&format!("{sign}{}.{fraction}", count(hours) * 3600 + count(minutes) * 60 + count(whole)))
}
