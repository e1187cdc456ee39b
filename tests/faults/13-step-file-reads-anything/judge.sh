#!/usr/bin/env bash
# `file` of a step: the environment, a file elsewhere, a link to one, a checkout's credentials. None may reach a plan.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u; : "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC; work=$(mktemp -d); cd "$work" || exit 1; db=fault_13
trap 'cd /; rm -rf "$work"' EXIT
psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db" 2>/dev/null
wrong=0; bad() { echo "wrong: $*"; wrong=1; }
sqlite3 s.db "create table t (id integer primary key)"
mkdir -p project/sql project/.git elsewhere
echo "select 'secret of a file'" | tee elsewhere/secret project/.git/config > /dev/null
echo "select 'the step itself'" > project/sql/step.sql
ln -s "$work/elsewhere/secret" project/linked.sql; ln -s "$work/elsewhere" project/linked; ln -s sql/step.sql project/inside.sql; mkfifo project/pipe
plan() { # FILE: the plan of a step that reads it
  printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:%s/s.db"\n[target]\nurl = "%s/%s"\nschema = "app"\n[steps.leak]\nfile = "%s"\n' "$work" "$PG" "$db" "$1" > project/s.toml
  SECRET_TOKEN='secret of the environment' timeout 60 "$TRANSSHIP" plan project/s.toml --format markdown > plan.md 2>&1
}
for file in /proc/self/environ ../../../../../../../../proc/self/environ "$work/elsewhere/secret" ../elsewhere/secret linked.sql linked/secret .git/config /dev/null pipe .; do
  plan "$file"; code=$?
  if [ "$code" != 2 ]; then bad "$file: exit $code"; fi
  if grep -aq 'secret of' plan.md; then bad "$file: its content stands in the plan"; fi
done
for file in sql/step.sql inside.sql; do
  plan "$file"; code=$?
  if [ "$code" != 0 ] || ! grep -aq 'the step itself' plan.md; then bad "$file: a file of the project is refused, exit $code"; fi
done
applied=$(psql -XAtq "$PG/$db" -c "select count(*) from pg_namespace where nspname in ('app', 'transship')")
[ "$applied" = 0 ] || bad "something was written"
psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" 2>/dev/null
[ "$wrong" = 0 ] && echo "right: 10 files outside of the project refused with exit 2, 2 inside read"
exit "$wrong"
