//! Words of a shell's command line.

/// Signs of a word that every shell reads as they are, beside letters and digits.
const PLAIN: &str = "_-./+:@,=%";

/// A word of a shell: as it is if the shell reads it so, else within quotes.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || PLAIN.contains(letter);
    // zsh reads a word that begins with `=` as the path of a command.
    if !text.is_empty() && !text.starts_with('=') && text.chars().all(is_plain) {
        return text.to_owned();
    }
    shell_quoted(text)
}

/// A word of a shell within quotes.
#[must_use]
pub fn shell_quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_words_go_without_quotes() {
        for plain in ["prod-1", "specs/app.toml", "a=b", "user@host:5432", "é"] {
            assert_eq!(shell_word(plain), plain);
        }
        for (text, word) in
            [("", "''"), ("=ls", "'=ls'"), ("a b", "'a b'"), ("~/a", "'~/a'"), ("it's $(id)", "'it'\\''s $(id)'")]
        {
            assert_eq!(shell_word(text), word);
        }
    }
}
