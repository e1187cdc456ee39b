#!/usr/bin/env bash
# Names that differ in case alone, and the application's column is citext and unique. Right: before anything is written the rows are
# named as the server's citext takes them; what keeps them comes first, and is not for the spec to decide; the lines that are
# proposed lead to an end, whichever the spec begins with.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql, sqlite3 and python3
# shellcheck source=tests/faults/preamble.sh
. "$(dirname "$0")/../preamble.sh" fault_22
schema=public mode=existing
sqlite3 s.db "CREATE TABLE tag_name (tag_name_id INTEGER PRIMARY KEY, ord INTEGER, name VARCHAR(64) UNIQUE);
INSERT INTO tag_name VALUES (1,0,'Landscape'),(2,0,'landscape'),(3,0,'sea'),(4,0,'STRASSE'),(5,0,'straße'),(6,0,'Ä'),(7,0,'ä')"
application() {
    fresh
    q "CREATE EXTENSION citext; CREATE TABLE tag_name (tag_name_id bigint PRIMARY KEY, ord int, name citext UNIQUE)"
}
found() {
    "$TRANSSHIP" plan s.toml --format json > plan.json 2> err
    python3 -c '
import json
for one in json.load(open("plan.json"))["findings"]:
    if one["severity"] == "blocks":
        print(one["code"], one["examples"] if one["code"] == "duplicate_key" else one["suggestion"].splitlines()[-1])'
}
duplicates="duplicate_key ['tag_name_id=1 and tag_name_id=2', 'tag_name_id=6 and tag_name_id=7']"
# citext folds by the database's own rules: Ä is ä only where they know it.
application
[ "$(q "SELECT 'Ä'::citext = 'ä'::citext")" = t ] || duplicates="duplicate_key ['tag_name_id=1 and tag_name_id=2']"
spec; judge "findings" "$duplicates" "$(found)"
"$TRANSSHIP" apply s.toml --yes > out 2>&1; judge "apply without a decision" 3 $?
judge "rows before a decision" 0 "$(q 'SELECT count(*) FROM tag_name')"
first=$(python3 -c '
import json
print(json.load(open("plan.json"))["findings"][0]["suggestion"].splitlines()[0])')
case $first in "# keeps every row: "*) ;; *) echo "  wrong: the first line is $first"; wrong=1 ;; esac
# A spec that says text is led back, and nowhere else.
spec '[tables.tag_name.columns.name]
type = "text"'
judge "findings with text" "contradicts_target_type type = \"citext\"
$duplicates" "$(found)"
spec '[tables.tag_name.columns.name]
type = "citext"'
judge "findings with citext" "$duplicates" "$(found)"
# Both ways out: the lines behind the marks, and the application's table without the key.
lines=$(python3 -c '
import json
lines = json.load(open("plan.json"))["findings"][0]["suggestion"].splitlines()
print("\n".join(line[2:] for line in lines if line[2:].startswith(("[", "where"))))')
spec "$lines"
"$TRANSSHIP" apply s.toml --yes > out 2>&1; judge "apply without these rows" 0 $?
"$TRANSSHIP" verify s.toml > out 2>&1; judge "verify" 0 $?
application; q "ALTER TABLE tag_name DROP CONSTRAINT tag_name_name_key"; spec
"$TRANSSHIP" apply s.toml --yes > out 2>&1; judge "apply without the key" 0 $?
judge "rows" 7 "$(q 'SELECT count(*) FROM tag_name')"
exit $wrong
