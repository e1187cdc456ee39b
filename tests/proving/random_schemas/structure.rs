//! Keys, constraints, indexes and defaults: what SQLite's pragmas tell stands in PostgreSQL's catalog or under *omitted*.

use super::oracle::{Target, column_types, is_value, literal, pair, place, quote, select, source_rows, word};
use super::source::{MadeIndex, Source};
use rusqlite::Connection;
use serde_json::Value as Json;
use std::fmt::Debug;

const SCHEMA: &str = "app";

/// What the expressions of SQLite and PostgreSQL give differently by nature: subdocuments are written differently, clocks
/// go on, PostgreSQL computes decimals exactly, and `typeof()` tells a column's type rather than the value's.
const NOT_COMPARED: [&str; 6] = ["json_extract", "'now'", "CURRENT_", "random", "* 2.5", "typeof"];

/// Compares the structure of one table.
pub(crate) fn compare(
    connection: &Connection,
    target: &Target,
    made: &Source,
    plan: &Json,
    table: &Json,
) -> Result<(), String> {
    let comparison = Comparison { connection, target, plan, table };
    comparison.not_null()?;
    comparison.primary_key()?;
    comparison.counts()?;
    comparison.defaults()?;
    if !means_something_else(table) && !comparison.skips()? {
        for index in made.indexes.iter().filter(|index| index.table == comparison.name()) {
            comparison.index(index)?;
        }
    }
    Ok(())
}

/// Whether a column of the table has become something that SQLite compares in another order: text where SQLite takes what
/// it can for numbers, truth values that may be words, bytes and dates that are read from something else.
pub(crate) fn means_something_else(table: &Json) -> bool {
    table["columns"].as_array().unwrap().iter().any(|column| {
        let declared = word(&column["declared_type"]).to_uppercase();
        let is_text = ["CHAR", "CLOB", "TEXT"].iter().any(|part| declared.contains(part)) && !declared.contains("INT");
        let becomes = word(&column["column_type"]);
        !is_text && ["text", "varchar", "boolean"].iter().any(|name| becomes.starts_with(name))
            || word(&column["reading"]) != "stored"
    })
}

struct Comparison<'a> {
    connection: &'a Connection,
    target: &'a Target,
    plan: &'a Json,
    table: &'a Json,
}

impl Comparison<'_> {
    fn name(&self) -> String {
        word(&self.table["source"])
    }

    fn place(&self) -> String {
        literal(&place(self.table, SCHEMA)) + "::regclass"
    }

    fn target_column(&self, source: &str) -> Option<String> {
        let mut columns = self.table["columns"].as_array().unwrap().iter();
        columns.find(|column| word(&column["source"]) == source).map(|column| word(&column["target"]))
    }

    /// Whether a column of the source is left behind.
    fn skips(&self) -> Result<bool, String> {
        let columns = self.source("SELECT name FROM pragma_table_xinfo(?1)")?;
        Ok(columns.iter().any(|column| self.target_column(column).is_none()))
    }

    fn is_identity(&self, name: &str) -> bool {
        let mut columns = self.table["columns"].as_array().unwrap().iter();
        columns.any(|column| word(&column["target"]) == name && column["identity"] == true)
    }

    fn omitted(&self, kinds: &[&str], of: impl Fn(&str) -> bool) -> usize {
        let omitted = self.plan["omitted"].as_array().unwrap().iter();
        omitted
            .filter(|omitted| kinds.contains(&word(&omitted["kind"]).as_str()) && of(&word(&omitted["name"])))
            .count()
    }

    /// Answers of SQLite as words.
    fn source(&self, sql: &str) -> Result<Vec<String>, String> {
        let mut statement = self.connection.prepare(sql).map_err(|error| error.to_string())?;
        let words = statement.query_map([self.name()], |row| row.get(0)).and_then(Iterator::collect);
        words.map_err(|error| format!("{sql}: {error}"))
    }

    fn same<T: PartialEq + Debug>(&self, what: &str, source: &T, target: &T) -> Result<(), String> {
        if source == target {
            return Ok(());
        }
        Err(format!("{}: {what}: {source:?} in the source, {target:?} in the target", self.name()))
    }

    fn not_null(&self) -> Result<(), String> {
        let source = self.source("SELECT name FROM pragma_table_xinfo(?1) WHERE \"notnull\"")?;
        let sql = format!("SELECT attname FROM pg_attribute WHERE attrelid = {} AND attnotnull", self.place());
        let target = self.target.words(&sql)?;
        let lost = source.iter().filter_map(|column| self.target_column(column)).filter(|name| !target.contains(name));
        self.same("NOT NULL", &Vec::new(), &lost.collect())
    }

    fn primary_key(&self) -> Result<(), String> {
        let source = self.source("SELECT name FROM pragma_table_xinfo(?1) WHERE pk > 0 ORDER BY pk")?;
        let wanted = source.iter().map(|column| self.target_column(column)).collect::<Option<Vec<_>>>();
        let Some(wanted) = wanted.filter(|wanted| !wanted.is_empty()) else { return Ok(()) };
        if self.omitted(&["primary key"], |name| name == self.name()) == 1 {
            return Ok(());
        }
        let holds_null = self.holds_null_in_key();
        let kind = if holds_null { 'u' } else { 'p' };
        let sql = format!(
            "SELECT (SELECT string_agg(quote_ident(attname), ',' ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS k(number, place)
                JOIN pg_attribute ON attrelid = conrelid AND attnum = number)
             FROM pg_constraint WHERE conrelid = {} AND contype = '{kind}' ORDER BY 1",
            self.place()
        );
        let keys = self.target.words(&sql)?;
        let wanted = format!(
            "SELECT string_agg(quote_ident(name), ',' ORDER BY place) FROM unnest(ARRAY[{}]) WITH ORDINALITY AS w(name, place)",
            wanted.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ")
        );
        let wanted = self.target.words(&wanted)?;
        if keys.contains(&wanted[0]) { Ok(()) } else { self.same("primary key", &wanted, &keys) }
    }

    /// Whether the plan says that the table's primary key holds NULL, by itself or as one of several.
    fn holds_null_in_key(&self) -> bool {
        let is_it = |found: &Json| word(&found["table"]) == self.name();
        let mut findings = self.plan["findings"].as_array().unwrap().iter();
        findings.any(|found| {
            let places = found["places"].as_array().is_some_and(|places| places.iter().any(is_it));
            word(&found["code"]) == "null_in_primary_key" && (is_it(found) || places)
        })
    }

    fn counts(&self) -> Result<(), String> {
        let count = |words: Vec<String>| words[0].parse::<usize>().unwrap();
        let of_this = |name: &str| {
            let rest = name.strip_prefix(&self.name());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" (") || rest.starts_with('.'))
        };
        let count_in_source = |sql: &str| self.source(sql).map(count);
        let count_in_target = |sql: &str| self.target.words(&format!("{sql} = {}", self.place())).map(count);

        let indexes = count_in_source("SELECT CAST(count(*) AS TEXT) FROM pragma_index_list(?1) WHERE origin <> 'pk'")?;
        let keys = count_in_target("SELECT count(*) FROM pg_index WHERE NOT indisprimary AND indisvalid AND indrelid")?;
        let null_key = self.holds_null_in_key();
        // A primary key that is not compared byte by byte has an index beside it that keeps what its collation means, where
        // the column is text in the target.
        let beside_key = count_in_source(
            "SELECT CAST(count(*) AS TEXT) FROM pragma_index_list(?1) AS list WHERE origin = 'pk'
                AND EXISTS (SELECT 1 FROM pragma_index_xinfo(list.name) WHERE key AND upper(coll) <> 'BINARY')",
        )?;
        let omitted = self.omitted(&["index", "unique"], of_this);
        let wanted = indexes + usize::from(null_key);
        let found = (keys + omitted).clamp(wanted, wanted + beside_key);
        self.same("indexes", &found, &(keys + omitted))?;

        let references = count_in_source("SELECT CAST(count(DISTINCT id) AS TEXT) FROM pragma_foreign_key_list(?1)")?;
        let constraints = count_in_target("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid")?;
        let not_valid = count_in_target(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND NOT convalidated AND conrelid",
        )?;
        self.same("foreign keys that are not validated", &self.not_validated(), &not_valid)?;
        self.same("foreign keys", &references, &(constraints + self.omitted(&["foreign key"], of_this)))?;

        let statement = self.source("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1")?;
        let checks = statement.iter().map(|sql| sql.matches("CHECK (").count()).sum::<usize>();
        let constraints =
            count_in_target("SELECT count(*) FROM pg_constraint WHERE contype = 'c' AND convalidated AND conrelid")?;
        self.same("checks", &checks, &(constraints + self.omitted(&["check"], of_this)))
    }

    /// Foreign keys that the spec wants without a look at the rows.
    fn not_validated(&self) -> usize {
        let steps = self.plan["steps"].as_array().unwrap();
        let number = |kind: &str| {
            let prefix = format!("{kind}:{}.", word(&self.table["target"]));
            steps.iter().filter(|step| word(&step["id"]).starts_with(&prefix)).count()
        };
        number("foreign_key") - number("validate")
    }

    fn defaults(&self) -> Result<(), String> {
        let with_default = self.source("SELECT name FROM pragma_table_xinfo(?1) WHERE dflt_value IS NOT NULL")?;
        let types = column_types(self.target, &place(self.table, SCHEMA))?;
        // The type ANY converts nothing in a STRICT table.
        let strict = "SELECT iif(strict, 'STRICT', '') FROM pragma_table_list WHERE schema = 'main' AND name = ?1 COLLATE NOCASE";
        let strict = self.source(strict)?.swap_remove(0);
        for column in with_default {
            let Some(name) = self.target_column(&column).filter(|name| !self.is_identity(name)) else { continue };
            let facts = format!(
                "SELECT dflt_value || char(0) || type FROM pragma_table_xinfo(?1) WHERE name = {}",
                sqlite(&column)
            );
            let facts = self.source(&facts)?.swap_remove(0);
            let (text, declared) = facts.split_once('\0').unwrap();
            let expression = self.target.words(&format!(
                "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
                 WHERE attname = {} AND adrelid = {}",
                literal(&name),
                self.place()
            ))?;
            let place = format!("{}.{column}", self.name());
            if expression.is_empty() && self.omitted(&["default"], |name| name == place) == 1 {
                continue;
            }
            if NOT_COMPARED.iter().any(|word| text.to_lowercase().contains(&word.to_lowercase())) {
                continue;
            }
            let strict = if declared.eq_ignore_ascii_case("ANY") { strict.as_str() } else { "" };
            let made = |default: &str| {
                format!("CREATE TABLE d (value {declared} DEFAULT {default}) {strict}; INSERT INTO d DEFAULT VALUES")
            };
            let (sql, sql_in_parentheses) = (made(text), made(&format!("({text})")));
            let memory = Connection::open_in_memory().unwrap();
            let made = memory.execute_batch(&sql).or_else(|_| memory.execute_batch(&sql_in_parentheses));
            made.map_err(|error| format!("{place}: {error}: {sql}"))?;
            let value = source_rows(&memory, "SELECT value FROM d")?.swap_remove(0).swap_remove(0);
            let value_type = &types.iter().find(|(other, _)| *other == name).unwrap().1;
            let expression = expression.first().map_or("NULL", String::as_str);
            if !is_value(self.target, &value, expression, value_type)? {
                return Err(format!(
                    "{place} {value_type}: the default {text} gives {value:?}, in the target {expression}"
                ));
            }
        }
        Ok(())
    }

    /// The rows in a partial index and the values of its expressions.
    fn index(&self, index: &MadeIndex) -> Result<(), String> {
        let name = format!("{}.{}", quote(SCHEMA), quote(&index.name));
        // Names that are shortened or numbered are not followed.
        let relation = self.target.words(&format!("SELECT to_regclass({})::oid", literal(&name)))?;
        let [relation] = relation.as_slice() else { return Ok(()) };
        let is_compared = |text: &str| !NOT_COMPARED.iter().any(|word| text.contains(word));
        if let Some(predicate) = index.predicate.as_ref().filter(|predicate| is_compared(predicate)) {
            let sql = select(self.table, &format!("CAST(total({predicate} AND 1) AS INTEGER)"));
            let source = source_rows(self.connection, &sql)?;
            let condition = self
                .target
                .words(&format!("SELECT pg_get_expr(indpred, indrelid) FROM pg_index WHERE indexrelid = {relation}"))?;
            let condition = condition.first().ok_or_else(|| format!("{name} has lost its condition {predicate}"))?;
            let sql = format!("SELECT count(*) FROM {} WHERE {condition}", place(self.table, SCHEMA));
            let target = self.target.words(&sql)?;
            let count = format!("{:?}", source[0][0]);
            if !count.contains(&format!("Some({:?})", target[0])) {
                return Err(format!("{name}: {predicate} holds for {count} rows, {condition} for {target:?}"));
            }
        }
        let types = column_types(self.target, &name)?;
        for (at, key) in index.keys.iter().enumerate().filter(|(_, key)| !key.ends_with('"') && is_compared(key)) {
            let expression =
                self.target.words(&format!("SELECT pg_get_indexdef({relation}, {}, true)", at + 1))?.swap_remove(0);
            let rows = source_rows(self.connection, &select(self.table, key))?;
            let values = [(expression.clone(), types[at].1.clone(), "stored".to_owned())];
            pair(self.target, &rows, &place(self.table, SCHEMA), &values)
                .map_err(|error| format!("{name}: {key} became {expression}: {error}"))?;
        }
        Ok(())
    }
}

fn sqlite(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
