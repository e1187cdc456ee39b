//! Putting statements of our own into a dump, table by table.

use crate::dialect::mysql::quote;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// The lines that keep CHECKs out until a row has its digits; MariaDB alone can do without all of them ("check_constraint_checks" of
/// its documentation), and MySQL takes the lines for comments.
const CHECKS_OFF: &[u8] =
    b"/*M!100201 SET @transship_checks = @@check_constraint_checks, check_constraint_checks = 0 */;\n";
const CHECKS_ON: &[u8] = b"/*M!100201 SET check_constraint_checks = @transship_checks */;\n";

/// The statements about a table, by their place in the file of all, and where in the dump they go.
pub(super) struct DumpSection {
    /// The line after which the rows of its database come; `None` in a dump of one database.
    using: Option<String>,
    /// The table's name in quotes.
    table: String,
    /// The lines before and after its rows.
    before: String,
    behind: String,
    from: u64,
    to: u64,
    /// Whether they stand in the place of the dump's own rows, and not behind these.
    replaces_rows: bool,
    /// Names of the CHECKs, in quotes, that are not to hold before.
    checks: Vec<String>,
}

impl DumpSection {
    /// The statements about the table of this name.
    pub(super) fn of(using: Option<String>, name: &str, from: u64, to: u64) -> Self {
        let table = quote(name);
        let keys = |verb: &str| format!("/*!40000 ALTER TABLE {table} {verb} KEYS */;");
        let (before, behind) = (keys("DISABLE"), keys("ENABLE"));
        Self { using, before, behind, table, from, to, replaces_rows: false, checks: Vec::new() }
    }

    /// The same in the place of the dump's own rows.
    pub(super) fn in_place_of_rows(self) -> Self {
        Self { replaces_rows: true, ..self }
    }

    /// The same, with CHECKs that rows need not pass before.
    pub(super) fn with_checks(self, checks: Vec<String>) -> Self {
        Self { checks, ..self }
    }

    /// Whether its table is of the database that the dump uses at a line.
    fn is_in(&self, using: &[u8]) -> bool {
        self.using.as_ref().is_none_or(|own| own.as_bytes() == using)
    }

    /// Writes that the CHECKs hold, or do not: on a server of MySQL each by itself (from 8.0.16 on), for which MariaDB takes the line
    /// for a comment.
    fn write_checks(&self, enforced: bool, into: &mut impl Write) -> io::Result<()> {
        let word = if enforced { "ENFORCED" } else { "NOT ENFORCED" };
        into.write_all(if enforced { CHECKS_ON } else { CHECKS_OFF })?;
        for check in &self.checks {
            writeln!(into, "/*!80016 ALTER TABLE {} ALTER CHECK {check} {word} */;", self.table)?;
        }
        Ok(())
    }
}

/// Puts the statements about tables behind their rows, or in their place.
pub(super) fn weave(dump: &Path, beside: &Path, mut tables: Vec<DumpSection>) -> io::Result<()> {
    let woven = beside.with_extension("woven");
    let mut into = BufWriter::new(File::create_new(&woven)?);
    let (mut lines, mut statements) = (BufReader::new(File::open(dump)?), File::open(beside)?);
    let (mut line, mut using, mut in_body) = (Vec::new(), Vec::new(), false);
    // Between the lines around rows that are replaced, and from the first of them on.
    let (mut in_replaced, mut in_rows) = (false, false);
    while lines.read_until(b'\n', &mut line)? > 0 {
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        // The body of a trigger or routine may have any line.
        if let Some(delimiter) = text.strip_prefix(b"DELIMITER ") {
            in_body = delimiter != b";";
        }
        if in_body {
            into.write_all(&line)?;
            line.clear();
            continue;
        }
        if text.starts_with(b"USE `") {
            using = text.to_vec();
        }
        let is_at = |of: fn(&DumpSection) -> &String| {
            let is_it = |table: &DumpSection| table.is_in(&using) && of(table).as_bytes() == text;
            tables.iter().position(is_it)
        };
        if let Some(table) = is_at(|table| &table.before).map(|at| &tables[at]) {
            table.write_checks(false, &mut into)?;
            in_replaced = table.replaces_rows;
        }
        let behind = is_at(|table| &table.behind);
        in_rows |= in_replaced && text.starts_with(b"INSERT ");
        if behind.is_some() || !in_rows {
            into.write_all(&line)?;
        }
        if let Some(at) = behind {
            let table = tables.swap_remove(at);
            (in_replaced, in_rows) = (false, false);
            if table.to > table.from {
                into.write_all(b"SET @transship_autocommit = @@autocommit, autocommit = 0;\n")?;
                statements.seek(SeekFrom::Start(table.from))?;
                io::copy(&mut Read::by_ref(&mut statements).take(table.to - table.from), &mut into)?;
                into.write_all(b"COMMIT;\nSET autocommit = @transship_autocommit;\n")?;
            }
            table.write_checks(true, &mut into)?;
        }
        line.clear();
    }
    if let Some(left) = tables.first() {
        return Err(io::Error::other(format!(
            "it has no line `{}` behind the rows of a table with FLOAT",
            left.behind
        )));
    }
    into.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    std::fs::rename(&woven, dump)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_replaced_where_the_table_says_so() {
        let directory = crate::connection::ScratchDirectory::make().unwrap();
        let (dump, beside) = (directory.path().join("dump.sql"), directory.path().join("dump.floats"));
        let of = |table: &str, rows: &str| {
            format!(
                "LOCK TABLES `{table}` WRITE;\n/*!40000 ALTER TABLE `{table}` DISABLE KEYS */;\nset autocommit=0;\n{rows}/*!40000 ALTER TABLE `{table}` ENABLE KEYS */;\nUNLOCK TABLES;\n"
            )
        };
        let text = format!(
            "{}{}",
            of("a", "INSERT INTO `a` VALUES\n(1,1),\n(2,1);\n"),
            of("b", "INSERT INTO `b` VALUES (1);\n")
        );
        std::fs::write(&dump, text).unwrap();
        std::fs::write(&beside, "AAAA;\nB;\n").unwrap();
        let tables = vec![
            DumpSection::of(None, "b", 6, 9).with_checks(vec!["`c`".to_owned()]),
            DumpSection::of(None, "a", 0, 6).in_place_of_rows(),
        ];
        weave(&dump, &beside, tables).unwrap();
        let woven = std::fs::read_to_string(&dump).unwrap();
        let lines = woven.lines().filter(|line| !line.contains("transship_")).collect::<Vec<_>>();
        let keys = |table: &str, verb: &str| format!("/*!40000 ALTER TABLE `{table}` {verb} KEYS */;");
        let check = |word: &str| format!("/*!80016 ALTER TABLE `b` ALTER CHECK `c` {word} */;");
        let expected = [
            "LOCK TABLES `a` WRITE;".to_owned(),
            keys("a", "DISABLE"),
            "set autocommit=0;".to_owned(),
            keys("a", "ENABLE"),
            "AAAA;".to_owned(),
            "COMMIT;".to_owned(),
            "UNLOCK TABLES;".to_owned(),
            "LOCK TABLES `b` WRITE;".to_owned(),
            check("NOT ENFORCED"),
            keys("b", "DISABLE"),
            "set autocommit=0;".to_owned(),
            "INSERT INTO `b` VALUES (1);".to_owned(),
            keys("b", "ENABLE"),
            "B;".to_owned(),
            "COMMIT;".to_owned(),
            check("ENFORCED"),
            "UNLOCK TABLES;".to_owned(),
        ];
        assert_eq!(lines, expected);
    }
}
