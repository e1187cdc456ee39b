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
    question "under load" "$python" application.py load "$DATABASE_URL" 3
}

way_back() {
    one back --to back.db
    question "the new file, as the application reads it" "$python" application.py report "sqlite:///$work/back.db"
    question "PostgreSQL" "$python" application.py report "$DATABASE_URL"
    question "the new user" sqlite3 back.db "SELECT id, phone, name FROM users WHERE phone = 'new-after'"
}
