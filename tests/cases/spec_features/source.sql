CREATE TABLE users (id INTEGER PRIMARY KEY, old_name TEXT NOT NULL, secret TEXT, tags TEXT, digest TEXT, picture TEXT, deleted_at DATETIME);
CREATE INDEX by_secret ON users (secret);
INSERT INTO users VALUES
    (1, 'Ada', 's', '["a"]', 'ff00', 'AAEC', NULL),
    (2, 'Grace', 's', '[]', '', '', NULL),
    (3, 'Gone', 's', NULL, NULL, NULL, '2024-01-01 00:00:00');
CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users (id), body TEXT);
INSERT INTO posts VALUES (1, 1, 'hello'), (2, 2, 'world');
CREATE TABLE log_2023 (line TEXT);
CREATE TABLE log_2024 (line TEXT);
INSERT INTO log_2024 VALUES ('x');
CREATE TABLE cache (key TEXT);
CREATE TABLE not_included (a TEXT);
CREATE TABLE skipped (a TEXT);
