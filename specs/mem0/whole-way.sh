# What the application writes and asks on the whole way of scripts/whole-way, which reads this file.
# shellcheck shell=bash
user=$(in_source "SELECT id FROM users ORDER BY username LIMIT 1")
another=$(in_source "SELECT id FROM users ORDER BY username LIMIT 1 OFFSET 1")
mine=00000000-0000-4000-8000-00000000000

# The application's role, in a session of one user.
as_user() {
    PGPASSWORD=$MEM0_APP_PASSWORD psql --no-psqlrc --quiet --tuples-only --no-align \
        --dbname="host=localhost port=$PGPORT dbname=mem0 user=mem0_app options='-c mem0.user_id=$1'" --command="$2"
}

last_writes() {
    in_source "INSERT INTO memories (id, user_id, content) VALUES ('${mine}1', '$user', 'written while the rows were copied');
        UPDATE memories SET recall_count = recall_count + 1 WHERE id = (SELECT min(id) FROM memories WHERE user_id = '$user')"
}

answers() {
    for sql in "SELECT count(*), sum(length(content)) FROM memories" "SELECT count(*), max(executed_at) FROM command_history"; do
        question "SQLite: $sql" in_source "$sql"
        question "PostgreSQL" in_target --tuples-only --no-align --command="SET timezone = 'UTC'" --command="$sql"
    done
    question "the application, in a session of one user, has so many memories and users" as_user "$user" "SELECT count(*), count(DISTINCT user_id) FROM memories"
    question "the same in SQLite" in_source "SELECT count(*), 1 FROM memories WHERE user_id = '$user'"
    question "in a session of another" as_user "$another" "SELECT count(*), count(DISTINCT user_id) FROM memories"
    question "of the first one's it sees" as_user "$another" "SELECT count(*) FROM memories WHERE user_id = '$user'"
    question "and without a user" as_user "" "SELECT count(*) FROM memories"
}

new_writes() {
    as_user "$user" "INSERT INTO memories (id, user_id, content) VALUES ('${mine}2', '$user', 'written after the cut-over, 🦊');
        UPDATE memories SET content = 'changed after the cut-over' WHERE id = '${mine}1';
        DELETE FROM memories WHERE id = (SELECT id FROM memories WHERE content NOT LIKE '%cut-over%' ORDER BY id DESC LIMIT 1)"
    question "written after the cut-over" as_user "$user" "SELECT id, content FROM memories WHERE content LIKE '%cut-over%' ORDER BY id"
}

way_back() {
    one back --to back.db
    question "the new file has it" sqlite3 back.db "SELECT id, content FROM memories WHERE content LIKE '%cut-over%' ORDER BY id"
}
