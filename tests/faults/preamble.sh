# The preamble of the judges, sourced with the name of the judge's database:
#   . "$(dirname "$0")/../preamble.sh" fault_17
# A folder of its own that goes in the end with the database, and the words in which a judge asks and says what is wrong.
# A judge that needs more defines `clean` or `judge` anew behind it. In the end: exit $wrong
# shellcheck shell=bash disable=SC2034
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
db=$1; wrong=0
# The private server of a trial is another user's process.
work=$(mktemp -d); chmod 755 "$work"; cd "$work" || exit 1
clean() { psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" 2>/dev/null; }
trap 'clean; cd /; rm -rf "$work"' EXIT
fresh() { clean; psql -qX "$PG/postgres" -c "CREATE DATABASE $db" || exit 1; }
q() { psql -XAtq "$PG/$db" -c "$1"; }
# LINES, in [target] and behind it; $schema is another schema than app, $mode another mode of tables than create
spec() {
    printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "%s"\ntables = "%s"\n%s\n' \
        "$PG" "$db" "${schema:-app}" "${mode:-create}" "${1:-}" > s.toml
}
# WHAT EXPECTED FOUND; `out` is what the last command said, where it was kept
judge() {
    echo "$1: $3"
    [ "$2" = "$3" ] || { echo "  wrong: expected $2; $(tail -n 3 out 2> /dev/null)"; wrong=1; }
}
