//! Drafts of schemas: plain data that a seed makes, turned into MySQL's SQL. What the server refuses is not there.

use super::dice::Dice;
use super::family::{Family, Kind};
use super::phrases::{ACTIONS, CONDITIONS, GENERATED, NAMES, OPTIONS};
use std::fmt::Write as _;

/// A database before it is written down.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) tables: Vec<Table>,
    /// Rows whose foreign keys lead nowhere stay.
    pub(crate) keeps_orphans: bool,
    /// `target.comparison` in the spec.
    pub(crate) comparison: Option<&'static str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    /// Keys, indexes and constraints.
    pub(crate) parts: Vec<Part>,
    pub(crate) references: Vec<Part>,
    options: String,
    /// Literals of each column.
    pub(crate) rows: Vec<Vec<String>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// The type and character set alone.
    column_type: String,
    rest: String,
    kind: Kind,
    is_generated: bool,
    /// The column that a generated one is made of.
    of: Option<String>,
}

/// A line of a table's definition, with the columns in it.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) sql: String,
    pub(crate) columns: Vec<String>,
    /// The columns of a key that others may reference.
    referenced: bool,
}

/// A name in MySQL's quotes.
pub(crate) fn quote(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

fn name(dice: &mut Dice) -> String {
    if dice.chance(50) {
        (*dice.pick(&NAMES)).to_owned()
    } else {
        format!("{}{}", dice.pick(&["col", "Field", "x_", "n"]), dice.below(40))
    }
}

impl Draft {
    /// The draft of a seed.
    pub(crate) fn of_seed(seed: u64, is_mariadb: bool) -> Draft {
        let mut dice = Dice::new(seed);
        let mut tables = Vec::<Table>::new();
        for _ in 0..=dice.below(5) {
            let table = Table::draw(&mut dice, is_mariadb);
            if tables.iter().all(|other| other.name != table.name) {
                tables.push(table);
            }
        }
        for at in 0..tables.len() {
            for number in 0..dice.below(3) {
                let parent = dice.below(tables.len());
                let parent = tables[parent].clone();
                tables[at].refer(&mut dice, &parent, number);
            }
        }
        let keeps_orphans = dice.chance(15);
        let comparison = dice.chance(25).then(|| *dice.pick(&["keys", "columns", "bytes"]));
        Draft { tables, keeps_orphans, comparison }
    }

    /// Smaller drafts, the much smaller first.
    pub(crate) fn smaller(&self) -> Vec<Draft> {
        let mut smaller = Vec::new();
        let mut push = |change: &dyn Fn(&mut Draft)| {
            let mut draft = self.clone();
            change(&mut draft);
            smaller.push(draft);
        };
        for at in 0..self.tables.len() {
            push(&|draft| drop(draft.tables.remove(at)));
        }
        for (at, table) in self.tables.iter().enumerate() {
            let half = table.rows.len() / 2;
            if half > 0 {
                push(&|draft| draft.tables[at].rows.truncate(half));
                push(&|draft| drop(draft.tables[at].rows.drain(..half)));
            }
            for column in 0..table.columns.len() {
                push(&|draft| draft.tables[at].without(column));
            }
            for part in 0..table.parts.len() {
                push(&|draft| drop(draft.tables[at].parts.remove(part)));
            }
            for part in 0..table.references.len() {
                push(&|draft| drop(draft.tables[at].references.remove(part)));
            }
            if half == 0 && !table.rows.is_empty() {
                push(&|draft| draft.tables[at].rows.clear());
            }
        }
        smaller
    }

    /// The script that makes it.
    pub(crate) fn sql(&self) -> String {
        let mut sql = "SET NAMES utf8mb4; SET sql_mode = 'NO_BACKSLASH_ESCAPES', time_zone = '+00:00';\n".to_owned();
        for table in &self.tables {
            table.create(&mut sql);
        }
        for table in &self.tables {
            for reference in &table.references {
                writeln!(sql, "ALTER TABLE {} ADD {};", quote(&table.name), reference.sql).unwrap();
            }
        }
        if self.keeps_orphans {
            sql.push_str("SET foreign_key_checks = 0;\n");
        }
        for table in &self.tables {
            for row in &table.rows {
                writeln!(sql, "INSERT INTO {} VALUES ({});", quote(&table.name), row.join(", ")).unwrap();
            }
        }
        sql
    }
}

impl Table {
    fn draw(dice: &mut Dice, is_mariadb: bool) -> Table {
        let mut table = Table {
            name: name(dice),
            columns: Vec::new(),
            parts: Vec::new(),
            references: Vec::new(),
            options: (*dice.pick(&OPTIONS)).to_owned(),
            rows: Vec::new(),
        };
        let count = [0, 1, 3, 6, 9, 12][dice.below(6)];
        table.rows = vec![Vec::new(); count];
        if dice.chance(45) {
            let types = ["INT", "BIGINT UNSIGNED", "INT UNSIGNED", "SMALLINT", "BIGINT"];
            let column_type = (*dice.pick(&types)).to_owned();
            let column = Column {
                name: "id".to_owned(),
                column_type,
                rest: " NOT NULL AUTO_INCREMENT".to_owned(),
                kind: Kind::Number,
                is_generated: false,
                of: None,
            };
            let first = dice.below(200) + 1;
            let literals = (0..count).map(|row| (first + row * 7).to_string()).collect();
            table.add(column, literals);
            table.part("PRIMARY KEY ({})", &["id".to_owned()], true);
        }
        for _ in 0..=dice.below(9) {
            table.draw_column(dice, is_mariadb);
        }
        table.draw_keys(dice, is_mariadb);
        for _ in 0..dice.below(3) {
            let column = dice.pick(&table.columns).clone();
            let (condition, kinds) = *dice.pick(&CONDITIONS);
            if kinds.contains(&column.kind) {
                let named = if dice.chance(30) { format!("CONSTRAINT {} ", quote(&name(dice))) } else { String::new() };
                let condition = condition.replace("{c}", &quote(&column.name));
                let sql = format!("{named}CHECK ({condition})");
                table.parts.push(Part { sql, columns: vec![column.name], referenced: false });
            }
        }
        table
    }

    /// Adds a column with the literals of all rows, unless there is one of its name.
    fn add(&mut self, column: Column, literals: Vec<String>) {
        if self.columns.iter().any(|other| other.name.to_lowercase() == column.name.to_lowercase()) {
            return;
        }
        for (row, literal) in self.rows.iter_mut().zip(literals) {
            row.push(literal);
        }
        self.columns.push(column);
    }

    fn part(&mut self, sql: &str, columns: &[String], referenced: bool) {
        let list = columns.iter().map(|column| quote(column)).collect::<Vec<_>>().join(", ");
        self.parts.push(Part { sql: sql.replace("{}", &list), columns: columns.to_vec(), referenced });
    }

    fn draw_column(&mut self, dice: &mut Dice, is_mariadb: bool) {
        let name = name(dice);
        if dice.chance(8) && !self.columns.is_empty() {
            let of = dice.pick(&self.columns).clone();
            let (column_type, expression, kinds) = *dice.pick(&GENERATED);
            if kinds.contains(&of.kind) && !of.is_generated && of.name != "id" {
                let how = *dice.pick(&["VIRTUAL", "STORED", ""]);
                let rest = format!(" AS ({}) {how}", expression.replace("{c}", &quote(&of.name)));
                let kind = if column_type.contains("CHAR") { Kind::Text } else { Kind::Number };
                let literals = vec!["DEFAULT".to_owned(); self.rows.len()];
                let column = Column {
                    name,
                    column_type: column_type.to_owned(),
                    rest,
                    kind,
                    is_generated: true,
                    of: Some(of.name),
                };
                self.add(column, literals);
            }
            return;
        }
        let family = Family::draw(dice, is_mariadb);
        let column_type = family.draw_type(dice, is_mariadb);
        let not_null = dice.chance(35);
        let mut rest = if not_null { " NOT NULL".to_owned() } else { String::new() };
        if dice.chance(40) {
            let default = family.draw_default(dice);
            if !(not_null && default == "NULL") {
                write!(rest, " DEFAULT {default}").unwrap();
            }
        }
        if dice.chance(10) {
            rest.push_str(" COMMENT 'a \"comment\", it''s %s {{ x }} \\ ü'");
        }
        let literals = (0..self.rows.len()).map(|_| family.draw_value(dice, !not_null)).collect();
        self.add(Column { name, column_type, rest, kind: family.kind, is_generated: false, of: None }, literals);
    }

    fn draw_keys(&mut self, dice: &mut Dice, is_mariadb: bool) {
        let usual = self.columns.iter().filter(|column| column.kind != Kind::Whole).cloned().collect::<Vec<_>>();
        if usual.is_empty() {
            return;
        }
        let names = usual.iter().map(|column| column.name.clone()).collect::<Vec<_>>();
        if self.parts.is_empty() && dice.chance(60) {
            let count = dice.below(3) + 1;
            self.part("PRIMARY KEY ({})", &dice.some(&names, count), true);
        }
        for number in 0..dice.below(5) {
            let column = dice.pick(&usual).clone();
            let count = dice.below(3) + 1;
            let many = dice.some(&names, count);
            let called = if dice.chance(50) { quote(&name(dice)) } else { format!("key_{number}") };
            let is_text = matches!(column.kind, Kind::Text | Kind::Bytes);
            match dice.below(10) {
                0 | 1 => self.part(&format!("UNIQUE KEY {called} ({{}})"), std::slice::from_ref(&column.name), true),
                2 => self.part(&format!("UNIQUE KEY {called} ({{}})"), &many, true),
                3 => self.part("UNIQUE ({})", std::slice::from_ref(&column.name), true),
                4 | 5 if is_text => {
                    let unique = if dice.chance(40) { "UNIQUE " } else { "" };
                    let length = dice.below(6) + 1;
                    let sql = format!("{unique}KEY {called} ({{}}({length}))");
                    self.part(&sql, std::slice::from_ref(&column.name), false);
                }
                6 => self.part(&format!("KEY {called} ({{}} DESC)"), std::slice::from_ref(&column.name), false),
                7 if column.kind == Kind::Text => {
                    self.part(&format!("FULLTEXT KEY {called} ({{}})"), std::slice::from_ref(&column.name), false);
                }
                8 if !is_mariadb && column.kind == Kind::Text => {
                    let unique = if dice.chance(40) { "UNIQUE " } else { "" };
                    let sql = format!("{unique}KEY {called} ((lower({{}})))");
                    self.part(&sql, std::slice::from_ref(&column.name), false);
                }
                _ => self.part(&format!("KEY {called} ({{}})"), &many, false),
            }
        }
    }

    /// Adds columns that reference a key of the parent, with values of its rows.
    fn refer(&mut self, dice: &mut Dice, parent: &Table, number: usize) {
        let keys = parent.parts.iter().filter(|part| part.referenced).cloned().collect::<Vec<_>>();
        if keys.is_empty() {
            return;
        }
        let key = dice.pick(&keys).clone();
        let not_null = dice.chance(20);
        let chosen =
            (0..self.rows.len()).map(|_| (dice.below(parent.rows.len().max(1)), dice.below(10))).collect::<Vec<_>>();
        let mut own = Vec::new();
        for (at, referenced) in key.columns.iter().enumerate() {
            let Some(place) = parent.columns.iter().position(|column| column.name == *referenced) else { return };
            let column = &parent.columns[place];
            let literal = |(row, luck): &(usize, usize)| {
                let there = parent.rows.get(*row).map(|row| row[place].clone());
                match (there, luck) {
                    (None, _) | (_, 0) if !not_null => "NULL".to_owned(),
                    // The same to a collation, perhaps.
                    (Some(there), 1) if column.kind == Kind::Text => format!("upper({there})"),
                    (Some(there), 2) if column.kind == Kind::Text => format!("concat({there}, ' ')"),
                    (Some(there), _) if there != "DEFAULT" => there,
                    _ => "1".to_owned(),
                }
            };
            let literals = chosen.iter().map(literal).collect();
            let name = format!("ref_{number}_{at}");
            let rest = if not_null { " NOT NULL" } else { "" }.to_owned();
            let added = Column {
                name: name.clone(),
                column_type: column.column_type.clone(),
                rest,
                kind: column.kind,
                is_generated: false,
                of: None,
            };
            self.add(added, literals);
            own.push(name);
        }
        let list = |names: &[String]| names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ");
        let named = if dice.chance(40) { format!("CONSTRAINT {} ", quote(&name(dice))) } else { String::new() };
        let sql = format!(
            "{named}FOREIGN KEY ({}) REFERENCES {} ({}){}",
            list(&own),
            quote(&parent.name),
            list(&key.columns),
            dice.pick(&ACTIONS)
        );
        self.references.push(Part { sql, columns: own, referenced: false });
    }

    /// Takes out a column and what is made of it.
    fn without(&mut self, at: usize) {
        let column = self.columns.remove(at);
        self.rows.iter_mut().for_each(|row| drop(row.remove(at)));
        self.parts.retain(|part| !part.columns.contains(&column.name));
        self.references.retain(|part| !part.columns.contains(&column.name));
        if let Some(made) = self.columns.iter().position(|other| other.of.as_ref() == Some(&column.name)) {
            self.without(made);
        }
    }

    fn create(&self, sql: &mut String) {
        let columns =
            self.columns.iter().map(|column| format!("{} {}{}", quote(&column.name), column.column_type, column.rest));
        let lines = columns.chain(self.parts.iter().map(|part| part.sql.clone())).collect::<Vec<_>>();
        writeln!(sql, "CREATE TABLE {} (\n    {}\n){};", quote(&self.name), lines.join(",\n    "), self.options)
            .unwrap();
    }
}
