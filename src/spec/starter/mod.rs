//! A spec in the making: what `transship init` writes.
//!
//! It begins with two URLs alone. Every blocking finding brings lines of spec that settle it, and these are merged in
//! as a person would paste them. `write` makes the file, with the reasons as comments.

mod recipe;
mod write;

pub use recipe::{RECIPES, Recipe, UnknownRecipe};

use crate::connection::SourceConnection;
use crate::name::{NameStyle, Schemas, database_prefix, quote_toml_text};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// The target's URL if no other was given. There is no fall-back: a forgotten variable is an error, and never a
/// migration into the wrong server.
const DATABASE_URL: &str = "${DATABASE_URL}";

/// The variable that stands in the place of the source's password.
pub const SOURCE_PASSWORD: &str = "MYSQL_PASSWORD";

/// A starter spec with the decisions made so far.
#[derive(Debug, Clone)]
pub struct Starter {
    name: String,
    schemas: Schemas,
    /// The databases of a server, in pairs with their schemas, where there are several.
    databases: Vec<(String, String)>,
    /// `source.url`, as it is written in the file.
    url: String,
    /// The source's password, in whose place the file has a variable.
    password: Option<SecretString>,
    /// `target.url`, as it is written in the file.
    target: String,
    /// The rule for the names of the application's own tables, if the target has them.
    existing: Option<NameStyle>,
    decided: Table,
    reasons: Vec<DecisionReason>,
    /// The recipe that it began with.
    recipe: Option<&'static Recipe>,
}

/// Reason for a decision, and its alternatives.
#[derive(Debug, Clone)]
struct DecisionReason {
    /// The keys down to the decision.
    path: Vec<String>,
    /// Reason: the facts that were found.
    why: String,
    /// Consequences of the decision.
    meaning: Vec<String>,
    /// Alternatives to the decision.
    otherwise: Vec<String>,
    /// Whether it alters values.
    alters: bool,
    /// Whether it leaves something behind or removes rows of the target, as a recipe may.
    loses: bool,
    /// Whether it is a recipe's.
    is_of_recipe: bool,
    /// Whether another decision stands for this one too.
    follows: bool,
}

/// Facts about the source, for the file's comments.
#[derive(Debug, Clone, Default)]
pub struct StarterFacts {
    /// The name of the file that is being written; `None` if it goes to standard output.
    pub file: Option<String>,
    /// The tables, with their rows, in the order of the plan.
    pub tables: Vec<(String, u64)>,
    /// A table for examples of checks.
    pub example: Option<ExampleTable>,
    /// The declared types.
    pub types: Vec<TypeFact>,
    /// The records of migration tools: the tool, its table, and what makes the application's tables.
    pub records: Vec<RecordFact>,
    /// Objects that are omitted without a decision of the spec: their number and noun.
    pub left_behind: Vec<(u64, &'static str)>,
    /// Readings of columns of integers that look like times.
    pub offered: Vec<OfferedReading>,
    /// Findings that people have to decide.
    pub open: Vec<OpenFinding>,
    /// Findings about values that are carried over as they are, and may be meant otherwise.
    pub remarks: Vec<OpenFinding>,
}

/// A record of a migration tool in the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFact {
    /// The tool.
    pub tool: &'static str,
    /// Its tables: the record first, then locks and settings.
    pub tables: Vec<String>,
    /// Way to the application's tables in an empty database, in words.
    pub way: String,
}

/// A table for an example of a check on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleTable {
    /// Its name.
    pub name: String,
    /// Its name in the source's own SQL.
    pub quoted: String,
}

/// A reading of a column that all its values support, and that is no decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedReading {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The settings of the column, as a table of TOML.
    pub line: String,
    /// The reason for it, and what the column becomes otherwise.
    pub why: String,
}

/// A finding that people have to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    /// The finding and its place.
    pub words: String,
    /// Advice: words, lines of spec.
    pub advice: Option<String>,
}

/// A declared type of the source.
#[derive(Debug, Clone)]
pub struct TypeFact {
    /// The spelling in a spec.
    pub declared: String,
    /// Types in the target without a decision of the spec, with the number of columns; several if the content decides.
    pub becomes: Vec<(String, u64)>,
}

/// The schema for a name; another one if PostgreSQL or the ledger keeps that of the name for itself.
fn schema_name(name: &str) -> String {
    let is_taken = name.starts_with("pg_") || ["transship", "information_schema"].contains(&name);
    if is_taken { NameStyle::Preserve.apply(&format!("app_{name}")) } else { name.to_owned() }
}

/// A schema for each of several databases.
fn schemas_of(databases: &[String]) -> Vec<(String, String)> {
    let mut pairs = Vec::<(String, String)>::new();
    for database in databases {
        let plain = NameStyle::SnakeCase.apply(database).replace(char::is_control, "_");
        let wished = schema_name(if plain.trim().is_empty() { "migration" } else { &plain });
        let numbered = |number: usize| if number == 0 { wished.clone() } else { format!("{wished}_{number}") };
        let is_free = |name: &String| !pairs.iter().any(|(_, schema)| schema == name);
        if let Some(schema) = (0..=pairs.len()).map(numbered).find(is_free) {
            pairs.push((database.clone(), schema));
        }
    }
    pairs
}

impl Starter {
    /// A starter spec for a source. `name` is the origin of the migration's name, such as a file's name. `target` is
    /// the target's URL as written in the file, with its variables; `None` for `DATABASE_URL`.
    ///
    /// # Errors
    /// A path that is not UTF-8 cannot be written into a spec; the error is the path in a printable form.
    pub fn new(name: &str, source: &SourceConnection, target: Option<&str>) -> Result<Self, String> {
        let (url, password) = match source {
            SourceConnection::Sqlite { path } => {
                let path = path.to_str().ok_or_else(|| path.display().to_string())?;
                // In [source] a `${` would be read as a variable.
                (format!("sqlite:{path}").replace("${", "$${"), None)
            }
            SourceConnection::Mysql(server) => {
                (server.in_spec(&format!("${{{SOURCE_PASSWORD}}}")), server.password().cloned())
            }
            SourceConnection::Unset { variable } => (format!("${{{variable}}}"), None),
        };
        let plain = NameStyle::SnakeCase.apply(name).replace(char::is_control, "_");
        let name = if plain.trim().is_empty() { "migration".to_owned() } else { plain };
        let databases = match source {
            SourceConnection::Mysql(server) => schemas_of(server.databases()),
            _ => Vec::new(),
        };
        let pairs = databases.iter().map(|(database, schema)| (database.as_str(), schema.as_str()));
        let schemas = Schemas::of_databases(pairs).unwrap_or_else(|| Schemas::one(&schema_name(&name)));
        let target = target.unwrap_or(DATABASE_URL).to_owned();
        Ok(Self {
            name,
            schemas,
            databases,
            url,
            password,
            target,
            existing: None,
            decided: Table::new(),
            reasons: Vec::new(),
            recipe: None,
        })
    }

    /// Merges in the lines of spec that settle a finding, as they could be pasted: words may precede the first heading,
    /// and any line may be a comment. False if there are no such lines, if they leave rows or values behind, which is
    /// for people to decide, or if they change nothing.
    pub fn decide(&mut self, reason: &str, suggestion: &str) -> bool {
        self.lay_in(reason, suggestion, false)
    }

    /// Merges in lines that leave a table or a column behind in which nothing stands.
    pub fn decide_about_nothing(&mut self, reason: &str, suggestion: &str) -> bool {
        self.lay_in(reason, suggestion, true)
    }

    /// The schemas that the tables go into.
    #[must_use]
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Has the spec fill the application's own tables in these schemas of the target.
    pub fn fill(&mut self, schemas: &Schemas, names: NameStyle) {
        self.existing = Some(names);
        for (database, schema) in &mut self.databases {
            schemas.schema_of(&database_prefix(database)).clone_into(schema);
        }
        self.schemas = schemas.clone();
    }

    fn lay_in(&mut self, reason: &str, suggestion: &str, may_leave_behind: bool) -> bool {
        let is_heading = |line: &str| line.starts_with('[');
        let Some(first) = suggestion.lines().position(is_heading) else { return false };
        let pasted = suggestion.lines().skip(first).collect::<Vec<_>>().join("\n");
        let Ok(lines) = pasted.parse::<Table>() else { return false };
        if !may_leave_behind && leaves_behind(&lines) {
            return false;
        }
        let alters = alters_values(&lines);
        let before = self.decided.clone();
        let mut paths = paths(&lines).into_iter();
        let Some(path) = paths.next() else { return false };
        lay(&mut self.decided, lines);
        let is_setting = |line: &str| !line.starts_with(['#', '[']) && line.contains('=');
        let decided = suggestion.lines().skip(first).position(is_setting).map_or(first, |at| first + at);
        let comments = |lines: &[&str]| {
            let comment = |line: &&str| line.trim_start_matches('#').trim().to_owned();
            lines.iter().map(comment).filter(|comment| !comment.is_empty()).collect::<Vec<_>>()
        };
        let all = suggestion.lines().collect::<Vec<_>>();
        let meaning = comments(&all[..first]);
        let is_comment = |line: &&str| line.starts_with('#');
        let mut otherwise = comments(&all[decided..].iter().copied().filter(is_comment).collect::<Vec<_>>());
        // Lines for many places name the same alternatives at each of them.
        let mut named = BTreeSet::new();
        otherwise.retain(|line| named.insert(line.clone()));
        let as_there = format!("As for {}.", path.join("."));
        let own = |path, why, meaning, otherwise, follows| {
            let (loses, is_of_recipe) = (false, false);
            DecisionReason { path, why, meaning, otherwise, alters, loses, is_of_recipe, follows }
        };
        let first = own(path, reason.to_owned(), meaning, otherwise, false);
        let others = paths.map(|path| own(path, as_there.clone(), Vec::new(), Vec::new(), true));
        for reason in std::iter::once(first).chain(others) {
            self.reasons.retain(|known| known.path != reason.path);
            self.reasons.push(reason);
        }
        self.decided != before
    }

    /// Whether the spec needs [`SOURCE_PASSWORD`].
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// Value of a variable of `source.url`.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        self.password.as_ref().filter(|_| name == SOURCE_PASSWORD).map(|password| password.expose_secret().to_owned())
    }

    /// Reasons for the decisions that alter values, each with its place.
    pub fn altering(&self) -> impl Iterator<Item = String> {
        self.reasons.iter().filter(|reason| reason.alters).map(DecisionReason::words)
    }

    /// Reasons for a recipe's decisions that leave something behind or remove rows of the target, each with its place.
    pub fn losing(&self) -> impl Iterator<Item = String> {
        self.reasons.iter().filter(|reason| reason.loses).map(DecisionReason::words)
    }

    /// Number of decisions of the recipe.
    #[must_use]
    pub fn by_recipe(&self) -> usize {
        self.reasons.iter().filter(|reason| reason.is_of_recipe).count()
    }

    /// Number of decisions.
    #[must_use]
    pub fn decisions(&self) -> usize {
        self.reasons.iter().filter(|reason| !reason.follows).count()
    }
}

impl DecisionReason {
    /// The reason with its place in front.
    fn words(&self) -> String {
        let place = match self.path.as_slice() {
            [tables, table, columns, column] if tables == "tables" && columns == "columns" => {
                format!("{table}.{column}: ")
            }
            [tables, table, ..] if tables == "tables" => format!("{table}: "),
            [part, name, ..] if self.is_of_recipe => format!("{part}.{name}: "),
            _ => String::new(),
        };
        place + &self.why
    }
}

/// Whether lines of spec let a conversion alter values: what a type does not keep is given up, and counted.
fn alters_values(lines: &Table) -> bool {
    const ALTERING: [&str; 7] =
        ["fraction", "leading_zeros", "letter_case", "repeated_time", "storage_class", "trailing_spaces", "zero_dates"];
    lines.iter().any(|(key, value)| {
        let is_literal = key == "from" && value.as_str() == Some("literal");
        is_literal || ALTERING.contains(&key.as_str()) || value.as_table().is_some_and(alters_values)
    })
}

/// Whether lines of spec leave rows or values of tables behind.
fn leaves_behind(lines: &Table) -> bool {
    const LOSING: [&str; 4] = ["where", "skip", "on_bad_value", "history"];
    let loses = |table: &Table| {
        table.iter().any(|(key, value)| LOSING.contains(&key.as_str()) && *value != Value::Boolean(false))
    };
    fn below<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
        let named = table.get(key).and_then(Value::as_table).into_iter().flatten();
        named.filter_map(|(_, value)| value.as_table())
    }
    below(lines, "types").any(loses)
        || below(lines, "tables").any(|table| loses(table) || below(table, "columns").any(loses))
}

/// Whether lines of spec remove rows or tables of the target.
fn removes(lines: &Table) -> bool {
    let target = lines.get("target").and_then(Value::as_table);
    let is = |key: &str, word: &str| target.and_then(|target| target.get(key)).and_then(Value::as_str) == Some(word);
    let of_tables = lines.get("tables").and_then(Value::as_table).into_iter().flatten();
    let truncates = |table: &Value| table.get("existing_rows").and_then(Value::as_str) == Some("truncate");
    is("existing_rows", "truncate") || is("tables", "replace") || of_tables.map(|(_, table)| table).any(truncates)
}

/// Merges one table into another, as a person merges lines under the same heading.
fn lay(over: &mut Table, lines: Table) {
    for (key, value) in lines {
        match (over.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(upper)) => lay(under, upper),
            // The columns of a `search` are all of them, and fewer than before where some are no text.
            (Some(Value::Array(under)), Value::Array(upper)) if key != "columns" => {
                let new = upper.into_iter().filter(|value| !under.contains(value)).collect::<Vec<_>>();
                under.extend(new);
            }
            (_, value) => {
                over.insert(key, value);
            }
        }
    }
}

/// The keys down to each decision of some lines: a column or key of a table, or an entry of another table.
fn paths(lines: &Table) -> Vec<Vec<String>> {
    fn below(path: &[String], table: &Table, found: &mut Vec<Vec<String>>) {
        for (key, value) in table {
            let path = [path, std::slice::from_ref(key)].concat();
            let deepest = if path[0] == "tables" { 4 } else { 2 };
            match value {
                Value::Table(inner) if path.len() < deepest => below(&path, inner, found),
                _ => found.push(path),
            }
        }
    }
    let mut found = Vec::new();
    below(&[], lines, &mut found);
    found
}

/// A string of TOML for a line of the file.
fn text(value: &str) -> String {
    quote_toml_text(value)
}
