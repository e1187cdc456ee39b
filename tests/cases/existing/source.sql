-- A small application: users and teams that lead to one another, posts in a tree, tags by a link table.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(40), email TEXT UNIQUE, mood TEXT, team_id INTEGER REFERENCES teams,
    joined DATETIME, token CHAR(32), settings TEXT, balance DECIMAL(10, 2), active BOOLEAN, legacy TEXT
);
CREATE TABLE teams (id INTEGER PRIMARY KEY, Name TEXT, lead_id INTEGER REFERENCES users);
CREATE TABLE posts (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES posts, author_id INTEGER REFERENCES users, body TEXT, words INTEGER);
CREATE TABLE tags (slug TEXT PRIMARY KEY, label TEXT);
CREATE TABLE post_tags (post_id INTEGER REFERENCES posts, tag TEXT REFERENCES tags, PRIMARY KEY (post_id, tag));
CREATE TABLE alembic_version (version_num TEXT);
INSERT INTO users VALUES
    (1, 'Ada', 'ada@example.org', 'happy', 1, '2024-05-01 10:00:00', '0123456789abcdef0123456789abcdef', '{"a": 1}', 12.5, 1, 'x'),
    (2, 'Grace', 'grace@example.org', NULL, 1, '2024-05-02 11:30:00.25', NULL, '{}', 0, 0, 'y'),
    (7, 'Jörg', NULL, 'sad', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
DELETE FROM users WHERE id = 8;
UPDATE sqlite_sequence SET seq = 40 WHERE name = 'users';
INSERT INTO teams VALUES (1, 'compilers', 2);
INSERT INTO posts VALUES (5, 9, 1, 'reply', 5), (9, NULL, 2, 'the first', 9);
INSERT INTO tags VALUES ('c', 'C'), ('cobol', 'COBOL');
INSERT INTO post_tags VALUES (5, 'c'), (9, 'cobol');
INSERT INTO alembic_version VALUES ('old');

CREATE VIEW active_users AS SELECT * FROM users WHERE active;
CREATE TRIGGER on_user AFTER INSERT ON users BEGIN SELECT 1; END;
