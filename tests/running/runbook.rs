//! A kit's runbook, followed word for word: every command of every shell block is executed in its order, with programs in the place of
//! `sudo`, `docker` and the like that put files below a directory of the test, and look whether what they are given is there.

use crate::support::migration::{Ran, build_sqlite, program, run};
use crate::support::server::{Owner, Server, programs};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A spec whose names need quotes everywhere, and whose `apply` wants a backup.
const SPEC: &str = r#"spec = 1
name = "My Shop"
source.url = "sqlite:${SHOP_DB:-shop.db}"

[target]
url = "${DATABASE_URL}"
schema = "My Schema"
tls = "verify-full"
settings = { timezone = "Europe/Berlin" }
grants = { "shop app" = "all" }

[backup]
before_apply = true

[kit]
postgresql = 17
namespace = "shop"
trusted = ["10.0.0.0/8"]
memory = "256MB"
cores = 1
"#;

const SOURCE: &str =
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')";

/// `$ROOT` is the directory of the test: what would be installed into the machine lies below `$ROOT/machine`.
const SUDO: &str = r#"#!/bin/bash
set -euo pipefail
echo "sudo $*" >>"$ROOT/log"
as_administrator=
while [[ $1 == -* ]]; do
    case $1 in
    --preserve-env=*) IFS=, read -ra names <<<"${1#*=}"; for name in "${names[@]}"; do [ -n "${!name}" ]; done; shift ;;
    -u) [ "$2" = postgres ]; as_administrator=1; shift 2 ;;
    --user=postgres) as_administrator=1; shift ;;
    *) exit 64 ;;
    esac
done
command=$1; shift
case $command in
install)
    words=()
    while (($# > 0)); do
        case $1 in
        -o | -g) shift 2 ;;
        /etc/* | /usr/local/bin/* | /var/backups/*) words+=("$ROOT/machine$1"); shift ;;
        *) words+=("$1"); shift ;;
        esac
    done
    [ "${words[0]}" = -d ] || mkdir -p "$(dirname "${words[-1]}")"
    install "${words[@]}"
    # What was installed speaks of this machine.
    find "$ROOT/machine/etc" -type f -exec sed -i "s#$ROOT/machine/#/#g; s#^PATH=/usr/local/bin:$PROGRAMS:#PATH=#
        s#/etc/my-shop#$ROOT/machine/etc/my-shop#g; s#/var/backups#$ROOT/machine/var/backups#g; s#localhost:5432#localhost:$PGPORT#g
        s#^PATH=#PATH=$ROOT/machine/usr/local/bin:$PROGRAMS:#" {} +
    ;;
psql | createdb) [ -n "$as_administrator" ]; PGHOST=$ADMINISTRATOR_HOST PGUSER=postgres "$PROGRAMS/$command" "$@" ;;
transship)
    words=("${@/#\/etc\//$ROOT/machine/etc/}")
    "$ROOT/machine/usr/local/bin/transship" "${words[@]/#\/var\//$ROOT/machine/var/}"
    ;;
sh) command sh -c "${2//\/etc\//$ROOT/machine/etc/}" ;;
systemctl)
    if [[ "$*" == "start my-shop-backup.service" ]]; then
        [ -f "$ROOT/machine/etc/systemd/system/my-shop-backup.service" ]
        env --ignore-environment sh -c "set -a; . '$ROOT/machine/etc/my-shop/backup.env'; exec sh '$ROOT/machine/etc/my-shop/backup.sh'"
    fi
    ;;
apt-get | service) ;;
chown) [ -f "$2" ] ;;
server/ufw.sh) [ -x "$command" ] ;;
*) exit 65 ;;
esac
"#;

const DOCKER: &str = r#"#!/bin/bash
set -euo pipefail
echo "docker $*" >>"$ROOT/log"
# Whatever is mounted into a container has to be there, or Docker makes a directory of its name.
if [[ "$*" == *" up "* ]]; then
    sed -nE 's/^ *- (\.[^:]*):.*/\1/p' docker-compose.yml | while read -r path; do [ -e "$path" ] || { echo "no $path" >&2; exit 1; }; done
fi
"#;

const KUBECTL: &str = r#"#!/bin/bash
set -euo pipefail
echo "kubectl $*" >>"$ROOT/log"
while (($# > 0)); do
    case $1 in
    -f) if [ "$2" = - ]; then if grep -F '${'; then exit 1; fi; else [ -f "$2" ]; fi; shift ;;
    -k) [ -f "$2/kustomization.yaml" ]; shift ;;
    --from-file=*) [ -f "${1#*=}" ] ;;
    cp) [ -f "$2" ]; shift ;;
    esac
    shift
done
"#;

/// Nobody has the file open: `fuser` says so by its exit code.
const FUSER: &str = "#!/bin/sh\n[ -f \"$2\" ]\n";

/// A person says yes.
const TRANSSHIP: &str = r#"#!/bin/bash
case "$1 $*" in
*--dry-run*) exec "$PROGRAM" "$@" ;;
apply* | cutover* | rollback*) exec "$PROGRAM" "$@" --yes ;;
*) exec "$PROGRAM" "$@" ;;
esac
"#;

/// The shell blocks of a page below headings of these numbers.
fn blocks(page: &str, sections: &[&str]) -> String {
    let (mut text, mut is_wanted, mut is_inside) = (String::new(), false, false);
    for line in page.lines() {
        if let Some(number) = line.strip_prefix("## ") {
            is_wanted = sections.iter().any(|section| number.starts_with(section));
        } else if line.trim_start().starts_with("```") {
            is_inside = line.trim() == "```sh";
        } else if is_inside && is_wanted {
            text += line.strip_prefix("   ").filter(|_| line.starts_with("   ")).unwrap_or(line);
            text.push('\n');
        }
    }
    text
}

struct Follower {
    directory: TempDir,
    kit: PathBuf,
    page: String,
}

impl Follower {
    fn new() -> Follower {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let (spec, kit) = (directory.path().join("repository/shop.toml"), directory.path().join("kit"));
        for name in ["repository", "application", "home", "bin", "machine/etc/postgresql/17/main/conf.d"] {
            std::fs::create_dir_all(directory.path().join(name)).unwrap();
        }
        std::fs::write(&spec, SPEC).unwrap();
        build_sqlite(&directory.path().join("application/shop.db"), SOURCE);
        run(program().arg("kit").arg(&spec).arg("--out").arg(&kit)).exits(0);
        let page = std::fs::read_to_string(kit.join("RUNBOOK.md")).unwrap();
        let stand_ins = [
            ("sudo", SUDO),
            ("docker", DOCKER),
            ("kubectl", KUBECTL),
            ("fuser", FUSER),
            ("transship", TRANSSHIP),
            ("crontab", "#!/bin/sh\ncat >/dev/null\n"),
        ];
        for (name, text) in stand_ins {
            let file = directory.path().join("bin").join(name);
            std::fs::write(&file, text.replace("$PROGRAM\"", concat!(env!("CARGO_BIN_EXE_transship"), "\""))).unwrap();
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        Follower { directory, kit, page }
    }

    /// Executes commands in a new shell, which begins with those of step 1 as the page says.
    fn follow(&self, server: Option<&Server>, text: &str) -> Ran {
        let root = self.directory.path();
        let port = server.map_or(5432, Server::port).to_string();
        let begin = blocks(&self.page, &["1."]);
        let text = format!("set -euo pipefail\n{begin}\n{text}")
            .replace(":5432/", &format!(":{port}/"))
            .replace("/PATH/OF/THE/APPLICATION", root.join("application").to_str().unwrap());
        let mut command = Command::new("bash");
        let parameters = server.map(Server::parameters).unwrap_or_default();
        let host = parameters.split(' ').find_map(|word| word.strip_prefix("host=")).unwrap_or_default();
        let path =
            format!("{}:{}:{}", root.join("bin").display(), std::env::var("PATH").unwrap(), programs().display());
        command.current_dir(&self.kit).args(["-c", &text]).env("PATH", path).env("HOME", root.join("home"));
        command.env("ROOT", root).env("PROGRAMS", programs());
        command.env("PGPORT", port).env("ADMINISTRATOR_HOST", host).env_remove("PGPASSWORD").env_remove("DATABASE_URL");
        run(&mut command)
    }
}

#[test]
fn every_command_of_the_runbook_works_in_its_order() {
    let follower = Follower::new();
    let (page, root) = (&follower.page, follower.directory.path());
    let server_step = blocks(page, &["2."]);
    let (certificates, rest) = server_step.split_once('\n').unwrap();
    assert!(certificates.starts_with("tls/certificates.sh"), "{certificates}");
    follower.follow(None, certificates).exits(0);
    for file in ["server.crt", "server.key"] {
        std::fs::copy(follower.kit.join("tls").join(file), root.join(file)).unwrap();
        Owner::find().own(&root.join(file));
    }
    let read = |path: &str| {
        std::fs::read_to_string(follower.kit.join(path)).unwrap().replace("/etc/my-shop", root.to_str().unwrap())
    };
    let authentication = format!("local all postgres trust\n{}", read("server/pg_hba.conf"));
    let server = Server::start_with_files(&[], &["fsync=off"], &read("server/postgresql.conf"), &authentication);

    // The ways to a server follow one another here: what the second one makes is there already.
    let text = rest.replace("sudo -u postgres createdb 'My Shop'", "sudo -u postgres createdb 'My Shop' || true");
    let text = text.replace("find /etc/postgresql", &format!("find {}/machine/etc/postgresql", root.display()));
    follower.follow(Some(&server), &text).exits(0);
    let backups = root.join("machine/var/backups/my-shop/My Shop");
    let made =
        backups.read_dir().unwrap().filter(|entry| entry.as_ref().unwrap().path().join("manifest.json").is_file());
    assert_eq!(made.count(), 2, "one by systemd, one as cron makes it");

    let rehearsed = follower.follow(Some(&server), &blocks(page, &["3.", "4."])).exits(0);
    assert!(rehearsed.stdout.contains("both sides are equal"), "{rehearsed}");
    assert!(rehearsed.stdout.contains("restored into a private server: equal"), "{rehearsed}");
    let line = page.lines().find_map(|line| line.strip_prefix("- [ ] the time is in this page: `")).unwrap();
    let again = line.trim_end_matches('`').replace("YOUR-REPOSITORY", root.join("repository").to_str().unwrap());
    follower.follow(Some(&server), &again).exits(0);
    let measured = std::fs::read_to_string(follower.kit.join("RUNBOOK.md")).unwrap();
    assert!(measured.contains("s measured in the rehearsal (2 rows)"), "{measured}");

    // Somebody writes between the first copy and the day.
    let database = root.join("application/shop.db");
    run(Command::new("sqlite3").arg(&database).arg("INSERT INTO users VALUES (3, 'Edsger')")).exits(0);
    // In a new shell, the application's own file again.
    let own = format!("export SHOP_DB={}\n", database.display());
    let moved = follower.follow(Some(&server), &(own.clone() + &blocks(page, &["5.", "6.", "7."]))).exits(0);
    assert!(moved.stdout.contains("Cut-over of My Shop: done"), "{moved}");
    assert!(moved.stdout.contains("Equal: every value of 3 rows was compared."), "{moved}");
    let name = "SELECT name FROM users WHERE id = 3";
    let in_target = follower.follow(Some(&server), &format!("psql -XAtd \"$DATABASE_URL\" -c \"{name}\""));
    assert!(in_target.exits(0).stdout.ends_with("Edsger\n"));
    let back = follower.follow(Some(&server), &(own + &blocks(page, &["8."]))).exits(0);
    assert!(back.stdout.contains("The structure of the target equals the one before the first run."), "{back}");
    let new = run(Command::new("sqlite3").arg(follower.kit.join("BACK.db")).arg(name)).exits(0);
    assert_eq!(new.stdout, "Edsger\n");

    // Passwords are in a file for its owner alone, and nothing that may not be committed is in sight of git.
    let file = root.join("home/.my-shop-dev-passwords");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    run(Command::new("git").args(["init", "--quiet"]).current_dir(&follower.kit)).exits(0);
    let seen = run(Command::new("git").args(["ls-files", "--others", "--exclude-standard"]).current_dir(&follower.kit))
        .exits(0);
    let rendered = std::fs::read_to_string(follower.kit.join(".transship-kit")).unwrap();
    for path in seen.stdout.lines().filter(|path| *path != ".transship-kit") {
        assert!(rendered.contains(&format!("  {path}\n")), "{path} is not the kit's, and git would take it:\n{seen}");
    }
}

/// What stands in the text between backticks, or in a list: each is a command with options that it has.
#[test]
fn every_transship_of_the_runbook_is_in_the_help() {
    let page = Follower::new().page;
    let spans = page.split('`').skip(1).step_by(2).filter_map(|span| span.strip_prefix("transship "));
    let commands = spans.filter(|rest| rest.starts_with(char::is_lowercase)).collect::<Vec<_>>();
    assert!(commands.len() >= 3, "{commands:?}");
    for command in commands {
        let mut words = command.split_whitespace();
        let help = run(program().args([words.next().unwrap(), "--help"])).exits(0).stdout;
        for option in words.filter(|word| word.starts_with("--")) {
            assert!(help.contains(option), "{command}");
        }
    }
}

/// Where the files cannot be written nothing is said to be, and the exit code is that of a wrong command line.
#[test]
fn a_place_that_is_none_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (spec, file) = (directory.path().join("shop.toml"), directory.path().join("file"));
    std::fs::write(&spec, SPEC).unwrap();
    std::fs::write(&file, "mine").unwrap();
    for out in [file.clone(), file.join("below"), Path::new("/dev/null").to_owned()] {
        let refused = run(program().arg("kit").arg(&spec).arg("--out").arg(&out)).exits(2);
        assert!(refused.stderr.contains("is a file, and no directory"), "{refused}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

/// The name of an environment is a word of a shell, and a part of a file's name below the kit's directory.
#[test]
fn the_name_of_an_environment_stays_a_word() {
    let directory = tempfile::tempdir().unwrap();
    let (spec, out) = (directory.path().join("shop.toml"), directory.path().join("one/kit"));
    std::fs::write(&spec, format!("{SPEC}[env.\"/../../$(touch ran)\"]\ntarget.schema = \"other\"\n")).unwrap();
    run(program().arg("kit").arg(&spec).args(["--env", "/../../$(touch ran)", "--out"]).arg(&out)).exits(0);
    let names =
        directory.path().join("one").read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    assert_eq!(names, ["kit"]);
    assert!(out.join(".env.-..-..-$(touch ran)".replace(['$', '(', ')', ' '], "-")).is_file());
    let backup = std::fs::read_to_string(out.join("backup/backup.sh")).unwrap();
    assert!(backup.contains("--env '/../../$(touch ran)' --side"), "{backup}");
}
