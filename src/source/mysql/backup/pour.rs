//! A dump on its way into the program that restores it.
//!
//! Two things of a dump reach beyond the new database: `ALTER DATABASE` names the old one, before and after each routine, trigger or
//! event that was made under another collation; and events run from the moment they are made.

use std::io::{BufRead, BufReader, Read, Result, Write};

/// Beginnings of the comments that the programs write before the events of a database, and before what may come after them.
const EVENTS: &[u8] = b"-- Dumping events for database";
const OTHERS: [&[u8]; 2] = [b"-- Dumping routines for database", b"-- Final view structure for view"];

/// Hands a dump on line by line, for the database that is used, and returns the lines about its events if these are to come `later`.
pub(super) fn pour(dump: impl Read, mut into: impl Write, later: bool) -> Result<Vec<u8>> {
    let (mut dump, mut line, mut events, mut in_events) = (BufReader::new(dump), Vec::new(), Vec::new(), false);
    while dump.read_until(b'\n', &mut line)? > 0 {
        if line.starts_with(EVENTS) {
            in_events = true;
        } else if OTHERS.iter().any(|others| line.starts_with(others)) {
            in_events = false;
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
}
