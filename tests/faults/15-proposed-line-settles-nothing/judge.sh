#!/usr/bin/env bash
# The application's table has a timestamp that takes no NULL, and the source's has nanoseconds. Right: a finding before anything is
# written, whose first lines keep the row and settle it; and so does each of the other ways that it names, to the end of apply.
# Integers of 32 bits stay such.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql, sqlite3 and python3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_15
schema=public mode=existing
sqlite3 s.db "CREATE TABLE users (uuid TEXT NOT NULL PRIMARY KEY, iterations INTEGER NOT NULL, created_at DATETIME NOT NULL, enabled BOOLEAN NOT NULL DEFAULT 1);
CREATE TABLE twofactor (uuid TEXT NOT NULL PRIMARY KEY, user_uuid TEXT NOT NULL REFERENCES users(uuid), last_used INTEGER NOT NULL);
INSERT INTO users VALUES ('u1',600000,'2021-06-30 23:59:59.123456789',1),('u2',100000,'2019-02-28 00:00:00',0);
INSERT INTO twofactor VALUES ('t1','u1',2147483647),('t2','u2',-2147483648)"
application() {
    fresh
    q "CREATE TABLE users (uuid text PRIMARY KEY, iterations integer NOT NULL, created_at timestamp NOT NULL, enabled boolean NOT NULL);
CREATE TABLE twofactor (uuid text PRIMARY KEY, user_uuid text NOT NULL REFERENCES users(uuid), last_used integer NOT NULL)"
}
# The lines that blocking findings propose, laid into the spec until nothing blocks; with the words that `$1` replaces first.
propose() {
    : > lines
    for _ in 1 2 3; do
        spec "$(cat lines)"
        "$TRANSSHIP" plan s.toml --format json > plan.json 2> err && return
        python3 - "$1" >> lines << 'PYTHON'
import json, sys
for finding in json.load(open("plan.json"))["findings"]:
    if finding["severity"] == "blocks":
        lines = finding["suggestion"].splitlines()
        other = [line[len("# or: "):].split(", ", 1) for line in lines if line.startswith("# or: ")]
        wanted = [way for way in other if sys.argv[1] and sys.argv[1] in way[-1]]
        if wanted:
            lines = [line for line in lines if line.startswith("[")] + wanted[0]
        print("\n".join(lines))
PYTHON
    done
    echo "  wrong: it still blocks with $(cat lines)"; wrong=1
}
stood="SELECT string_agg(concat_ws(' ', uuid, iterations, created_at), '; ' ORDER BY uuid) FROM users"
application; spec
"$TRANSSHIP" apply s.toml --yes > out 2>&1; judge "apply without a decision" 3 $?
judge "rows before a decision" 0 "$(q 'SELECT count(*) FROM users')"
for way in "" round reject; do
    application; propose "$way"
    "$TRANSSHIP" apply s.toml --yes > out 2>&1; judge "apply with the ${way:-first} lines" 0 $?
    case $way in
        "") right="u1 600000 2021-06-30 23:59:59.123456; u2 100000 2019-02-28 00:00:00" said="shortened" ;;
        round) right="u1 600000 2021-06-30 23:59:59.123457; u2 100000 2019-02-28 00:00:00" said="shortened" ;;
        reject) right="u2 100000 2019-02-28 00:00:00" said="rejected" ;;
    esac
    judge "users" "$right" "$(q "$stood")"
    "$TRANSSHIP" verify s.toml > out 2>&1; judge "verify" 0 $?
    "$TRANSSHIP" status s.toml >> out 2>&1; "$TRANSSHIP" plan s.toml >> out 2>&1
    grep -q "$said" out || { echo "  wrong: nothing is said of what was $said"; wrong=1; }
done
exit $wrong
