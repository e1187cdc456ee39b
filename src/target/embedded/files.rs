//! Files and directories of a private cluster, as they are read, written and made; and random names for them.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use super::EmbeddedError;

/// A file's bytes; `None` if it does not exist.
pub(super) fn read_if_present(path: &Path) -> Result<Option<Vec<u8>>, EmbeddedError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(cause) => Err(EmbeddedError::file("read", path)(cause)),
    }
}

/// Writes a file so that a reader, or a crash, finds the old content or the new, never half of it.
pub(super) fn write_file(path: &Path, content: &[u8], mode: u32) -> Result<(), EmbeddedError> {
    // Its own name for every writer: some files are written before the start lock can be taken.
    static WRITERS: AtomicU32 = AtomicU32::new(0);
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".partial-{}-{}", std::process::id(), WRITERS.fetch_add(1, Ordering::Relaxed)));
    let partial = PathBuf::from(partial);
    let write = || {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&partial)?;
        file.set_permissions(Permissions::from_mode(mode))?; // whatever the umask
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(EmbeddedError::file("write", path))
}

/// Makes a directory with this mode, whatever the umask; one that exists keeps its mode.
pub(super) fn make_directory(path: &Path, mode: u32) -> Result<(), EmbeddedError> {
    match DirBuilder::new().mode(mode).create(path) {
        Ok(()) => fs::set_permissions(path, Permissions::from_mode(mode)),
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(cause) => Err(cause),
    }
    .map_err(EmbeddedError::file("make the directory", path))
}

/// Random bytes, in hexadecimal.
pub(super) fn random_hexadecimal<const BYTES: usize>() -> Result<String, EmbeddedError> {
    let device = Path::new("/dev/urandom");
    let mut bytes = [0_u8; BYTES];
    File::open(device)
        .and_then(|mut device| device.read_exact(&mut bytes))
        .map_err(EmbeddedError::file("read random bytes from", device))?;
    Ok(hex::encode(bytes))
}
