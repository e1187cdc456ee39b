#!/usr/bin/env bash
# Names with escape sequences: none reaches a terminal or a pipe, both show the same, and the tables have the names themselves.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql, sqlite3 and script (bsdutils)
set -u; : "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC; work=$(mktemp -d); cd "$work" || exit 1; db=fault_12
trap 'cd /; rm -rf "$work"' EXIT
fresh() { psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db" 2>/dev/null; }
q() { psql -XAtq "$PG/$db" -c "$1"; }
wrong=0; bad() { echo "wrong: $*"; wrong=1; }
printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s/%s"\nschema = "app"\n' "$PG" "$db" > s.toml
printf 'create table esc (id integer primary key, "\033[41mbad" integer, "\033]0;TITLE\007red" text, "over\rwritten" text, "\302\2332J" text, "two\nlines" text, "\342\200\256rtl" text); insert into esc (id) values (1);' | sqlite3 s.db
# Everything but line ends that a terminal obeys: C0, DEL, C1 and the bidirectional controls, as bytes of UTF-8.
hidden() { LC_ALL=C grep -aqP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa6-\xa9]|\xef\xbb\xbf' "$1"; }
fresh
for format in text markdown mermaid html sql json; do
  "$TRANSSHIP" plan s.toml --format "$format" > "plan.$format" 2> plan.err || bad "plan --format $format: exit $?"
  for file in "plan.$format" plan.err; do if hidden "$file"; then bad "a hidden character in $file"; fi; done
done
grep -aqF '\u{1b}[41mbad' plan.text || bad "the plan does not show the name"
env TERM=xterm script -qec "'$TRANSSHIP' plan s.toml 2>/dev/null" /dev/null </dev/null | sed 's/\r$//' > tty.out
same="the same"; if ! cmp -s plan.text tty.out; then same="different"; bad "on a terminal the plan is another one"; fi
echo "terminal and pipe: $same, $(grep -acF '\u{' plan.text) lines with escapes shown"
names() { q "select encode(convert_to(string_agg(attname, '|' order by attnum), 'UTF8'), 'hex') from pg_attribute where attrelid = to_regclass('app.esc') and attnum > 0"; }
want=$(sqlite3 s.db "select lower(hex(group_concat(name, '|'))) from pragma_table_info('esc')")
psql -XqA "$PG/$db" -f plan.sql >/dev/null 2>psql.err || bad "psql does not run the script"
[ "$(names)" = "$want" ] || bad "the script makes other names: $(names)"
fresh
"$TRANSSHIP" apply s.toml --yes > apply.out 2>&1 || bad "apply: exit $?"
"$TRANSSHIP" verify s.toml > verify.out 2>&1 || bad "verify: exit $?"
for file in apply.out verify.out; do if hidden "$file"; then bad "a hidden character in $file"; fi; done
if [ "$(names)" != "$want" ] || [ "$(q 'select count(*) from app.esc')" != 1 ]; then bad "apply makes other names: $(names)"; fi
psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" 2>/dev/null
[ "$wrong" = 0 ] && echo "right: names are shown escaped everywhere, and stay themselves in the target"
exit "$wrong"
