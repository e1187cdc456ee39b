//! Spatial values into PostGIS, and vectors, judged by the plain clients of both sides.

use crate::support::database::Database;
use crate::support::mariadb::mariadb;
use crate::support::migration::Migration;
use crate::support::mysql::mysql;
use crate::support::mysql_server::MysqlServer;

const SPEC: &str = r#"spec = 1
name = "case"

[source]
url = "${CASE_SOURCE}"

[target]
url = "${CASE_TARGET}"
schema = "app"
"#;

const SHAPES: [&str; 9] = [
    "POINT(13.4 52.5)",
    "LINESTRING(0 0,1 1,-2.5 0.1)",
    "POLYGON((0 0,4 0,4 4,0 0),(1 0.5,2 0.5,2 1,1 0.5))",
    "MULTIPOINT(1 2,3 4)",
    "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
    "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
    "GEOMETRYCOLLECTION(POINT(1 2),LINESTRING(0 0,1 1))",
    "GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 2)))",
    "GEOMETRYCOLLECTION EMPTY",
];

/// Whether the server has the extension.
#[allow(clippy::print_stderr, reason = "a test that is left out has to say so")]
fn is_available(database: &Database, extension: &str) -> bool {
    let found = format!("SELECT count(*) FROM pg_available_extensions WHERE name = '{extension}'");
    let is_available = database.value(&found) == "1";
    if !is_available {
        eprintln!("the server has no {extension}: what is special to it is NOT TESTED");
    }
    is_available
}

fn migration(server: &MysqlServer, source: &str, spec: &str) -> (Migration, String) {
    let name = server.create_database();
    server.ask(&name, source);
    let mut migration = Migration::with_source(|_| {}, spec, Database::create());
    migration.set("CASE_SOURCE", &server.url(&name));
    (migration, name)
}

/// Both clients see the same rows.
#[track_caller]
fn agree(server: &MysqlServer, source: &str, migration: &Migration, in_source: &str, in_target: &str) {
    let theirs = server.ask(source, in_source);
    let ours = migration.database.ask(in_target).iter().map(|row| row.join("\t") + "\n").collect::<String>();
    assert!(theirs.lines().count() > 3, "{theirs}");
    assert_eq!(ours, theirs);
}

#[test]
fn shapes_go_to_postgis_from_mariadb() {
    // MariaDB has no order of axes but that of the text.
    shapes_go_to_postgis(mariadb(), "ST_GeomFromText", "ST_AsBinary(g)");
}

#[test]
fn shapes_go_to_postgis_from_mysql() {
    if let Some(server) = mysql() {
        shapes_go_to_postgis(server, "from_long_lat", "ST_AsBinary(g, 'axis-order=long-lat')");
    }
}

fn shapes_go_to_postgis(server: &MysqlServer, made_by: &str, as_binary: &str) {
    let mut source = String::from("CREATE TABLE shapes (id INT PRIMARY KEY, g GEOMETRY, place GEOMETRY);\n");
    for (at, shape) in SHAPES.iter().enumerate() {
        for (row, srid) in [(at * 2, 0), (at * 2 + 1, 4326)] {
            let made = |srid: u32| match made_by {
                "from_long_lat" if srid != 0 => format!("ST_GeomFromText('{shape}', {srid}, 'axis-order=long-lat')"),
                _ => format!("ST_GeomFromText('{shape}', {srid})"),
            };
            source.push_str(&format!("INSERT INTO shapes VALUES ({row}, {}, {});\n", made(srid), made(4326)));
        }
    }
    source.push_str(
        "INSERT INTO shapes VALUES (100, NULL, NULL); CREATE TABLE spots (id INT PRIMARY KEY, at POINT NOT NULL, SPATIAL KEY by_place (at));",
    );
    let types = "[tables.spots]\ncolumns.at = { type = \"geometry\" }\n[tables.shapes]\ncolumns.g = { type = \"geometry\" }\ncolumns.place = { type = \"geography\" }\n";
    let (migration, name) = migration(server, &source, &format!("{SPEC}{types}"));
    let binary = format!("SELECT id, hex({as_binary}), ST_SRID(g) FROM shapes ORDER BY id");
    // As it is, it is in bytes.
    migration.write_spec(SPEC);
    migration.apply().exits(0);
    let in_bytes = "SELECT id, upper(encode(substr(g, 5), 'hex')),
        get_byte(g, 0) + (get_byte(g, 1) << 8) + (get_byte(g, 2) << 16) FROM app.shapes ORDER BY id";
    agree(server, &name, &migration, &binary, in_bytes);
    migration.run(&["rollback", "--yes"]).exits(0);

    if !is_available(&migration.database, "postgis") {
        return;
    }
    migration.write_spec(&format!("{SPEC}{types}"));
    let refused = migration.plan().exits(3);
    assert!(refused.stdout.contains("extensions = [\"postgis\"]"), "{refused}");
    let spec = format!("{SPEC}extensions = [\"postgis\"]\n{types}");
    migration.write_spec(&spec);
    migration.apply().exits(0);
    let index = migration.database.value("SELECT pg_get_indexdef('app.by_place'::regclass)");
    assert_eq!(index, "CREATE INDEX by_place ON app.spots USING gist (at)");
    let in_postgis = |column: &str| {
        format!(
            "SELECT id, upper(encode(ST_AsBinary({column}, 'NDR'), 'hex')), ST_SRID({column}::geometry) FROM app.shapes ORDER BY id"
        )
    };
    agree(server, &name, &migration, &binary, &in_postgis("g"));
    agree(server, &name, &migration, &binary.replace("(g", "(place"), &in_postgis("place"));
    let berlin = migration
        .database
        .value("SELECT ST_X(place::geometry) || ' ' || ST_Y(place::geometry) FROM app.shapes WHERE id = 1");
    assert_eq!(berlin, "13.4 52.5", "longitude before latitude");
    migration.verify().exits(0);
    assert!(migration.apply().exits(0).stdout.contains("nothing to do"));

    // The proof sees another SRID, another place, another order of the same points, and nothing in place of something.
    migration.database.ask(
        "UPDATE app.shapes SET g = ST_SetSRID(g, 3857) WHERE id = 1; UPDATE app.shapes SET g = ST_Translate(g, 1e-9, 0) WHERE id = 2;
         UPDATE app.shapes SET g = ST_Reverse(g) WHERE id = 4; UPDATE app.shapes SET place = NULL WHERE id = 6",
    );
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    assert_eq!(verified["tables"][0]["different"], 4, "{verified}");
    migration.run(&["rollback", "--yes", "--discard-changes"]).exits(0);

    // What PostGIS would move or take for another is known before, and kept out.
    let outside = format!(
        "INSERT INTO shapes VALUES (200, NULL, {}), (201, NULL, {})",
        "ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(1 2)', 3857)"
    );
    server.ask(&name, &outside);
    let blocked = migration.plan().exits(3);
    assert!(blocked.stdout.contains("2 values do not fit geography"), "{blocked}");
    migration.write_spec(&format!("{spec}on_bad_value = \"reject\"\n"));
    migration.apply().exits(0);
    let verified = migration.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(verified["tables"][0]["rejected_rows"], 2, "{verified}");
}

/// A VECTOR becomes `real[]`, and where pgvector is, its `vector`.
#[test]
fn vectors_become_arrays_or_vectors() {
    let Some(server) = mysql() else { return };
    let source = "CREATE TABLE items (id INT PRIMARY KEY, e VECTOR(3));
        INSERT INTO items VALUES (1, STRING_TO_VECTOR('[0.1, -2, 3e38]')), (2, STRING_TO_VECTOR('[1, 0, -0.0]')),
            (3, NULL), (4, STRING_TO_VECTOR('[1.17549435e-38, 16777217, 0.333333333]'))";
    let (migration, name) = migration(server, source, SPEC);
    migration.apply().exits(0);
    migration.verify().exits(0);
    let reversed = |column: &str| {
        format!("upper(encode((SELECT string_agg(reverse_bytes, ''::bytea ORDER BY n) FROM unnest({column}::real[]) WITH ORDINALITY AS e (element, n),
        LATERAL (SELECT substr(float4send(element), 4, 1) || substr(float4send(element), 3, 1) || substr(float4send(element), 2, 1) || substr(float4send(element), 1, 1) AS reverse_bytes) AS r), 'hex'))")
    };
    let stored = "SELECT id, hex(e) FROM items ORDER BY id";
    agree(server, &name, &migration, stored, &format!("SELECT id, {} FROM app.items ORDER BY id", reversed("e")));
    migration.database.ask("UPDATE app.items SET e[2] = -2.0000002 WHERE id = 1");
    let verified = migration.run(&["verify", "--format", "json"]).exits(3).json();
    assert_eq!(verified["tables"][0]["different"], 1, "{verified}");
    migration.run(&["rollback", "--yes", "--discard-changes"]).exits(0);

    migration.write_spec(&format!(
        "{SPEC}extensions = [\"vector\"]\n[tables.items]\ncolumns.e = {{ type = \"vector(3)\" }}\n"
    ));
    if !is_available(&migration.database, "vector") {
        let refused = migration.plan().exits(3);
        assert!(refused.stdout.contains("extension_unavailable"), "{refused}");
        return;
    }
    migration.apply().exits(0);
    migration.verify().exits(0);
    agree(server, &name, &migration, stored, &format!("SELECT id, {} FROM app.items ORDER BY id", reversed("e")));
}
