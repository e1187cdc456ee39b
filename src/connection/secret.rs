//! Masks passwords in URLs, so that no message and no excerpt of the document shows one.
//!
//! If the password's bounds are not certain (an `@` in it is not percent-encoded), more is masked rather than less. A
//! password that is only a reference, `${NAME}`, is no secret and stays.

use std::ops::Range;

/// Words in the name of a URL parameter whose value is a secret.
const SECRET_PARAMETERS: [&str; 5] = ["pass", "pwd", "secret", "token", "credential"];

/// The text with `***` in place of the password of every URL.
pub(crate) fn mask(text: &str) -> String {
    replace(text, &ranges_in_text(text), |_| "***".to_owned())
}

/// The text with a star in place of every byte of the password of every URL: offsets stay the same.
pub(crate) fn mask_in_place(text: &str) -> String {
    replace(text, &ranges_in_text(text), |secret| "*".repeat(secret.len()))
}

/// One URL, with `***` for its password.
pub(super) fn mask_url(url: &str) -> String {
    let mut ranges = ranges_in_url(url);
    // `postgres:user:password@host`, whose slashes were forgotten. A path may hold any text.
    let is_path = url.starts_with("sqlite:") || url.starts_with("embedded:");
    if ranges.is_empty()
        && !url.contains("://")
        && !is_path
        && let (Some(colon), Some(at)) = (url.find(':'), url.rfind('@'))
        && colon < at
    {
        ranges.push(colon + 1..at);
    }
    replace(url, &ranges, |_| "***".to_owned())
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

/// The ranges of the secrets of all URLs in a text, in order and disjoint.
fn ranges_in_text(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(found) = text[from..].find("://").map(|found| from + found) {
        let scheme = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
        let before = text[from..found].trim_end_matches(scheme);
        let end = end_of_url(text, found, before.chars().next_back());
        ranges.extend(ranges_in_url(&text[found..end]).into_iter().map(|range| found + range.start..found + range.end));
        from = end.max(found + 3);
    }
    ranges
}

/// The end of a URL whose `://` is at `start` and which follows `opening`: the matching quote, or the end of the line.
fn end_of_url(text: &str, start: usize, opening: Option<char>) -> usize {
    let quote = opening.filter(|character| "\"'`".contains(*character));
    let mut escaped = false;
    for (index, character) in text[start..].char_indices() {
        if character == '\n' || (Some(character) == quote && !escaped) {
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
        Some(at) => url[start..at].find(':').map(|colon| start + colon + 1..at),
        None if only_hosts(&url[start..authority_end]) => None,
        None => url[start..].find(':').map(|colon| start + colon + 1..url.len()),
    };
    let mut ranges: Vec<_> =
        password.into_iter().filter(|range| !range.is_empty() && !is_reference(&url[range.clone()])).collect();
    let query_start = ranges.last().map_or(start, |range| range.end);
    let mut position = query_start;
    for parameter in url[query_start..].split_inclusive(['?', '&']) {
        let value = parameter.trim_end_matches(['?', '&']);
        if let Some((name, secret)) = value.split_once('=') {
            let name_is_secret = SECRET_PARAMETERS.iter().any(|word| name.to_ascii_lowercase().contains(word));
            if name_is_secret && !secret.is_empty() && !is_reference(secret) {
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
        port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) || is_reference(port)
    })
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
        assert_eq!(mask("a ${X:-postgres://u:p@h/db} b"), "a ${X:-postgres://u:***@h/db} b");
    }
}
