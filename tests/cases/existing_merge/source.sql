-- Rows that are there already: equal, with other values, and new ones.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, score NUMERIC, seen DATETIME, data JSON, raw BLOB);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE memberships (user_id INTEGER NOT NULL REFERENCES users, team TEXT NOT NULL, PRIMARY KEY (user_id, team));
INSERT INTO users VALUES (1, 'Ada', 1.50, '2024-01-02 03:04:05', '{"a": 1}', x'00ff'), (2, 'Grace', NULL, NULL, NULL, NULL), (3, 'Alan', 3, NULL, '[1, 2]', NULL);
INSERT INTO settings VALUES ('theme', 'dark'), ('language', 'en'), ('zone', NULL);
INSERT INTO memberships VALUES (1, 'core'), (2, 'core'), (3, 'math');
