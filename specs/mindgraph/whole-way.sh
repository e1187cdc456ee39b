# What the application writes and asks on the whole way of scripts/whole-way, which reads this file.
# shellcheck shell=bash
last_writes() { "$python" application.py write "sqlite:///$source" late; }

answers() {
    question "what the application reads from SQLite" "$python" application.py report "sqlite:///$source" | tee sqlite.txt
    question "and from PostgreSQL, over TLS" "$python" application.py report "$DATABASE_URL" | tee postgresql.txt
    diff <(tail -n +3 sqlite.txt) <(tail -n +3 postgresql.txt)
}

new_writes() {
    question "a user signs up on PostgreSQL" "$python" application.py write "$DATABASE_URL" after
    # The role, the pool and the timeouts that the kit gives the application.
    local url="postgres://mindgraph_user:$MINDGRAPH_USER_PASSWORD@localhost:$PGPORT/mindgraph?sslmode=verify-full&sslrootcert=$ROOT_CERTIFICATE"
    set -a
    # shellcheck source=/dev/null
    . <(grep '^DB_' kit/.env.prod)
    set +a
    question "under load, with the pool of kit/.env.prod: $DB_POOL_SIZE, and $DB_MAX_OVERFLOW more" "$python" application.py load "$url" 3
    must_answer "a statement of the application may take" "1min" psql --no-psqlrc --tuples-only --no-align --dbname="$url" --command="SHOW statement_timeout"
}

way_back() {
    one back --to back.db
    question "the new file, as the application reads it" "$python" application.py report "sqlite:///$work/back.db"
    question "PostgreSQL" "$python" application.py report "$DATABASE_URL"
    question "the new user" sqlite3 back.db "SELECT id, phone, name FROM users WHERE phone = 'new-after'"
}

afterwards() {
    must_answer "the connection is over TLS" t in_target --tuples-only --no-align --command="SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
    local own=$DATABASE_URL
    must_be_refused "a server whose certificate has another name is refused" \
        env PROD_DATABASE_URL="${own/@localhost:/@db.example:}&hostaddr=127.0.0.1" "$transship" verify mindgraph.toml --env prod
    openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=other -keyout /dev/null -out kit/tls/other.crt 2>/dev/null
    must_be_refused "and one whose authority is another" \
        env PROD_DATABASE_URL="${own/sslrootcert=*/sslrootcert=$work/kit/tls/other.crt}" "$transship" verify mindgraph.toml --env prod

    # Production that starts over, in a database of its own.
    psql --no-psqlrc --quiet --dbname="$ADMINISTRATOR" --command="CREATE DATABASE mindgraph_fresh"
    psql --no-psqlrc --quiet --dbname="${ADMINISTRATOR/dbname=mindgraph/dbname=mindgraph_fresh}" --file=kit/init/10-database.sql
    local fresh=${own/"/mindgraph?"/"/mindgraph_fresh?"}
    export PROD_DATABASE_URL=$fresh
    question "the application makes its tables in another database" "$python" application.py create "$fresh"
    run apply mindgraph.toml --env fresh --yes
    run verify mindgraph.toml --env fresh
    must_answer "organizations, users and diagrams there" "2|0|0" psql --no-psqlrc --tuples-only --no-align --dbname="$fresh" --command="
        SELECT (SELECT count(*) FROM organizations), (SELECT count(*) FROM users), (SELECT count(*) FROM diagrams)"
    question "the first user signs up" "$python" application.py write "$fresh" first
}
