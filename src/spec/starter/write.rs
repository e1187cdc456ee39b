//! The file of a starter spec.

use super::{OfferedReading, OpenFinding, SOURCE_PASSWORD, Starter, StarterFacts, text};
use crate::name::{NameStyle, quote_identifier, quote_toml_key};
use std::fmt::Write as _;
use toml::{Table, Value};

/// The longest line of comment, in characters.
const WIDTH: usize = 100;

/// Column of the comment behind a line, if the line leaves room for it.
const MARGIN: usize = 40;

/// The text of the file. Writing to a String cannot fail.
#[derive(Default)]
struct SpecText(String);

impl SpecText {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A line with a comment behind it, or above it if there is no room.
    fn explained(&mut self, line: &str, comment: &str) {
        if line.chars().count() + comment.chars().count() + 5 > WIDTH + 20 {
            self.comment(comment);
            return self.line(line);
        }
        let _infallible = writeln!(self.0, "{line:<width$}   # {comment}", width = MARGIN - 3);
    }

    /// Lines of comment. A control character, which a name may contain, is no part of TOML.
    fn comment(&mut self, words: &str) {
        for line in textwrap::wrap(&words.replace(char::is_control, " "), WIDTH - 2) {
            self.line(format!("# {line}").trim_end());
        }
    }

    /// A line of comment that is not wrapped, since it is meant to be uncommented.
    fn sleeping(&mut self, line: &str) {
        self.line(&format!("# {}", line.replace(char::is_control, " ")));
    }
}

impl Starter {
    /// The spec's text; [`crate::spec::read`] reads it without a problem.
    #[must_use]
    pub fn write(&self, facts: &StarterFacts) -> String {
        let mut page = SpecText::default();
        self.head(&mut page, facts);
        self.source(&mut page, facts);
        self.target(&mut page, facts);
        if self.existing.is_none() || self.table("types").is_some() {
            self.types(&mut page, facts);
        }
        self.decisions_of_tables(&mut page, facts);
        self.others(&mut page);
        let open = "Still open, and yours to decide: nothing settles these without leaving something behind.";
        left_to_people(&mut page, open, &facts.open);
        let remarks = "Worth a look: these arrive as they are, and may be meant otherwise.";
        left_to_people(&mut page, remarks, &facts.remarks);
        self.tail(&mut page, facts);
        page.0
    }

    fn head(&self, page: &mut SpecText, facts: &StarterFacts) {
        let file = facts.file.as_deref().unwrap_or("SPEC");
        page.line("#:schema ./transship.schema.json");
        let whole = if facts.open.is_empty() { "It is complete as it is, and what" } else { "What" };
        let loses = match self.altering().count() {
            0 => "loses no value and alters none".to_owned(),
            1 => "leaves no row behind; 1 decision shortens values or puts others in their place, and says how many"
                .to_owned(),
            some => format!(
                "leaves no row behind; {some} decisions shorten values or put others in their place, and say how many"
            ),
        };
        page.comment(&format!(
            "The spec of one migration, begun by `transship init`. {whole} it decides {loses}. Every decision stands below with \
             its reason; every line may be changed."
        ));
        page.line("#");
        for (command, purpose) in [
            ("plan", "what would happen; touches nothing"),
            ("apply", "do it; run again at any time, it continues or does nothing"),
            ("verify", "compare both sides, value by value"),
        ] {
            page.line(&format!("#     transship {command:<6} {file}   {purpose}"));
        }
        if let Some(recipe) = self.recipe {
            page.line("#");
            page.comment(&format!(
                "It follows the recipe for {}: recipes/{} of transship has the steps around it.",
                recipe.application, recipe.name
            ));
        }
        page.line("#");
        page.comment(
            "`transship schema > transship.schema.json` beside this file lets an editor complete and explain every key.",
        );
        page.line("");
        page.explained("spec = 1", "the version of this format");
        page.explained(
            &format!("name = {}", text(&self.name)),
            "names this migration in plans and in the target's ledger",
        );
    }

    fn source(&self, page: &mut SpecText, facts: &StarterFacts) {
        let rows = facts.tables.iter().map(|(_, rows)| rows).sum::<u64>();
        let amount = format!("{} with {}", counted(facts.tables.len() as u64, "table"), counted(rows, "row"));
        page.line("\n[source]");
        let is_relative = self.url.starts_with("sqlite:") && !self.url.starts_with("sqlite:/");
        let base = if is_relative { "; relative paths start at this file" } else { "" };
        if self.has_password() {
            page.comment(&format!(
                "The password is not part of the spec: set {SOURCE_PASSWORD} in the environment. It is taken as it is, nothing in \
                 it needs to be percent-encoded."
            ));
        }
        page.explained(&format!("url = {}", text(&self.url)), &format!("{amount}{base}"));
        if !self.databases.is_empty() {
            let pair = |(name, schema): &(String, String)| format!("{} = {}", quote_toml_key(name), text(schema));
            let pairs = self.databases.iter().map(pair).collect::<Vec<_>>().join(", ");
            let place = if self.existing.is_some() { "that has its tables" } else { "that its tables go into" };
            page.comment(&format!("Each database with the schema {place}. A table is called DATABASE.TABLE below."));
            page.line(&format!("databases = {{ {pairs} }}"));
        }
        page.explained("# exclude = [\"*_backup\"]", "tables to leave out, as globs; `include` names the only ones");
        if self.table("source").is_none_or(|decided| !decided.contains_key("timezone")) {
            page.explained(
                "# timezone = \"Europe/Berlin\"",
                "what a timestamp without a zone means; UTC where nothing is said",
            );
        }
        self.entries(page, &["source"], self.table("source"));
    }

    fn target(&self, page: &mut SpecText, facts: &StarterFacts) {
        page.line("\n[target]");
        let meaning = match self.target.as_str() {
            "embedded:" => "a trial server under .transship/ here; in earnest \"${DATABASE_URL}\"",
            _ => "postgres://user@host/db; for a trial embedded:, a private server under .transship/",
        };
        page.explained(&format!("url = {}", text(&self.target)), meaning);
        if let Some(names) = self.existing {
            self.existing_tables(page, names, facts);
            return self.entries(page, &["target"], self.table("target"));
        }
        if self.databases.is_empty() {
            page.explained(&format!("schema = {}", text(self.schemas.first())), "every table goes here");
        }
        owned(page, facts);
        page.explained(
            "# names = \"snake_case\"",
            "UserID becomes user_id; \"lower\": userid; unset: names stay as they are",
        );
        page.explained("# extensions = [\"pg_trgm\"]", "extensions that the application needs");
        page.explained("# grants = { app_user = \"all\" }", "\"all\", \"read\" or a list of privileges, by role");
        self.entries(page, &["target"], self.table("target"));
    }

    /// The keys about the application's own tables.
    fn existing_tables(&self, page: &mut SpecText, names: NameStyle, facts: &StarterFacts) {
        if self.databases.is_empty() {
            page.explained(&format!("schema = {}", text(self.schemas.first())), "the application's tables are here");
        }
        page.explained("tables = \"existing\"", "they are filled as they stand: types, keys and indexes are theirs");
        if names != NameStyle::Preserve {
            let word = NameStyle::ALL.iter().find(|(_, style)| *style == names).map_or("preserve", |(word, _)| word);
            page.explained(&format!("names = {}", text(word)), "the target's names are the source's in this style");
        }
        if self.table("target").is_none_or(|decided| !decided.contains_key("existing_rows")) {
            let meaning = "rows that are there already go first; \"keep\" leaves them beside the source's; unset: none may be there";
            page.explained("# existing_rows = \"truncate\"", meaning);
        }
        for record in &facts.records {
            let tables = record.tables.join(", ");
            page.comment(&format!(
                "{tables}: the record that {} keeps of its migrations. It is compared with the target's, and never copied; \
                 schema_version = \"any\" lets both sides be at other versions.",
                record.tool
            ));
        }
        // A comment right above a decision would be its reason.
        if !facts.records.is_empty() && self.table("target").is_some() {
            page.line("");
        }
    }

    /// `[types]`: what was decided for all columns of a declared type, and the target type of every other, ready to be
    /// changed.
    fn types(&self, page: &mut SpecText, facts: &StarterFacts) {
        let decided = self.table("types");
        if facts.types.is_empty() && decided.is_none() {
            return;
        }
        page.line("");
        if self.existing.is_some() {
            page.comment("What holds for every column of a declared type; the most specific line wins. The types are the target's.");
        } else {
            page.comment(
                "What a declared type of the source becomes; the most specific line wins. These are the types found, with what \
                 they become by default. To change one, take away the # and write another type: uuid, jsonb, timestamp, \
                 integer, …",
            );
        }
        page.line("[types]");
        for (key, value) in decided.into_iter().flatten() {
            self.decision(page, &["types", key], &format!("{} = {}", text(key), inline(value)));
        }
        if self.existing.is_none() {
            types(page, facts);
        }
    }

    /// `[tables.NAME]`, for the tables with decisions.
    fn decisions_of_tables(&self, page: &mut SpecText, facts: &StarterFacts) {
        let tables = self.table("tables").into_iter().flatten();
        for (number, (name, decided)) in tables.filter_map(|(name, value)| Some((name, value.as_table()?))).enumerate()
        {
            if number == 0 {
                page.line("");
                page.comment(
                    "Where the source needed a decision: what was found, what is done about it, and what else is possible.",
                );
            }
            page.line(&format!("\n[tables.{}]", quote_toml_key(name)));
            for (key, value) in decided {
                match value {
                    Value::Table(inner) => {
                        for (sub, value) in inner {
                            let line = format!("{key}.{} = {}", quote_toml_key(sub), inline(value));
                            self.decision(page, &["tables", name, key, sub], &line);
                        }
                    }
                    value => self.decision(
                        page,
                        &["tables", name, key],
                        &format!("{} = {}", quote_toml_key(key), inline(value)),
                    ),
                }
            }
            offers(page, facts.offered.iter().filter(|offer| offer.table == *name));
        }
        self.offers_of_other_tables(page, facts);
    }

    /// Offered readings in tables about which nothing else is decided.
    fn offers_of_other_tables(&self, page: &mut SpecText, facts: &StarterFacts) {
        let is_decided = |table: &str| self.table("tables").is_some_and(|tables| tables.contains_key(table));
        let others = facts.offered.iter().filter(|offer| !is_decided(&offer.table)).collect::<Vec<_>>();
        if others.is_empty() {
            return;
        }
        page.line("");
        page.comment(
            "Columns of integers that are times by their name or default, and by every value. Take away the # before a table and \
             its columns to have times; as it stands they stay numbers.",
        );
        for table in others.chunk_by(|one, other| one.table == other.table) {
            page.line("");
            page.sleeping(&format!("[tables.{}]", quote_toml_key(&table[0].table)));
            offers(page, table.iter().copied());
        }
    }

    /// Decisions about anything else: `[steps.NAME]`, `[views.NAME]`, …
    fn others(&self, page: &mut SpecText) {
        let others =
            self.decided.iter().filter(|(key, _)| !["source", "target", "types", "tables"].contains(&key.as_str()));
        for (top, value) in others {
            let named = value.as_table().into_iter().flatten();
            for (name, value) in named.filter_map(|(name, value)| Some((name, value.as_table()?))) {
                page.line("");
                self.explain(page, &[top, name]);
                page.line(&format!("[{top}.{}]", quote_toml_key(name)));
                for (key, value) in value {
                    page.line(&format!("{} = {value}", quote_toml_key(key)));
                }
            }
        }
    }

    fn tail(&self, page: &mut SpecText, facts: &StarterFacts) {
        if !facts.left_behind.is_empty() {
            let kinds = facts.left_behind.iter().map(|(number, noun)| format!("{number} {noun}")).collect::<Vec<_>>();
            page.line("");
            page.comment(&format!(
                "Left behind, for PostgreSQL has nothing the same: {}. `transship plan` names each with its reason and \
                 the lines of spec that decide it.",
                kinds.join(", ")
            ));
        }
        let example = facts.example.as_ref().map(|table| (table.name.as_str(), table.quoted.as_str()));
        let (example, quoted) = example.unwrap_or(("users", "users"));
        page.line("");
        page.comment("Your own SQL as a step of the plan, and questions whose answers must be right, for example:");
        page.line("#");
        page.sleeping("[steps.\"comment on the schema\"]");
        let sql = format!("COMMENT ON SCHEMA {} IS 'migrated by transship'", quote_identifier(self.schemas.first()));
        page.sleeping(&format!("sql = {}", text(&sql)));
        page.line("#");
        page.sleeping(&format!("[checks.{}]", text(&format!("{example}: the same number on both sides"))));
        page.sleeping(&format!("source = {}", text(&format!("SELECT count(*) FROM {quoted}"))));
        let target = format!("SELECT count(*) FROM {}", self.schemas.qualified(example));
        page.sleeping(&format!("target = {}", text(&target)));
        page.line("#");
        page.comment("`--env prod` lays these lines over the ones above:");
        page.line("#");
        page.sleeping("[env.prod.target]");
        page.sleeping("url = \"${PROD_DATABASE_URL}\"");
        page.sleeping("tls = \"verify-full\"");
    }

    fn table(&self, key: &str) -> Option<&Table> {
        self.decided.get(key).and_then(Value::as_table)
    }

    /// The decided entries of a table whose heading is written.
    fn entries(&self, page: &mut SpecText, path: &[&str], decided: Option<&Table>) {
        for (key, value) in decided.into_iter().flatten() {
            let path = path.iter().copied().chain([key.as_str()]).collect::<Vec<_>>();
            self.decision(page, &path, &format!("{} = {value}", quote_toml_key(key)));
        }
    }

    fn decision(&self, page: &mut SpecText, path: &[&str], line: &str) {
        self.explain(page, path);
        page.line(line);
        for reason in self.reasons.iter().filter(|reason| reason.path == path) {
            reason.otherwise.iter().for_each(|line| page.sleeping(line));
        }
    }

    fn explain(&self, page: &mut SpecText, path: &[&str]) {
        for reason in self.reasons.iter().filter(|reason| reason.path == path) {
            page.comment(&reason.why);
            reason.meaning.iter().for_each(|line| page.comment(line));
        }
    }
}

/// Lines for columns of one table, to be uncommented.
fn offers<'a>(page: &mut SpecText, offered: impl Iterator<Item = &'a OfferedReading>) {
    for offer in offered {
        page.comment(&format!("{}: {}.", offer.column, offer.why));
        page.sleeping(&format!("columns.{} = {}", quote_toml_key(&offer.column), offer.line));
    }
}

/// The tools that own the application's tables, and the way to keep it so.
fn owned(page: &mut SpecText, facts: &StarterFacts) {
    for record in &facts.records {
        page.comment(&format!(
            "{} owns these tables ({}). To let the application make its own: {}, then write this file with `transship \
             init SOURCE --target URL`.",
            record.tool,
            record.tables.join(", "),
            record.way
        ));
    }
}

/// Findings that people decide, with their advice as comments.
fn left_to_people(page: &mut SpecText, heading: &str, findings: &[OpenFinding]) {
    if findings.is_empty() {
        return;
    }
    page.line("");
    page.comment(heading);
    for finding in findings {
        page.comment(&format!("- {}", finding.words));
        let advice = finding.advice.iter().flat_map(|advice| advice.lines());
        advice.for_each(|line| page.sleeping(&format!("    {line}")));
    }
}

/// A value on one line; a column's type comes first.
fn inline(value: &Value) -> String {
    let Value::Table(table) = value else { return value.to_string() };
    let mut entries = table.iter().collect::<Vec<_>>();
    entries.sort_by_key(|(key, _)| *key != "type");
    let entries = entries.into_iter().map(|(key, value)| format!("{} = {}", quote_toml_key(key), inline(value)));
    format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
}

/// A line for every declared type that was found.
fn types(page: &mut SpecText, facts: &StarterFacts) {
    for fact in &facts.types {
        let columns = fact.becomes.iter().map(|(_, columns)| columns).sum::<u64>();
        let name = text(&fact.declared).replace(char::is_control, " ");
        match fact.becomes.as_slice() {
            [(becomes, _)] => {
                page.explained(&format!("# {name} = {}", text(becomes)), &counted(columns, "column"));
            }
            several => {
                let kinds = several.iter().map(|(becomes, columns)| format!("{becomes} {columns}")).collect::<Vec<_>>();
                let comment = format!("{}, by what is stored: {}", counted(columns, "column"), kinds.join(", "));
                page.explained(&format!("# {name} = \"…\""), &comment);
            }
        }
    }
}

/// A number with its noun: `1 view`, `12,345 rows`.
fn counted(number: u64, noun: &str) -> String {
    let digits = number.to_string();
    let grouped = digits.char_indices().fold(String::new(), |mut grouped, (at, digit)| {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
        grouped
    });
    format!("{grouped} {noun}{}", if number == 1 { "" } else { "s" })
}
