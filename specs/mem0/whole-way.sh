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

# The role that reads everything.
as_audit() {
    PGPASSWORD=$MEM0_AUDIT_PASSWORD psql --no-psqlrc --quiet --tuples-only --no-align \
        --dbname="host=localhost port=$PGPORT dbname=mem0 user=mem0_audit" --command="$1"
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
    local of_user="SELECT count(*), count(DISTINCT user_id) FROM memories"
    for one in "$user" "$another"; do
        must_answer "the application, in a session of $one, has as many memories as that user has in SQLite, and of nobody else" \
            "$(in_source "$of_user WHERE user_id = '$one'")" as_user "$one" "$of_user"
    done
    must_answer "of the first one's, the second one sees" 0 as_user "$another" "SELECT count(*) FROM memories WHERE user_id = '$user'"
    must_answer "and links and tags of the first one's memories" "0|0" as_user "$another" "SELECT
        (SELECT count(*) FROM memory_links WHERE from_id NOT IN (SELECT id FROM memories) OR to_id NOT IN (SELECT id FROM memories)),
        (SELECT count(*) FROM memory_tags WHERE memory_id NOT IN (SELECT id FROM memories))"
    must_answer "and changes" 0 as_user "$another" "WITH changed AS (UPDATE memories SET content = '' WHERE user_id = '$user' RETURNING id)
        SELECT count(*) FROM changed"
    must_be_refused "it cannot write a memory of the first one's" \
        as_user "$another" "INSERT INTO memories (id, user_id, content) VALUES ('${mine}9', '$user', 'not mine')"
    must_answer "without a user there are" 0 as_user "" "SELECT count(*) FROM memories"
    must_answer "the auditor reads all memories, of as many users as SQLite has" "$(in_source "$of_user")" as_audit "$of_user"
    must_be_refused "and writes none" as_audit "UPDATE memories SET content = ''"
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
