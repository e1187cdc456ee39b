//! libpq's password file, `~/.pgpass` (PostgreSQL documentation, section 34.16).

use secrecy::SecretString;
use std::fs::Metadata;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Once;

/// The connection for which a password is looked up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Login<'a> {
    /// The host's name, or `localhost` for a socket in its usual place.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) database: &'a str,
    pub(super) user: &'a str,
}

/// The password of a connection in a file; `None` if the file is not there, is ignored, or has none. A file that others may
/// read is ignored with a warning, as by libpq.
pub(super) fn password(file: &Path, logins: &[Login<'_>]) -> Option<SecretString> {
    let metadata = std::fs::metadata(file).ok()?;
    if let Some(obstacle) = obstacle(&metadata) {
        // A command may read several URLs.
        static SAID: Once = Once::new();
        SAID.call_once(|| tracing::warn!("the password file {} {obstacle}; it is ignored", file.display()));
        return None;
    }
    let bytes = match std::fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            tracing::warn!("the password file {} cannot be read: {error}", file.display());
            return None;
        }
    };
    let lines = bytes.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok());
    let lines = lines.map(|line| line.strip_suffix('\r').unwrap_or(line)).collect::<Vec<_>>();
    logins.iter().find_map(|login| lines.iter().find_map(|line| of_line(line, login))).map(SecretString::from)
}

fn obstacle(metadata: &Metadata) -> Option<&'static str> {
    if !metadata.is_file() {
        return Some("is no plain file");
    }
    let is_shared = metadata.permissions().mode() & 0o077 != 0;
    is_shared.then_some("may be read or written by group or world (its permissions should be u=rw, 0600, or less)")
}

/// The password of a line `host:port:database:user:password` that is about this connection.
fn of_line(line: &str, login: &Login<'_>) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let port = login.port.to_string();
    let mut rest = line;
    for expected in [login.host, &port, login.database, login.user] {
        let (field, after) = field(rest);
        rest = after?;
        if field != PasswordField::Anything && field != PasswordField::Text(expected.to_owned()) {
            return None;
        }
    }
    match field(rest).0 {
        PasswordField::Anything => Some("*".to_owned()),
        PasswordField::Text(password) => Some(password).filter(|password| !password.is_empty()),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum PasswordField {
    /// A star by itself.
    Anything,
    Text(String),
}

/// The field up to the next colon without a backslash, and what is behind that colon.
fn field(text: &str) -> (PasswordField, Option<&str>) {
    let mut content = String::new();
    let mut characters = text.char_indices();
    let mut after = None;
    let mut is_escaped = false;
    while let Some((at, character)) = characters.next() {
        match character {
            ':' => {
                after = Some(&text[at + 1..]);
                break;
            }
            '\\' => {
                is_escaped = true;
                if let Some((_, next)) = characters.next() {
                    content.push(next);
                }
            }
            other => content.push(other),
        }
    }
    (if content == "*" && !is_escaped { PasswordField::Anything } else { PasswordField::Text(content) }, after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const LOGIN: Login<'static> = Login { host: "db.example", port: 5432, database: "a:b", user: "me" };

    #[test]
    fn a_line_is_about_a_connection_or_not() {
        for (line, password) in [
            ("*:*:*:*:secret", Some("secret")),
            ("db.example:5432:a\\:b:me:p\\:w\\\\:rest", Some("p:w\\")),
            ("db.example:5432:a:b:me:x", None),
            ("*:5433:*:*:x", None),
            ("\\*:*:*:*:x", None),
            ("db.example:*:*:you:x", None),
            ("#*:*:*:*:x", None),
            ("*:*:*:me", None),
            ("*:*:*:*:", None),
            ("", None),
        ] {
            assert_eq!(of_line(line, &LOGIN).as_deref(), password, "{line}");
        }
    }

    #[test]
    fn the_first_line_that_fits_wins_in_a_file_of_ones_own() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pgpass");
        std::fs::write(&file, "other:*:*:*:no\n*:*:*:me:first\r\ndb.example:*:*:me:second\n").unwrap();
        let permit = |mode: u32| {
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            password(&file, &[LOGIN]).map(|password| password.expose_secret().to_owned())
        };
        assert_eq!(permit(0o600).as_deref(), Some("first"));
        assert_eq!(permit(0o400).as_deref(), Some("first"));
        assert_eq!(permit(0o640), None);
        assert_eq!(permit(0o604), None);
        assert!(password(directory.path(), &[LOGIN]).is_none());
        assert!(password(&directory.path().join("none"), &[LOGIN]).is_none());
    }
}
