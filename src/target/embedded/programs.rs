//! Search for PostgreSQL's server programs on this machine.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The programs that have to lie in one directory. PostgreSQL asks for that itself: initdb and pg_ctl look for
/// `postgres` beside them and insist on their own version, so nothing is ever mixed from several directories.
const NEEDED: [&str; 3] = ["initdb", "postgres", "pg_ctl"];

/// A family of installation directories, `PARENT/PREFIX*/BINARIES`.
#[derive(Debug, Clone)]
struct Family {
    parent: PathBuf,
    prefix: &'static str,
    binaries: &'static str,
}

/// Directories in which the server programs are searched.
#[derive(Debug, Clone)]
pub(super) struct ProgramSearch {
    path: OsString,
    families: Vec<Family>,
}

impl ProgramSearch {
    /// PATH, what the `pg_config` on it says, and the usual places of the distributions.
    pub(super) fn of_this_machine() -> ProgramSearch {
        let families = [
            ("/usr/lib/postgresql", "", "bin"),         // Debian, Ubuntu
            ("/usr", "pgsql-", "bin"),                  // Fedora, RHEL from postgresql.org
            ("/opt/homebrew/opt", "postgresql", "bin"), // Homebrew on Apple silicon
            ("/usr/local/opt", "postgresql", "bin"),    // Homebrew on Intel
            ("/usr/local", "pgsql", "bin"),             // built from source
            ("/usr/lib", "postgresql", "bin"),          // openSUSE
            ("/usr/libexec", "postgresql", ""),         // Alpine
        ];
        ProgramSearch {
            path: std::env::var_os("PATH").unwrap_or_default(),
            families: families
                .map(|(parent, prefix, binaries)| Family { parent: PathBuf::from(parent), prefix, binaries })
                .to_vec(),
        }
    }

    /// Only the given PATH.
    #[cfg(test)]
    pub(super) fn only_path(path: impl Into<OsString>) -> ProgramSearch {
        ProgramSearch { path: path.into(), families: Vec::new() }
    }

    /// The directories that hold all the needed programs, links resolved, each once, in order of discovery.
    pub(super) fn directories(&self) -> Vec<PathBuf> {
        let mut found: Vec<PathBuf> = Vec::new();
        for directory in self.places().into_iter().filter(|directory| has_all(directory)) {
            // Links in /usr/bin or a Homebrew prefix lead to the real place, which is where the extensions are.
            let real = fs::canonicalize(directory.join("postgres"))
                .ok()
                .and_then(|program| program.parent().map(Path::to_path_buf))
                .filter(|directory| has_all(directory))
                .unwrap_or(directory);
            if !found.contains(&real) {
                found.push(real);
            }
        }
        found
    }

    /// Searched directories, for the message that nothing was found.
    pub(super) fn description(&self) -> String {
        let families = self.families.iter().map(|Family { parent, prefix, binaries }| {
            format!("{}", parent.join(format!("{prefix}*")).join(binaries).display()).trim_end_matches('/').to_owned()
        });
        ["PATH".to_owned(), "`pg_config --bindir`".to_owned()]
            .into_iter()
            .chain(families)
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn places(&self) -> Vec<PathBuf> {
        let on_path: Vec<PathBuf> =
            std::env::split_paths(&self.path).filter(|directory| directory.is_absolute()).collect();
        let configured = on_path
            .iter()
            .map(|directory| directory.join("pg_config"))
            .filter(|program| program.is_file())
            .filter_map(|program| ask_pg_config(&program, "--bindir"));
        let mut places: Vec<PathBuf> = on_path.iter().cloned().chain(configured).collect();
        places.extend(self.families.iter().flat_map(Family::directories));
        places
    }
}

impl Family {
    fn directories(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(&self.parent) else { return Vec::new() };
        let mut directories: Vec<PathBuf> = entries
            .flatten()
            .filter(|entry| entry.file_name().as_encoded_bytes().starts_with(self.prefix.as_bytes()))
            .map(|entry| entry.path().join(self.binaries))
            .collect();
        directories.sort(); // read_dir's order is the disk's
        directories
    }
}

/// Answer of a `pg_config` to a question about a directory.
pub(super) fn ask_pg_config(program: &Path, question: &str) -> Option<PathBuf> {
    let output = Command::new(program).arg(question).stdin(Stdio::null()).output().ok()?;
    let mut answer = output.stdout;
    while answer.last().is_some_and(u8::is_ascii_whitespace) {
        answer.pop();
    }
    (output.status.success() && !answer.is_empty()).then(|| PathBuf::from(OsString::from_vec(answer)))
}

fn has_all(directory: &Path) -> bool {
    NEEDED.iter().all(|program| directory.join(program).is_file())
}
