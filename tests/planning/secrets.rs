//! Passwords in addresses that are not right, in every place that an address can stand in: no command shows one, whatever it
//! logs.

use crate::support::migration::{Ran, run};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

const SECRET: &str = "SEKRET";

/// Addresses that people write in the place of the URL that was asked for.
const ADDRESSES: [&str; 10] = [
    "host=127.0.0.1 password=SEKRET dbname=d",
    "host=h password='x SEKRET' dbname=d",
    "postgres:/u:SEKRET@127.0.0.1/db",
    "postgres//u:SEKRET@h/db",
    "jdbc:sqlserver://h;user=u;password=SEKRET",
    "Server=h;Uid=u;Pwd=SEKRET;",
    "u:SEKRET@tcp(127.0.0.1:3306)/db",
    "postgres://u:x SEKRET@h/db",
    "postgre://u:a/SEKRET@h/db",
    "postgres://u%3ASEKRET@127.0.0.1:1/d",
];

/// Runs a command without variables of PostgreSQL but these; nothing that it says may hold the password.
#[track_caller]
fn hides(directory: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_transship"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("PG")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(directory).env("TRANSSHIP_LOG", "trace").env("HOME", directory);
    command.env("PGHOST", "127.0.0.1").env("PGPORT", "1").env("PGDATABASE", "d").env("PGCONNECT_TIMEOUT", "5");
    let ran = run(command.envs(variables.iter().copied()));
    assert!(!ran.output().contains(SECRET), "{arguments:?} {variables:?}: {ran}");
    assert_ne!(ran.code, Some(0), "{arguments:?} {variables:?}: {ran}");
    ran
}

fn write_spec(directory: &Path, target: &str, more: &str) {
    let text = format!(
        "spec = 1\nname = \"x\"\n[source]\nurl = \"sqlite:s.db\"\n[target]\nurl = {target}\nschema = \"app\"\n{more}"
    );
    std::fs::write(directory.join("s.toml"), text).unwrap();
}

#[test]
fn a_password_in_a_malformed_address_is_never_shown() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    std::fs::write(directory.join("s.db"), "").unwrap();
    // Words of the command line.
    for address in ADDRESSES {
        for arguments in [
            ["init", address, "-o", "o.toml"].as_slice(),
            &["migrate", "s.db", address, "--yes"],
            &["plan", address],
            &["check", "o.toml", address],
            &[address, "s.db"],
        ] {
            hides(directory, arguments, &[]);
        }
    }
    // A variable of the spec's, libpq's variables, and a service.
    let mut services = String::new();
    for (at, address) in ADDRESSES.iter().enumerate() {
        write!(services, "[host{at}]\nhost={address}\n[dbname{at}]\ndbname={address}\n").unwrap();
    }
    std::fs::write(directory.join(".pg_service.conf"), services).unwrap();
    for (at, address) in ADDRESSES.iter().enumerate() {
        write_spec(directory, "\"${URL}\"", "");
        hides(directory, &["plan", "s.toml"], &[("URL", address)]);
        write_spec(directory, "\"postgres://\"", "");
        for name in ["PGHOST", "PGDATABASE", "PGUSER", "PGSERVICE", "PGPORT"] {
            hides(directory, &["status", "s.toml"], &[(name, address)]);
        }
        for name in ["host", "dbname"] {
            let refused = hides(directory, &["plan", "s.toml"], &[("PGSERVICE", &format!("{name}{at}"))]);
            assert!(refused.stderr.contains("` holds a"), "{refused}");
        }
    }
    // Literals of the spec, each in the excerpt of a mistake: the address itself, its neighbours, keys that are not known.
    let quoted = |address: &str| toml::Value::from(address).to_string();
    let lines = |key: &str| {
        let line = |(at, address): (usize, &&str)| format!("[env.e{at}.target]\n{key} = {}\n", quoted(address));
        ADDRESSES.iter().enumerate().map(line).collect::<String>()
    };
    for more in [lines("url"), lines("uri"), lines("tables"), "password = \"SEKRET\"\n".to_owned()] {
        write_spec(directory, "\"embedded:\"", &more);
        hides(directory, &["check", "s.toml"], &[]);
    }
    for address in ADDRESSES {
        write_spec(directory, &format!("{} and more", quoted(address)), "");
        hides(directory, &["check", "s.toml"], &[]);
    }
}
