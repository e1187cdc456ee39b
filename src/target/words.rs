//! PostgreSQL's words, parted into what may be shown and what may be a value of the user's rows.
//!
//! The rule. An error out of user code, a function or a trigger, says whatever its author has written there: none of
//! its words are shown, whatever its code, and neither are the names of objects in its fields, for RAISE sets these as
//! well. Names are shown where the error was reported by a part of the server that reports constraints, which takes
//! them from its catalog, or where the statement has them. Of the server's own errors, by the class of their code
//! (PostgreSQL documentation, appendix A):
//!
//! - about the schema, rights, connections and resources: shown, and with them the literals and names of the statement;
//!   a quoted word that the statement does not have comes out of the rows (`'…'::regclass`) and is masked;
//! - about data (21, 22): shown with what is quoted masked, unless the statement itself has it: a DEFAULT that its type
//!   cannot hold;
//! - about constraints (23, 44), from a part of the server that reports them: the message names constraints and columns
//!   and is shown, the row in the detail is not;
//! - every other class, an application's own among them: the code, its name and the objects that may be named, in place
//!   of the words.

use super::sqlstate::{DATA, DENIED, DEPENDENT_OBJECTS, ErrorSubject, condition};
use std::fmt::{self, Write as _};
use tokio_postgres::error::{DbError, ErrorPosition};

/// Words that may hold values of rows. Neither its `Display` nor its `Debug` has them: they are asked for by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Private(Option<Box<str>>);

impl Private {
    /// The words, to be shown only with `--show-values`.
    #[must_use]
    pub fn words(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Private(…)" } else { "Private" })
    }
}

/// The server's source files that report constraints, with the names of objects that they take from its catalog
/// (PostgreSQL 13 to 18: those that call `errtable`, `errtablecol`, `errtableconstraint`, `errdatatype` or
/// `errdomainconstraint`, and the check option of views).
const REPORT_CONSTRAINTS: [&str; 13] = [
    "domains.c",
    "execExprInterp.c",
    "execIndexing.c",
    "execMain.c",
    "execPartition.c",
    "nbtinsert.c",
    "partbounds.c",
    "ri_triggers.c",
    "tablecmds.c",
    "tuplesort.c",
    "tuplesortvariants.c",
    "typcache.c",
    "typecmds.c",
];

/// The server's source files that refuse for a missing right, with the name of the object, which is there.
const REFUSE_RIGHTS: [&str; 2] = ["aclchk.c", "rls.c"];

/// Lines of an error's context that the server itself writes; any other line is of a function, a trigger or their SQL.
const OWN_CONTEXT: [&str; 4] = ["COPY ", "parallel worker", "while ", "waiting for "];

/// Splits an error's words into those that may be shown and the rest. `statement` is the statement's text, if it is
/// known.
pub(super) fn parted(error: &DbError, statement: Option<&str>) -> (String, Private) {
    ErrorFields::of(error).parted(statement)
}

/// Replacement for the words of user code; `None` for the server's own words, which are shown whole if no row is in
/// the statement's reach. User code may read any table: an event trigger, a function in a default.
pub(super) fn instead_of_user_code(error: &DbError) -> Option<String> {
    let parts = ErrorFields::of(error);
    (parts.is_of_user_code() && !parts.refuses_rights()).then(|| parts.instead(None))
}

/// An error that PostgreSQL answered, in its own words; those of user code are replaced.
///
/// Only for statements of the schema, which read no rows: its words are not masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerError {
    /// PostgreSQL's error code (documentation, appendix A).
    pub code: String,
    /// The message.
    pub message: String,
    /// The detail.
    pub detail: Option<String>,
    /// The hint.
    pub hint: Option<String>,
}

impl ServerError {
    pub(super) fn of(error: &DbError) -> Self {
        let code = error.code().code().to_owned();
        if let Some(instead) = instead_of_user_code(error) {
            return Self { code, message: instead, detail: None, hint: None };
        }
        Self {
            code,
            message: error.message().to_owned(),
            detail: error.detail().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
        }
    }
}

struct ErrorFields<'a> {
    code: &'a str,
    message: &'a str,
    detail: Option<&'a str>,
    hint: Option<&'a str>,
    context: Option<&'a str>,
    file: Option<&'a str>,
    routine: Option<&'a str>,
    has_position: bool,
    objects: [(&'static str, Option<&'a str>); 5],
}

impl<'a> ErrorFields<'a> {
    fn of(error: &'a DbError) -> Self {
        Self {
            code: error.code().code(),
            message: error.message(),
            detail: error.detail(),
            hint: error.hint(),
            context: error.where_(),
            file: error.file(),
            routine: error.routine(),
            has_position: matches!(error.position(), Some(ErrorPosition::Original(_))),
            objects: [
                ("schema", error.schema()),
                ("table", error.table()),
                ("column", error.column()),
                ("type", error.datatype()),
                ("constraint", error.constraint()),
            ],
        }
    }

    fn parted(&self, statement: Option<&str>) -> (String, Private) {
        let shown = self.shown(statement);
        let full = self.full();
        let private = if shown == full { None } else { Some(full) };
        (shown, Private(private.map(String::into_boxed_str)))
    }

    /// The hint, but for the one that recommends CASCADE, which is the user's to decide.
    fn hint(&self) -> Option<&'a str> {
        self.hint.filter(|_| self.code != DEPENDENT_OBJECTS)
    }

    fn full(&self) -> String {
        let mut words = joined(self.message, self.detail, self.hint());
        if self.is_of_user_code() {
            self.push_objects(&mut words, |_| true);
        }
        words
    }

    fn push_objects(&self, words: &mut String, is_shown: impl Fn(&str) -> bool) {
        for (what, name) in self.objects {
            if let Some(name) = name.filter(|name| is_shown(name)) {
                let _infallible = write!(words, ", {what} {name}");
            }
        }
    }

    fn is_of_user_code(&self) -> bool {
        let is_own = |line: &str| OWN_CONTEXT.iter().any(|own| line.starts_with(own));
        // JSON's and XML's parsers quote the value in the context; what they say is masked by its class.
        let has_foreign_line =
            !self.code.starts_with(DATA) && self.context.is_some_and(|context| !context.lines().all(is_own));
        let names_a_function = self.context.is_some_and(|context| {
            context.lines().any(|line| {
                ["PL/", "SQL function", "SQL statement", "unnamed "].iter().any(|user| line.starts_with(user))
            })
        });
        self.routine == Some("exec_stmt_raise") || has_foreign_line || names_a_function
    }

    fn shown(&self, statement: Option<&str>) -> String {
        let masked = |text: &str| masked(text, statement);
        match ErrorSubject::of(self.code) {
            _ if self.refuses_rights() => joined(self.message, None, None),
            _ if self.is_of_user_code() => self.instead(statement),
            ErrorSubject::Constraints if self.reports_constraints() => {
                joined(self.message, self.detail.map(without_row).as_deref(), None)
            }
            ErrorSubject::Values => masked(self.message),
            ErrorSubject::Schema if self.has_position => self.full(),
            ErrorSubject::Schema => {
                joined(&masked(self.message), self.detail.map(masked).as_deref(), self.hint().map(masked).as_deref())
            }
            ErrorSubject::Constraints | ErrorSubject::Other => self.instead(statement),
        }
    }

    /// Whether a part of the server reports it that takes the names of objects from the catalog.
    fn reports_constraints(&self) -> bool {
        self.file.is_some_and(|file| REPORT_CONSTRAINTS.contains(&file))
    }

    /// Whether the server refuses for a missing right: the one message that names no more than an object that is there.
    fn refuses_rights(&self) -> bool {
        self.code == DENIED && self.file.is_some_and(|file| REFUSE_RIGHTS.contains(&file))
    }

    /// The code, its name, and the objects that are of the catalog or of the statement.
    fn instead(&self, statement: Option<&str>) -> String {
        let mut words = format!("error {}", self.code);
        if let Some(condition) = condition(self.code) {
            let _infallible = write!(words, " ({condition})");
        }
        self.push_objects(&mut words, |name| {
            self.reports_constraints() || statement.is_some_and(|statement| has_word(statement, name))
        });
        words + "; its words may hold values and are in the server's log alone"
    }
}

fn joined(message: &str, detail: Option<&str>, hint: Option<&str>) -> String {
    let mut words = message.to_owned();
    // Writing to a String cannot fail.
    if let Some(detail) = detail.filter(|detail| !detail.is_empty()) {
        let _infallible = write!(words, " ({})", detail.trim_end_matches('.'));
    }
    if let Some(hint) = hint {
        let _infallible = write!(words, "; {hint}");
    }
    words
}

/// The detail of a violated constraint: `Key (email)=(…) already exists`. Of any other, which shows a row, nothing.
fn without_row(detail: &str) -> String {
    if detail.starts_with("Failing row contains (") {
        return "Failing row contains (…)".to_owned();
    }
    match detail.split_once(")=(") {
        Some((before, after)) if before.starts_with("Key (") => {
            format!("{before})=(…){}", after.rsplit_once(')').map_or("", |(_, rest)| rest))
        }
        _ => String::new(),
    }
}

/// The text with each quoted part masked that the statement does not have as a word, and with the bytes of a character.
/// A part reaches to the last quote if the quotes are not in pairs: a value may hold some.
fn masked(text: &str, statement: Option<&str>) -> String {
    let text = match text.find("0x") {
        Some(at) => {
            let rest = text[at..].trim_start_matches(|character: char| {
                character == ' ' || character.is_ascii_hexdigit() || character == 'x'
            });
            format!("{}… {rest}", &text[..at])
        }
        None => text.to_owned(),
    };
    let is_known = |part: &str| statement.is_some_and(|statement| has_word(statement, part));
    let parts = text.split('"').collect::<Vec<_>>();
    if parts.len() % 2 == 1 && parts.iter().skip(1).step_by(2).all(|part| is_known(part)) {
        return text;
    }
    match (text.split_once('"'), text.rsplit_once('"')) {
        (Some((before, _)), Some((_, after))) if parts.len() > 2 => {
            let inside = &text[before.len() + 1..text.len() - after.len() - 1];
            if is_known(inside) { text } else { format!("{before}\"…\"{after}") }
        }
        (Some((before, _)), _) => format!("{before}\"…"),
        _ => text,
    }
}

/// Whether the SQL has this as a literal, or as a name with or without quotes.
fn has_word(sql: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    !word.is_empty()
        && sql.match_indices(word).any(|(at, _)| {
            let (before, after) = (&sql[..at], &sql[at + word.len()..]);
            !before.chars().next_back().is_some_and(is_part) && !after.chars().next().is_some_and(is_part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: ErrorFields<'_> = ErrorFields {
        code: "",
        message: "",
        detail: None,
        hint: None,
        context: None,
        file: None,
        routine: None,
        has_position: false,
        objects: [("schema", None), ("table", Some("users")), ("column", None), ("type", None), ("constraint", None)],
    };

    const SECRET: [(&str, Option<&str>); 5] = [
        ("schema", Some("SECRET")),
        ("table", Some("SECRET")),
        ("column", Some("SECRET")),
        ("type", Some("SECRET")),
        ("constraint", Some("SECRET")),
    ];

    /// Words of user code stay out, by any code and in any part; and so do values in the server's own words.
    #[test]
    fn values_stay_out_of_messages() {
        let hidden = [
            ErrorFields { code: "P0001", message: "no SECRET here", ..PARTS },
            ErrorFields { code: "P0001", objects: SECRET, routine: Some("exec_stmt_raise"), ..PARTS },
            ErrorFields {
                code: "42501",
                message: "no SECRET",
                file: Some("pl_exec.c"),
                routine: Some("exec_stmt_raise"),
                ..PARTS
            },
            ErrorFields {
                code: "42703",
                message: "column \"SECRET\"",
                context: Some("PL/pgSQL function f() line 1"),
                ..PARTS
            },
            ErrorFields { code: "U0001", message: "SECRET", detail: Some("SECRET"), hint: Some("SECRET"), ..PARTS },
            ErrorFields { code: "XX000", message: "SECRET", ..PARTS },
            ErrorFields { code: "22P02", message: "invalid input syntax for type date: \"SECRET\"", ..PARTS },
            ErrorFields { code: "22003", message: "value \"SE\"CRET\" is out of range", hint: Some("SECRET"), ..PARTS },
            ErrorFields {
                code: "22P02",
                message: "invalid input syntax for type json",
                detail: Some("Token SECRET"),
                ..PARTS
            },
            ErrorFields { code: "23514", message: "SECRET", objects: SECRET, file: Some("extension.c"), ..PARTS },
            ErrorFields {
                code: "23514",
                message: "violates",
                file: Some("execMain.c"),
                detail: Some("Failing row contains (1, SECRET)"),
                ..PARTS
            },
            ErrorFields {
                code: "23505",
                message: "duplicate",
                file: Some("nbtinsert.c"),
                detail: Some("Key (a)=(SECRET) SECRET) exists"),
                ..PARTS
            },
            ErrorFields { code: "42P01", message: "relation \"SECRET\" does not exist", ..PARTS },
        ];
        for parts in hidden {
            let shown = parts.shown(Some("ALTER TABLE users ADD CHECK (f(a))"));
            assert!(!shown.contains("CRET"), "{}: {shown}", parts.code);
            let private = format!("{:?}", Private(Some(parts.full().into())));
            assert!(!private.contains("CRET") && parts.full().contains("CRET"), "{private}");
        }
        let instead = ErrorFields { code: "P0001", message: "no SECRET here", ..PARTS };
        let (shown, known) = (instead.shown(None), instead.shown(Some("ALTER TABLE app.users")));
        assert!(shown.starts_with("error P0001 (raise_exception); "), "{shown}");
        assert!(known.starts_with("error P0001 (raise_exception), table users; "), "{known}");
        // A trigger of the application wrote into a table of its own: the server knows the name.
        let file = Some("execMain.c");
        let shown = ErrorFields { code: "23502", context: Some("PL/pgSQL function f()"), file, ..PARTS }.shown(None);
        assert!(shown.starts_with("error 23502 (not_null_violation), table users; "), "{shown}");
    }

    #[test]
    fn words_about_the_schema_stay() {
        let default = "invalid input syntax for type timestamp: \"0000-01-01\"";
        let statement = "CREATE TABLE a (b timestamp DEFAULT '0000-01-01', CHECK (c > 0))";
        let shown = [
            ErrorFields { code: "22007", message: default, ..PARTS },
            ErrorFields { code: "42703", message: "column \"d\" does not exist", has_position: true, ..PARTS },
            ErrorFields { code: "42P07", message: "relation \"a\" already exists", ..PARTS },
            ErrorFields { code: "42501", message: "permission denied for table x", ..PARTS },
            ErrorFields { code: "2BP01", message: "cannot drop", detail: Some("view v depends on table a"), ..PARTS },
        ];
        for parts in shown {
            assert_eq!(parts.shown(Some(statement)), parts.full());
        }
        let recommends_cascade = ErrorFields {
            code: "2BP01",
            message: "cannot drop",
            hint: Some("Verwenden Sie DROP … CASCADE, um die abhängigen Objekte ebenfalls zu löschen."),
            ..PARTS
        };
        assert_eq!([recommends_cascade.shown(None), recommends_cascade.full()], ["cannot drop", "cannot drop"]);
        let denied = "permission denied for table x";
        let context = Some("SQL statement \"DELETE FROM x\"");
        let shown =
            ErrorFields { code: "42501", message: denied, context, file: Some("aclchk.c"), ..PARTS }.shown(None);
        assert_eq!(shown, denied);
        let file = Some("tuplesort.c");
        let unique =
            ErrorFields { code: "23505", message: "m", file, detail: Some("Key (a)=(x) is duplicated."), ..PARTS };
        assert_eq!(unique.shown(None), "m (Key (a)=(…) is duplicated)");
    }
}
