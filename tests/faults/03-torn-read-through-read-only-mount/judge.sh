#!/usr/bin/env bash
# A WAL-mode source that transship may only read (docker -v data:/data:ro); the application writes and checkpoints while apply
# reads. Right: every row in the target is of one state of the source, and the next run ends with the last state.
# Mounts the source read-only; where that is not permitted, an unprivileged user reads it in a read-only directory. Exit 0 right,
# 1 wrong, 77 neither could be set up.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP")
export NO_COLOR=1 PGTZ=UTC
db=fault_03
work=$(mktemp -d)
cd "$work" || exit 1
mounted=""
# shellcheck disable=SC2317  # the trap calls it
cleanup() {
  cd /
  [ -z "$mounted" ] || umount "$work/ro"
  chmod 755 "$work/app" 2>/dev/null
  rm -rf "$work"
}
trap cleanup EXIT
q() { psql -XAtq "$PG/$db" -c "$1"; }
lite() { sqlite3 -bail app/s.db "$1"; }

psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db" 2>/dev/null || exit 1
mkdir app ro
chmod 755 "$work" app
lite "PRAGMA journal_mode = wal; CREATE TABLE acct (id INTEGER PRIMARY KEY, bal INTEGER, pad TEXT);
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
  INSERT INTO acct SELECT i, 100, printf('%.900c', 'x') FROM n; PRAGMA wal_checkpoint(truncate)" >/dev/null

# How transship is run, where it finds the source, and how the directory is opened and closed to others than the application.
run=("$TRANSSHIP")
shut() { :; }
open() { :; }
if mount --bind app ro 2>/dev/null; then
  mounted=1
  mount -o remount,bind,ro ro || { echo "SKIPPED: cannot mount read-only"; exit 77; }
  source=$work/ro/s.db
  how="a read-only mount"
else
  source=$work/app/s.db
  how="a read-only directory"
  shut() { chmod 555 app; }
  open() { chmod 755 app; }
  if [ "$(id -u)" = 0 ]; then
    cp "$TRANSSHIP" transship && chmod 755 transship
    run=(setpriv --reuid=65534 --regid=65534 --clear-groups "$work/transship")
    "${run[@]}" --version >/dev/null 2>&1 || { echo "SKIPPED: cannot mount, nor run as another user"; exit 77; }
  fi
  shut
fi
printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:%s"\n[target]\nurl = "%s/%s"\nschema = "app"\n' "$source" "$PG" "$db" >s.toml
chmod 644 s.toml

"${run[@]}" apply s.toml --yes --jobs 1 >a.out 2>&1 &
apply=$!
q "DO \$\$ BEGIN FOR i IN 1..10000 LOOP
     PERFORM pg_stat_clear_snapshot();
     EXIT WHEN EXISTS (SELECT FROM pg_stat_progress_copy WHERE datname = current_database() AND tuples_processed > 500);
     PERFORM pg_sleep(0.002);
   END LOOP; END \$\$"
kill -STOP "$apply"
open
before=$(lite "SELECT sum(bal), count(*) FROM acct")
lite "BEGIN; UPDATE acct SET bal = bal + 50 WHERE id > 60000; UPDATE acct SET bal = bal - 50 WHERE id <= 60000; COMMIT;
  DELETE FROM acct WHERE id BETWEEN 118000 AND 119000; PRAGMA wal_checkpoint(truncate)" >/dev/null
after=$(lite "SELECT sum(bal), count(*) FROM acct")
shut
kill -CONT "$apply"
wait "$apply"
code=$?

verdict=0
wrong() { echo "wrong: $1"; verdict=1; }
there=$(q "SELECT to_regclass('app.acct') IS NOT NULL")
held="no table"
states=0
if [ "$there" = t ]; then
  held=$(q "SELECT coalesce(sum(bal), 0), count(*) FROM app.acct")
  # Before, every balance is 100; after, none is.
  states=$(q "SELECT count(DISTINCT bal = 100) FROM app.acct")
fi
echo "$how; source $before, then $after; apply: exit $code, target $held"
[ "$states" -le 1 ] || wrong "rows of two states"
if [ "$code" = 0 ]; then
  [ "$held" = "$before" ] || [ "$held" = "$after" ] || wrong "done, with a state that the source never had"
fi

# Nobody writes any more: the same command goes on, with --refresh where it says that the source has changed.
"${run[@]}" apply s.toml --yes >b.out 2>&1
again=$?
if [ "$again" = 3 ]; then
  "${run[@]}" apply s.toml --yes --refresh >b.out 2>&1
  again=$?
fi
held=$(q "SELECT coalesce(sum(bal), 0), count(*) FROM app.acct")
echo "again: exit $again, target $held"
[ "$again" = 0 ] || wrong "the same command does not finish"
[ "$held" = "$after" ] || wrong "the target is not the source"
exit "$verdict"
