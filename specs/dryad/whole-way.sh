# What the application writes and asks on the whole way of scripts/whole-way, which reads this file.
# shellcheck shell=bash
last_writes() {
    in_source "UPDATE messages SET token_count = coalesce(token_count, 0) / 2 + 1 WHERE id = (SELECT min(id) FROM messages);
        INSERT INTO groves (name, slug, is_sacred) VALUES ('late', 'late', 0)"
}

answers() {
    for table in users conversations messages documents document_chunks groves branches vessels dialogues dialogue_messages; do
        printf '%-18s SQLite %6s  PostgreSQL %6s\n' "$table" "$(in_source "SELECT count(*) FROM $table")" \
            "$(in_target --tuples-only --no-align --command="SELECT count(*) FROM dryad.$table")"
    done
    question "no index is invalid, no constraint left unchecked" in_target --tuples-only --no-align --command="
        SELECT count(*) FILTER (WHERE NOT indisvalid), (SELECT count(*) FROM pg_constraint WHERE NOT convalidated) FROM pg_index"
}

new_writes() {
    question "written after the cut-over, by the application's role" env PGPASSWORD="$DRYAD_USER_PASSWORD" psql --no-psqlrc --quiet --no-align --tuples-only \
        --dbname="host=localhost port=$PGPORT dbname=dryad user=dryad_user sslmode=verify-full sslrootcert=$ROOT_CERTIFICATE" --command="
        INSERT INTO groves (name, slug, is_sacred, opens_at) VALUES ('after 🌲', 'after', true, '05:30') RETURNING id, name;
        UPDATE messages SET content = 'changed after the cut-over' WHERE id = (SELECT min(id::text)::uuid FROM messages);
        DELETE FROM branches WHERE id = (SELECT max(id) FROM branches WHERE id NOT IN (SELECT parent_id FROM branches WHERE parent_id IS NOT NULL))"
}

way_back() {
    one back --to back.db
    question "the new file has it" sqlite3 back.db "SELECT id, name, is_sacred, opens_at FROM groves WHERE slug = 'after'" \
        "SELECT content FROM messages WHERE id = (SELECT min(id) FROM messages)" "SELECT count(*) FROM branches"
    question "the old one" in_source "SELECT count(*) FROM branches"
}
