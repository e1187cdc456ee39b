//! `source.databases`: several databases of one server.

use super::*;
use crate::name::Schemas;
use crate::spec::TablesMode;

const HEAD: &str = "spec = 1\nname = 'n'\n[source]\n";
const TARGET: &str = "\n[target]\nurl = 'embedded:'\n";

fn loaded(text: &str) -> Spec {
    Directory::new().load(text, None, &[]).unwrap()
}

fn refused(text: &str) -> String {
    listing(Directory::new().load(text, None, &[]))
}

#[test]
fn each_database_has_its_schema() {
    let server = "url = 'mysql://me@h/'\n";
    for (written, pairs) in [
        ("databases = { shop = 'shop', crm = 'customers' }", [("shop", "shop"), ("crm", "customers")]),
        ("databases = ['shop', 'crm']", [("shop", "shop"), ("crm", "crm")]),
        ("[source.databases]\n'a.b' = 'x'\na = 'y'", [("a.b", "x"), ("a", "y")]),
    ] {
        let spec = loaded(&format!("{HEAD}{server}{written}{TARGET}"));
        assert_eq!(Some(&spec.target.schemas), Schemas::of_databases(pairs).as_ref(), "{written}");
        let SourceConnection::Mysql(url) = &spec.source.connection else { panic!() };
        assert_eq!(url.databases(), pairs.map(|(database, _)| database));
    }
    // A session begins in the URL's database, or in the first one.
    let begins = |url: &str| {
        let spec = loaded(&format!("{HEAD}url = '{url}'\ndatabases = ['shop', 'crm']{TARGET}"));
        let SourceConnection::Mysql(url) = &spec.source.connection else { panic!() };
        url.resolve().unwrap().database
    };
    assert_eq!([begins("mysql://h:1/"), begins("mysql://h:1/crm")], ["shop", "crm"]);
}

#[test]
fn without_databases_a_url_names_one() {
    let problems = refused(&format!("{HEAD}url = 'mysql://me@h/'{TARGET}"));
    assert!(problems.contains("the URL names no database"), "{problems}");
}

#[test]
fn databases_that_contradict_the_rest_are_refused() {
    let server = "url = 'mysql://me@h/shop'\n";
    for (written, target, expected) in [
        ("url = 'sqlite:a.db'\ndatabases = ['a']", "", "the source is a file"),
        ("url = 'mysql://h/'\ndatabases = []", "", "names no database"),
        (
            "url = 'mysql://h/'\ndatabases = 'a'",
            "",
            "expected a list of databases, or a table of databases and schemas",
        ),
        ("url = 'mysql://h/'\ndatabases = ['a', 'b', 'a']", "", "the database a is named twice"),
        ("url = 'mysql://h/'\ndatabases = { a = 'x', b = 'x' }", "", "two databases would go into the schema x"),
        ("url = 'mysql://h/'\ndatabases = { a = 'transship' }", "", "where the ledger lives"),
        (&format!("{server}databases = ['crm']"), "", "the URL names the database shop, which `databases` leaves out"),
        (
            &format!("{server}databases = ['shop']"),
            "schema = 'x'\n",
            "each database has its schema in `source.databases`",
        ),
    ] {
        let problems = refused(&format!("{HEAD}{written}{TARGET}{target}"));
        assert!(problems.contains(expected), "{written}: {problems}");
        assert_eq!(problems.lines().filter(|line| line.contains(" at ")).count(), 1, "{problems}");
    }
}

#[test]
fn tables_of_several_databases_may_be_there() {
    for (word, mode) in [("existing", TablesMode::Existing), ("replace", TablesMode::Replace)] {
        let databases = "databases = { shop = 'shop', crm = 'customers' }";
        let spec = loaded(&format!("{HEAD}url = 'mysql://h/'\n{databases}{TARGET}tables = '{word}'\n"));
        assert_eq!(spec.target.tables, mode);
        assert_eq!(spec.target.schema_key(), "source.databases");
    }
}
