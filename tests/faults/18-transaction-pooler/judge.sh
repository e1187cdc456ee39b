#!/usr/bin/env bash
# The only address is PgBouncer in transaction mode, with a quiet pool, with a busy one, with sessions handed out in turn, and in
# statement mode. Right: refused before anything is set or written, and the sessions of the pool are for other clients as before; or
# every row arrives and they are as before. In session mode it works. Needs pgbouncer, pgbench, and an unprivileged user (postgres)
# where this runs as root. $PG must need no password.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 ./judge.sh     needs psql and sqlite3
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
command -v pgbouncer > /dev/null || PATH=$PATH:/usr/sbin:/usr/local/sbin
command -v pgbench > /dev/null || PATH=$PATH:$(pg_config --bindir)
for program in pgbouncer pgbench; do command -v $program > /dev/null || { echo "wrong: $program is missing"; exit 1; }; done
work=$(mktemp -d); cd "$work" || exit 1
db=fault_18
wrong=0
load=; pooler=
drop() { psql -qX "$PG/postgres" -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" 2>/dev/null; }
stop() { for process in $load $pooler; do kill "$process" 2>/dev/null; done; wait 2>/dev/null; load=; pooler=; }
trap 'stop; drop; cd /; rm -rf "$work"' EXIT
address=${PG#*@}; host=${address%:*}; port=${address##*:}; user=${PG#*//}; user=${user%%[@:]*}; pool_port=16432
chmod 755 .; install -d -m 777 run
through() { psql -XAtq "postgres://$user@127.0.0.1:$pool_port/pool" -c "$1"; }
# POOL MODE, FURTHER LINES: a fresh database behind a fresh pooler
pool() {
    stop; drop; psql -qX "$PG/postgres" -c "CREATE DATABASE $db" || exit 1
    cat > pool.ini <<INI
[databases]
pool = host=$host port=$port dbname=$db user=$user
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $pool_port
auth_type = any
pool_mode = $1
default_pool_size = 12
pidfile = $work/run/pid
unix_socket_dir =
${2:-}
INI
    rm -f run/pid
    if [ "$(id -u)" = 0 ]; then
        su postgres -s /bin/sh -c "exec $(command -v pgbouncer) -q $work/pool.ini" > /dev/null 2>&1 &
    else
        pgbouncer -q pool.ini > /dev/null 2>&1 &
    fi
    for _ in $(seq 100); do through 'SELECT 1' > /dev/null 2>&1 && break; sleep 0.1; done
    pooler=$(cat run/pid) || { echo "wrong: pgbouncer does not start"; exit 1; }
}
asked="SELECT concat_ws(' | ', current_setting('search_path'), current_setting('synchronous_commit'), current_setting('TimeZone'))"
# What the pool's sessions are for others: eight of them, each held by a statement for a moment.
others() {
    local asking=()
    for _ in 1 2 3 4 5 6 7 8; do through "$asked FROM pg_sleep(0.3)" & asking+=($!); done
    wait "${asking[@]}"
}
sqlite3 s.db "CREATE TABLE pages (id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL, at DATETIME DEFAULT CURRENT_TIMESTAMP, body BLOB); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 20000) INSERT INTO pages SELECT i, 'page ' || i, datetime(1700000000+i, 'unixepoch'), randomblob(20) FROM n"
printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "postgres://%s@127.0.0.1:%s/pool"\nschema = "app"\n' "$user" "$pool_port" > s.toml
# WHAT: refused with nothing written and nothing set
judge() {
    local before after code written command
    before=$(others | sort -u)
    for command in plan "apply --yes" status verify "rollback --yes"; do
        # shellcheck disable=SC2086
        "$TRANSSHIP" $command s.toml > out 2>&1; code=$?
        if [ $code -eq 0 ] || ! grep -q pooler out; then
            echo "  wrong: $1: $command exits $code: $(tail -n 1 out)"; wrong=1
        fi
    done
    after=$(others | sort -u)
    written=$(psql -XAtq "$PG/$db" -c "SELECT count(*) FROM pg_namespace WHERE nspname IN ('app', 'transship')")
    echo "$1: refused, schemas written: $written, others have: $after"
    if [ "$written" != 0 ] || [ "$before" != "$after" ]; then echo "  wrong: before it was $before"; wrong=1; fi
}
pool transaction; judge "quiet pool"
pool transaction 'server_round_robin = 1'; others > /dev/null; judge "sessions handed out in turn"
pool transaction
printf 'BEGIN;\nSELECT pg_sleep(0.003);\nCOMMIT;\n' > load.sql
pgbench -n -c 8 -j 1 -T 600 -f load.sql -h 127.0.0.1 -p $pool_port -U "$user" pool > /dev/null 2>&1 & load=$!
sleep 1; judge "busy pool"
pool statement; judge "statement mode"
pool session
"$TRANSSHIP" apply s.toml --yes > out 2>&1; code=$?
rows=$(psql -XAtq "$PG/$db" -c 'SELECT count(*) FROM app.pages')
echo "session mode: apply exits $code, rows: $rows, others have: $(others | sort -u)"
if [ $code != 0 ] || [ "$rows" != 20000 ]; then echo "  wrong: $(tail -n 1 out)"; wrong=1; fi
exit $wrong
