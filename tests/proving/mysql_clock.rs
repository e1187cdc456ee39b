//! Defaults of MySQL that move the present by an interval: what PostgreSQL's default gives at a moment is what the server's gives at
//! the same moment.
//!
//! The defaults are read back from PostgreSQL's catalog, and asked with the moment in the place of the clock; the server's clock
//! is set for the session.

use crate::support::mariadb::mariadb;
use crate::support::migration::{Migration, SPEC};
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

/// Ends of months, a leap day, and the days before clocks change, in UTC.
const MOMENTS: [&str; 6] = [
    "2024-01-31 22:59:59.75",
    "2023-12-31 12:34:56.25",
    "2024-02-29 00:00:00",
    "2024-03-30 01:30:00.5",
    "2023-10-31 23:30:00.5",
    "2024-11-30 05:06:07",
];

/// Types with defaults in brackets, and how PostgreSQL's value is brought to the server's text.
const DEFAULTS: [(&str, &str, &str); 16] = [
    ("DATETIME", "now() + INTERVAL 1 MONTH", "({})::text"),
    ("DATETIME", "now() - INTERVAL 1 MONTH", "({})::text"),
    ("DATETIME", "now() + INTERVAL 1 QUARTER", "({})::text"),
    ("DATETIME", "now() - INTERVAL 1 YEAR", "({})::text"),
    ("DATETIME", "now() + INTERVAL 30 DAY", "({})::text"),
    ("DATETIME", "now() - INTERVAL 90 MINUTE", "({})::text"),
    ("DATETIME(6)", "now(6) + INTERVAL 2 WEEK", "({})::text"),
    ("DATETIME(3)", "now() + INTERVAL 86401 SECOND", "({})::text"),
    ("DATETIME", "curdate() + INTERVAL 1 MONTH", "({})::text"),
    ("DATETIME", "utc_timestamp() + INTERVAL 1 DAY", "({})::text"),
    ("DATE", "curdate() + INTERVAL 1 MONTH", "({})::text"),
    ("DATE", "curdate() - INTERVAL 1 DAY", "({})::text"),
    ("DATE", "now() + INTERVAL 36 HOUR", "({})::text"),
    ("TIMESTAMP", "now() + INTERVAL 1 MONTH", "(({}) AT TIME ZONE 'UTC')::text"),
    ("TIMESTAMP(6)", "now(6) - INTERVAL 25 HOUR", "(({}) AT TIME ZONE 'UTC')::text"),
    ("TIMESTAMP", "date_add(now(), INTERVAL 1 DAY)", "(({}) AT TIME ZONE 'UTC')::text"),
];

/// A moment without zeros at the end of its fraction.
fn plain(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// Holds the defaults against the server's, whose sessions are in a zone of this offset: in winter that of `zone`. Those of
/// TIMESTAMP are left behind where clocks change.
fn gives_the_same(server: &MysqlServer, zone: &str, offset: &str) {
    let column = |(at, (declared, default, _)): (usize, &(&str, &str, &str))| {
        format!("c{at} {declared} NULL DEFAULT ({default})")
    };
    let columns = DEFAULTS.iter().enumerate().map(column).collect::<Vec<_>>().join(",\n");
    let source = format!("CREATE TABLE clocks (id INT PRIMARY KEY, {columns});");
    let spec = SPEC.replace("sqlite:${CASE_SOURCE}\"", &format!("${{CASE_SOURCE}}\"\ntimezone = \"{zone}\""));
    let migration = Migration::from_mariadb(server, &source, &spec);
    migration.apply().exits(0);
    let made = migration.database.ask(
        "SELECT coalesce((SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = attrelid AND adnum = attnum), '')
         FROM pg_attribute WHERE attrelid = 'app.clocks'::regclass AND attname ~ '^c[0-9]+$' ORDER BY attnum",
    );
    assert_eq!(made.len(), DEFAULTS.len());
    let database = server.create_database();
    let mut wrong = Vec::new();
    for moment in MOMENTS {
        let theirs = server.ask(
            &database,
            &format!(
                "DROP TABLE IF EXISTS clocks; {source}
                 SET time_zone = '+00:00'; SET timestamp = unix_timestamp('{moment}'); SET time_zone = '{offset}';
                 INSERT INTO clocks (id) VALUES (1); SET time_zone = '+00:00'; SELECT * FROM clocks"
            ),
        );
        let theirs = theirs.trim_end().split('\t').skip(1).collect::<Vec<_>>();
        for (at, (declared, default, shown)) in DEFAULTS.iter().enumerate() {
            let text = &made[at][0];
            if declared.starts_with("TIMESTAMP") && zone != "UTC" {
                assert_eq!(text, "", "{declared} {default}");
                continue;
            }
            let fixed = text.replace("statement_timestamp()", &format!("'{moment}+00'::timestamptz"));
            assert_ne!(&fixed, text, "{declared} {default}");
            let ours = migration.database.value(&format!("SELECT {}", shown.replace("{}", &fixed)));
            if plain(&ours) != plain(theirs[at]) {
                wrong.push(format!("{moment} {declared} {default}: {}, and {ours} by {text}", theirs[at]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_moved_present_is_the_same_at_the_same_moment() {
    let servers = [Some(&**mariadb()), mysql().map(|server| &**server)];
    for server in servers.into_iter().flatten() {
        gives_the_same(server, "UTC", "+00:00");
        gives_the_same(server, "Europe/Berlin", "+01:00");
    }
}
