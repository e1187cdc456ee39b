//! Checks `[source]`, and URLs of both sides.

use super::Checker;
use super::databases::Databases;
use super::strings::default_hint;
use crate::catalog::SnapshotMethod;
use crate::connection::{SourceConnection, UrlError, parse_server_url, parse_source_url};
use crate::name::{did_you_mean, nearest};
use crate::spec::document::SINGLE_QUOTES;
use crate::spec::model::SourceSpec;
use crate::spec::pattern::{NamePatterns, glob};
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawField, RawSource};
use crate::spec::read::Text;
use crate::value::ZeroDates;
use globset::GlobMatcher;
use jiff::fmt::temporal::DateTimeParser;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use toml::Spanned;

impl Checker<'_> {
    pub(super) fn source(
        &self,
        raw: &RawSource,
        databases: Option<&Databases>,
        environments: &[String],
    ) -> Option<SourceSpec> {
        let connection = match &raw.url {
            RawField::Absent => {
                let hint = "write url = \"sqlite:PATH\"; the path is relative to the spec";
                self.missing("url", raw.place.clone(), "[source]", &or_choose(hint, environments))
            }
            RawField::Unreadable => None,
            RawField::Read(url) => match self.unset_variable(url).filter(|_| self.environment.may_be_unset.source) {
                Some(variable) => Some((url, SourceConnection::Unset { variable })),
                None if raw.databases.is_some() || self.problems.has_wrong_type("databases", raw.place.start) => {
                    self.url(url, |text| parse_server_url(text, self.directory), &default_hint)
                }
                None => self.url(url, |text| parse_source_url(text, self.directory), &default_hint),
            },
        };
        let connection = connection.map(|(_, connection)| connection);
        let connection = match &raw.databases {
            Some(written) => connection.and_then(|connection| self.of_databases(written, connection, databases)),
            None => connection,
        };
        let include = raw.include.as_ref().and_then(|include| {
            if include.get_ref().is_empty() {
                let problem = Problem::new(code::BAD_VALUE, include.span(), "`include` selects no table at all");
                return self.report(problem.label("empty").hint("leave `include` out to migrate every table"));
            }
            Some(self.globs("include", include))
        });
        let exclude = raw.exclude.as_ref().map(|exclude| self.globs("exclude", exclude)).unwrap_or_default();
        let timezone = raw.timezone.as_ref().map_or(Some(TimeZone::UTC), |timezone| self.timezone(timezone));
        let zero_dates = raw
            .zero_dates
            .as_ref()
            .map_or(Some(ZeroDates::Refused), |word| self.word("zero_dates", &self.plain(word)?, &ZeroDates::ALL));
        let snapshot = self.snapshot(raw.snapshot.as_ref(), connection.as_ref());
        Some(SourceSpec {
            connection: connection?,
            databases: databases.cloned().unwrap_or_default(),
            tables: NamePatterns::new(include, exclude),
            timezone: timezone?,
            names_timezone: raw.timezone.is_some(),
            zero_dates: zero_dates?,
            snapshot,
        })
    }

    /// `snapshot`, which applies to servers only. `None` for `auto`, and where it is wrong.
    fn snapshot(&self, text: Option<&Text>, connection: Option<&SourceConnection>) -> Option<SnapshotMethod> {
        let value = self.expanded(text?)?;
        let method = self.word("snapshot", &value, &SnapshotMethod::WORDS)?;
        if matches!(connection, Some(SourceConnection::Sqlite { .. })) {
            let problem =
                Problem::new(code::BAD_VALUE, value.span, "`snapshot` is about a server, and the source is a file");
            return self
                .report(problem.label("without effect").hint("take it out: all readers of a file share one state"));
        }
        method
    }

    /// Parses a URL. A message shows it with its password masked; if it holds a variable and is no URL at all, it is
    /// shown as written in the file, since the value may be a bare password. `unset` is the hint if the variable that
    /// is the URL has no value.
    pub(super) fn url<'t, T>(
        &self,
        text: &'t Text,
        parse: impl Fn(&str) -> Result<T, UrlError>,
        unset: &dyn Fn(&str) -> String,
    ) -> Option<(&'t Text, T)> {
        let value = self.expanded_url(text, unset)?;
        let url = value.url.expose_secret();
        if has_escaped_drive(url) {
            let message = "the path of the URL has a tab or a line end in it";
            return self
                .report(Problem::new(code::BAD_URL, text.span(), message).label("an escape").hint(SINGLE_QUOTES));
        }
        let error = match parse(url) {
            Ok(parsed) => return Some((text, parsed)),
            Err(error) => error,
        };
        let is_url = url.split_once("://").is_some_and(|(scheme, _)| {
            scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        });
        let hidden = value.from_variable && !is_url;
        let shown = UrlError::masked(if hidden { text.get_ref() } else { url });
        let mut problem = Problem::new(code::BAD_URL, text.span(), format!("`{shown}`: {}", error.message));
        problem.hint = error.hint;
        self.report(problem.label("cannot be read"))
    }

    fn globs(&self, key: &str, globs: &Spanned<Vec<Text>>) -> Vec<GlobMatcher> {
        let globs = globs.get_ref().iter().filter_map(|text| {
            let value = self.expanded(text)?;
            if value.text.is_empty() {
                return self.report(Problem::new(code::BAD_VALUE, value.span, format!("an entry of `{key}` is empty")));
            }
            glob(&value.text)
                .map_err(|reason| {
                    let message = format!("`{}` is no pattern: {reason}", value.shown);
                    self.problems
                        .report(Problem::new(code::BAD_VALUE, value.span, message).label("not a pattern").hint(
                        "write `*` for any text, and a backslash in front of one of `*?[]{}` that is meant literally",
                    ));
                })
                .ok()
        });
        globs.collect()
    }

    pub(super) fn timezone(&self, text: &Text) -> Option<TimeZone> {
        let value = self.expanded(text)?;
        // An offset is a zone too. POSIX rules, which jiff would read as well, are refused: they are most often
        // mistakes.
        let zone = if value.text.starts_with(['+', '-']) {
            DateTimeParser::new().parse_time_zone(&value.text).ok()
        } else {
            TimeZone::get(&value.text).ok().filter(|zone| !zone.is_unknown())
        };
        if zone.is_some() {
            return zone;
        }
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.as_str().to_owned()).collect();
        let hint = match nearest(&value.text, names.iter().map(String::as_str)) {
            Some(name) => did_you_mean(name),
            None if names.len() < 10 => {
                "install the package tzdata, for this machine has no time zone data; or write UTC or an offset"
                    .to_owned()
            }
            None => "write a name of the IANA database, such as Europe/Berlin, or an offset, such as +02:00".to_owned(),
        };
        let problem = Problem::new(code::UNKNOWN_TIMEZONE, value.span, format!("`{}` is not a time zone", value.shown));
        self.report(problem.label("not known").hint(hint))
    }
}

/// Whether a URL has a path of Windows in which a part was taken for an escape: `C:\temp`.
fn has_escaped_drive(url: &str) -> bool {
    let path = url.split_once(':').map_or("", |(_, path)| path);
    let is_drive = path.starts_with(|first: char| first.is_ascii_alphabetic()) && path[1..].starts_with(':');
    is_drive && path.contains(char::is_control)
}

/// A hint for a missing URL, which an overlay may have.
pub(super) fn or_choose(hint: &str, environments: &[String]) -> String {
    let overlays = environments.iter().map(|name| format!("--env {name}")).collect::<Vec<_>>().join(" or ");
    if overlays.is_empty() { hint.to_owned() } else { format!("{hint}, or choose {overlays}") }
}
