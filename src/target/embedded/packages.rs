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

/// Extensions outside of PostgreSQL's contrib, with the ends of their packages' names in Debian and in its relatives.
const PACKAGES: [(&str, &str); 15] = [
    ("postgis", "postgis-3"),
    ("postgis_raster", "postgis-3"),
    ("postgis_topology", "postgis-3"),
    ("vector", "pgvector"),
    ("pg_cron", "cron"),
    ("pg_partman", "partman"),
    ("pgrouting", "pgrouting"),
    ("hypopg", "hypopg"),
    ("rum", "rum"),
    ("semver", "semver"),
    ("ip4r", "ip4r"),
    ("hll", "hll"),
    ("pgaudit", "pgaudit"),
    ("pgtap", "pgtap"),
    ("periods", "periods"),
];

/// The command that installs these extensions for a server of this major version, as far as their packages are known.
pub(in crate::target) fn extension_packages(extensions: &[String], major: &str) -> String {
    packages_for(&fs::read_to_string("/etc/os-release").unwrap_or_default(), extensions, major)
}

fn packages_for(os_release: &str, extensions: &[String], major: &str) -> String {
    let is_debian = command_for(os_release).starts_with("apt-get");
    let known = |name: &String| PACKAGES.iter().find(|(extension, _)| extension == name).map(|(_, end)| *end);
    let (named, unknown): (Vec<_>, Vec<_>) = extensions.iter().partition(|name| known(name).is_some() && is_debian);
    let ends = named.into_iter().filter_map(known);
    let mut packages = ends.map(|end| format!("postgresql-{major}-{end}")).collect::<Vec<_>>();
    packages.sort();
    packages.dedup();
    let mut words = Vec::new();
    if !packages.is_empty() {
        words.push(format!("apt-get install {}", packages.join(" ")));
    }
    if !unknown.is_empty() {
        let names = unknown.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let where_from = if is_debian {
            format!("a package postgresql-{major}-NAME, or postgresql-contrib")
        } else {
            "your system's package of PostgreSQL's contrib, or the extension's own".to_owned()
        };
        words.push(format!("for {names}: {where_from}"));
    }
    words.join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::packages::{command_for, packages_for};

    #[test]
    fn extensions_have_packages() {
        let names = ["postgis", "vector", "postgis_topology", "own"].map(str::to_owned);
        assert_eq!(
            packages_for("ID=debian", &names[..3], "15"),
            "apt-get install postgresql-15-pgvector postgresql-15-postgis-3"
        );
        assert!(packages_for("ID=debian", &names[3..], "15").contains("postgresql-15-NAME"));
        assert!(packages_for("ID=fedora", &names, "15").starts_with("for postgis, vector"));
    }

    #[test]
    fn the_command_follows_the_distribution() {
        assert_eq!(command_for("NAME=x\nID=debian\n"), "apt-get install postgresql");
        assert_eq!(command_for("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), "apt-get install postgresql");
        assert_eq!(command_for("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n").split(' ').next(), Some("dnf"));
        assert!(command_for("").starts_with("your system's"));
    }
}
