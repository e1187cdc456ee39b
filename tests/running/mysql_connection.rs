//! The way to a MySQL or MariaDB server: sockets, TLS, ways of authentication, option files, and refusals.
//!
//! `inspect` needs the source alone. No password may appear in what it says, with the log at its most talkative.

use crate::support::certificates::Certificates;
use crate::support::database::Database;
use crate::support::mariadb::{MariaDb, mariadb};
use crate::support::migration::{Migration, Ran, SPEC, program, run};
use crate::support::mysql::Mysql;
use crate::support::mysql_server::MysqlServer;
use crate::support::port::free_port;
use crate::support::proxy::Proxy;
use crate::support::server::server;
use std::fmt::Write as _;
use std::net::{TcpListener, UdpSocket};
use std::path::Path;

/// A part of every password.
const SECRET: &str = "S3cr3t";

/// Looks at a source, as a user without option files; `variables` are for the program.
fn look(url: &str, variables: &[(&str, &str)]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    look_from(home.path(), url, variables)
}

fn look_from(home: &Path, url: &str, variables: &[(&str, &str)]) -> Ran {
    let spec = home.join("spec.toml");
    std::fs::write(&spec, SPEC.replace("sqlite:${CASE_SOURCE}", "${CASE_SOURCE}")).unwrap();
    let mut command = program();
    command.arg("inspect").arg(&spec).arg("--out").arg(home.join("facts.json"));
    for variable in ["MYSQL_PWD", "MYSQL_HOST", "MYSQL_TCP_PORT", "MYSQL_UNIX_PORT"] {
        command.env_remove(variable);
    }
    command.env("HOME", home).env("TRANSSHIP_LOG", "trace").env("COLUMNS", "2000");
    command.env("CASE_SOURCE", url).env("CASE_TARGET", "embedded:").envs(variables.iter().copied());
    let ran = run(&mut command);
    assert!(!ran.output().contains(SECRET), "{ran}");
    ran
}

/// Looks, and is refused with an exit code and words of the message or the hint.
#[track_caller]
fn refused(url: &str, code: i32, words: &[&str]) {
    let ran = look(url, &[]).exits(code);
    let said = ran.stderr.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
    for word in words {
        assert!(said.contains(word), "{word} is missing: {ran}");
    }
}

/// Every byte percent-encoded.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        let _infallible = write!(encoded, "%{byte:02X}");
        encoded
    })
}

/// A database with a table.
fn database(server: &MysqlServer) -> String {
    let name = server.create_database();
    server.ask(&name, "CREATE TABLE u (id INT PRIMARY KEY, t VARCHAR(9)); INSERT INTO u VALUES (1, 'a'), (2, 'b')");
    name
}

/// A user who may do everything, made with these words.
fn user(server: &MysqlServer, name: &str, how: &str) {
    server.ask("", &format!("CREATE USER '{name}'@'%' {how}; GRANT ALL ON *.* TO '{name}'@'%'"));
}

#[test]
fn tls_is_as_strict_as_the_mode_says() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::set_permissions(directory.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let certificates = Certificates(directory.path());
    ["ours", "theirs"].iter().for_each(|name| certificates.authority(name));
    certificates.server("here", "theirs", "IP:127.0.0.1");
    certificates.server("me", "theirs", "DNS:me");
    let (certificate, key) = certificates.files("here");
    let setting = |name: &str, path: &Path| format!("--ssl-{name}={}", path.display());
    let settings = [
        setting("cert", &certificate),
        setting("key", &key),
        setting("ca", &directory.path().join("theirs.pem")),
        "--bind-address=127.0.0.1,::1".to_owned(),
    ];
    let server = MariaDb::start(&settings.each_ref().map(String::as_str));
    let name = database(&server);
    user(&server, "plain", "IDENTIFIED BY 'S3cr3t'");
    user(&server, "encrypted", "IDENTIFIED BY 'S3cr3t' REQUIRE SSL");
    user(&server, "certified", "IDENTIFIED BY 'S3cr3t' REQUIRE X509");
    let url = |user: &str, host: &str, parameters: &str| {
        let parameters = parameters.replace("DIR", &directory.path().display().to_string());
        format!("mysql://{user}:S3cr3t@{host}:{}/{name}?{parameters}", server.port())
    };
    for (user, host, parameters) in [
        ("plain", "127.0.0.1", "ssl-mode=disabled"),
        ("encrypted", "127.0.0.1", ""),
        ("encrypted", "[::1]", "ssl-mode=required"),
        ("encrypted", "localhost", "ssl-ca=DIR/theirs.pem"),
        ("encrypted", "[::1]", "ssl-mode=verify-ca&ssl-ca=DIR/theirs.pem"),
        ("encrypted", "127.0.0.1", "ssl-mode=verify-full&ssl-ca=DIR/theirs.pem"),
        (
            "certified",
            "127.0.0.1",
            "ssl-mode=VERIFY_IDENTITY&ssl-ca=DIR/theirs.pem&ssl-cert=DIR/me.pem&ssl-key=DIR/me.key",
        ),
    ] {
        look(&url(user, host, parameters), &[]).exits(0);
    }
    for (user, host, parameters, words) in [
        ("encrypted", "127.0.0.1", "ssl-mode=disabled", ["Access denied", "try ssl-mode=required"]),
        ("certified", "127.0.0.1", "ssl-mode=required", ["Access denied", "`ssl-cert`"]),
        ("plain", "127.0.0.1", "ssl-ca=DIR/ours.pem", ["is not trusted", "`ssl-ca`"]),
        ("plain", "127.0.0.1", "ssl-mode=required&ssl-ca=DIR/ours.pem", ["is not trusted", "`ssl-ca`"]),
        ("plain", "127.0.0.1", "ssl-mode=verify-ca", ["is not trusted", "`ssl-ca`"]),
        ("plain", "[::1]", "ssl-mode=verify-identity&ssl-ca=DIR/theirs.pem", ["is not trusted", "ssl-mode=verify-ca"]),
        ("plain", "127.0.0.1", "ssl-ca=DIR/missing.pem", ["missing.pem", "PEM"]),
        ("plain", "127.0.0.1", "ssl-cert=DIR/me.pem&ssl-key=DIR/me.pem", ["me.pem", "PEM"]),
    ] {
        refused(&url(user, host, parameters), 2, &words);
    }
}

#[test]
fn a_server_without_tls_is_no_server_for_those_who_ask_for_it() {
    let server = mariadb();
    let name = database(server);
    user(server, "unprotected", "IDENTIFIED BY 'S3cr3t'");
    let url = format!("mysql://unprotected:S3cr3t@127.0.0.1:{}/{name}", server.port());
    look(&url, &[]).exits(0);
    look(&format!("{url}?ssl-mode=disabled"), &[]).exits(0);
    for mode in ["required", "verify-ca", "verify-identity"] {
        refused(&format!("{url}?ssl-mode={mode}"), 2, &["offers no TLS", "ssl-mode=preferred"]);
    }
}

#[test]
fn passwords_of_any_characters_by_the_ways_of_mariadb() {
    let server = MariaDb::start(&["--plugin-load-add=auth_ed25519", "--plugin-load-add=auth_socket"]);
    let name = database(&server);
    let odd = "S3cr3t@:/?#[]%25 &=+ä€'\"\\`";
    let quoted = odd.replace('\\', "\\\\").replace('\'', "\\'");
    user(&server, "native", &format!("IDENTIFIED BY '{quoted}'"));
    user(&server, "ed", &format!("IDENTIFIED VIA ed25519 USING PASSWORD('{quoted}')"));
    user(&server, "w@i:r/d%", &format!("IDENTIFIED BY '{quoted}'"));
    user(&server, "empty", "IDENTIFIED BY ''");
    let at = format!("127.0.0.1:{}/{name}", server.port());
    for user in ["native", "ed", "w@i:r/d%"] {
        let login = encoded(user);
        look(&format!("mysql://{login}:{}@{at}", encoded(odd)), &[]).exits(0);
        refused(
            &format!("mysql://{login}:{}@{at}", encoded(&odd[1..])),
            2,
            &["Access denied", "Check user and password"],
        );
    }
    look(&format!("mysql://empty@{at}"), &[]).exits(0);
    // A password in a variable of its own is taken as it is.
    let home = tempfile::tempdir().unwrap();
    let spec = SPEC.replace("sqlite:${CASE_SOURCE}", &format!("mysql://native:${{ODD}}@{at}"));
    std::fs::write(home.path().join("odd.toml"), spec).unwrap();
    let mut command = program();
    command.arg("inspect").arg(home.path().join("odd.toml")).arg("--out").arg(home.path().join("facts.json"));
    run(command.env("ODD", odd).env("CASE_TARGET", "embedded:").env("HOME", home.path())).exits(0);
    // Over the socket, by the name of the operating system's user, who is also the user that is left out.
    let login = nix::unistd::User::from_uid(nix::unistd::geteuid()).unwrap().unwrap().name;
    server.ask("", &format!("CREATE USER IF NOT EXISTS '{login}'@'localhost'; ALTER USER '{login}'@'localhost' IDENTIFIED VIA unix_socket"));
    let socket = server.socket();
    look(&format!("mysql://localhost/{name}?socket={}", socket.display()), &[]).exits(0);
    look(&format!("mysql://{}/{name}", encoded(&socket.display().to_string())), &[]).exits(0);
    look(&format!("mysql:///{name}"), &[("MYSQL_UNIX_PORT", socket.to_str().unwrap())]).exits(0);
}

#[test]
fn option_files_and_variables_fill_what_the_url_leaves_out() {
    let server = mariadb();
    let name = database(server);
    user(server, "filed", "IDENTIFIED BY 'S3cr3t#1'");
    let home = tempfile::tempdir().unwrap();
    let port = server.port();
    let file = format!(
        "[client]\nhost = 127.0.0.1\nport = {port}\nuser = filed\npassword = 'S3cr3t#1' # not a comment inside\n"
    );
    std::fs::write(home.path().join(".my.cnf"), &file).unwrap();
    let url = format!("mysql:///{name}");
    look_from(home.path(), &url, &[]).exits(0);
    // What the URL says wins.
    let other = format!("mysql://filed:S3cr3t@127.0.0.1:{port}/{name}");
    look_from(home.path(), &other, &[]).exits(2);
    // Another file stands in the place of the usual ones; relative to the spec.
    std::fs::write(home.path().join("other.cnf"), file.replace("[client]", "[client]\n[mine]")).unwrap();
    look_from(home.path(), &format!("{url}?defaults-file=other.cnf&defaults-group=mine"), &[]).exits(0);
    let ran = look_from(home.path(), &format!("{url}?defaults-file=missing.cnf"), &[]).exits(2);
    assert!(ran.stderr.contains("missing.cnf"), "{ran}");
    let bare = format!("mysql://filed@127.0.0.1/{name}");
    let variables = [("MYSQL_PWD", "S3cr3t#1"), ("MYSQL_TCP_PORT", &port.to_string())];
    look(&bare, &variables).exits(0);
    look(&bare, &variables[1..]).exits(2);
}

#[test]
fn refusals_say_what_was_tried_and_what_to_do() {
    let server = mariadb();
    let name = database(server);
    user(server, "locked", "IDENTIFIED BY 'S3cr3t' ACCOUNT LOCK");
    user(server, "expired", "IDENTIFIED BY 'S3cr3t' PASSWORD EXPIRE");
    user(server, "crowded", "IDENTIFIED BY 'S3cr3t' WITH MAX_USER_CONNECTIONS 1");
    server.ask("", "CREATE USER poor@'%' IDENTIFIED BY 'S3cr3t'");
    let port = server.port();
    let url = |user: &str, database: &str| format!("mysql://{user}:S3cr3t@127.0.0.1:{port}/{database}");
    let place = format!("cannot connect to the source mysql://nobody:***@127.0.0.1:{port}/{name}");
    refused(&url("nobody", &name), 2, &[&place, "(error 1045)", "Check user and password"]);
    refused(&url("transship", &name), 2, &["(error 1045)"]);
    refused(&url("poor", &name), 2, &["(error 1044)", "GRANT SELECT"]);
    refused(&url("expired", &name), 2, &["expired", "Set a new password"]);
    refused(&url("locked", &name), 2, &["locked", "ACCOUNT UNLOCK"]);
    refused(&url("crowded", &name), 1, &["max_user_connections", "--jobs"]);
    let missing = format!("mysql://transship:secret@127.0.0.1:{port}/missing");
    refused(&missing, 2, &["Unknown database 'missing'", "SHOW DATABASES"]);
}

#[test]
fn nobody_at_the_address_or_somebody_else_is_told_apart() {
    let free = free_port();
    refused(&format!("mysql://u:S3cr3t@127.0.0.1:{free}/db"), 1, &["refused", "the server is running"]);
    refused("mysql://u:S3cr3t@nowhere.invalid/db", 1, &["nowhere.invalid:3306/db", "Check host and port"]);
    refused("mysql://u:S3cr3t@localhost/db?socket=/nowhere/s", 1, &["%2Fnowhere%2Fs/db", "(or socket)"]);
    // Takes connections and says nothing, as a server that is frozen, or one of PostgreSQL's.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    refused(&format!("mysql://u:S3cr3t@127.0.0.1:{port}/db?connect-timeout=1"), 1, &["did not answer in time"]);
    let postgresql = server().port();
    refused(&format!("mysql://u:S3cr3t@127.0.0.1:{postgresql}/db?connect-timeout=1"), 1, &["did not answer in time"]);
}

#[test]
fn a_connection_that_breaks_while_it_is_opened_is_tried_again() {
    let server = mariadb();
    let name = database(server);
    user(server, "patient", "IDENTIFIED BY 'S3cr3t'");
    let proxy = Proxy::before(server.port());
    // In the middle of the answer to the server's greeting, as by a server that restarts.
    proxy.cut_after(20, false);
    let port = proxy.port();
    look(&format!("mysql://patient:S3cr3t@127.0.0.1:{port}/{name}"), &[]).exits(0);
    assert_eq!(proxy.cuts(), 1);
}

/// The address of this machine in its network, over which a connection does not count as local.
fn address_of_this_machine() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // Nothing is sent: the operating system chooses the address from which it would send.
    socket.connect("192.0.2.1:9").ok()?;
    Some(socket.local_addr().ok()?.ip()).filter(|address| !address.is_loopback())
}

#[test]
fn the_ways_of_mysql() {
    let Some(server) = Mysql::start(&["--bind-address=*"]) else { return };
    let name = database(&server);
    user(&server, "sha2", "IDENTIFIED WITH caching_sha2_password BY 'S3cr3t@2'");
    user(&server, "encrypted", "IDENTIFIED WITH caching_sha2_password BY 'S3cr3t@2' REQUIRE SSL");
    user(&server, "locked", "IDENTIFIED BY 'S3cr3t@2' ACCOUNT LOCK");
    user(&server, "expired", "IDENTIFIED BY 'S3cr3t@2' PASSWORD EXPIRE");
    let forget = || server.ask("", "FLUSH PRIVILEGES");
    let port = server.port();
    let at = |user: &str, host: &str, parameters: &str| {
        format!("mysql://{user}:S3cr3t%402@{host}:{port}/{name}{parameters}")
    };
    // The whole password over TLS; then its hash, which the server remembers; without TLS by the server's key.
    look(&at("encrypted", "127.0.0.1", ""), &[]).exits(0);
    look(&at("encrypted", "127.0.0.1", ""), &[]).exits(0);
    look(&at("sha2", "127.0.0.1", "?ssl-mode=disabled"), &[]).exits(0);
    look(&at("sha2", "127.0.0.1", "?ssl-mode=disabled"), &[]).exits(0);
    forget();
    let socket = encoded(&server.socket().display().to_string());
    look(&format!("mysql://sha2:S3cr3t%402@{socket}/{name}"), &[]).exits(0);
    // A way that newer versions may lack.
    if server.ask("", "SELECT count(*) FROM information_schema.plugins WHERE plugin_name = 'sha256_password'").trim()
        == "1"
    {
        user(&server, "sha256", "IDENTIFIED WITH sha256_password BY 'S3cr3t@2'");
        look(&at("sha256", "127.0.0.1", ""), &[]).exits(0);
        look(&at("sha256", "127.0.0.1", "?ssl-mode=disabled"), &[]).exits(0);
        refused(&at("sha256", "127.0.0.1", "?ssl-mode=disabled").replace("%402", "%403"), 2, &["(error 1045)"]);
        look(&format!("mysql://sha256:S3cr3t%402@{socket}/{name}"), &[]).exits(0);
    }
    refused(&at("encrypted", "127.0.0.1", "?ssl-mode=disabled"), 2, &["Access denied", "ssl-mode=required"]);
    refused(&at("sha2", "127.0.0.1", "?ssl-mode=verify-ca"), 2, &["is not trusted"]);
    refused(&at("locked", "127.0.0.1", ""), 2, &["locked", "ACCOUNT UNLOCK"]);
    refused(&at("expired", "127.0.0.1", ""), 2, &["expired", "ALTER USER"]);
    refused(&at("sha2", "127.0.0.1", "").replace("%402", "%403"), 2, &["(error 1045)"]);
    if let Some(address) = address_of_this_machine() {
        let host = address.to_string();
        forget();
        let unprotected = at("sha2", &host, "?ssl-mode=disabled");
        refused(&unprotected, 2, &["an attacker", "allow-public-key-retrieval=true"]);
        look(&format!("{unprotected}&allow-public-key-retrieval=true"), &[]).exits(0);
        // The server remembers it now, and needs no key.
        look(&unprotected, &[]).exits(0);
    }
    // Everybody has to use TLS.
    server.ask("", "SET GLOBAL require_secure_transport = ON");
    refused(&at("sha2", "127.0.0.1", "?ssl-mode=disabled"), 2, &["insecure transport", "ssl-mode=required"]);
    look(&at("sha2", "127.0.0.1", ""), &[]).exits(0);
}

#[test]
fn what_init_writes_holds_no_password_and_migrates() {
    let mut migration = Migration::with_source(|_| {}, SPEC, Database::create());
    let server = mariadb();
    let name = database(server);
    user(server, "starter", "IDENTIFIED BY 'S3cr3t@:/'");
    let url = format!("mysql://starter:S3cr3t%40%3A%2F@127.0.0.1:{}/{name}", server.port());
    let written = migration.init(&[&url, "-o", "starter.toml"]).exits(0);
    assert!(written.stderr.contains("set MYSQL_PASSWORD before the next command"), "{written}");
    let text = std::fs::read_to_string(migration.directory().join("starter.toml")).unwrap();
    assert!(text.contains("\"mysql://starter:${MYSQL_PASSWORD}@127.0.0.1:"), "{text}");
    assert!(text.contains("set MYSQL_PASSWORD in the environment"), "{text}");
    assert!(!format!("{text}{}", written.output()).contains(SECRET), "{text}");
    migration.write_spec(&text);
    let target = migration.database.url.clone();
    migration.set("DATABASE_URL", &target);
    let unset = migration.plan().exits(2);
    assert!(unset.stderr.contains("`MYSQL_PASSWORD` is not set"), "{unset}");
    migration.set("MYSQL_PASSWORD", "S3cr3t@:/");
    migration.apply().exits(0);
    let [json, junit, page] = ["e.json", "e.xml", "e.html"].map(|name| migration.directory().join(name));
    let files = [&json, &junit, &page].map(|file| ["--report", file.to_str().unwrap()]).concat();
    migration.run(&[&["verify"], files.as_slice()].concat()).exits(0);
    // SQLite has taken no part in it.
    let [json, junit, page] = [json, junit, page].map(|file| std::fs::read_to_string(file).unwrap());
    let evidence = serde_json::from_str::<serde_json::Value>(&json).unwrap();
    assert_eq!(evidence["versions"]["sqlite"], serde_json::Value::Null);
    assert!(junit.contains("\"postgresql\"") && !junit.contains("\"sqlite\""), "{junit}");
    assert!(!page.contains("SQLite"), "{page}");
    assert_eq!(migration.database.value("SELECT string_agg(t, ',' ORDER BY id) FROM starter.u"), "a,b");
    for command in [["plan", "--format=json"], ["status", "--format=json"]] {
        assert!(!migration.run(&command).output().contains(SECRET));
    }
    let with_variable = migration.init(&["mysql://u:${SECRET}@h/db"]).exits(2);
    assert!(with_variable.stderr.contains("double quotes"), "{with_variable}");
}
