//! A kit's runbook, followed word for word: every command of every shell block is executed in its order, with programs in the place of
//! `sudo`, `docker` and the like that put files below a directory of the test, and look whether what they are given is there. A container
//! has its own environment, its own paths, and no other place to write to.

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

/// The stand-ins that do more than to be there.
const SUDO: &str = include_str!("stand_ins/sudo");
const DOCKER: &str = include_str!("stand_ins/docker");
const KUBECTL: &str = include_str!("stand_ins/kubectl");

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
        Follower::of(SPEC)
    }

    fn of(text: &str) -> Follower {
        let directory = tempfile::tempdir().unwrap();
        std::fs::set_permissions(directory.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let (spec, kit) = (directory.path().join("repository/shop.toml"), directory.path().join("kit"));
        for name in ["repository", "application", "home", "bin", "machine/etc/postgresql/17/main/conf.d"] {
            std::fs::create_dir_all(directory.path().join(name)).unwrap();
        }
        std::fs::write(&spec, text).unwrap();
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

    /// A server with the kit's settings and certificate, whose administrator is everybody.
    fn server(&self) -> Server {
        let root = self.directory.path();
        let server_step = blocks(&self.page, &["2."]);
        let (certificates, _) = server_step.split_once('\n').unwrap();
        assert!(certificates.starts_with("tls/certificates.sh"), "{certificates}");
        self.follow(None, certificates).exits(0);
        for file in ["server.crt", "server.key"] {
            std::fs::copy(self.kit.join("tls").join(file), root.join(file)).unwrap();
            Owner::find().own(&root.join(file));
        }
        let read = |path: &str| {
            std::fs::read_to_string(self.kit.join(path)).unwrap().replace("/etc/my-shop", root.to_str().unwrap())
        };
        let authentication = format!("local all postgres trust\n{}", read("server/pg_hba.conf"));
        Server::start_with_files(&[], &["fsync=off"], &read("server/postgresql.conf"), &authentication)
    }

    /// The application's file.
    fn database(&self) -> PathBuf {
        self.directory.path().join("application/shop.db")
    }

    /// What a new shell is to say from step 4 on.
    fn own_file(&self) -> String {
        let database = self.database();
        format!("export SHOP_DB={} SOURCE_DIRECTORY={}\n", database.display(), database.parent().unwrap().display())
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

/// With Docker the same commands are said of a container, which has nothing of the machine but what the kit gives it.
#[test]
fn every_command_works_in_a_container() {
    let follower = Follower::new();
    let (page, server) = (&follower.page, follower.server());
    let with_docker = page.split("### With Docker\n").nth(1).and_then(|rest| rest.split("\n### ").next()).unwrap();
    follower.follow(Some(&server), &blocks(&format!("## 2.\n{with_docker}"), &["2."])).exits(0);
    assert!(with_docker.contains("`docker compose run --rm migration …` stands for `transship …`"), "{with_docker}");
    let begin = "transship() { docker compose run --rm migration \"$@\"; }\n";
    let rehearsed = follower.follow(Some(&server), &(begin.to_owned() + &blocks(page, &["3."]))).exits(0);
    assert!(rehearsed.stdout.contains("both sides are equal"), "{rehearsed}");

    // Users go on with the application's file; the copy of the rehearsal is no source any more.
    run(Command::new("sqlite3").arg(follower.database()).arg("INSERT INTO users VALUES (3, 'Edsger')")).exits(0);
    let saved = follower.follow(Some(&server), &(begin.to_owned() + &blocks(page, &["4."]))).exits(0);
    assert!(saved.stdout.contains("restored into a private server: equal"), "{saved}");
    let begin = follower.own_file() + begin;
    let is_other = |line: &&str| !line.starts_with("transship cutover");
    let steps = blocks(page, &["5.", "6.", "7."]).lines().filter(is_other).collect::<Vec<_>>().join("\n");
    let moved = follower.follow(Some(&server), &(begin.clone() + &steps)).exits(0);
    assert!(moved.stdout.contains("Cut-over of My Shop: done"), "{moved}");
    assert!(moved.stdout.contains("Equal: every value of 3 rows was compared."), "{moved}");
    let restoring = page.split('`').find(|span| span.starts_with("docker compose run --rm backup restore")).unwrap();
    let address = "postgres://My%20Shop_owner:$MY_SHOP_OWNER_PASSWORD@postgres:5432/proof?sslmode=verify-full&sslrootcert=/etc/my-shop/ca.crt";
    let restoring = restoring.replace("postgres://…@postgres:5432/proof", &format!("\"{address}\""));
    let restoring =
        format!("docker compose run --rm backup\nsudo -u postgres createdb --owner='My Shop_owner' proof\n{restoring}");
    follower.follow(Some(&server), &restoring).exits(0);
    let back = follower.follow(Some(&server), &(begin + &blocks(page, &["8."]).replace(" --verify", ""))).exits(0);
    assert!(back.stdout.contains("The structure of the target equals the one before the first run."), "{back}");
    let name = "SELECT name FROM users WHERE id = 3";
    let new = run(Command::new("sqlite3").arg(follower.kit.join("evidence/BACK.db")).arg(name)).exits(0);
    assert_eq!(new.stdout, "Edsger\n");
    for report in ["rehearsal.json", "rehearsal.html", "verify.html", "verify.json"] {
        assert!(follower.kit.join("evidence").join(report).metadata().unwrap().len() > 0, "{report}");
    }
}

/// A container does not find the machine under the names by which the machine calls itself; and a Secret takes every password.
#[test]
fn a_server_on_this_machine_has_another_name_in_a_container() {
    let login = "mysql://me:${SHOP_PASSWORD}@";
    for (host, variable) in
        [("localhost/shop", "MY_SHOP_SOURCE_HOST"), ("${SHOP_HOST:-127.0.0.1}:${SHOP_PORT:-3306}/shop", "SHOP_HOST")]
    {
        let text = SPEC.replace("sqlite:${SHOP_DB:-shop.db}", &format!("{login}{host}"));
        let follower = Follower::of(&text);
        let check = "mkdir evidence\ntouch tls/ca.crt\ndocker compose run --rm migration check spec/shop.toml";
        follower.follow(None, check).exits(0);
        let environment = std::fs::read_to_string(follower.directory.path().join("environment")).unwrap();
        assert!(environment.contains(&format!("{variable}=host.docker.internal\n")), "{environment}");
        let two_lines = follower.page.split("printf '%s=%s\\n' POSTGRES_PASSWORD").nth(1).unwrap();
        let two_lines = two_lines.lines().take(2).collect::<Vec<_>>().join("\n");
        let secret = format!("SHOP_PASSWORD='a\"b\\tc # $d'\nprintf '%s=%s\\n' POSTGRES_PASSWORD{two_lines}");
        follower.follow(None, &secret).exits(0);
        let kept = follower.secret_is_whole();
        assert!(
            kept.contains("SHOP_PASSWORD=a\"b\\tc # $d\n") && kept.contains(&format!("{variable}=AS-PODS-REACH-IT\n"))
        );
    }
}

/// The runbook of a server says what the cut-over needs of it, and what leads back.
#[test]
fn the_page_of_a_server_says_what_leads_back() {
    let server = "mysql://me:${SHOP_PASSWORD}@db.example";
    let text = SPEC.replace("sqlite:${SHOP_DB:-shop.db}", &format!("{server}/shop"));
    let text = text.replace("before_apply = true", "before_apply = true\ndirectory = \"/var/backups\"");
    let follower = Follower::of(&format!("{text}[cutover]\nsource = \"read_only\"\n"));
    let page = &follower.page;
    let compose = std::fs::read_to_string(follower.kit.join("docker-compose.yml")).unwrap();
    assert!(
        compose.contains("- \"./backups:/var/backups\"\n") && page.contains("mkdir -p evidence backups\n"),
        "{page}"
    );
    assert!(page.contains("GRANT SYSTEM_VARIABLES_ADMIN, CONNECTION_ADMIN"), "{page}");
    assert!(
        page.contains("transship back spec/shop.toml --to \"mysql://root@db.example:3306/NEW_DATABASE\""),
        "{page}"
    );
    assert!(page.contains("say the first command of 1 with `OFF`"), "{page}");
    let several = SPEC.replace(
        "source.url = \"sqlite:${SHOP_DB:-shop.db}\"",
        &format!("[source]\nurl = \"{server}\"\ndatabases = {{ one = \"one\", two = \"two\" }}"),
    );
    let page = Follower::of(&several.replace("schema = \"My Schema\"\n", "")).page;
    assert!(!page.contains("SYSTEM_VARIABLES_ADMIN"), "{page}");
    assert!(page.contains("transship back spec/shop.toml --to \"mysql://root@ANOTHER_SERVER:3306/\""), "{page}");
}

#[test]
fn every_command_of_the_runbook_works_in_its_order() {
    let follower = Follower::new();
    let (page, root) = (&follower.page, follower.directory.path());
    let server = follower.server();
    let server_step = blocks(page, &["2."]);
    let (_, rest) = server_step.split_once('\n').unwrap();

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
    run(Command::new("sqlite3").arg(follower.database()).arg("INSERT INTO users VALUES (3, 'Edsger')")).exits(0);
    // In a new shell, the application's own file again. What is said in place of other commands has a test of its own.
    let is_other = |line: &&str| !line.contains("docker compose run --rm migration");
    let steps = blocks(page, &["5.", "6.", "7."]).lines().filter(is_other).collect::<Vec<_>>().join("\n");
    let moved = follower.follow(Some(&server), &(follower.own_file() + &steps)).exits(0);
    assert!(moved.stdout.contains("Cut-over of My Shop: done"), "{moved}");
    assert!(moved.stdout.contains("Equal: every value of 3 rows was compared."), "{moved}");
    let name = "SELECT name FROM users WHERE id = 3";
    let in_target = follower.follow(Some(&server), &format!("psql -XAtd \"$DATABASE_URL\" -c \"{name}\""));
    assert!(in_target.exits(0).stdout.ends_with("Edsger\n"));
    let back = follower.follow(Some(&server), &(follower.own_file() + &blocks(page, &["8."]))).exits(0);
    assert!(back.stdout.contains("The structure of the target equals the one before the first run."), "{back}");
    let new = run(Command::new("sqlite3").arg(follower.kit.join("evidence/BACK.db")).arg(name)).exits(0);
    assert_eq!(new.stdout, "Edsger\n");
    follower.secret_is_whole();

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

impl Follower {
    /// The Secret that was made has a value for whatever the manifests take from it; gives its lines.
    fn secret_is_whole(&self) -> String {
        let kept = std::fs::read_to_string(self.directory.path().join("secret")).unwrap();
        let names = kept.lines().filter_map(|line| line.split_once('=')).filter(|(_, value)| !value.is_empty());
        let names = names.map(|(name, _)| name).collect::<Vec<_>>();
        let manifests = ["statefulset.yaml", "cronjob.yaml", "migration/job.yaml"];
        for path in manifests {
            let text = std::fs::read_to_string(self.kit.join("kubernetes").join(path)).unwrap();
            let asked = text.split("secretKeyRef:").skip(1).map(|rest| rest.split("key: ").nth(1).unwrap());
            for name in asked.map(|rest| rest.lines().next().unwrap()) {
                assert!(names.contains(&name), "{path} asks for {name}, and the Secret has {names:?}");
            }
        }
        kept
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
fn a_file_in_place_of_the_output_directory_is_refused() {
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
