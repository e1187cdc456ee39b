//! Option files of MySQL's and MariaDB's programs, such as `~/.my.cnf`.
//! Source: MySQL manual, "Using Option Files"; `my_default.cc` for what the manual leaves open.

use super::super::parts::UrlError;
use super::settings::{ConnectionSettings, spelled};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Files that may include one another; MySQL's own limit.
const DEEPEST: usize = 10;

/// Groups that every client reads: MySQL's own, and MariaDB's for clients and servers together.
const GROUPS: [&str; 3] = ["client", "client-server", "client-mariadb"];

/// Reads the files that exist, in order; a later line wins. Of the groups, `own_group` wins over those of every client.
///
/// # Errors
/// A file cannot be read, or a line of it not understood: with the file and the number of the line, and nothing of the line,
/// which may be a password.
pub(super) fn read(
    files: &[PathBuf],
    must_exist: bool,
    own_group: Option<&str>,
) -> Result<ConnectionSettings, UrlError> {
    let mut reading =
        OptionReading { own_group, shared: ConnectionSettings::default(), own: ConnectionSettings::default() };
    for file in files {
        if must_exist || file.is_file() {
            reading.file(file, 0)?;
        }
    }
    Ok(reading.own.or(reading.shared))
}

struct OptionReading<'a> {
    own_group: Option<&'a str>,
    shared: ConnectionSettings,
    own: ConnectionSettings,
}

impl OptionReading<'_> {
    fn file(&mut self, file: &Path, depth: usize) -> Result<(), UrlError> {
        let shown = file.display();
        let unreadable =
            |error: std::io::Error| UrlError::new(format!("the option file {shown} cannot be read: {error}"));
        if fs::metadata(file).map_err(unreadable)?.permissions().mode() & 0o002 != 0 {
            // MySQL's programs leave it out with a warning; the connection would then be another than the one meant.
            return Err(UrlError::new(format!("the option file {shown} can be written by everybody"))
                .hint(format!("run `chmod o-w {shown}`: anybody could have written the options in it")));
        }
        let bytes = fs::read(file).map_err(unreadable)?;
        let text =
            String::from_utf8(bytes).map_err(|_| UrlError::new(format!("the option file {shown} is not UTF-8")))?;
        let mut group = None;
        for (number, line) in text.lines().enumerate() {
            let at = |error: UrlError| UrlError {
                message: format!("the option file {shown}, line {}: {}", number + 1, error.message),
                ..error
            };
            let line = line.trim();
            if line.is_empty() || line.starts_with(['#', ';']) {
                continue;
            }
            if let Some(directive) = line.strip_prefix('!') {
                self.directive(directive, file, depth).map_err(at)?;
            } else if let Some(header) = line.strip_prefix('[') {
                let name = header.split_once(']').ok_or_else(|| at(UrlError::new("a group has no `]`")))?.0;
                group = Some(name.trim().to_owned());
            } else {
                let group =
                    group.as_deref().ok_or_else(|| at(UrlError::new("an option stands in front of every group")))?;
                self.option(group, line).map_err(at)?;
            }
        }
        Ok(())
    }

    fn directive(&mut self, directive: &str, file: &Path, depth: usize) -> Result<(), UrlError> {
        if depth == DEEPEST {
            return Err(UrlError::new(format!("more than {DEEPEST} option files include one another")));
        }
        let (word, place) = directive.split_once(char::is_whitespace).unwrap_or((directive, ""));
        let place = Path::new(place.trim());
        let place = file.parent().unwrap_or(Path::new("")).join(place);
        match word {
            "include" => self.file(&place, depth + 1),
            "includedir" => {
                let unreadable = |error: std::io::Error| {
                    UrlError::new(format!("the folder {} cannot be read: {error}", place.display()))
                };
                let entries = fs::read_dir(&place).map_err(unreadable)?;
                let mut files = entries
                    .map(|entry| entry.map(|entry| entry.path()))
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(unreadable)?;
                files.retain(|file| file.extension().is_some_and(|extension| extension == "cnf"));
                // MySQL takes them as the folder has them; a fixed order means the same on every machine.
                files.sort();
                files.iter().try_for_each(|file| self.file(file, depth + 1))
            }
            _ => Err(UrlError::new("only `!include` and `!includedir` may follow a `!`")),
        }
    }

    fn option(&mut self, group: &str, line: &str) -> Result<(), UrlError> {
        let settings = match group {
            group if Some(group) == self.own_group => &mut self.own,
            group if GROUPS.contains(&group) => &mut self.shared,
            _ => return Ok(()),
        };
        let line = without_comment(line);
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value_of(value.trim()))),
            None => (line.trim(), None),
        };
        let name = spelled(name);
        // Options of other kinds are other programs'.
        settings.set_option(name.strip_prefix("loose-").unwrap_or(&name), value.as_deref()).map(|_is_known| ())
    }
}

/// A line up to the `#` that begins a comment: one that is not inside of quotes.
fn without_comment(line: &str) -> &str {
    let (mut quote, mut is_escaped) = (None, false);
    for (at, character) in line.char_indices() {
        if matches!(character, '\'' | '"') && !is_escaped {
            match quote {
                None => quote = Some(character),
                Some(open) if open == character => quote = None,
                Some(_) => {}
            }
        }
        if quote.is_none() && character == '#' {
            return &line[..at];
        }
        is_escaped = quote.is_some() && character == '\\' && !is_escaped;
    }
    line
}

/// A value without the quotes around it, with its escapes replaced.
fn value_of(written: &str) -> String {
    let unquoted =
        ['\'', '"'].iter().find_map(|quote| written.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)));
    let mut value = String::new();
    let mut characters = unquoted.unwrap_or(written).chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            value.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => value.push('\n'),
            Some('t') => value.push('\t'),
            Some('r') => value.push('\r'),
            Some('b') => value.push('\u{8}'),
            Some('s') => value.push(' '),
            Some(quoted @ ('\\' | '\'' | '"')) => value.push(quoted),
            // A path of Windows keeps its backslashes.
            Some(other) => value.extend(['\\', other]),
            None => value.push('\\'),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_that_mysql_reads() {
        for (written, value) in [
            ("plain", "plain"),
            ("\"in quotes # no comment\" # comment", "in quotes # no comment"),
            ("'it''s'", "it''s"),
            ("a\\sb\\\\c\\td", "a b\\c\td"),
            ("C:\\data", "C:\\data"),
            ("se#cret", "se"),
            ("'se#cret'", "se#cret"),
            ("'a\\'#b'", "a'#b"),
            ("a=b", "a=b"),
            ("\"", "\""),
            ("", ""),
        ] {
            let line = format!("password = {written}");
            let (_, read) = without_comment(&line).split_once('=').unwrap();
            assert_eq!(value_of(read.trim()), value, "{written}");
        }
    }
}
