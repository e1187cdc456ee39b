//! `embedded:` from end to end: the private server is made, used, found again, and gone when nobody needs it.

use crate::support::database::Database;
use crate::support::migration::{Migration, Ran, run};
use crate::support::waiting::wait_until;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A migration whose directory has a name with blanks and a quote, owned by root and closed to others as a home is.
fn embedded() -> (tempfile::TempDir, impl Fn(&[&str]) -> Ran) {
    let (outer, command) = embedded_command();
    (outer, move |words: &[&str]| run(&mut command(words)))
}

/// The same, not run yet.
fn embedded_command() -> (tempfile::TempDir, impl Fn(&[&str]) -> Command) {
    let outer = tempfile::Builder::new().prefix("transship it's here ").tempdir().unwrap();
    let directory = outer.path().join("a spec");
    std::fs::create_dir(&directory).unwrap();
    let spec = "spec = 1\nname = \"my shop\"\n\n[source]\nurl = \"sqlite:source.db\"\n\n[target]\nurl = \"embedded:\"\nschema = \"app\"\n";
    std::fs::write(directory.join("spec.toml"), spec).unwrap();
    crate::support::migration::build_sqlite(
        &directory.join("source.db"),
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace')",
    );
    let ask = move |words: &[&str]| {
        let [first, rest @ ..] = words else { panic!("no command") };
        let mut command = crate::support::migration::program();
        command.arg(first).arg(directory.join("spec.toml")).args(rest);
        command
    };
    (outer, ask)
}

/// The processes whose command line or working directory names the path.
fn processes_of(path: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
        if !entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()) {
            continue;
        }
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        let directory = std::fs::read_link(entry.path().join("cwd")).unwrap_or_default();
        if line.contains(path.to_str().unwrap()) || directory.starts_with(path) {
            found.push(format!("{line} in {}", directory.display()));
        }
    }
    found
}

fn shell(command: &str) -> Ran {
    run(Command::new("sh").arg("-c").arg(command).stdin(Stdio::null()))
}

#[test]
fn from_nothing_to_a_server_that_can_be_looked_at() {
    let (directory, transship) = embedded();
    let nothing_runs = || assert_eq!(processes_of(directory.path()), [""; 0]);

    let planned = transship(&["plan"]).exits(0);
    assert!(planned.stdout.contains("The embedded server does not exist yet"), "{planned}");
    assert!(!directory.path().join("a spec/.transship").exists(), "a plan makes nothing");
    transship(&["status"]).exits(0);

    transship(&["apply", "--yes"]).exits(0);
    nothing_runs();
    let again = transship(&["apply", "--yes"]).exits(0);
    assert!(again.stdout.contains("nothing to do"), "{again}");
    transship(&["verify"]).exits(0);
    let asked = transship(&["psql", "--", "-XAtc", "SELECT name FROM app.users ORDER BY id"]).exits(0);
    assert_eq!(asked.stdout, "Ada\nGrace\n");
    nothing_runs();

    let status = transship(&["status", "--format", "json"]).exits(0).json();
    assert!(status["target"].as_str().unwrap().contains("a spec/.transship"), "{status}");
    let command = |key: &str| status[key].as_str().unwrap_or_else(|| panic!("{status}")).to_owned();
    let started = run(Command::new("sh").arg("-c").arg(command("start")).stdin(Stdio::null()).stdout(Stdio::null()));
    assert_eq!(started.code, Some(0), "{}: {started}", command("start"));
    assert_ne!(processes_of(directory.path()), [""; 0]);
    let running = transship(&["status", "--format", "json"]).exits(0).json();
    let psql = format!("{} -XAtc 'SELECT count(*) FROM app.users'", command("psql"));
    let answer = shell(&psql).exits(0);
    assert_eq!(answer.stdout, "2\n", "{psql}");
    // What the user started stays when transship is done with it.
    transship(&["verify"]).exits(0);
    assert_eq!(shell(&psql).exits(0).stdout, "2\n");
    assert!(running["target"].as_str().unwrap().contains("(running)"), "{running}");
    stop(directory.path());
    // The file that `stop` looks at goes a moment before the process does.
    wait_until("the server's end", || processes_of(directory.path()).is_empty());
}

/// Ends the server that the printed command started, by the number in its own file.
fn stop(directory: &Path) {
    let mut pending = vec![directory.to_owned()];
    while let Some(path) = pending.pop() {
        for entry in std::fs::read_dir(path).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                pending.push(entry.path());
            } else if entry.file_name() == "postmaster.pid" {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                let process = nix::unistd::Pid::from_raw(text.lines().next().unwrap().parse().unwrap());
                nix::sys::signal::kill(process, nix::sys::signal::Signal::SIGINT).unwrap();
                while entry.path().exists() {
                    std::thread::sleep(std::time::Duration::from_millis(20));
                }
            }
        }
    }
}

/// The same data by both kinds of target: nothing of a migration depends on where the server is.
#[test]
fn plans_are_the_same_for_an_embedded_and_a_remote_target() {
    let (directory, transship) = embedded();
    let spec = std::fs::read_to_string(directory.path().join("a spec/spec.toml")).unwrap();
    let source = directory.path().join("a spec/source.db");
    let copy = |path: &Path| std::fs::copy(&source, path).map(drop).unwrap();
    let spec = spec.replace("\"embedded:\"", "\"${CASE_TARGET}\"");
    let remote = Migration::with_source(copy, &spec, Database::create());
    // Before the first run an embedded target is not there yet: the plan says that an empty one is assumed, and that no server
    // has judged it.
    let without_notes = |ran: Ran| {
        let mut plan = ran.exits(0).json();
        for said in ["notes", "looked_at", "judged"] {
            plan[said].take();
            plan["seals"][said].take();
        }
        plan
    };
    let plan = without_notes(remote.run(&["plan", "--format", "json"]));
    assert_eq!(without_notes(transship(&["plan", "--format", "json"])), plan);
    transship(&["apply", "--yes"]).exits(0);
    remote.apply().exits(0);
    let done = remote.run(&["plan", "--format", "json"]).exits(0).stdout;
    assert_eq!(transship(&["plan", "--format", "json"]).exits(0).stdout, done);
    assert_eq!(processes_of(directory.path()), [""; 0]);
}

/// The directories of a cluster below `home` whose names begin so; none where `home` is not there yet.
fn clusters(home: &Path, prefix: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(home).into_iter().flatten().filter_map(Result::ok);
    let named = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    named.map(|entry| entry.path()).collect()
}

/// Where a cluster lives: beside the spec or, where the server's user cannot get there, where `location` says.
fn home(beside: &Path) -> PathBuf {
    std::fs::read_to_string(beside.join("location")).map_or_else(|_| beside.to_owned(), PathBuf::from)
}

fn is_ready(beside: &Path) -> bool {
    let pid = |cluster: &PathBuf| std::fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
    clusters(&home(beside), "data-").iter().any(|cluster| pid(cluster).contains("ready"))
}

/// Whether the cluster was shut down properly, by its own word.
fn state_of(cluster: &Path) -> String {
    let bindir = run(Command::new("pg_config").arg("--bindir")).stdout;
    let found = ["/usr/lib/postgresql/15/bin", bindir.trim()].map(|place| Path::new(place).join("pg_controldata"));
    let program = found.into_iter().find(|program| program.exists()).unwrap_or_else(|| "pg_controldata".into());
    let said = run(Command::new(program).arg(cluster).env("LC_ALL", "C")).exits(0).stdout;
    let line = said.lines().find_map(|line| line.strip_prefix("Database cluster state:"));
    line.unwrap_or_default().trim().to_owned()
}

/// Killed at a moment; then the directory meets its fate, and a cluster is made anew.
#[test]
fn a_server_whose_owner_was_killed_ends_and_harms_no_later_cluster() {
    type Moment = fn(&Path) -> bool;
    let begun: Moment = |beside| !clusters(&home(beside), "partial-").is_empty();
    let started: Moment = |beside| clusters(&home(beside), "data-").iter().any(|it| it.join("postmaster.pid").exists());
    let moments =
        [("apply", begun), ("apply", started), ("apply", is_ready), ("verify", started), ("verify", is_ready)];
    let fates = ["stay", "remove", "move", "copy"];
    for (round, (command, moment)) in moments.into_iter().cycle().take(10).enumerate() {
        // Five moments and four fates have no common divisor: ten rounds are ten pairs.
        let fate = fates[round % 4];
        let (outer, transship) = embedded_command();
        std::fs::set_permissions(outer.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
        let (beside, old) = (outer.path().join("a spec/.transship"), outer.path().join("a spec/old"));
        if command == "verify" {
            run(&mut transship(&["apply", "--yes"])).exits(0);
        }
        let words = if command == "verify" { ["verify"].as_slice() } else { &["apply", "--yes"] };
        let mut owner = transship(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // It may be done before it is caught; then there is nothing to kill, and the fate is what is tried.
        wait_until("a moment", || moment(&beside) || owner.try_wait().unwrap().is_some());
        owner.kill().unwrap();
        owner.wait().unwrap();
        // A second user, so that the old server is there while the new one is made.
        let user = std::fs::File::open(home(&beside).join("users.lock")).unwrap();
        user.lock_shared().unwrap();
        match fate {
            // The dying initdb, or a server, may write meanwhile.
            "remove" => wait_until("it is removed", || {
                let _removed = std::fs::remove_dir_all(&beside);
                !beside.exists()
            }),
            "move" => std::fs::rename(&beside, &old).unwrap(),
            "copy" => {
                std::fs::rename(&beside, &old).unwrap();
                // What the server removes meanwhile is no fault of the copy's.
                run(Command::new("cp").arg("-a").arg(&old).arg(&beside));
            }
            _ => {}
        }
        let doing = format!("{command}, round {round}, {fate}");
        let ran = run(&mut transship(&["apply", "--yes"]));
        assert_eq!(ran.code, Some(0), "{doing}: {ran}");
        drop(user);
        wait_until(&doing, || processes_of(outer.path()).is_empty());
        for place in [&beside, &old] {
            for cluster in clusters(place, "data-") {
                assert_eq!(state_of(&cluster), "shut down", "{doing}: {}", cluster.display());
            }
        }
        let ran = run(&mut transship(&["verify"]));
        assert_eq!(ran.code, Some(0), "{doing}: {ran}");
        let asked = run(&mut transship(&["psql", "--", "-XAtc", "SELECT name FROM app.users ORDER BY id"])).exits(0);
        assert_eq!(asked.stdout, "Ada\nGrace\n", "{doing}");
    }
}

/// The server lives for as long as one user does, whatever became of the one that started it.
#[test]
fn a_server_outlives_its_starter_while_others_use_it() {
    let (outer, transship) = embedded_command();
    std::fs::set_permissions(outer.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let beside = outer.path().join("a spec/.transship");
    run(&mut transship(&["apply", "--yes"])).exits(0);
    let slow = ["psql", "--", "-XAtc", "SELECT pg_sleep(600)"];
    let mut starter = transship(&slow).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the server", || is_ready(&beside));
    let until_then = "DO $$ BEGIN WHILE NOT EXISTS (SELECT FROM pg_class WHERE relname = 'go_on') LOOP PERFORM pg_sleep(0.02); END LOOP; END $$";
    let question = ["psql", "--", "-XAtq", "-c", until_then, "-c", "SELECT 1"];
    let joiner = transship(&question).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let ask = |sql: &str| run(&mut transship(&["psql", "--", "-XAtqc", sql])).exits(0).stdout;
    let asking = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %go_on%'";
    wait_until("the question", || ask(asking) == "1\n");
    starter.kill().unwrap();
    starter.wait().unwrap();
    // Whatever the server's end would take, it does not come.
    std::thread::sleep(Duration::from_secs(1));
    ask("CREATE TABLE public.go_on ()");
    assert_eq!(Ran::of(joiner).exits(0).stdout, "1\n");
    wait_until("the server's end", || processes_of(outer.path()).is_empty());
}

/// Without a cluster, and all at once: one makes it, and each its database; nobody fails.
#[test]
fn first_runs_at_once_wait_for_each_other() {
    let (outer, _) = embedded();
    let directory = outer.path().join("a spec");
    let spec = std::fs::read_to_string(directory.join("spec.toml")).unwrap();
    let apply = |number: usize, name: &str| {
        let path = directory.join(format!("{number}.toml"));
        std::fs::write(&path, spec.replace("my shop", name)).unwrap();
        let mut command = crate::support::migration::program();
        command.arg("apply").arg(path).arg("--yes").stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let others = (0..4).map(|number| apply(number, &format!("shop {number}"))).collect::<Vec<_>>();
    others.into_iter().for_each(|child| drop(Ran::of(child).exits(0)));

    // One migration twice: the second waits for the cluster and the database, and then respects the first one's run.
    std::fs::remove_dir_all(directory.join(".transship")).unwrap();
    let ran =
        (0..3).map(|number| apply(number, "shop")).collect::<Vec<_>>().into_iter().map(Ran::of).collect::<Vec<_>>();
    assert!(ran.iter().any(|ran| ran.code == Some(0)), "{ran:?}");
    for ran in ran.iter().filter(|ran| ran.code != Some(0)) {
        assert!(ran.stderr.contains("another transship is working on the migration"), "{ran}");
    }
    assert_eq!(processes_of(outer.path()), [""; 0]);
}
