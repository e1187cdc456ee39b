//! The cluster's password: made at random, kept in a file that libpq reads.

use secrecy::SecretString;

use super::EmbeddedError;
use super::files::{random_hexadecimal, read_if_present, write_file};
use super::layout::ClusterLayout;

/// The one database role that initdb creates: a superuser of the private cluster.
pub(super) const ROLE: &str = "transship";

/// The password of an existing cluster.
pub(super) fn read(layout: &ClusterLayout) -> Result<SecretString, EmbeddedError> {
    let file = layout.password_file();
    let problem = |problem: &str| EmbeddedError::Password {
        data_directory: layout.data_directory(),
        password_file: file.clone(),
        problem: problem.to_owned(),
    };
    let content = read_if_present(&file)?.ok_or_else(|| problem("the file does not exist"))?;
    let content = String::from_utf8(content).map_err(|_| problem("the file is not text"))?;
    // Our passwords are hexadecimal, so none of pgpass's escapes occur.
    content
        .lines()
        .find_map(|line| line.strip_prefix(&entry("")))
        .filter(|password| !password.is_empty())
        .map(SecretString::from)
        .ok_or_else(|| problem("the file has no entry for the role `transship`"))
}

/// The password for a cluster that is being made; the file is written before there is a cluster that needs it.
pub(super) fn create(layout: &ClusterLayout) -> Result<SecretString, EmbeddedError> {
    let password = random_hexadecimal::<24>()?;
    // Host, port and database are wildcards: the port changes between starts.
    write_file(&layout.password_file(), format!("{}\n", entry(&password)).as_bytes(), 0o600)?;
    Ok(SecretString::from(password))
}

fn entry(password: &str) -> String {
    format!("*:*:*:{ROLE}:{password}")
}
