//! The reason for which PostgreSQL does not take a value that it reads itself.

use std::fmt;

/// The reason of PostgreSQL's refusal: the code of its error (documentation, appendix A). Its words may quote the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InputRefusal([u8; 5]);

impl InputRefusal {
    /// The refusal of this code.
    #[must_use]
    pub fn of_code(code: &str) -> Self {
        let mut kept = *b"?????";
        kept.iter_mut().zip(code.bytes().filter(u8::is_ascii_alphanumeric)).for_each(|(place, byte)| *place = byte);
        Self(kept)
    }
}

impl fmt::Display for InputRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = String::from_utf8_lossy(&self.0);
        formatter.write_str(match &*code {
            "22P02" | "22023" | "42601" | "22P03" | "22030" | "22032" => "it is spelled otherwise",
            "22003" | "22015" => "it is outside of the range",
            "22007" | "22008" | "22009" => "it is no date or time of that kind",
            "22001" => "it is too long",
            "22026" => "it has another length",
            "22000" | "22004" | "2202E" | "22P04" => "its parts do not go together",
            "23514" => "a CHECK of the domain does not hold",
            "23502" => "the domain takes no NULL",
            "2200M" | "2200N" | "2200L" | "2200S" | "2200T" => "it is not well-formed XML",
            "22P05" | "22021" => "a character that it cannot hold",
            "54000" => "it is beyond a limit of PostgreSQL",
            "0A000" => "this server is built without support for it",
            _ => return write!(formatter, "error {code}"),
        })
    }
}
