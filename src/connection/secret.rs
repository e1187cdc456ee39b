//! Masks passwords, so that no message, log or excerpt of a document shows one. The only place that knows how a password is
//! recognised, whatever it stands in: a URL, one whose slashes or scheme are not right, `password=…` of libpq, JDBC or ADO.
//!
//! If the password's bounds are not certain (an `@` in it is not percent-encoded), more is masked rather than less. A
//! password that is only a reference, `${NAME}`, is no secret and stays.

use std::ops::Range;

/// Words in the name of a URL parameter whose value is a secret.
const SECRET_PARAMETERS: [&str; 5] = ["pass", "pwd", "secret", "token", "credential"];

/// Last words of a name whose value is a secret, wherever `name = value` stands.
const SECRET_NAMES: [&str; 9] =
    ["password", "pgpassword", "sslpassword", "passwd", "passphrase", "pass", "pwd", "secret", "token"];

/// Schemes of servers, whose URLs are recognised without their slashes.
const SERVERS: [&str; 6] = ["postgres", "postgresql", "pgsql", "mysql", "mariadb", "jdbc"];

const QUOTES: [char; 3] = ['"', '\'', '`'];

/// End of a URL that no quote ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UrlEnd {
    /// The end of the line: its words may belong to the password.
    Line,
    /// White space: what follows is our own prose.
    Word,
}

/// The text with `***` in place of every password.
pub(crate) fn mask(text: &str) -> String {
    replace(text, &ranges(text, UrlEnd::Line), |_| "***".to_owned())
}

/// A message with `***` in place of every password that it quotes.
#[must_use]
pub fn mask_message(text: &str) -> String {
    replace(text, &ranges(text, UrlEnd::Word), |_| "***".to_owned())
}

/// The text with a star in place of every byte of every password: offsets stay the same.
pub(crate) fn mask_in_place(text: &str) -> String {
    replace(text, &ranges(text, UrlEnd::Line), |secret| "*".repeat(secret.len()))
}

/// One URL, or a text in the place of one, with `***` for its password.
pub(crate) fn mask_url(url: &str) -> String {
    let mut found = ranges(url, UrlEnd::Line);
    // The password may hold white space and line ends, where the parts of a text would end.
    if url.contains("://") {
        found.extend(ranges_in_url(url));
    } else if !is_path(url) {
        found.extend(address(url));
    }
    replace(url, &united(found), |_| "***".to_owned())
}

/// Whether a URL is a path, which may hold any text.
fn is_path(url: &str) -> bool {
    ["sqlite:", "sqlite3:", "file:", "embedded:"].iter().any(|scheme| url.starts_with(scheme))
}

fn replace(text: &str, ranges: &[Range<usize>], stars: impl Fn(&str) -> String) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for range in ranges {
        masked.push_str(&text[done..range.start]);
        masked.push_str(&stars(&text[range.clone()]));
        done = range.end;
    }
    masked.push_str(&text[done..]);
    masked
}

/// The ranges of all secrets in a text, in order and disjoint.
fn ranges(text: &str, bound: UrlEnd) -> Vec<Range<usize>> {
    let mut found = urls(text, bound);
    found.extend(without_slashes(text, bound));
    found.extend(words(text));
    found.extend(values_of_secrets(text));
    united(found)
}

fn united(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut united = Vec::<Range<usize>>::new();
    for range in ranges {
        match united.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => united.push(range),
        }
    }
    united
}

/// Secrets of whole URLs: `scheme://user:password@host`.
fn urls(text: &str, bound: UrlEnd) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("://").map(|found| from + found) {
        let scheme = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
        let before = text[from..found].trim_end_matches(scheme);
        let end = end_of_part(text, found, before.chars().next_back(), bound);
        ranges.extend(ranges_in_url(&text[found..end]).into_iter().map(|range| found + range.start..found + range.end));
        from = end.max(found + 3);
    }
    ranges
}

/// Secrets of a server's URLs whose slashes are not right: `postgres:/user:password@host`, `mysql:user:password@host`.
fn without_slashes(text: &str, bound: UrlEnd) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let mut ranges = Vec::new();
    for scheme in SERVERS {
        for (start, _) in lower.match_indices(scheme) {
            let before = &text[..start];
            if before.ends_with(|character: char| character.is_ascii_alphanumeric() || character == '_') {
                continue;
            }
            let driver = |character: char| character.is_ascii_alphanumeric() || "+-._".contains(character);
            let after = text[start + scheme.len()..].trim_start_matches(driver);
            let slashes = after.trim_start_matches([':', '/', '\\']);
            let is_scheme = slashes.len() < after.len() && !slashes.starts_with(char::is_whitespace);
            if !is_scheme || after.starts_with("://") {
                continue;
            }
            let from = text.len() - slashes.len();
            let end = end_of_part(text, from, before.chars().next_back(), bound);
            let range = address(&text[from..end]).or_else(|| Some(0..text[from..end].rfind('@')?));
            let range = range.filter(|range| !is_no_secret(&text[from..end][range.clone()]));
            ranges.extend(range.map(|range| from + range.start..from + range.end));
        }
    }
    ranges
}

/// Secrets of words that are addresses without a scheme: `user:password@host`, `user:password@tcp(host)/db`.
fn words(text: &str) -> Vec<Range<usize>> {
    let is_end = |character: char| character.is_whitespace() || QUOTES.contains(&character);
    let mut ranges = Vec::new();
    let mut start = 0;
    for word in text.split_inclusive(is_end) {
        let trimmed = word.trim_end_matches(is_end);
        if !trimmed.contains("://") && !is_path(trimmed) {
            ranges.extend(address(trimmed).map(|range| start + range.start..start + range.end));
        }
        start += word.len();
    }
    ranges
}

/// The password's range in `user:password@host`: from the first colon to the last `@`.
fn address(text: &str) -> Option<Range<usize>> {
    let (colon, at) = (text.find(':')?, text.rfind('@')?);
    // Two colons are a conversion of PostgreSQL's SQL.
    let is_password = colon + 1 < at && !text[colon + 1..].starts_with(':') && !is_no_secret(&text[colon + 1..at]);
    is_password.then_some(colon + 1..at)
}

/// Secrets of settings: `password=…`, `Pwd = '…'`, `PGPASSWORD="…"`.
fn values_of_secrets(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    for (equals, _) in text.match_indices('=') {
        let is_letter = |character: char| character.is_ascii_alphanumeric() || "_-.".contains(character);
        let before = text[..equals].trim_end_matches([' ', '\t']).trim_end_matches(QUOTES);
        let name = before[before.trim_end_matches(is_letter).len()..].to_ascii_lowercase();
        let after = text[equals + 1..].trim_start_matches([' ', '\t']);
        let start = text.len() - after.len();
        let last = name.rsplit(['_', '-', '.']).next().unwrap_or_default();
        // The type of a column with such a name is no secret.
        if SECRET_NAMES.contains(&last) && !name.starts_with("columns.") {
            let (skipped, length) = extent_of_value(after);
            let value = &after[skipped..skipped + length];
            if !value.is_empty() && !is_no_secret(value) && !value.starts_with(['{', '[', '=']) {
                ranges.push(start + skipped..start + skipped + length);
            }
        }
    }
    ranges
}

/// The length of the quote before a setting's value, and that of the value.
fn extent_of_value(text: &str) -> (usize, usize) {
    // `\"` is a quote in a string of TOML.
    let opening = ["\\\"", "\"", "'", "`"].into_iter().find(|quote| text.starts_with(quote));
    if let Some(quote) = opening {
        let inner = &text[quote.len()..];
        let mut from = 0;
        while let Some(end) = inner[from..].find(quote).map(|found| from + found) {
            // A quote with a backslash before it belongs to the value.
            if quote.len() == 2 || !inner[..end].ends_with('\\') {
                return (quote.len(), end);
            }
            from = end + quote.len();
        }
        return (quote.len(), inner.find('\n').unwrap_or(inner.len()));
    }
    let is_name = |rest: &str| {
        let name = rest.split('=').next().unwrap_or_default();
        rest.is_empty()
            || rest.len() > name.len() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ')
    };
    let is_end = |(at, character): (usize, char)| match character {
        ';' | '&' => is_name(&text[at + 1..]),
        character => character.is_whitespace() || QUOTES.contains(&character),
    };
    let end = text.char_indices().find(|found| is_end(*found)).map_or(text.len(), |(at, _)| at);
    (0, end)
}

/// The end of a part of a text that is at `start` and follows `opening`: the matching quote, or else the end of the line or word.
fn end_of_part(text: &str, start: usize, opening: Option<char>, bound: UrlEnd) -> usize {
    let quote = opening.filter(|character| QUOTES.contains(character));
    let mut escaped = false;
    for (index, character) in text[start..].char_indices() {
        let is_end = quote.is_none() && bound == UrlEnd::Word && character.is_whitespace();
        if is_end || character == '\n' || (Some(character) == quote && !escaped) {
            return start + index;
        }
        escaped = quote == Some('"') && character == '\\' && !escaped;
    }
    text.len()
}

fn ranges_in_url(url: &str) -> Vec<Range<usize>> {
    let Some(start) = url.find("://").map(|found| found + 3) else {
        return Vec::new();
    };
    let authority_end = url[start..].find(['/', '?', '#']).map_or(url.len(), |found| start + found);
    // From the colon to the last `@`, for a password that is not percent-encoded may hold any character; and without
    // any `@`, the text in the place of the port may be a password whose host was forgotten.
    let password = match url[start..].rfind('@').map(|found| start + found) {
        // A colon that is percent-encoded belongs to the user, unless somebody encoded both at once.
        Some(at) => [":", "%3A", "%3a"]
            .into_iter()
            .find_map(|colon| Some(start + url[start..at].find(colon)? + colon.len()..at)),
        None if only_hosts(&url[start..authority_end]) => None,
        None => url[start..].find(':').map(|colon| start + colon + 1..url.len()),
    };
    let mut ranges: Vec<_> =
        password.into_iter().filter(|range| !range.is_empty() && !is_no_secret(&url[range.clone()])).collect();
    let query_start = ranges.last().map_or(start, |range| range.end);
    let mut position = query_start;
    for parameter in url[query_start..].split_inclusive(['?', '&']) {
        let value = parameter.trim_end_matches(['?', '&']);
        if let Some((name, secret)) = value.split_once('=') {
            let name_is_secret = SECRET_PARAMETERS.iter().any(|word| name.to_ascii_lowercase().contains(word));
            if name_is_secret && !secret.is_empty() && !is_no_secret(secret) {
                ranges.push(position + name.len() + 1..position + value.len());
            }
        }
        position += parameter.len();
    }
    ranges
}

/// Whether a URL's authority is hosts with ports only, without a possible password.
fn only_hosts(authority: &str) -> bool {
    authority.split(',').all(|host| {
        let after_brackets = host.rsplit_once(']').map_or(host, |(_, port)| port);
        let port = after_brackets.split_once(':').map_or("", |(_, port)| port);
        port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) || is_reference(port) || port == "PORT"
    })
}

/// Whether a text in the place of a password shows none: a reference, stars, or the word of our own examples.
fn is_no_secret(text: &str) -> bool {
    is_reference(text) || text == "PASSWORD" || text == "…" || text.bytes().all(|byte| byte == b'*')
}

/// Whether a text is one `${NAME}` without default.
fn is_reference(text: &str) -> bool {
    text.strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_masked_and_nothing_else() {
        for (url, masked) in [
            ("postgres://user:secret@host:5432/db", "postgres://user:***@host:5432/db"),
            ("postgres://user:se/cr?e#t@a@host/db", "postgres://user:***@host/db"),
            ("postgres://user@host:5432/db?sslmode=require", "postgres://user@host:5432/db?sslmode=require"),
            ("postgres://user:secret", "postgres://user:***"),
            ("postgres://user:se/cret", "postgres://user:***"),
            ("postgres://[::1]:5432,b:5433/db", "postgres://[::1]:5432,b:5433/db"),
            ("postgres:///db?user=a&password=secret&port=1", "postgres:///db?user=a&password=***&port=1"),
            ("mysql://user:${MYSQL_PASSWORD}@host/db", "mysql://user:${MYSQL_PASSWORD}@host/db"),
            ("mysql://user:${MYSQL_PASSWORD:-secret}@host/db", "mysql://user:***@host/db"),
            ("postgres:user:secret@host", "postgres:***@host"),
            ("sqlite:a:b@c.db", "sqlite:a:b@c.db"),
            ("postgres:/u:se cret@h", "postgres:***@h"),
            ("postgres://u%3Asecret@h/d", "postgres://u%3A***@h/d"),
            ("host=h password='se cret' dbname=d", "host=h password='***' dbname=d"),
            (
                "jdbc:sqlserver://h;user=u;password=secret;encrypt=true",
                "jdbc:sqlserver://h;user=u;password=***;encrypt=true",
            ),
            ("Server=h;Pwd=se;cret", "Server=h;Pwd=***"),
            ("u:secret@tcp(h:3306)/db", "u:***@tcp(h:3306)/db"),
        ] {
            assert_eq!(mask_url(url), masked);
        }
    }

    #[test]
    fn a_document_keeps_its_places() {
        let text = "url = \"postgres://u:pä'\\\"ss@h/db\" # me@example.com\n[target]\nurl = 'mysql://a:b@c'\n";
        let masked = mask_in_place(text);
        assert_eq!(masked, "url = \"postgres://u:********@h/db\" # me@example.com\n[target]\nurl = 'mysql://a:*@c'\n");
        assert_eq!(masked.len(), text.len());
        let text = "url = \"postgres:/u:secret@h\"\npassword = \"se\\\"cret\"\ncolumns.password = \"text\"\nx = \"a::text, a@b\"\n";
        let masked = "url = \"postgres:*********@h\"\npassword = \"********\"\ncolumns.password = \"text\"\nx = \"a::text, a@b\"\n";
        assert_eq!(mask_in_place(text), masked);
        assert_eq!(mask("a ${X:-postgres://u:p@h/db} b"), "a ${X:-postgres://u:***@h/db} b");
    }

    #[test]
    fn prose_around_an_address_stays() {
        let hint = "write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or postgres://USER@/DATABASE?host=/run";
        assert_eq!(mask_message(hint), hint);
        let message = "mysql://u:***@h:3306/db: Access denied for user 'u'@'h' (using password: YES)";
        assert_eq!(mask_message(message), message);
        let message = "`postgres:/u:se cret@h`: write to me@example.com, `pwd=x y`";
        assert_eq!(mask_message(message), "`postgres:/u:***@h`: write to me@example.com, `pwd=*** y`");
    }
}
