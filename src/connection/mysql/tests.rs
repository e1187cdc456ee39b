//! URLs, option files and the environment together.

use super::resolve::MysqlSurroundings;
use super::*;
use crate::connection::{SourceConnection, parse_source_url};
use secrecy::ExposeSecret;

fn parse(url: &str) -> Result<MysqlUrl, UrlError> {
    match parse_source_url(url, Path::new("base"))? {
        SourceConnection::Mysql(url) => Ok(*url),
        other => panic!("{other:?} is no server"),
    }
}

/// The server, on a machine with these variables, this option file and these sockets.
fn resolve_on(url: &str, variables: &[(&str, &str)], file: &str, sockets: &[PathBuf]) -> Result<MysqlSource, UrlError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("my.cnf");
    std::fs::write(&path, file).unwrap();
    let variable =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let files = vec![path, directory.path().join("missing.cnf")];
    parse(url)?.resolve_in(MysqlSurroundings {
        variable: &variable,
        files,
        sockets: sockets.to_vec(),
        user: Some("login".to_owned()),
    })
}

fn resolve(url: &str) -> MysqlSource {
    resolve_on(url, &[], "", &[]).unwrap()
}

fn tcp(host: &str, port: u16) -> MysqlEndpoint {
    MysqlEndpoint::Tcp { host: host.to_owned(), port }
}

fn password(source: &MysqlSource) -> &str {
    source.password.as_ref().map(|password| password.expose_secret()).unwrap_or_default()
}

#[test]
fn everything_that_a_url_says_is_read() {
    let url = "mariadb://us%40r:p%40%2F%23%25%3A%C3%A4@[::1]:3307/my%20db?ssl-mode=VERIFY_IDENTITY&ssl-ca=ca.pem&ssl_cert=c.pem\
               &ssl-key=/k.pem&connect-timeout=3&read-timeout=0&allow-public-key-retrieval=true";
    let source = resolve(url);
    assert_eq!(source.endpoint, tcp("::1", 3307));
    assert_eq!((source.user.as_deref(), password(&source)), (Some("us@r"), "p@/#%:ä"));
    assert_eq!(source.database, "my db");
    assert_eq!(
        (source.tls, source.root_certificates),
        (TlsMode::VerifyFull, RootCertificates::File("base/ca.pem".into()))
    );
    let own = ClientCertificate { certificate: "base/c.pem".into(), key: "/k.pem".into() };
    assert_eq!(source.client_certificate, Some(own));
    assert_eq!((source.connect_timeout, source.read_timeout), (Some(Duration::from_secs(3)), None));
    assert!(source.allows_public_key_retrieval);
    let url = parse(url).unwrap();
    assert_eq!(url.redacted(), "mysql://us%40r:***@[::1]:3307/my%20db");
    assert!(!format!("{url:?}").contains("p@/"));
}

#[test]
fn modes_of_tls_in_the_words_of_both_sides() {
    for (word, mode) in [
        ("ssl-mode=disabled", TlsMode::Disable),
        ("sslmode=DISABLE", TlsMode::Disable),
        ("ssl-mode=preferred", TlsMode::Prefer),
        ("ssl_mode=required", TlsMode::Require),
        ("ssl-mode=verify_ca", TlsMode::VerifyCa),
        ("ssl-mode=verify-full", TlsMode::VerifyFull),
        ("ssl-ca=ca.pem", TlsMode::VerifyCa),
        ("ssl-ca=ca.pem&ssl-mode=preferred", TlsMode::Prefer),
        ("connect-timeout=1", TlsMode::Prefer),
    ] {
        assert_eq!(resolve(&format!("mysql://h/db?{word}")).tls, mode, "{word}");
    }
}

#[test]
fn a_spec_has_the_url_without_its_password() {
    for (url, in_spec) in [
        (
            "mysql://u:secret@h/db?ssl-mode=verify-full&ssl-ca=/a/ca.pem",
            "mysql://u:${P}@h/db?ssl-mode=verify-full&ssl-ca=/a/ca.pem",
        ),
        ("mysql://u:secret@%2Frun%2Fm.sock/db", "mysql://u:${P}@%2Frun%2Fm.sock/db"),
        ("mysql://u@[::1]:3307/d%20b", "mysql://u@[::1]:3307/d%20b"),
        ("mysql:///db?socket=/run/m.sock", "mysql:///db?socket=/run/m.sock"),
    ] {
        let parsed = parse(url).unwrap();
        assert_eq!(parsed.in_spec("${P}"), in_spec);
        let again = parse(&in_spec.replace("${P}", "secret")).unwrap();
        assert_eq!(again.settings, parsed.settings, "{url}");
        // The redacted form can be parsed again too.
        parse(&parsed.redacted()).unwrap();
        assert!(!parsed.redacted().contains("secret"));
    }
}

#[test]
fn localhost_is_the_socket_unless_a_port_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let make = |name: &str| {
        let socket = directory.path().join(name);
        std::fs::write(&socket, "").unwrap();
        socket
    };
    let (there, filed, said) = (make("usual.sock"), make("filed.sock"), make("variable.sock"));
    let said = [("MYSQL_UNIX_PORT", said.to_str().unwrap())];
    let usual = [directory.path().join("missing.sock"), there.clone()];
    let on =
        |url: &str, variables: &[(&str, &str)], file: &str| resolve_on(url, variables, file, &usual).unwrap().endpoint;
    let unix = |path: &str| MysqlEndpoint::Unix(path.into());
    assert_eq!(on("mysql://u@localhost/db", &[], ""), MysqlEndpoint::Unix(there.clone()));
    assert_eq!(on("mysql:///db", &[], ""), MysqlEndpoint::Unix(there));
    assert_eq!(on("mysql://u@localhost:3306/db", &[], ""), tcp("localhost", 3306));
    assert_eq!(on("mysql://u@127.0.0.1/db", &[], ""), tcp("127.0.0.1", 3306));
    assert_eq!(on("mysql://localhost/db", &said, ""), unix(said[0].1));
    let file = format!("[client]\nport = 3310\nhost = far\nsocket = {}\n", filed.display());
    let gone = file.replace("filed.sock", "gone.sock");
    assert_eq!(on("mysql://localhost/db", &said, &file), MysqlEndpoint::Unix(filed));
    assert_eq!(on("mysql://localhost/db", &said, &gone), unix(said[0].1));
    assert_eq!(on("mysql:///db", &[("MYSQL_HOST", "further")], &file), tcp("far", 3310));
    assert_eq!(on("mysql:///db?socket=/u.sock", &[("MYSQL_HOST", "further")], &file), unix("/u.sock"));
    assert_eq!(on("mysql://h/db", &[("MYSQL_TCP_PORT", "3311")], ""), tcp("h", 3311));
    assert_eq!(resolve("mysql://u@localhost/db").endpoint, tcp("localhost", 3306));
}

#[test]
fn option_files_fill_what_the_url_leaves_out_and_the_variable_comes_last() {
    let file = "# comment\n; comment\n[mysqldump]\nuser=nobody\n[client]\nuser = 'me' # comment\npassword=\"a#b'\\\\\"\n\
                loose-ssl_ca=/ca.pem\nskip-auto-rehash\nconnect_timeout=7\n[mine]\nuser=other\nssl\n";
    let read = |url: &str| resolve_on(url, &[("MYSQL_PWD", "from the variable")], file, &[]).unwrap();
    let source = read("mysql://h/db");
    assert_eq!((source.user.as_deref(), password(&source)), (Some("me"), "a#b'\\"));
    assert_eq!((source.tls, source.connect_timeout), (TlsMode::VerifyCa, Some(Duration::from_secs(7))));
    let source = read("mysql://you:mine@h/db?defaults-group=mine");
    assert_eq!((source.user.as_deref(), password(&source)), (Some("you"), "mine"));
    let source = read("mysql://h/db?defaults-group=mine");
    assert_eq!((source.user.as_deref(), source.tls), (Some("other"), TlsMode::Require));
    let source = resolve_on("mysql://h/db", &[("MYSQL_PWD", "last")], "", &[]).unwrap();
    assert_eq!((source.user.as_deref(), password(&source)), (Some("login"), "last"));
    assert!(!format!("{source:?}").contains("last\""));
}

#[test]
fn option_files_include_others_and_a_mistake_is_named_by_its_line() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(directory.path().join(name), text).unwrap();
    std::fs::create_dir(directory.path().join("more")).unwrap();
    write("more/b.cnf", "[client]\nuser=b\n");
    write("more/a.cnf", "[client]\nuser=a\npassword=inner\n");
    write("more/c.txt", "[client]\nuser=c\n");
    write("one.cnf", "!includedir more\n[client]\npassword=outer\n");
    let file = |name: &str| format!("mysql://h/db?defaults-file={}", directory.path().join(name).display());
    let source = resolve(&file("one.cnf"));
    assert_eq!((source.user.as_deref(), password(&source)), (Some("b"), "outer"));
    write("round.cnf", "!include round.cnf\n");
    for (name, text, words) in [
        ("before.cnf", "password=SECRET\n[client]\n", "line 1: an option stands in front of every group"),
        ("port.cnf", "[client]\nport=SECRET\n", "line 2: the port is not a number"),
        ("group.cnf", "[client\npassword=SECRET\n", "line 1: a group has no `]`"),
        ("mode.cnf", "[client]\n\nssl-mode=SECRET\n", "line 3: `ssl-mode` has a value"),
        ("certificate.cnf", "[client]\nssl-cert=c.pem\n", "two files"),
        ("round.cnf", "!include round.cnf\n", "include one another"),
    ] {
        write(name, text);
        let error = resolve_on(&file(name), &[], "", &[]).unwrap_err();
        assert!(error.message.contains(words), "{error:?}");
        assert!(!format!("{error:?}").contains("SECRET"), "{error:?}");
    }
    let missing = resolve_on(&file("missing.cnf"), &[], "", &[]).unwrap_err();
    assert!(missing.message.contains("missing.cnf cannot be read"), "{missing:?}");
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(directory.path().join("one.cnf"), std::fs::Permissions::from_mode(0o666)).unwrap();
    assert!(resolve_on(&file("one.cnf"), &[], "", &[]).unwrap_err().message.contains("written by everybody"));
}

#[test]
fn mistakes_get_a_hint_and_are_not_quoted() {
    for (url, hint) in [
        ("mysql://h", "write mysql://"),
        ("mysql://a,b/db", "write mysql://"),
        ("mysql://h/db?ssl-mode=verify-identiti", "did you mean `verify-identity`"),
        ("mysql://h/db?ssl-mod=SECRET", "did you mean `ssl-mode`"),
        ("mysql://h/db?charset=utf8mb4", "leave it out"),
        ("mysql://h/db?unix_socket=/a", "socket="),
        ("mysql://h/db?ssl-cert=a.pem", "ssl-key"),
        ("mysql://far/db?socket=/a.sock", "localhost"),
        ("mysql://localhost:3306/db?socket=/a.sock", "localhost"),
        ("mysql://h/db?connect-timeout=SECRET", "0 for no limit"),
        ("mysql://u:SECRET@SECRET@h/db", "%40"),
    ] {
        let error = parse(url).unwrap_err();
        assert!(error.hint.as_deref().unwrap_or_default().contains(hint), "{url}: {error:?}");
        assert!(!format!("{error:?}").contains("SECRET"), "{url}: {error:?}");
    }
    for url in ["mysql://h/db?ssl-ca=", "mysql://h/db?allow-public-key-retrieval=SECRET", "mysql://h/db?defaults-file="]
    {
        assert!(!format!("{:?}", parse(url).unwrap_err()).contains("SECRET"));
    }
}
