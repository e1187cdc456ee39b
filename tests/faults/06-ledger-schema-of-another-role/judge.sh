#!/usr/bin/env bash
# The ledger's schema was made by another role, which has put a trigger into it, or which may write what a rollback executes; a
# superuser migrates. Right: the role has gained nothing, nothing was written, and the error names it.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
work=$(mktemp -d); cd "$work" || exit 1
db=fault_06
other=$(printf %s "$PG" | sed 's#//[^@]*@#//fault_06_other@#')
wrong=0
q() { psql -XAtq "$PG/$db" -c "$1"; }
clean() {
    psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c 'DROP ROLE IF EXISTS fault_06_other' 2>/dev/null
}
trap 'clean; cd /; rm -rf "$work"' EXIT
fresh() {
    clean
    psql -qX "$PG/postgres" -c "CREATE DATABASE $db" -c 'CREATE ROLE fault_06_other LOGIN' || exit 1
    q "GRANT CREATE ON DATABASE $db TO fault_06_other"
}
spec() {
    printf 'spec = 1\nname = "%s"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "%s"\n' "$1" "$2" "$db" "$3" > "$1.toml"
}
# WHAT EXPECTED FOUND
judge() {
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "  wrong: expected $2"; wrong=1; }
}
# COMMAND…: it must refuse and name the other role
refuses() {
    local out exit
    out=$("$TRANSSHIP" "$@" 2>&1); exit=$?
    if [ $exit -eq 0 ] || ! grep -q fault_06_other <<< "$out"; then
        echo "  wrong: $1 exits $exit: $(tail -n 1 <<< "$out")"; wrong=1
    fi
}
is_super="SELECT rolsuper FROM pg_roles WHERE rolname = 'fault_06_other'"
sqlite3 s.db "CREATE TABLE u (id INTEGER PRIMARY KEY, t TEXT); INSERT INTO u VALUES (1, 'a')"
spec ours "$PG" app; spec theirs "$other" theirs

# A trigger.
fresh
"$TRANSSHIP" apply theirs.toml --yes > out 2>&1 || { cat out; wrong=1; }
psql -XAtq "$other/$db" <<'SQL'
CREATE FUNCTION transship.climb() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN EXECUTE 'ALTER ROLE fault_06_other SUPERUSER'; END IF;
  RETURN coalesce(new, old);
END $f$;
CREATE TRIGGER climb BEFORE INSERT ON transship.run FOR EACH ROW EXECUTE FUNCTION transship.climb();
GRANT ALL ON SCHEMA transship TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA transship TO PUBLIC;
GRANT ALL ON ALL SEQUENCES IN SCHEMA transship TO PUBLIC;
SQL
for command in plan "apply --yes" status verify "rollback --yes"; do
    # shellcheck disable=SC2086
    refuses $command ours.toml
done
judge "the other role is a superuser by its trigger" f "$(q "$is_super")"
judge "tables of the refused migration" 0 "$(q "SELECT count(*) FROM pg_tables WHERE schemaname = 'app'")"

# The statements of a rollback, in a ledger of our own that the other may write.
fresh
"$TRANSSHIP" apply ours.toml --yes > out 2>&1 || { cat out; wrong=1; }
q "GRANT USAGE ON SCHEMA transship TO fault_06_other; GRANT SELECT, UPDATE ON transship.step TO fault_06_other"
psql -XAtq "$other/$db" -c "UPDATE transship.step SET undo = ARRAY['ALTER ROLE fault_06_other SUPERUSER'] || undo WHERE kind = 'table'"
refuses rollback --yes ours.toml
judge "the other role is a superuser by a rollback" f "$(q "$is_super")"
judge "rows of the table that the rollback was refused for" 1 "$(q 'SELECT count(*) FROM app.u')"
exit $wrong
