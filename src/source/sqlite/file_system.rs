//! File systems on which a lock of one machine is not seen by another (<https://www.sqlite.org/faq.html#q5>;
//! <https://www.sqlite.org/howtocorrupt.html>, section 2.1).

use std::path::{Path, PathBuf};

/// Types, as the kernel names them, whose files other machines reach too: over a network, or out of a virtual machine into
/// its host, as WSL's `/mnt/c` and the shared folders of Docker Desktop do.
const SHARED: [&str; 22] = [
    "9p",
    "afs",
    "ceph",
    "cifs",
    "coda",
    "davfs",
    "drvfs",
    "fakeowner",
    "glusterfs",
    "lustre",
    "ncpfs",
    "nfs",
    "nfs4",
    "orangefs",
    "osxfs",
    "prl_fs",
    "smb2",
    "smb3",
    "smbfs",
    "vboxsf",
    "virtiofs",
    "vmhgfs",
];

/// File systems in user space that show files of this machine. The files of any other `fuse.…` may be anywhere.
const LOCAL_FUSE: [&str; 13] = [
    "bindfs",
    "cryfs",
    "encfs",
    "exfat",
    "fuse-overlayfs",
    "gocryptfs",
    "lxcfs",
    "mergerfs",
    "ntfs-3g",
    "snapfuse",
    "squashfuse",
    "squashfuse_ll",
    "unionfs",
];

/// Whether other machines reach files on a file system of this type, past the locks of this one.
pub(super) fn is_shared(kind: &str) -> bool {
    match kind.split_once('.') {
        Some(("fuse", program)) => !LOCAL_FUSE.contains(&program),
        // The block device's own file system, such as NTFS.
        _ => kind == "fuse" || SHARED.contains(&kind),
    }
}

/// The type of the file system that a file lies on, as the kernel names it; `None` if it is unknown.
pub(super) fn kind_of(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    if let Ok(mounts) = std::fs::read_to_string("/proc/self/mountinfo")
        && let Some(kind) = kind_among(&mounts, &path)
    {
        return Some(kind);
    }
    kind_by_statfs(&path)
}

/// The type in the last line, of those with the longest mount point above the path: a later mount hides an earlier one
/// (`proc_pid_mountinfo(5)`).
fn kind_among(mounts: &str, path: &Path) -> Option<String> {
    let mounts = mounts.lines().filter_map(|line| {
        let (mount, kind) = line.split_once(" - ")?;
        let point = PathBuf::from(unescaped(mount.split(' ').nth(4)?));
        path.starts_with(&point).then(|| (point.components().count(), kind.split(' ').next()))
    });
    mounts.max_by_key(|(depth, _)| *depth)?.1.map(str::to_owned)
}

/// Spaces, tabs, line breaks and backslashes of a mount point are escaped as `\040` and so on.
fn unescaped(point: &str) -> String {
    let mut parts = point.split('\\');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let octal = part.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
        match octal {
            Some(byte) => {
                text.push(char::from(byte));
                text.push_str(&part[3..]);
            }
            None => {
                text.push('\\');
                text.push_str(part);
            }
        }
    }
    text
}

/// The type by its number, if `/proc` is not mounted (`statfs(2)`).
#[cfg(target_os = "linux")]
fn kind_by_statfs(path: &Path) -> Option<String> {
    let number = nix::sys::statfs::statfs(path).ok()?.filesystem_type().0;
    #[expect(clippy::cast_sign_loss, clippy::cast_possible_truncation, reason = "32 bits that the kernel calls long")]
    let kind = match number as u32 {
        0x0102_1997 => "9p",
        0x5346_414F => "afs",
        0x00C3_6400 => "ceph",
        0xFF53_4D42 => "cifs",
        0x6573_5546 => "fuse",
        0x0BD0_0BD0 => "lustre",
        0x0000_6969 => "nfs",
        0xFE53_4D42 => "smb2",
        0x0000_517B => "smbfs",
        0x786F_4256 => "vboxsf",
        _ => return None,
    };
    Some(kind.to_owned())
}

/// The type by its name.
#[cfg(not(target_os = "linux"))]
fn kind_by_statfs(path: &Path) -> Option<String> {
    nix::sys::statfs::statfs(path).ok().map(|answer| answer.filesystem_type_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_types_are_shared() {
        let shared =
            ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "fuse.sshfs", "fuse.rclone", "fuse.grpcfuse", "fuse"];
        for kind in shared {
            assert!(is_shared(kind), "{kind}");
        }
        for kind in ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "apfs", "fuseblk", "fuse.mergerfs", "vfat"] {
            assert!(!is_shared(kind), "{kind}");
        }
    }

    #[test]
    fn the_mount_that_a_path_lies_on() {
        let mounts = "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n\
            30 22 0:40 / /data rw,relatime shared:1 - nfs4 server:/export rw,vers=4.2\n\
            31 30 8:2 / /data/local\\040disk ro - xfs /dev/sdb ro\n\
            32 22 0:41 / /mnt/c rw - ext4 /dev/sdc rw\n\
            33 22 0:42 / /mnt/c rw,noatime - 9p drvfs rw\n";
        let kind = |path: &str| kind_among(mounts, Path::new(path)).unwrap();
        assert_eq!(kind("/home/a.db"), "ext4");
        assert_eq!(kind("/data/a.db"), "nfs4");
        assert_eq!(kind("/database/a.db"), "ext4", "a name that only begins alike");
        assert_eq!(kind("/data/local disk/a.db"), "xfs");
        assert_eq!(kind("/mnt/c/a.db"), "9p", "the later mount hides the earlier one");
        assert_eq!(unescaped("a\\134b\\9"), "a\\b\\9");
    }

    #[test]
    fn this_machine_says_where_its_files_lie() {
        if cfg!(target_os = "linux") && Path::new("/proc/self/mountinfo").exists() {
            assert_eq!(kind_of(Path::new("/proc/self/status")).as_deref(), Some("proc"));
            assert!(kind_of(&std::env::temp_dir()).is_some());
        }
        assert_eq!(kind_of(Path::new("/no/such/file")), None);
    }
}
