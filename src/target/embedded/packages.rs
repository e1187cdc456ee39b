//! The command that installs a PostgreSQL server, contrib extensions included, on this operating system.

use std::fs;

/// The install command to show to the user of this machine.
pub(super) fn install_command() -> &'static str {
    if cfg!(target_os = "macos") {
        return "brew install postgresql@17";
    }
    command_for(&fs::read_to_string("/etc/os-release").unwrap_or_default())
}

/// Reads the `ID` and `ID_LIKE` lines of an os-release file; the most specific name comes first.
fn command_for(os_release: &str) -> &'static str {
    let value_of = |key: &str| {
        os_release
            .lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
            .trim_matches(['"', '\''])
            .to_ascii_lowercase()
    };
    let names = format!("{} {}", value_of("ID"), value_of("ID_LIKE"));
    for name in names.split_whitespace() {
        match name {
            "debian" | "ubuntu" => return "apt-get install postgresql",
            "fedora" | "rhel" | "centos" | "amzn" => return "dnf install postgresql-server postgresql-contrib",
            "suse" | "opensuse" | "sles" => return "zypper install postgresql-server postgresql-contrib",
            "arch" => return "pacman -S postgresql",
            "alpine" => return "apk add postgresql postgresql-contrib",
            _ => {}
        }
    }
    "your system's package manager (the package is usually called postgresql or postgresql-server)"
}

#[cfg(test)]
mod tests {
    use super::super::packages::command_for;

    #[test]
    fn the_command_follows_the_distribution() {
        assert_eq!(command_for("NAME=x\nID=debian\n"), "apt-get install postgresql");
        assert_eq!(command_for("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), "apt-get install postgresql");
        assert_eq!(command_for("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n").split(' ').next(), Some("dnf"));
        assert!(command_for("").starts_with("your system's"));
    }
}
