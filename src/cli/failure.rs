//! Errors of the library as reports, each with the exit code that it leads to.

use super::exit::Exit;
use miette::{Diagnostic, LabeledSpan, NamedSource, Severity, SourceCode};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use transship::back::BackError;
use transship::backup::BackupError;
use transship::connection::{UrlError, mask_message};
use transship::name::{visible, visible_name};
use transship::plan::PlanError;
use transship::run::ExecuteError;
use transship::spec::problem::{Problem, SpecError};
use transship::target::TargetError;
use transship::template::TemplateError;

/// A text for standard error, with `***` in place of every password: the words of the command line are known exactly, whatever
/// they hold, and everything else is masked as a message.
pub(super) fn without_secrets(text: &str) -> String {
    let mut text = text.to_owned();
    for word in std::env::args_os().skip(1) {
        let word = word.to_string_lossy();
        let value = word.strip_prefix("--").and_then(|option| option.split_once('=')).map(|(_, value)| value);
        for word in [value, Some(&*word)].into_iter().flatten() {
            let masked = UrlError::masked(word);
            if masked != word {
                text = text.replace(word, &masked).replace(&*visible(word), &masked);
            }
        }
    }
    mask_message(&text)
}

/// One or more reports, and the exit code that they lead to.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    reports: Vec<Report>,
}

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        self.exit
    }

    pub(super) fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// Adds one more hint.
    pub(super) fn hinting(mut self, more: &str) -> Self {
        if let Some(report) = self.reports.last_mut() {
            let joined = |hint: String| format!("{}; {more}", hint.trim_end_matches('.'));
            report.hint = Some(report.hint.take().map_or_else(|| more.to_owned(), joined));
        }
        self
    }

    /// A template that cannot be used, with the place in it.
    pub(super) fn of_template(error: &TemplateError, message: String, hint: Option<String>) -> Self {
        let excerpt = match error {
            TemplateError::Broken { name, text, span, .. } => Some(Excerpt::new(name, text, "here", span)),
            _ => None,
        };
        let report = Report { message, code: Some("transship::plan::template"), hint, excerpt };
        Self { exit: Exit::WrongInput, reports: vec![report] }
    }

    /// A failure with one message.
    pub(super) fn new(exit: Exit, message: impl Into<String>, hint: Option<String>) -> Self {
        let report = Report { message: message.into(), code: None, hint, excerpt: None };
        Self { exit, reports: vec![report] }
    }
}

impl fmt::Display for Failure {
    /// The messages, one a line.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let messages = self.reports.iter().map(|report| report.message.as_str()).collect::<Vec<_>>();
        formatter.write_str(&messages.join("\n"))
    }
}

/// Failure in miette's form.
#[derive(Debug)]
pub(super) struct Report {
    message: String,
    code: Option<&'static str>,
    hint: Option<String>,
    excerpt: Option<Excerpt>,
}

/// Excerpt of a file with the place of the error.
#[derive(Debug)]
struct Excerpt {
    source: NamedSource<String>,
    label: String,
    span: Range<usize>,
}

impl Excerpt {
    /// Escapes the text as it is shown, and moves the place accordingly.
    fn new(name: &str, text: &str, label: &str, span: &Range<usize>) -> Self {
        // Each character is escaped by itself; a carriage return only if no line feed follows.
        let position = |at: usize| {
            let before = text.get(..at).unwrap_or(text);
            let end = usize::from(before.ends_with('\r'));
            visible(&before[..before.len() - end]).len() + end
        };
        let source = NamedSource::new(visible_name(name), visible(text).into_owned());
        Self { source, label: visible(label).into_owned(), span: position(span.start)..position(span.end) }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&visible(&without_secrets(&self.message)))
    }
}

impl std::error::Error for Report {}

impl Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<Severity> {
        Some(Severity::Error)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let hint = sentence(self.hint.as_ref()?);
        Some(Box::new(visible(&without_secrets(&hint)).into_owned()))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| &excerpt.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        let label = LabeledSpan::new_with_span(Some(excerpt.label.clone()), excerpt.span.clone());
        Some(Box::new(std::iter::once(label)))
    }
}

/// A hint as a sentence (STYLE.md, "Messages"): with a capital letter if it begins with a word of prose, as every sentence behind
/// a question does, and with a full stop if it ends with one, or with a name in backticks. A full stop behind other code would
/// be pasted with it.
fn sentence(hint: &str) -> String {
    let is_prose = |word: &str| {
        let word = word.trim_matches(['(', ')', ',', ';']);
        word.starts_with(|first: char| first.is_ascii_lowercase())
            && word.chars().all(|character| character.is_ascii_alphabetic() || "-'".contains(character))
    };
    let raised = |part: &str| {
        let mut letters = part.chars();
        match letters.next() {
            Some(first) if is_prose(part.split_whitespace().next().unwrap_or_default()) => {
                format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
            }
            _ => part.to_owned(),
        }
    };
    let mut text = hint.split("? ").map(raised).collect::<Vec<_>>().join("? ");
    let mut words = hint.split_whitespace();
    let last = words.next_back().unwrap_or_default();
    // `name = value` and `-o value` are code, whatever the value looks like.
    let is_value = words.next_back().is_some_and(|before| before.ends_with('=') || before.starts_with('-'));
    if last.trim_end_matches(')').ends_with('`') || is_prose(last) && !is_value {
        text.push('.');
    }
    text
}

impl From<SpecError> for Failure {
    fn from(error: SpecError) -> Self {
        match error {
            SpecError::Io { ref hint, .. } => Self::new(Exit::WrongInput, error.to_string(), hint.clone()),
            SpecError::Problems { path, text, problems } => {
                let reports = problems.into_iter().map(|problem| of_problem(&path, &text, problem));
                Self { exit: Exit::WrongInput, reports: reports.collect() }
            }
        }
    }
}

fn of_problem(path: &Path, text: &str, problem: Problem) -> Report {
    let excerpt = Excerpt::new(&path.display().to_string(), text, &problem.label, &problem.span);
    Report { message: problem.message, code: Some(problem.code), hint: problem.hint, excerpt: Some(excerpt) }
}

impl From<ExecuteError> for Failure {
    fn from(error: ExecuteError) -> Self {
        let cause = if let ExecuteError::InPart { cause, .. } = &error { cause.as_ref() } else { &error };
        let exit = match cause {
            ExecuteError::Blocked { .. }
            | ExecuteError::Dependents { .. }
            | ExecuteError::RowsUnknown { .. }
            | ExecuteError::ChangedByOthers { .. }
            | ExecuteError::RulesInTheWay { .. }
            | ExecuteError::IdentitiesUnknown { .. }
            | ExecuteError::NotSetAside { .. }
            | ExecuteError::NotRefreshed { .. }
            | ExecuteError::Target(
                TargetError::Contradiction { .. }
                | TargetError::LedgerIncomplete { .. }
                | TargetError::OnlyReads { .. },
            ) => Exit::NotRight,
            error if error.is_wrong_input() => Exit::WrongInput,
            _ => Exit::Failed,
        };
        if let ExecuteError::Plan(PlanError::Template(template @ TemplateError::Broken { .. })) = &error {
            return Self { exit, ..Self::of_template(template, error.to_string(), error.hint()) };
        }
        let code = match &error {
            ExecuteError::Plan(plan) => Some(plan.code()),
            _ => None,
        };
        let report = Report { message: error.to_string(), code, hint: error.hint(), excerpt: None };
        Self { exit, reports: vec![report] }
    }
}

impl From<BackupError> for Failure {
    fn from(error: BackupError) -> Self {
        let exit = match error {
            BackupError::Execute(error) => return (*error).into(),
            BackupError::Damaged { .. } | BackupError::NotEqual { .. } | BackupError::NotFresh { .. } => Exit::NotRight,
            BackupError::NotFound { .. } | BackupError::Place { .. } => Exit::WrongInput,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string(), error.hint())
    }
}

impl From<BackError> for Failure {
    fn from(error: BackError) -> Self {
        let exit = match error {
            BackError::Execute(error) => return (*error).into(),
            BackError::Backup(error) => return error.into(),
            BackError::Place { .. } | BackError::NoBasis { .. } => Exit::WrongInput,
            BackError::NothingApplied { .. } | BackError::NotEqual { .. } => Exit::NotRight,
            _ => Exit::Failed,
        };
        Self::new(exit, error.to_string(), error.hint())
    }
}

impl From<TargetError> for Failure {
    fn from(error: TargetError) -> Self {
        ExecuteError::from(error).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_is_a_sentence_and_code_is_left_as_it_is_to_be_typed() {
        for (hint, shown) in [
            ("run the same command again", "Run the same command again."),
            ("check user and password (`@` is %40)", "Check user and password (`@` is %40)"),
            ("name both `ssl-cert` and `ssl-key`", "Name both `ssl-cert` and `ssl-key`."),
            ("use fewer connections (`--jobs`)", "Use fewer connections (`--jobs`)."),
            ("run `transship apply app.toml`", "Run `transship apply app.toml`."),
            ("did you mean `users`?", "Did you mean `users`?"),
            ("did you mean `int`? known types are `int`", "Did you mean `int`? Known types are `int`."),
            ("write sqlite:PATH", "Write sqlite:PATH"),
            ("write sqlite:PATH or embedded:", "Write sqlite:PATH or embedded:"),
            ("write ssl-mode = required", "Write ssl-mode = required"),
            ("Name another file with -o out", "Name another file with -o out"),
            ("Name another file.", "Name another file."),
            ("`--list` shows them", "`--list` shows them."),
            ("[source] knows `url`", "[source] knows `url`."),
            ("alter_it = true", "alter_it = true"),
        ] {
            assert_eq!(sentence(hint), shown);
        }
    }
}
