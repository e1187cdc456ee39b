//! Paths in source text: the text is read line by line; paths are found in `use` lines and in expressions.

/// A line's code, with the text of its comment taken away. Strings that hold `//` lose their end, which no rule needs.
pub(super) fn code(line: &str) -> &str {
    line.split_once("//").map_or(line, |(code, _)| code)
}

/// The text without comments, and the line on which each byte of it stands.
pub(super) fn without_comments(text: &str) -> (String, Vec<usize>) {
    let (mut stripped, mut lines) = (String::new(), Vec::new());
    for (number, line) in text.lines().enumerate() {
        stripped.push_str(code(line));
        stripped.push('\n');
        lines.resize(stripped.len(), number + 1);
    }
    (stripped, lines)
}

/// The paths below `root` that a file names, with their lines: `use crate::{a::b, c}` names `a::b` and `c`.
pub(super) fn paths(text: &str, root: &str) -> Vec<(usize, String)> {
    let (text, lines) = without_comments(text);
    let mut found = Vec::new();
    for (at, _) in text.match_indices(root) {
        let before = text[..at].chars().next_back();
        if before.is_some_and(|character| character.is_alphanumeric() || "_:$".contains(character)) {
            continue;
        }
        expand("", &text[at + root.len()..], &mut |path| found.push((lines[at], path.to_owned())));
    }
    found
}

/// Follows a path; at a `{` once for each of its branches. Gives what is left of the text.
fn expand<'t>(prefix: &str, text: &'t str, found: &mut impl FnMut(&str)) -> &'t str {
    let text = text.trim_start();
    if let Some(mut inner) = text.strip_prefix('{') {
        loop {
            inner = expand(prefix, inner, found).trim_start();
            match inner.strip_prefix(',') {
                Some(next) if !next.trim_start().starts_with('}') => inner = next,
                Some(next) => return next.trim_start().strip_prefix('}').unwrap(),
                None => return inner.strip_prefix('}').unwrap_or(inner),
            }
        }
    }
    let end = text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let path = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}::{word}") };
    match rest.strip_prefix("::") {
        Some(rest) => expand(&path, rest, found),
        None => {
            found(&path);
            // `a as b`
            rest.strip_prefix(" as ")
                .map_or(rest, |rest| rest.trim_start_matches(|letter: char| letter.is_alphanumeric() || letter == '_'))
        }
    }
}

/// Whether a path is this one or lies below it.
pub(super) fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The code without its unit tests.
pub(super) fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]").map_or(text, |tests| &text[..tests])
}
