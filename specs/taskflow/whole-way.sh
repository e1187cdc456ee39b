# What the application writes and asks on the whole way of scripts/whole-way, which reads this file.
# shellcheck shell=bash
last_writes() {
    in_source "INSERT INTO labels (name) VALUES ('late'); UPDATE tasks SET actual_hours = actual_hours + 1 WHERE id = 1"
    in_source "CREATE USER 'taskflow_app'@'%' IDENTIFIED BY 'app'; GRANT ALL ON taskflow.* TO 'taskflow_app'@'%'"
}

answers() {
    # The cut-over has set the server to only read.
    must_be_refused "the application's user tries to write into MariaDB" mariadb --no-defaults --host="$MYSQL_HOST" --port="$MYSQL_TCP_PORT" \
        --user=taskflow_app --password=app --skip-ssl taskflow --execute="INSERT INTO labels (name) VALUES ('too late')"
    for table in users teams team_members projects tasks comments attachments labels task_labels activity_log; do
        printf '%-14s MySQL %6s  PostgreSQL %6s\n' "$table" "$(in_source "SELECT count(*) FROM $table" | tail -n 1)" \
            "$(in_target --tuples-only --no-align --command="SELECT count(*) FROM taskflow.$table")"
    done
    question "hours, MySQL" in_source "SELECT sum(actual_hours), max(completed_at) FROM tasks"
    question "hours, PostgreSQL" in_target --command="SET timezone = 'UTC'" --command="SELECT sum(actual_hours), max(completed_at) FROM taskflow.tasks"
}

new_writes() {
    question "written after the window, by the application's role" env PGPASSWORD="$TASKFLOW_APP_PASSWORD" psql --no-psqlrc --quiet --no-align --tuples-only \
        --dbname="host=localhost port=$PGPORT dbname=taskflow user=taskflow_app" --command="
        INSERT INTO labels (name) VALUES ('after 🏁') RETURNING id, name;
        UPDATE tasks SET status = 'won''t do' WHERE id = 1;
        DELETE FROM comments WHERE id = (SELECT max(id) FROM comments)"
}

way_back() {
    # The server takes writers again; the database is made by the command, which compares every value with PostgreSQL.
    one cutover --release
    one back --to "mysql://transship:$MYSQL_PASSWORD@$MYSQL_HOST:$MYSQL_TCP_PORT/taskflow_new"
    for table in users teams team_members projects tasks comments attachments labels task_labels activity_log; do
        printf '%-14s new MySQL %6s  PostgreSQL %6s\n' "$table" "$(in_source "SELECT count(*) FROM taskflow_new.$table" | tail -n 1)" \
            "$(in_target --tuples-only --no-align --command="SELECT count(*) FROM taskflow.$table")"
    done
    question "the new database has what was added, changed and deleted since" in_source "SELECT id, name FROM taskflow_new.labels WHERE name LIKE 'after%';
        SELECT id, status FROM taskflow_new.tasks WHERE id = 1; SELECT max(id) FROM taskflow_new.comments; SELECT max(id) FROM taskflow.comments"
    question "hours, new MySQL" in_source "SELECT sum(actual_hours), max(completed_at) FROM taskflow_new.tasks"
    question "hours, PostgreSQL" in_target --command="SET timezone = 'UTC'" --command="SELECT sum(actual_hours), max(completed_at) FROM taskflow.tasks"
}
