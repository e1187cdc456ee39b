-- What has no translation, or one that is not liked, is given by the spec; false leaves it behind.
CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    token TEXT DEFAULT (lower(hex(randomblob(4)))),
    created DATETIME DEFAULT CURRENT_TIMESTAMP,
    state TEXT DEFAULT 'new',
    email TEXT,
    meta JSON,
    kind TEXT AS (json_extract(meta, '$.kind')),
    size INTEGER AS (length(email)),
    doubled INTEGER,
    CONSTRAINT sane_email CHECK (email LIKE '%@%' OR printf('%s', email) = 'none'),
    CHECK (printf('%s', state) <> ''),
    CHECK (length(state) < 100),
    CONSTRAINT unwanted CHECK (id > 0)
);
INSERT INTO users (id, token, created, email, meta, doubled) VALUES
    (1, 'aa', '2024-01-01 00:00:00', 'a@x', '{"kind": "k"}', 2),
    (2, 'bb', '2024-01-01 00:00:00', NULL, NULL, 4);
CREATE INDEX by_hex ON users (hex(email));
CREATE UNIQUE INDEX by_email ON users (email);
CREATE INDEX unwanted_index ON users (state);
CREATE VIEW loud AS SELECT id, printf('%s!', email) AS email FROM users;
CREATE VIEW unwanted_view AS SELECT 1 AS one;
CREATE VIEW by_spec AS SELECT id FROM users;
