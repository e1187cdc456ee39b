//! A dump on its way into the program that restores it.
//!
//! Two kinds of statements of a dump reach beyond the new database: `ALTER DATABASE` names the old one, before and after each routine, trigger or
//! event that was made under another collation; and events run from the moment they are made.

use std::io::{BufRead, BufReader, Read, Result, Write};

/// Beginnings of the comments that the programs write before the events of a database, and before what may come after them.
const EVENTS: &[u8] = b"-- Dumping events for database";
const OTHERS: [&[u8]; 3] =
    [b"-- Dumping routines for database", b"-- Final view structure for view", b"-- Current Database: "];

/// Beginning of the line by which a dump of several databases begins with one of them.
const USE: &[u8] = b"USE `";

/// Hands a dump on line by line, for the database that is used, and returns the lines about its events if these are to come `later`:
/// of several databases with the lines that say whose they are.
pub(super) fn pour(dump: impl Read, mut into: impl Write, later: bool) -> Result<Vec<u8>> {
    let (mut dump, mut line, mut events, mut in_events) = (BufReader::new(dump), Vec::new(), Vec::new(), false);
    let mut using = Vec::new();
    while dump.read_until(b'\n', &mut line)? > 0 {
        if line.starts_with(EVENTS) {
            in_events = true;
            if later {
                events.extend_from_slice(&using);
            }
        } else if OTHERS.iter().any(|others| line.starts_with(others)) {
            in_events = false;
        }
        if line.starts_with(USE) {
            using.clone_from(&line);
        }
        let into = if in_events && later { &mut events as &mut dyn Write } else { &mut into };
        match rest_of_alter(&line) {
            Some(rest) => into.write_all(&[b"ALTER DATABASE", rest].concat())?,
            None => into.write_all(&line)?,
        }
        line.clear();
    }
    Ok(events)
}

/// The rest of the programs' own ``ALTER DATABASE `NAME` … ;`` behind the name; line ends in data are escaped.
fn rest_of_alter(line: &[u8]) -> Option<&[u8]> {
    let named = line.strip_prefix(b"ALTER DATABASE `")?;
    let mut at = 0;
    loop {
        at += named[at..].iter().position(|byte| *byte == b'`')? + 1;
        match named.get(at) {
            // A doubled backtick is one of the name.
            Some(b'`') => at += 1,
            _ => break,
        }
    }
    let rest = &named[at..];
    (rest.starts_with(b" CHARACTER SET ") && rest.ends_with(b" ;\n")).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_database_is_not_named_and_events_come_later() {
        let dump = "CREATE TABLE t (a text);\nALTER DATABASE `o``ld` CHARACTER SET latin1 COLLATE latin1_bin ;\n\
                    -- Dumping events for database 'old'\nCREATE EVENT e DO SELECT 1 ;;\n\
                    ALTER DATABASE `old` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;\n\
                    -- Dumping routines for database 'old'\nCREATE PROCEDURE p() BEGIN\nALTER DATABASE `old` COMMENT 'x';\nEND ;;\n";
        let mut poured = Vec::new();
        let events = pour(dump.as_bytes(), &mut poured, true).unwrap();
        let [poured, events] = [poured, events].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(poured.contains("ALTER DATABASE CHARACTER SET latin1 COLLATE latin1_bin ;\n"), "{poured}");
        assert!(poured.contains("ALTER DATABASE `old` COMMENT 'x';") && !poured.contains("EVENT e"), "{poured}");
        assert!(
            events.contains("EVENT e")
                && events.ends_with("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;\n")
        );
        let mut all = Vec::new();
        assert!(pour(dump.as_bytes(), &mut all, false).unwrap().is_empty());
        assert_eq!(all.len(), dump.len() - " `o``ld`".len() - " `old`".len());
    }

    #[test]
    fn events_of_several_databases_say_whose_they_are() {
        let of = |name: &str| {
            format!(
                "-- Current Database: `{name}`\nUSE `{name}`;\nCREATE TABLE t (a text);\n\
                 -- Dumping events for database '{name}'\nCREATE EVENT of_{name} DO SELECT 1 ;;\n"
            )
        };
        let (dump, mut poured) = (of("one") + &of("two"), Vec::new());
        let events = String::from_utf8(pour(dump.as_bytes(), &mut poured, true).unwrap()).unwrap();
        let lines = events.lines().filter(|line| !line.starts_with("--")).collect::<Vec<_>>();
        let [one, two] = ["CREATE EVENT of_one DO SELECT 1 ;;", "CREATE EVENT of_two DO SELECT 1 ;;"];
        assert_eq!(lines, ["USE `one`;", one, "USE `two`;", two]);
        let poured = String::from_utf8(poured).unwrap();
        assert_eq!(poured.matches("USE `").count(), 2, "{poured}");
        assert!(!poured.contains("EVENT of_"), "{poured}");
    }
}
