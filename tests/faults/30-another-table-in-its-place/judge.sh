#!/usr/bin/env bash
# Another role puts a view, or a table with a trigger, in the place of a table that the migration has made; a superuser goes on.
# Right: it is neither read nor filled, exit 3 names it, and the role has gained nothing.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_30
fresh() {
    clean; psql -qX "$PG/postgres" -c "CREATE DATABASE $db"; rm -f s.db
    sqlite3 s.db "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO a VALUES (1, 'one'), (2, 'two'), (3, 'three')"
    printf 'spec = 1\nname = "m"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "app"\ntables = "%s"\n' \
        "$PG" "$db" create > s.toml
}
transship() { "$TRANSSHIP" "$@" > out 2>&1; }
role=fault_30_other
clean() { psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "DROP ROLE IF EXISTS $role" 2> /dev/null; }
climb="BEGIN IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN ALTER ROLE $role SUPERUSER; END IF"
is_super="SELECT rolsuper FROM pg_roles WHERE rolname = '$role'"

fresh; q "CREATE ROLE $role"; transship apply s.toml --yes || { cat out; wrong=1; }
q "DROP TABLE app.a; GRANT USAGE, CREATE ON SCHEMA app TO $role; SET ROLE $role;
   CREATE FUNCTION app.boom() RETURNS bigint LANGUAGE plpgsql AS \$\$ $climb; RETURN 1; END \$\$;
   CREATE VIEW app.a AS SELECT app.boom() AS id, 'one'::text AS n"
for command in "plan s.toml" "verify s.toml" "apply s.toml --yes" "apply s.toml --yes --refresh"; do
    # shellcheck disable=SC2086
    transship $command; judge "$command, a view in its place, exits" 3 $?
    judge "the other role is a superuser" f "$(q "$is_super")"
done

fresh; q "CREATE ROLE $role"
TRANSSHIP_FAILPOINT=chunk_claimed "$TRANSSHIP" apply s.toml --yes > out 2>&1
if [ "$(q "SELECT count(*) FROM app.a")" != 0 ]; then
    echo "this binary has no failpoints: the run was not interrupted"
else
    q "DROP TABLE app.a; GRANT USAGE, CREATE ON SCHEMA app TO $role; SET ROLE $role;
       CREATE TABLE app.a (id bigint, n text); GRANT ALL ON app.a TO PUBLIC;
       CREATE FUNCTION app.boom() RETURNS trigger LANGUAGE plpgsql AS \$\$ $climb; RETURN new; END \$\$;
       CREATE TRIGGER boom BEFORE INSERT ON app.a FOR EACH ROW EXECUTE FUNCTION app.boom()"
    transship apply s.toml --yes; judge "a table with a trigger in its place, apply exits" 3 $?
    judge "the other role is a superuser" f "$(q "$is_super")"
    judge "rows in the other table" 0 "$(q 'SELECT count(*) FROM app.a')"
fi

fresh; transship apply s.toml --yes
q "DROP TABLE app.a; CREATE TABLE app.a (mine text); INSERT INTO app.a VALUES ('precious')"
transship apply s.toml --yes; judge "a table of one's own in its place, apply exits" 3 $?
judge "what stands there" precious "$(q 'SELECT mine FROM app.a')"
exit $wrong
