//! Messages of an engine without what they quote.

/// The message up to its first quote and behind its last one: a value that is quoted may hold quotes of its own. An apostrophe
/// between two letters is none.
pub(super) fn without_quoted(message: &str) -> String {
    let is_letter = |letter: Option<char>| letter.is_some_and(char::is_alphabetic);
    let is_quote = |(at, letter): &(usize, char)| {
        let (before, after) = message.split_at(*at);
        let is_inside = is_letter(before.chars().next_back()) && is_letter(after.chars().nth(1));
        *letter == '"' || *letter == '\'' && !is_inside
    };
    let mut quotes = message.char_indices().filter(is_quote).map(|(at, _)| at);
    match (quotes.next(), quotes.next_back()) {
        (Some(first), Some(last)) => format!("{}'…'{}", &message[..first], &message[last + 1..]),
        (Some(first), None) => format!("{}'…", &message[..first]),
        (None, _) => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_left_out_with_the_quotes_that_it_holds() {
        for (message, left) in [
            ("Incorrect DATE value: 'patient 4711'", "Incorrect DATE value: '…'"),
            ("bad JSON path: 'it's $.a' (1)", "bad JSON path: '…' (1)"),
            ("XPATH syntax error: '\"a\" 'b''", "XPATH syntax error: '…'"),
            ("near 'cut off", "near '…"),
            ("can't do it", "can't do it"),
            ("can't take 'x'", "can't take '…'"),
        ] {
            assert_eq!(without_quoted(message), left);
        }
    }
}
