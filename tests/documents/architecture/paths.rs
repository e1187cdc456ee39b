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
        expand("", &text[at + root.len()..], &mut |path, _| found.push((lines[at], path.to_owned())));
    }
    found
}

/// Follows a path, with the name that `as` gives it; at a `{` once for each of its branches. Gives what is left of the text.
pub(super) fn expand<'t>(prefix: &str, text: &'t str, found: &mut impl FnMut(&str, Option<&str>)) -> &'t str {
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
    let (word, rest) = word(text);
    let path = if prefix.is_empty() { word.to_owned() } else { format!("{prefix}::{word}") };
    if let Some(rest) = rest.strip_prefix("::") {
        return expand(&path, rest, found);
    }
    let alias = rest.strip_prefix(" as ").map(self::word);
    found(&path, alias.map(|(alias, _)| alias));
    alias.map_or(rest, |(_, rest)| rest)
}

/// The word at the beginning of a text, and the rest.
pub(super) fn word(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len()))
}

/// Whether a path is this one or lies below it.
pub(super) fn is_below(path: &str, parent: &str) -> bool {
    path.strip_prefix(parent).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The code without what is compiled for unit tests only, wherever in the file it stands. Each line keeps its number.
pub(super) fn without_tests(text: &str) -> String {
    let (mut kept, mut lines) = (String::new(), text.lines());
    while let Some(line) = lines.next() {
        if line.trim_start() == "#[cfg(test)]" {
            kept.push_str(&"\n".repeat(1 + item(&mut lines)));
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// Goes past the item that begins on the next line, as rustfmt has laid it out. Gives the number of its lines.
fn item<'t>(lines: &mut impl Iterator<Item = &'t str>) -> usize {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let (mut taken, mut own, mut is_open) = (0, None, false);
    for line in lines {
        taken += 1;
        let own = *own.get_or_insert(indentation(line));
        let code = code(line).trim();
        if indentation(line) > own || code.is_empty() || (!is_open && code.starts_with("#[")) {
            continue;
        }
        let closes = if is_open { code.starts_with('}') } else { code.ends_with([';', ',', '}']) };
        if closes {
            break;
        }
        is_open |= code.ends_with('{');
    }
    taken
}

#[test]
fn unit_tests_are_left_out() {
    let text = "\
use a::A;
#[cfg(test)]
pub(crate) use b::B;
#[cfg(test)]
#[path = \"c.rs\"]
mod c;
fn d() {
    #[cfg(test)]
    e::f();
    g();
}
#[cfg(test)]
fn h(
    i: I,
) {
    j();
}
#[cfg(test)]
mod tests {
    use k::K;

    fn l() {}
}
fn m() {}
";
    let kept = without_tests(text);
    assert_eq!(kept.lines().count(), text.lines().count());
    let kept = kept.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>();
    assert_eq!(kept, ["use a::A;", "fn d() {", "    g();", "}", "fn m() {}"]);
}
