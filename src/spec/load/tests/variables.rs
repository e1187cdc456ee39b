//! Variables, and the secrets in them.

use super::*;
use crate::connection::{parse_source_url, parse_target_url};
use proptest::prelude::*;
use secrecy::ExposeSecret;

#[test]
fn variables_have_exact_places() {
    let directory = Directory::new();
    let text = r#"spec = 1
name = 'a ${X}'
[source]
url = "sqlite:${A}/é${B:-b}${C}"
exclude = ['''
${D}''', "\t${E}"]
timezone = '${F:-UTC} ${'
[target]
url = '${G}'
schema = '${H}'
"#;
    let long = "ö".repeat(40);
    insta::assert_snapshot!(listing(directory.load(text, None, &[("C", ""), ("G", ""), ("H", &long)])), @r#"
    2:11 variable_not_read_here at `${X}`: the variable `X` is not read here
          write it in an [env.NAME] overlay if it differs from place to place, or $${X} for a literal
    4:15 unset_variable at `${A}`: the variable `A` is not set
          set it, or write a default: ${A:-default}
    6:1 unset_variable at `${D}`: the variable `D` is not set
          set it, or write a default: ${D:-default}
    6:10 unset_variable at `"\t${E}"`: the variable `E` is not set
          set it, or write a default: ${E:-default}
    7:23 malformed_variable at `${`: this is no reference to a variable: it is not closed with `}`
          write ${NAME} or ${NAME:-default}, and `$${` for a literal `${`
    9:8 unset_variable at `${G}`: the variable `G` is set to nothing
          set it to your server, G=postgres://USER:PASSWORD@HOST:PORT/DATABASE, or for a trial to G=embedded: (a private server under .transship/ next to the spec)
    10:10 bad_value at `'${H}'`: `schema` has 80 bytes; PostgreSQL keeps 63
          -
    "#);
    let text = "spec = 1\nname = 'n'\n[source]\nurl = 'sqlite:${A:-a}/${B}$${C}'\n[target]\nurl = '${D:-embedded:}'\n";
    let spec = directory.load(text, None, &[("A", ""), ("B", "b.db"), ("D", "")]).unwrap();
    assert_eq!(spec.source.connection, SourceConnection::Sqlite { path: directory.0.path().join("a/b.db${C}") });
}

#[test]
fn secrets_never_leak() {
    let directory = Directory::new();
    let document =
        |url: &str| format!("spec = 1\nname = 'n'\nsource.url = 'sqlite:a'\n[target]\nurl = \"{url}\"\nschema = ''\n");
    for (url, variables) in [
        ("postgres://u:${P}@h:x/db", vec![("P", "SECRET")]),
        ("postgres://u:${P}@h/db?sslmode=no", vec![("P", "a@SECRET/#?%")]),
        ("${URL}", vec![("URL", "postgres://u:SECRET@SECRET@h/db")]),
        ("${URL}", vec![("URL", "postgres://u:SECRET/SECRET@h/db")]),
        ("${URL}", vec![("URL", "postgres://u:SEC%RET@h/db")]),
        ("${URL}", vec![("URL", "postgres://u:SECRET")]),
        ("${URL}", vec![("URL", "postgres:u:SECRET@h")]),
        ("${URL}", vec![("URL", "SECRET")]),
        ("${URL}", vec![("URL", "mysql://u:SECRET@h/db")]),
        ("${URL}", vec![("URL", "postgres://h/db?password=SECRET&x=1")]),
        ("${URL:-postgres://u:SECRET@SECRET@h/db}", vec![]),
        ("postgres://u:SECRET@SECRET@h/db", vec![]),
        ("postgres://u:SEC\\\"RET@h/db", vec![]),
        ("postgres://u:SECRET@h/db\nx = ", vec![]),
    ] {
        let error = directory.load(&document(url), None, &variables).unwrap_err();
        for shown in [error.to_string(), format!("{error:?}")] {
            assert!(!shown.contains("SEC") && !shown.contains("RET"), "{url}: {shown}");
        }
    }
    let good = document("postgres://u:${P}@h/db").replace("schema = ''", "");
    let spec = directory.load(&good, None, &[("P", "SECRET")]).unwrap();
    assert!(!format!("{spec:?}").contains("SECRET"));
    // The value of any variable stays out of messages, whatever it is for.
    let text = format!(
        "{HEAD}schema = '${{S}}'\ntls = '${{S}}'\nextensions = ['${{S}}', '${{S}}']\ngrants = {{ r = '${{S}}' }}\n"
    );
    let error = directory.load(&text, None, &[("S", "pg_SECRET")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
}

proptest! {
    /// A password in a variable of its own arrives as it is, whatever is in it, and is shown nowhere.
    #[test]
    fn any_password_arrives(password in "[^\\x00]{6,20}|[@:/?#%&=\\[\\]${} '\"\\\\]{6,12}") {
        let directory = Directory::new();
        let text = "spec = 1\nname = 'n'\nsource.url = 'sqlite:a'\ntarget.url = 'postgres://u:${P}@h:5433/db'\n";
        let spec = directory.load(text, None, &[("P", &password)]).unwrap();
        let shown = format!("{spec:?}");
        prop_assert!(!shown.contains(&password));
        let TargetConnection::Postgres(target) = spec.target.connection else { panic!("not a server") };
        prop_assert_eq!(target.password.as_ref().unwrap().expose_secret(), &password);
        prop_assert_eq!(target.redacted(), "postgres://u:***@h:5433/db");
        // With a mistake elsewhere in the URL, the message does not show it either.
        let error = directory.load(&text.replace("5433", "x"), None, &[("P", &password)]).unwrap_err();
        let shown = format!("{error} {error:?}");
        prop_assert!(!shown.contains(&password));
    }

    /// No URL makes the parsers panic, and no password of one that is refused is shown.
    #[test]
    fn any_url_is_parsed_or_refused(
        scheme in "(postgres|postgresql|mysql|sqlite|embedded|x)?(:|://|)",
        text in any::<String>(),
        url_like in "[a-z@:/?#%&=,.\\[\\]0-9é]{0,30}",
    ) {
        for url in [format!("{scheme}{text}"), format!("{scheme}{url_like}"), format!("postgres://u:SECRET{url_like}@h/d")] {
            let _ = parse_source_url(&url, Path::new("")).map(|source| source.redacted());
            match parse_target_url(&url, Path::new("")) {
                Ok(target) => {
                    let shown = target.redacted();
                    prop_assert!(!shown.contains("SECRET"), "{shown}");
                    parse_target_url(&shown, Path::new("")).unwrap();
                }
                Err(error) => {
                    let shown = format!("{error:?} {}", crate::connection::UrlError::masked(&url));
                    prop_assert!(!shown.contains("SECRET"), "{shown}");
                }
            }
        }
    }
}
