//! Addresses of source and target: the parsed form of `url`.

mod certificates;
mod libpq;
mod mysql;
mod parts;
mod password_file;
mod percent;
mod postgres;
mod program;
mod scratch;
pub(crate) mod secret;
mod service_file;
mod tls;
mod x509;

pub(crate) use certificates::tls_configuration;
pub use mysql::{MysqlEndpoint, MysqlSource, MysqlUrl};
pub use parts::UrlError;
pub(crate) use percent::{decode as percent_decode, encode as percent_encode};
pub use postgres::{Host, PostgresTarget, ServerAddress};
pub use program::{ProgramError, run_program};
pub use scratch::ScratchDirectory;
pub use secret::mask_message;
pub use tls::{ClientCertificate, RootCertificates, TlsMode};

use std::path::{Path, PathBuf};

/// Address of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceConnection {
    /// A file.
    Sqlite {
        /// The file; a relative path of the spec is prefixed by the spec's directory.
        path: PathBuf,
    },
    /// A MySQL or MariaDB server.
    Mysql(Box<MysqlUrl>),
    /// Unknown address: the URL names a variable that is not set, in a spec that was read for a plan alone.
    Unset {
        /// The variable.
        variable: String,
    },
}

/// Address of the target.
#[derive(Debug, Clone)]
pub enum TargetConnection {
    /// A PostgreSQL server.
    Postgres(PostgresTarget),
    /// A private server that transship starts itself.
    Embedded {
        /// The directory of the spec; the server's files are under `.transship/` in it.
        spec_directory: PathBuf,
    },
    /// Unknown address: the URL names a variable that is not set, in a spec that was read for a plan alone.
    Unset {
        /// The variable.
        variable: String,
    },
}

impl SourceConnection {
    /// The connection for people, without its password.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            SourceConnection::Sqlite { path } => format!("sqlite:{}", path.display()),
            SourceConnection::Mysql(server) => server.redacted(),
            SourceConnection::Unset { variable } => format!("${{{variable}}}"),
        }
    }

    /// The database in one spelling, wherever a command is started, whoever signs in, and whether a file is there or not: by it
    /// records tell databases apart.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            SourceConnection::Sqlite { path } => format!("sqlite:{}", in_one_spelling(path).display()),
            Self::Mysql(server) => {
                // A server alone is not what was copied. The order of the databases is no part of it.
                let mut names = server.databases().iter().map(|name| percent::encode(name)).collect::<Vec<_>>();
                names.sort();
                let mark = if names.is_empty() { "" } else { "?databases=" };
                format!("{}{mark}{}", self.server_identity(), names.join(","))
            }
            SourceConnection::Unset { .. } => self.redacted(),
        }
    }

    /// [`Self::identity`] without the names of several databases: a server is set to only read as a whole.
    #[must_use]
    pub fn server_identity(&self) -> String {
        match self {
            // Of several databases the URL may name one, or none.
            Self::Mysql(server) if !server.databases().is_empty() => {
                without_user(&(**server).clone().alone().redacted())
            }
            Self::Mysql(server) => without_user(&server.redacted()),
            Self::Sqlite { .. } | Self::Unset { .. } => self.identity(),
        }
    }

    /// Parts of messages that reveal the source's address, the longest first; empty for a file.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        let Self::Mysql(url) = self else { return Vec::new() };
        url.places()
    }

    /// The address of a file.
    #[must_use]
    pub fn of_file(path: PathBuf) -> Self {
        Self::Sqlite { path }
    }

    /// The file, if the source is one.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite { path } => Some(path),
            Self::Mysql(_) | Self::Unset { .. } => None,
        }
    }

    /// Whether it is a database of a server, or a server with several.
    #[must_use]
    pub fn is_server(&self) -> bool {
        matches!(self, Self::Mysql(_))
    }

    /// The database of a server that the address names.
    #[must_use]
    pub fn database(&self) -> Option<&str> {
        let Self::Mysql(server) = self else { return None };
        Some(server.database()).filter(|database| !database.is_empty())
    }

    /// The same server with these of its databases; a file stays what it is.
    #[must_use]
    pub fn with_databases(self, databases: Vec<String>) -> Self {
        match self {
            Self::Mysql(server) => Self::Mysql(Box::new(server.with_databases(databases))),
            file => file,
        }
    }

    /// Whether the source may have two tables whose names differ in case alone.
    #[must_use]
    pub fn may_tell_case(&self) -> bool {
        !matches!(self, SourceConnection::Sqlite { .. })
    }
}

impl TargetConnection {
    /// The connection for people, without its password.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            TargetConnection::Postgres(server) => server.redacted(),
            TargetConnection::Embedded { .. } => "embedded:".to_owned(),
            TargetConnection::Unset { variable } => format!("${{{variable}}}"),
        }
    }

    /// The database in one spelling, wherever a command is started and whoever signs in: by it records tell databases apart.
    #[must_use]
    pub fn identity(&self) -> String {
        match self {
            TargetConnection::Embedded { spec_directory } => {
                format!("embedded:{}", in_one_spelling(&spec_directory.join(".transship")).display())
            }
            other => without_user(&other.redacted()),
        }
    }

    /// Parts of messages that reveal the target's address, the longest first; empty for an embedded one.
    #[must_use]
    pub fn places(&self) -> Vec<String> {
        let TargetConnection::Postgres(server) = self else { return Vec::new() };
        let mut places = vec![server.redacted()];
        places.extend(server.hosts.iter().filter_map(|address| match &address.host {
            postgres::Host::Tcp(name) => Some(name.clone()),
            postgres::Host::Unix(_) => None,
        }));
        places
    }
}

/// A URL without the user, and without the mark of a password: it may come from elsewhere another time.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    format!("{scheme}://{place}{path}")
}

/// A path from the root, in a directory without links.
fn in_one_spelling(path: &Path) -> PathBuf {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    match (directory.canonicalize(), path.file_name()) {
        (Ok(directory), Some(name)) => directory.join(name),
        // A directory that is not there holds no file that another path could lead to.
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// Reads `source.url`. Relative paths are relative to `base`.
///
/// The text after `sqlite:` is a path, character by character: nothing is percent-decoded, and `?` and `#` are part of the
/// file's name. Two slashes after the colon are the empty host of a URL: `sqlite:///data/a.db` is `/data/a.db`, and
/// `sqlite://a.db` is `a.db`; `sqlite:///./a.db` is `a.db`, as SQLAlchemy has it.
///
/// `file:` is a URI of SQLite (<https://www.sqlite.org/uri.html>): percent-decoded, without what follows a `?`. A driver in
/// the scheme (`mysql+pymysql:`) says how another program connects, and nothing about the database.
///
/// # Errors
/// The text is no address of a source, or that of a server without a database.
pub fn parse_source_url(text: &str, base: &Path) -> Result<SourceConnection, UrlError> {
    match parse_server_url(text, base)? {
        SourceConnection::Mysql(server) => server.expect_database().map(|url| SourceConnection::Mysql(Box::new(url))),
        source => Ok(source),
    }
}

/// Reads a `source.url` that need not name a database: where the databases are named elsewhere.
///
/// # Errors
/// The text is no address of a source.
pub fn parse_server_url(text: &str, base: &Path) -> Result<SourceConnection, UrlError> {
    let (scheme, rest) = split_scheme(text, "sqlite:PATH")?;
    let sqlite = |path: &str| sqlite_path(path).map(|path| SourceConnection::Sqlite { path: base.join(path) });
    match without_driver(&scheme) {
        "sqlite" | "sqlite3" => sqlite(rest),
        "file" => sqlite(&file_uri(rest)?),
        scheme @ ("mysql" | "mariadb") => {
            MysqlUrl::parse(&format!("{scheme}:{rest}"), base).map(|url| SourceConnection::Mysql(Box::new(url)))
        }
        "postgres" | "postgresql" | "embedded" => {
            Err(UrlError::new("PostgreSQL is what transship migrates to, not from")
                .hint("write sqlite:PATH or mysql://USER:PASSWORD@HOST/DATABASE"))
        }
        _ => Err(UrlError::new("this is not a source that transship knows")
            .hint("write sqlite:PATH or mysql://USER:PASSWORD@HOST/DATABASE")),
    }
}

/// Reads `target.url`. Relative paths, and `embedded:`, are relative to `base`.
///
/// # Errors
/// The text is no address of a target.
pub fn parse_target_url(text: &str, base: &Path) -> Result<TargetConnection, UrlError> {
    let known = "write postgres://USER:PASSWORD@HOST:PORT/DATABASE or embedded:";
    let (scheme, rest) = split_scheme(text, "postgres://USER:PASSWORD@HOST:PORT/DATABASE, or embedded:")?;
    match without_driver(&scheme) {
        scheme @ ("postgres" | "postgresql") => {
            PostgresTarget::parse(&format!("{scheme}:{rest}"), base).map(TargetConnection::Postgres)
        }
        "embedded" if rest.is_empty() => {
            // The parent of a bare file name is the empty path, which system calls refuse.
            let base = if base.as_os_str().is_empty() { Path::new(".") } else { base };
            Ok(TargetConnection::Embedded { spec_directory: base.to_owned() })
        }
        "embedded" => Err(UrlError::new("nothing may follow `embedded:`")
            .hint("write embedded: alone, for the private server is always under .transship/ next to the spec")),
        "sqlite" | "mysql" | "mariadb" => {
            Err(UrlError::new("transship migrates to PostgreSQL, and to nothing else").hint(known))
        }
        _ => Err(UrlError::new("this is not a target that transship knows").hint(known)),
    }
}

/// Hint for an unset variable that is the target's URL: both ways to settle it.
pub(crate) fn unset_target(variable: &str) -> String {
    format!(
        "set it to your server, {variable}=postgres://USER:PASSWORD@HOST:PORT/DATABASE, or for a trial to \
         {variable}=embedded: (a private server under .transship/ next to the spec)"
    )
}

/// Splits a text at the colon after its scheme; the scheme is returned in lower case.
fn split_scheme<'t>(text: &'t str, expected: &str) -> Result<(String, &'t str), UrlError> {
    if text.trim().is_empty() {
        return Err(UrlError::new("the URL is empty").hint(format!("write {expected}")));
    }
    let is_scheme = |scheme: &str| {
        // One letter is a drive of Windows, not a scheme.
        scheme.len() > 1
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte))
    };
    match text.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => Ok((scheme.to_ascii_lowercase(), rest)),
        _ => Err(UrlError::new("this does not begin with a scheme").hint(format!("write {expected}"))),
    }
}

/// The scheme without the driver that SQLAlchemy writes behind it: `postgresql+asyncpg`.
fn without_driver(scheme: &str) -> &str {
    scheme.split('+').next().unwrap_or(scheme)
}

/// The path in a `file:` URI.
fn file_uri(rest: &str) -> Result<String, UrlError> {
    let end = rest.find(['?', '#']).unwrap_or(rest.len());
    let path = &rest[..end];
    percent::decode(path).ok_or_else(|| {
        UrlError::new("a `%` in the path is not followed by two hexadecimal digits")
            .hint("write %25 for a %, or sqlite:PATH")
    })
}

fn sqlite_path(rest: &str) -> Result<&Path, UrlError> {
    let path = match rest.strip_prefix("//") {
        Some(path) if path.starts_with("/./") || path.starts_with("/../") => &path[1..],
        // SQLAlchemy writes an absolute path with four slashes.
        Some(path) if path.starts_with("//") => &path[1..],
        Some(path) => path,
        None => rest,
    };
    match path {
        "" => Err(UrlError::new("`sqlite:` names no file").hint("write sqlite:PATH")),
        ":memory:" => Err(UrlError::new("a database in memory has nothing to migrate").hint("write sqlite:PATH")),
        path if path.contains('\0') => Err(UrlError::new("a path cannot contain a zero byte")),
        path => Ok(Path::new(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_takes_paths_literally() {
        for (text, path) in [
            ("sqlite:a/b.db", "base/a/b.db"),
            ("sqlite:/a/b.db", "/a/b.db"),
            ("sqlite:///a/b.db", "/a/b.db"),
            ("sqlite:////a/b.db", "/a/b.db"),
            ("sqlite://a.db", "base/a.db"),
            ("SQLite:../ä 'x' %20?mode=ro#1.db", "base/../ä 'x' %20?mode=ro#1.db"),
            ("sqlite:///./a.db", "base/./a.db"),
            ("sqlite:///../a.db", "base/../a.db"),
            ("sqlite+aiosqlite:////a.db", "/a.db"),
            ("sqlite3:a.db", "base/a.db"),
            ("file:a%20b.db?mode=ro&cache=shared", "base/a b.db"),
            ("file:./dev.db", "base/./dev.db"),
            ("file:///a/b.db", "/a/b.db"),
        ] {
            let expected = SourceConnection::Sqlite { path: PathBuf::from(path) };
            assert_eq!(parse_source_url(text, Path::new("base")), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_file_has_one_identity_by_all_its_paths() {
        let directory = tempfile::tempdir().unwrap();
        let identity = |path: &Path| SourceConnection::Sqlite { path: path.to_owned() }.identity();
        let (there, gone) = (directory.path().join("a.db"), identity(&directory.path().join("a.db")));
        std::fs::write(&there, "").unwrap();
        std::fs::create_dir(directory.path().join("sub")).unwrap();
        std::os::unix::fs::symlink(directory.path(), directory.path().join("sub/link")).unwrap();
        for path in ["a.db", "./a.db", "sub/../a.db", "sub/link/a.db"] {
            assert_eq!(identity(&directory.path().join(path)), gone, "{path}");
        }
        assert!(identity(Path::new("a.db")).starts_with("sqlite:/"));
        for url in ["postgres://u:p@h:1/d", "postgres://u@h:1/d", "postgres://u%40x:p@h:1/d"] {
            assert_eq!(parse_target_url(url, Path::new("")).unwrap().identity(), "postgres://h:1/d");
        }
    }

    #[test]
    fn databases_of_a_server_are_part_of_its_identity() {
        let identity = |names: &[&str]| {
            let server = MysqlUrl::parse("mysql://u:p@h:1/", Path::new("")).unwrap();
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            SourceConnection::Mysql(Box::new(server.with_databases(names))).identity()
        };
        assert_eq!(identity(&["shop", "a,b"]), "mysql://h:1/?databases=a%2Cb,shop");
        assert_eq!(identity(&["shop", "a,b"]), identity(&["a,b", "shop"]));
        assert_ne!(identity(&["crm"]), identity(&["crm", "shop"]));
        assert_eq!(identity(&[]), "mysql://h:1/");
    }

    #[test]
    fn what_is_no_source_or_target_gets_a_hint() {
        for text in ["", "data.db", "/data/a.db", "C:\\a.db", "sqlite:", "sqlite::memory:", "file:?mode=memory"] {
            let error = parse_source_url(text, Path::new("")).unwrap_err();
            assert_eq!(error.hint.as_deref(), Some("write sqlite:PATH"), "{text}");
        }
        for text in ["postgres://h/db", "oracle:x", "embedded:"] {
            assert!(parse_source_url(text, Path::new("")).unwrap_err().hint.is_some(), "{text}");
        }
        for text in ["", "localhost", "embedded:x", "sqlite:a.db", "redis://h"] {
            assert!(parse_target_url(text, Path::new("")).unwrap_err().hint.is_some(), "{text}");
        }
        assert!(parse_source_url("file:a%b.db", Path::new("")).is_err());
        for text in ["postgresql+asyncpg://u@h/db", "postgresql+psycopg2://u@h/db", "postgres://u@h/db"] {
            let target = parse_target_url(text, Path::new("")).unwrap();
            assert_eq!(target.redacted(), "postgres://u@h:5432/db", "{text}");
        }
        assert!(matches!(
            parse_target_url("embedded:", Path::new("specs")),
            Ok(TargetConnection::Embedded { spec_directory }) if spec_directory == Path::new("specs")
        ));
    }
}
