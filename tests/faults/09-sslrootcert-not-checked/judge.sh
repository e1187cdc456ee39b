#!/usr/bin/env bash
# sslmode=require with sslrootcert: the certificate is checked, but not its name, as libpq does. Needs openssl, and PGDATA: the data
# directory of the server behind $PG, which is changed for a moment (ssl, ssl_cert_file, ssl_key_file). $PG must reach it by TCP.
# usage: TRANSSHIP=path/to/transship PG=postgres://postgres@127.0.0.1:5432 PGDATA=… ./judge.sh     needs psql and sqlite3
set -u
: "${TRANSSHIP:?the binary}" "${PG:?a PostgreSQL, as postgres://user@host:port}" "${PGDATA:?the data directory of that server}"
TRANSSHIP=$(realpath "$TRANSSHIP"); export NO_COLOR=1 PGTZ=UTC
work=$(mktemp -d); cd "$work" || exit 1
db=fault_09
wrong=0
p() { psql -qX "$PG/postgres" -c "$1" >/dev/null 2>&1; }
# shellcheck disable=SC2317 # the trap calls it
clean() {
    for setting in ssl ssl_cert_file ssl_key_file; do p "ALTER SYSTEM RESET $setting"; done
    p 'SELECT pg_reload_conf()'; p "DROP DATABASE IF EXISTS $db WITH (FORCE)"
    cd /; rm -rf "$work" "$PGDATA/fault.crt" "$PGDATA/fault.key"
}
trap clean EXIT
p "DROP DATABASE IF EXISTS $db WITH (FORCE)"; p "CREATE DATABASE $db"
# Two authorities; the server's certificate, for another host, is of the second.
for who in ours theirs; do
    openssl req -x509 -newkey rsa:2048 -nodes -keyout $who.key -out $who.pem -days 3 -subj "/CN=$who" 2>/dev/null
done
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj "/CN=elsewhere.test" 2>/dev/null
printf 'basicConstraints = CA:FALSE\nsubjectAltName = DNS:elsewhere.test\n' > extensions
openssl x509 -req -in server.csr -CA theirs.pem -CAkey theirs.key -CAcreateserial -days 3 -extfile extensions -out server.pem 2>/dev/null
# CERTIFICATE KEY: the server shows this one
serve() {
    install -o "$(stat -c %U "$PGDATA")" -m 600 "$1" "$PGDATA/fault.crt"
    install -o "$(stat -c %U "$PGDATA")" -m 600 "$2" "$PGDATA/fault.key"
    p "ALTER SYSTEM SET ssl_cert_file = 'fault.crt'"; p "ALTER SYSTEM SET ssl_key_file = 'fault.key'"
    p 'ALTER SYSTEM SET ssl = on'; p 'SELECT pg_reload_conf()'
    for _ in $(seq 100); do
        openssl s_client -starttls postgres -connect "${PG#*@}" < /dev/null 2>/dev/null | openssl x509 -fingerprint -noout > shown 2>/dev/null
        openssl x509 -in "$1" -fingerprint -noout | cmp -s - shown && return
        sleep 0.1
    done
    echo "wrong: the server does not show $1"; exit 1
}
sqlite3 s.db 'CREATE TABLE u (id INTEGER PRIMARY KEY); INSERT INTO u VALUES (1)'
# MODE FILE: connects or not, by libpq and by transship
judge() {
    local url="$PG/$db?sslmode=$1&sslrootcert=$2" libpq ours
    libpq=$(psql -XAtq "$url" -c "SELECT 'connects'" 2>/dev/null || echo "does not connect")
    printf 'spec = 1\nname = "fault"\n[source]\nurl = "sqlite:s.db"\n[target]\nurl = "%s"\nschema = "app"\n' "$url" > s.toml
    p "DROP DATABASE IF EXISTS $db WITH (FORCE)"; p "CREATE DATABASE $db"
    "$TRANSSHIP" apply s.toml --yes > out 2>&1
    # By what stands in the database, not by our own word.
    ours=$(psql -XAtq "$PG/$db" -c "SELECT CASE WHEN to_regclass('app.u') IS NULL THEN 'does not connect' ELSE 'connects' END")
    echo "sslmode=$1, sslrootcert=$2: libpq $libpq, transship $ours"
    [ "$libpq" = "$ours" ] || { echo "  wrong: $(grep -m1 -a × out)"; wrong=1; }
}
serve server.pem server.key
judge require "$work/ours.pem"
judge require "$work/theirs.pem"
judge verify-full "$work/theirs.pem"
serve theirs.pem theirs.key
judge require "$work/ours.pem"
judge require "$work/theirs.pem"
exit $wrong
