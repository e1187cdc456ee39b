//! The PostgreSQL installations of this machine, and the choice of one for a cluster.

use std::cmp::Reverse;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::privileges::ServerUser;
use super::programs::{ProgramSearch, ask_pg_config};
use super::{EmbeddedError, packages};

/// The oldest major version that transship supports as a target.
const MINIMUM_MAJOR: u32 = 13;

/// Extensions from PostgreSQL's contrib that migrations commonly ask for. Some packagings leave them out.
const EXTENSIONS: [&str; 3] = ["pg_trgm", "btree_gin", "uuid-ossp"];

/// One installed PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installation {
    directory: PathBuf,
    major: u32,
    /// Whether the contrib extensions are there too.
    complete: bool,
}

/// The path of a program that connects to servers, such as `pg_dump`: the newest that lies beside an installed server, for it
/// understands every older server; its name alone, to be found on PATH, where no server is installed.
#[must_use]
pub fn client_program(name: &str) -> PathBuf {
    let directories = ProgramSearch::of_this_machine().directories();
    let found = directories.into_iter().map(|directory| directory.join(name)).filter(|program| program.is_file());
    // A program that cannot say its version is the last choice.
    let version = |program: &PathBuf| {
        let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().ok()?;
        parse_major(&String::from_utf8_lossy(&output.stdout))
    };
    found.max_by_key(version).unwrap_or_else(|| PathBuf::from(name))
}

impl Installation {
    /// Every installation that `user` can run, in order of discovery; an error if there is none.
    pub(super) fn find_all(search: &ProgramSearch, user: &ServerUser) -> Result<Vec<Installation>, EmbeddedError> {
        let directories = search.directories();
        let installations: Vec<Installation> = directories
            .into_iter()
            .filter_map(|directory| match major_version(&directory.join("postgres"), user) {
                Some(major) => Some(Installation { complete: has_extensions(&directory, major), directory, major }),
                None => {
                    tracing::debug!(directory = %directory.display(), user = user.name(), "cannot run this postgres");
                    None
                }
            })
            .collect();
        if installations.is_empty() {
            let (searched, install) = (search.description(), packages::install_command());
            return Err(EmbeddedError::ProgramsNotFound { searched, install });
        }
        Ok(installations)
    }

    /// Chooses the installation for a cluster of major version `cluster`, or for one still to be made.
    ///
    /// An existing cluster gets its own major version and nothing else: PostgreSQL reads no other's files. Among those,
    /// and for a new cluster among all that are new enough, the rule is: installations with the contrib extensions
    /// first, then the newest major version, then the order of discovery (PATH before the usual places).
    pub(super) fn choose(
        installations: &[Installation],
        cluster: Option<u32>,
        data_directory: &Path,
    ) -> Result<Installation, EmbeddedError> {
        let found = || {
            let one = |it: &Installation| format!("PostgreSQL {} in `{}`", it.major, it.directory.display());
            installations.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let suits = |it: &&Installation| match cluster {
            Some(major) => it.major == major,
            None => it.major >= MINIMUM_MAJOR,
        };
        // min_by_key keeps the first of equals.
        let best = installations.iter().filter(suits).min_by_key(|it| (!it.complete, Reverse(it.major)));
        match (best, cluster) {
            (Some(installation), _) => Ok(installation.clone()),
            (None, Some(cluster)) => Err(EmbeddedError::VersionMismatch {
                data_directory: data_directory.to_path_buf(),
                cluster,
                found: found(),
            }),
            (None, None) => Err(EmbeddedError::ServerTooOld {
                found: found(),
                minimum: MINIMUM_MAJOR,
                install: packages::install_command(),
            }),
        }
    }

    /// The path of one of its programs.
    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Its major version.
    pub(super) fn major(&self) -> u32 {
        self.major
    }

    /// Warns if extensions are missing; the plan's own error about a missing extension comes much later.
    pub(super) fn warn_if_incomplete(&self) {
        if !self.complete {
            tracing::warn!(
                directory = %self.directory.display(),
                "this PostgreSQL lacks contrib extensions ({}); install the package postgresql-contrib if the spec \
                 asks for them",
                EXTENSIONS.join(", ")
            );
        }
    }
}

fn major_version(postgres: &Path, user: &ServerUser) -> Option<u32> {
    let output = user.command(postgres).arg("--version").output().ok().filter(|output| output.status.success())?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

/// The major version in `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 18beta1` or `… 19devel`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    number.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

fn has_extensions(binaries: &Path, major: u32) -> bool {
    let told = ask_pg_config(&binaries.join("pg_config"), "--sharedir");
    let prefix = binaries.parent().unwrap_or(Path::new("/"));
    // pg_config is often in a package of its own, so the layouts of the distributions are tried too.
    let usual = ["share/postgresql", "share", "share/pgsql", &format!("share/postgresql{major}")]
        .map(|directory| prefix.join(directory))
        .into_iter()
        .chain([format!("/usr/share/postgresql/{major}"), format!("/usr/share/postgresql{major}")].map(PathBuf::from));
    told.into_iter().chain(usual).any(|share| {
        EXTENSIONS.iter().all(|extension| share.join("extension").join(format!("{extension}.control")).is_file())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installation(directory: &str, major: u32, complete: bool) -> Installation {
        Installation { directory: PathBuf::from(directory), major, complete }
    }

    fn choose(installations: &[Installation], cluster: Option<u32>) -> Result<String, String> {
        Installation::choose(installations, cluster, Path::new("/work/.transship/data"))
            .map(|chosen| chosen.directory.display().to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("postgres (EnterpriseDB Advanced Server) 16.2.0"), Some(16));
        assert_eq!(parse_major("nonsense"), None);
    }

    #[test]
    fn complete_ones_win_over_newer_ones() {
        let all = [installation("/bare", 18, false), installation("/old", 15, true), installation("/new", 17, true)];
        assert_eq!(choose(&all, None).unwrap(), "/new");
        assert_eq!(choose(&all[..1], None).unwrap(), "/bare");
    }

    #[test]
    fn a_cluster_gets_its_own_version() {
        let all = [installation("/15", 15, true), installation("/17", 17, true), installation("/17b", 17, true)];
        assert_eq!(choose(&all, Some(15)).unwrap(), "/15");
        assert_eq!(choose(&all, Some(17)).unwrap(), "/17");
        let message = choose(&all, Some(14)).unwrap_err();
        assert!(message.contains("made by PostgreSQL 14") && message.contains("PostgreSQL 15 in `/15`"), "{message}");
    }

    #[test]
    fn too_old_is_said() {
        let message = choose(&[installation("/12", 12, true)], None).unwrap_err();
        assert!(message.contains("PostgreSQL 12 in `/12`; transship needs version 13"), "{message}");
    }
}
