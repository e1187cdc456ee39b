#!/usr/bin/env bash
# `apply` asks, and the answer is no, or Ctrl-C: for a trial server that does not exist yet, and for a server of the user's.
# Right: no file that was not there before, no schema, no ledger; a yes afterwards does it all.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql, sqlite3 and script
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_40
# Types what it is given when the question stands there, at a terminal of its own.
answer() {
    : > out
    { until grep -q 'is taken' out || [ "$((tries += 1))" -gt 300 ]; do sleep 0.1; done; printf "$1"; sleep 1; } |
        script -qefc "'$TRANSSHIP' apply s.toml" out > /dev/null
}
schemas="SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^(pg_|information_)'"

fresh
sqlite3 s.db "CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT); INSERT INTO a VALUES (1, 'one'), (2, 'two')"
printf 'spec = 1\nname = "m"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "${DATABASE_URL}"\nschema = "app"\n' > s.toml
for DATABASE_URL in embedded: "$PG/$db"; do
    export DATABASE_URL
    for words in 'no\n' '\n' '\003' '\004'; do
        tries=0; answer "$words"
        judge "asked, and nothing was done" 1 "$(grep -c 'nothing was done' out)"
        judge "files after the answer $words" "out s.db s.toml" "$(ls -A | tr '\n' ' ' | sed 's/ $//')"
        judge "schemas after the answer $words" public "$(q "$schemas")"
    done
done
tries=0; answer 'yes\n'
judge "rows after a yes" 2 "$(q 'SELECT count(*) FROM app.a')"
judge "the question names the server" 1 "$(grep -c "Apply to ${PG##*@}/$db, schema app?" out)"
export DATABASE_URL=embedded:
tries=0; answer 'yes\n'
judge "the question names the trial server" 1 "$(grep -c 'Apply to the trial server under .transship, ' out)"
judge "rows after a yes on the trial server" 2 "$("$TRANSSHIP" psql s.toml -- -XAtc 'SELECT count(*) FROM app.a')"
exit $wrong
