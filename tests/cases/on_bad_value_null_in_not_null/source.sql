-- NULL cannot stand for a value where the target takes none; and SQLite has ways to hold NULL in a NOT NULL column.
CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER NOT NULL, code TEXT);
INSERT INTO users VALUES (1, 30, 'a'), (2, 'thirty', NULL), (3, 3.5, NULL);
CREATE TABLE codes (code INTEGER PRIMARY KEY DESC, meaning TEXT);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'code TEXT', 'code TEXT NOT NULL') WHERE name = 'users';
PRAGMA writable_schema = RESET;
