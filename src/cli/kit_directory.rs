//! The directory that `transship kit` writes: files of ours are overwritten, those of others are left alone.
//!
//! A file is ours if it is what an earlier kit wrote, by its digest in the list that lies in the directory.

use super::exit::Exit;
use super::failure::Failure;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use transship::kit::KitFile;

/// The list of what was written: a digest and a path in each line.
const LIST: &str = ".transship-kit";

/// A kit's directory.
pub(super) struct KitDirectory {
    path: PathBuf,
    /// Digests of an earlier kit, by path.
    before: BTreeMap<String, String>,
}

/// Outcome of writing.
pub(super) struct WrittenKit {
    /// Paths of the files that were written; the others were the same already.
    pub(super) written: Vec<String>,
    /// Paths of an earlier kit that are not in this one.
    pub(super) left_over: Vec<String>,
}

impl KitDirectory {
    /// Opens a directory, which need not exist.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let list = path.join(LIST);
        let text = match std::fs::read_to_string(&list) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(error) if error.kind() == ErrorKind::NotADirectory => return Err(no_directory(path)),
            Err(error) => return Err(cannot("read", &list, &error)),
        };
        let line = |line: &str| line.split_once("  ").map(|(digest, path)| (path.to_owned(), digest.to_owned()));
        Ok(Self { path: path.to_owned(), before: text.lines().filter_map(line).collect() })
    }

    /// Writes all files, or none if one of them is not ours.
    pub(super) fn write(&self, files: &[KitFile], force: bool) -> Result<WrittenKit, Failure> {
        let mut pending = Vec::new();
        let mut strange = Vec::new();
        for file in files {
            match self.present(&file.path)? {
                PresentFile::Absent => pending.push(file),
                PresentFile::File(bytes) if bytes == file.text.as_bytes() => {}
                PresentFile::File(bytes) if force || self.before.get(&file.path) == Some(&digest(&bytes)) => {
                    pending.push(file);
                }
                PresentFile::File(_) | PresentFile::Other => strange.push(file.path.as_str()),
            }
        }
        if !strange.is_empty() {
            let message = format!(
                "{} has files that this command did not write, or that were changed since: {}",
                self.path.display(),
                strange.join(", ")
            );
            let hint = "Give another directory, or --force to overwrite them; a link or a directory has to be removed by hand. \
                        To keep a change, put it into a template of your own (docs/kit.md).";
            return Err(Failure::new(Exit::WrongInput, message, Some(hint.to_owned())));
        }
        for file in &pending {
            self.put(&file.path, &file.text, file.is_program)?;
        }
        let line = |file: &KitFile| format!("{}  {}\n", digest(file.text.as_bytes()), file.path);
        self.put(LIST, &files.iter().map(line).collect::<String>(), false)?;
        let is_left_over = |path: &&String| {
            let is_plain = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
            is_plain && !files.iter().any(|file| file.path == **path) && self.path.join(path).exists()
        };
        Ok(WrittenKit {
            written: pending.into_iter().map(|file| file.path.clone()).collect(),
            left_over: self.before.keys().filter(is_left_over).cloned().collect(),
        })
    }

    /// State of a path. A symbolic link on the way leads out of the directory.
    fn present(&self, path: &str) -> Result<PresentFile, Failure> {
        let mut place = self.path.clone();
        let mut parts = Path::new(path).components().peekable();
        while let Some(part) = parts.next() {
            place.push(part);
            let metadata = match place.symlink_metadata() {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(PresentFile::Absent),
                Err(error) => return Err(cannot("read", &place, &error)),
            };
            match parts.peek() {
                Some(_) if !metadata.is_dir() => return Ok(PresentFile::Other),
                None if !metadata.is_file() => return Ok(PresentFile::Other),
                _ => {}
            }
        }
        std::fs::read(&place).map(PresentFile::File).map_err(|error| cannot("read", &place, &error))
    }

    fn put(&self, path: &str, text: &str, is_program: bool) -> Result<(), Failure> {
        let place = self.path.join(path);
        let parent = place.parent().unwrap_or(&self.path);
        std::fs::create_dir_all(parent).map_err(|error| cannot("make", parent, &error))?;
        std::fs::write(&place, text).map_err(|error| cannot("write", &place, &error))?;
        let mode = if is_program { 0o755 } else { 0o644 };
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(&place, permissions).map_err(|error| cannot("write", &place, &error))
    }
}

enum PresentFile {
    Absent,
    File(Vec<u8>),
    /// A directory, a link or something else.
    Other,
}

fn digest(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// The path is a file, or leads through one.
fn no_directory(path: &Path) -> Failure {
    let file = path.ancestors().find(|place| place.exists() && !place.is_dir()).unwrap_or(path);
    let hint = "Give a directory to `--out`; it is made where it is not there.".to_owned();
    Failure::new(Exit::WrongInput, format!("{} is a file, and no directory", file.display()), Some(hint))
}

fn cannot(verb: &str, path: &Path, error: &std::io::Error) -> Failure {
    let hint = "Check the path that `--out` gives.".to_owned();
    Failure::new(Exit::WrongInput, format!("cannot {verb} {}: {error}", path.display()), Some(hint))
}
