//! Limits on the files that a spec may name and whose content becomes part of a document: a plan is shown in code
//! review, so a spec must not put content there that its author cannot read.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};

use nix::libc::{O_NOFOLLOW, O_NONBLOCK};

/// The longest file that is read, in bytes. Steps and templates are written by hand.
const LONGEST: u64 = 16 * 1024 * 1024;

/// File extension of templates, without the dot.
pub const TEMPLATE_EXTENSION: &str = "j2";

/// Directories within the root that keep credentials: a checkout's token, the embedded server's password.
const CLOSED: [&str; 2] = [".git", ".transship"];

/// The directory tree that a spec's files must lie in: its repository, or else its own directory.
#[derive(Debug, Clone)]
pub struct Confinement {
    /// Directory that relative paths start from.
    directory: PathBuf,
    /// The root of the tree, with symbolic links resolved.
    root: PathBuf,
}

/// Reason why a file or directory is not used.
#[derive(Debug, thiserror::Error)]
pub enum FileRefusal {
    /// It does not exist, or the operating system denies reading it.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It lies outside of the tree, perhaps through a symbolic link.
    #[error("is outside of {root}")]
    Outside {
        /// The tree that it would have to be in.
        root: Root,
    },
    /// It lies in a directory that keeps credentials.
    #[error("is in `{0}`, where credentials are kept")]
    Closed(&'static str),
    /// A directory, device, pipe, socket, or a file that the kernel makes up.
    #[error("is {0}, not a regular file")]
    NotRegular(&'static str),
    /// Not a directory, although one is needed.
    #[error("is not a directory")]
    NotDirectory,
    /// Longer than any file written by hand.
    #[error("has {0} bytes; at most {LONGEST} (16 MiB) are read")]
    TooLong(u64),
    /// Its path led to another file when it was opened, or its length changed.
    #[error("changed while it was read")]
    Changed,
    /// Bytes that are not UTF-8.
    #[error("is not UTF-8 text")]
    NotText,
}

impl FileRefusal {
    /// Whether the rule forbids the place or kind of the file, rather than that it cannot be read.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Outside { .. } | Self::Closed(_) | Self::NotRegular(_) | Self::TooLong(_))
    }

    /// Hint for the user.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Unreadable(_) | Self::NotDirectory => "write the path relative to the spec's directory",
            Self::Outside { .. } => {
                "put a copy of the file beside the spec: what a plan shows must lie where the spec is reviewed"
            }
            Self::Closed(_) | Self::NotRegular(_) => "name a file of the project, such as sql/step.sql beside the spec",
            Self::TooLong(_) => "split it, or load the data in another way",
            Self::Changed => "run again once nothing writes to it",
            Self::NotText => "save it as UTF-8 text",
        }
    }
}

/// The kind of tree, for a message: without its path, which differs between machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Root {
    /// The nearest directory above the spec with a `.git`.
    Repository,
    /// The spec's directory, which is in no repository.
    Directory,
}

impl fmt::Display for Root {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Repository => "the spec's repository",
            Self::Directory => "the spec's directory",
        })
    }
}

impl Confinement {
    /// The tree for a spec in `directory`.
    ///
    /// # Errors
    /// The directory does not exist or cannot be read.
    pub fn of(directory: &Path) -> io::Result<Self> {
        // The directory of a spec given as plain `spec.toml` is the empty path.
        let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
        let real = fs::canonicalize(directory)?;
        // The root of the file system does not count as a repository; every file would be in it.
        let is_repository = |place: &&Path| place.parent().is_some() && place.join(".git").exists();
        let root = real.ancestors().find(is_repository).unwrap_or(&real).to_owned();
        Ok(Self { directory: directory.to_owned(), root })
    }

    /// The text of a file.
    ///
    /// # Errors
    /// It is not a regular file in the tree, too long, not text, or cannot be read; no content is returned then.
    pub fn read(&self, path: &Path) -> Result<String, FileRefusal> {
        let real = self.locate(path)?;
        // Checked before it is opened: opening a pipe waits for its writer, and opening a device may have an effect.
        require_regular(&fs::symlink_metadata(&real)?)?;
        let file = OpenOptions::new().read(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(&real)?;
        let opened = file.metadata()?;
        require_regular(&opened)?;
        // A link put into the path in between may lead elsewhere; the open file shows it.
        let there = fs::symlink_metadata(self.locate(path)?)?;
        if (there.dev(), there.ino()) != (opened.dev(), opened.ino()) {
            return Err(FileRefusal::Changed);
        }
        if opened.len() > LONGEST {
            return Err(FileRefusal::TooLong(opened.len()));
        }
        text(&file, opened.len())
    }

    /// The files in a directory whose names have this extension, with their texts, in the order of their names.
    ///
    /// # Errors
    /// The directory, or a file in it as [`Confinement::read`] has it; with the path as it was given.
    pub fn read_all(
        &self,
        directory: &Path,
        extension: &str,
    ) -> Result<Vec<(PathBuf, String)>, (PathBuf, FileRefusal)> {
        let list = || {
            let real = self.locate(directory)?;
            if !real.is_dir() {
                return Err(FileRefusal::NotDirectory);
            }
            let names = fs::read_dir(real)?.map(|entry| entry.map(|entry| directory.join(entry.file_name())));
            Ok(names.collect::<Result<Vec<_>, _>>()?)
        };
        let mut paths = list().map_err(|refusal| (directory.to_owned(), refusal))?;
        paths.retain(|path| path.extension().is_some_and(|it| it == extension));
        paths.sort();
        let read = |path: PathBuf| match self.read(&path) {
            Ok(text) => Ok((path, text)),
            Err(refusal) => Err((path, refusal)),
        };
        paths.into_iter().map(read).collect()
    }

    /// The path without symbolic links, if it lies in the tree.
    fn locate(&self, path: &Path) -> Result<PathBuf, FileRefusal> {
        let real = fs::canonicalize(self.directory.join(path))?;
        let Ok(within) = real.strip_prefix(&self.root) else {
            let is_repository = self.root.join(".git").exists();
            return Err(FileRefusal::Outside { root: if is_repository { Root::Repository } else { Root::Directory } });
        };
        let closed = |name: &&str| within.components().any(|part| part == Component::Normal(name.as_ref()));
        match CLOSED.into_iter().find(closed) {
            Some(name) => Err(FileRefusal::Closed(name)),
            None => Ok(real),
        }
    }
}

fn require_regular(metadata: &Metadata) -> Result<(), FileRefusal> {
    let kind = metadata.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(FileRefusal::NotRegular(if kind.is_dir() { "a directory" } else { "a device, pipe or socket" }))
}

/// Reads a file of this length.
fn text(file: &File, length: u64) -> Result<String, FileRefusal> {
    let mut bytes = Vec::new();
    file.take(length.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 != length {
        // Files of /proc and /sys are "regular" and give more, or less, than the length they claim.
        return Err(if length == 0 || length == 4096 {
            FileRefusal::NotRegular("made up by the kernel")
        } else {
            FileRefusal::Changed
        });
    }
    String::from_utf8(bytes).map_err(|_| FileRefusal::NotText)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn refused(confinement: &Confinement, path: &str) -> String {
        confinement.read(Path::new(path)).unwrap_err().to_string()
    }

    #[test]
    fn only_regular_files_of_the_project_are_read() {
        let outer = tempfile::tempdir().unwrap();
        let at = |path: &str| outer.path().join(path);
        for directory in ["project/sql", "project/deep", "project/.git", "project/.transship", "project-other"] {
            fs::create_dir_all(at(directory)).unwrap();
        }
        let files =
            ["secret", "project-other/secret", "project/sql/a.sql", "project/.git/config", "project/.transship/pgpass"];
        for file in files {
            fs::write(at(file), "SELECT 1").unwrap();
        }
        symlink(at("secret"), at("project/deep/out.sql")).unwrap();
        symlink(outer.path(), at("project/deep/out")).unwrap();
        symlink("../sql/a.sql", at("project/deep/in.sql")).unwrap();
        symlink("/dev/zero", at("project/deep/zero")).unwrap();
        symlink("../.git/config", at("project/deep/config")).unwrap();
        nix::unistd::mkfifo(&at("project/deep/pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let confinement = Confinement::of(&at("project/deep")).unwrap();

        for path in ["../sql/a.sql", "in.sql", "../deep/../sql/a.sql", at("project/sql/a.sql").to_str().unwrap()] {
            assert_eq!(confinement.read(Path::new(path)).unwrap(), "SELECT 1", "{path}");
        }
        let outside = "is outside of the spec's repository";
        for path in
            ["/proc/self/environ", "../../secret", "out.sql", "out/secret", "../../project-other/secret", "zero"]
        {
            assert_eq!(refused(&confinement, path), outside, "{path}");
        }
        assert_eq!(refused(&confinement, at("secret").to_str().unwrap()), outside);
        for path in ["config", "../.git/config", "../.transship/pgpass"] {
            assert!(refused(&confinement, path).contains("where credentials are kept"), "{path}");
        }
        assert_eq!(refused(&confinement, "."), "is a directory, not a regular file");
        assert_eq!(refused(&confinement, "pipe"), "is a device, pipe or socket, not a regular file");
        assert!(refused(&confinement, "nowhere.sql").starts_with("cannot be read: "));
        let all = |path: &str| {
            confinement
                .read_all(Path::new(path), "sql")
                .map_err(|(path, refusal)| format!("{} {refusal}", path.display()))
        };
        assert_eq!(all("../sql"), Ok(vec![("../sql/a.sql".into(), "SELECT 1".to_owned())]));
        assert_eq!(all("."), Err("./out.sql is outside of the spec's repository".to_owned()));
        assert_eq!(all("../.."), Err("../.. is outside of the spec's repository".to_owned()));
        assert_eq!(all("../sql/a.sql"), Err("../sql/a.sql is not a directory".to_owned()));

        fs::remove_dir_all(at("project/.git")).unwrap();
        let alone = Confinement::of(&at("project/deep")).unwrap();
        assert_eq!(refused(&alone, "../sql/a.sql"), "is outside of the spec's directory");
    }

    #[test]
    fn what_the_kernel_makes_up_is_no_file_even_in_the_root_directory() {
        // A container may have its spec in `/`.
        let root = Confinement { directory: "/".into(), root: "/".into() };
        for path in ["proc/self/environ", "proc/self/status", "sys/kernel/mm/transparent_hugepage/enabled"] {
            if Path::new("/").join(path).exists() {
                assert_eq!(refused(&root, path), "is made up by the kernel, not a regular file");
            }
        }
        assert_eq!(refused(&root, "dev/null"), "is a device, pipe or socket, not a regular file");
    }

    #[test]
    fn long_files_and_bytes_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let confinement = Confinement::of(directory.path()).unwrap();
        let file = File::create(directory.path().join("long.sql")).unwrap();
        file.set_len(LONGEST + 1).unwrap();
        assert!(refused(&confinement, "long.sql").contains("at most 16777216 (16 MiB)"));
        fs::write(directory.path().join("bytes.sql"), b"SELECT '\xff'").unwrap();
        assert_eq!(refused(&confinement, "bytes.sql"), "is not UTF-8 text");
    }
}
