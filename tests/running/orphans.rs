//! Orphans of a source that changes: `not_valid` keeps them at a refresh as at the first run.

use crate::support::migration::{Migration, SPEC};

#[test]
fn kept_orphans_come_and_go_with_the_source() {
    let source = "CREATE TABLE parents (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id));
        INSERT INTO parents VALUES (1, 'a'), (2, 'b');
        INSERT INTO children VALUES (1, 1), (2, 99), (3, 1), (4, 2)";
    let migration = Migration::new(source, &format!("{SPEC}[tables.children]\nforeign_keys.parent = \"not_valid\"\n"));
    migration.apply().exits(0);
    let rows = || {
        let sql = "SELECT string_agg(id || ':' || parent, ' ' ORDER BY id) FROM app.children";
        migration.database.value(sql)
    };
    assert_eq!(rows(), "1:1 2:99 3:1 4:2");
    // An orphan more, one by another number, and two whose parent goes while they stay unchanged.
    migration.change_source(
        "INSERT INTO children VALUES (5, 97); UPDATE children SET parent = 98 WHERE id = 4; DELETE FROM parents WHERE id = 1",
    );
    migration.run(&["apply", "--yes", "--refresh"]).exits(0);
    migration.verify().exits(0);
    assert_eq!(rows(), "1:1 2:99 3:1 4:98 5:97");
    let is_unchecked =
        "SELECT NOT convalidated FROM pg_constraint WHERE contype = 'f' AND connamespace = 'app'::regnamespace";
    assert_eq!(migration.database.value(is_unchecked), "t");
}
