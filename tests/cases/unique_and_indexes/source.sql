CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT COLLATE NOCASE UNIQUE,
    first TEXT,
    last TEXT,
    age INTEGER,
    is_active BOOLEAN,
    deleted_at DATETIME,
    meta JSON,
    CONSTRAINT full_name UNIQUE (first, last)
);
INSERT INTO users VALUES
    (1, 'a@example.org', 'Ada', 'Ada', 'L', 36, 1, NULL, '{"a": 1}'),
    (2, 'A@example.org', 'Grace', 'Grace', 'H', 85, 0, '2024-01-01 00:00:00', NULL),
    (3, 'c@example.org', NULL, NULL, NULL, NULL, 1, NULL, NULL),
    (4, 'd@example.org', NULL, NULL, NULL, NULL, 1, NULL, NULL);

CREATE INDEX by_age ON users (age);
CREATE INDEX by_age_descending ON users (age DESC, email);
CREATE INDEX by_name_ignoring_case ON users (first COLLATE NOCASE);
CREATE INDEX by_last_binary ON users (last COLLATE BINARY);
CREATE INDEX active_only ON users (email) WHERE is_active;
CREATE INDEX alive ON users (last) WHERE deleted_at IS NULL AND is_active = 1;
CREATE UNIQUE INDEX one_active_age ON users (age) WHERE deleted_at IS NULL AND age > 18;
CREATE INDEX by_lower_email ON users (lower(email));
CREATE UNIQUE INDEX by_lower_name ON users (lower(last) DESC);
CREATE INDEX by_json ON users (json_extract(meta, '$.a'));
CREATE UNIQUE INDEX by_substring ON users (substr(email, 1, 1));
CREATE UNIQUE INDEX by_constant ON users (upper('x'), id);
CREATE UNIQUE INDEX by_nothing ON users (NULL, last);
CREATE INDEX trimmed ON users (last COLLATE RTRIM);
CREATE INDEX liked ON users (email) WHERE email LIKE 'a%';

-- SQLite shares names of indexes in one database; PostgreSQL's share them with tables.
CREATE TABLE users_pkey (id INTEGER PRIMARY KEY);
CREATE TABLE checked (
    id INTEGER PRIMARY KEY,
    age INTEGER CHECK (age >= 0),
    state TEXT CHECK (state IN ('new', "old")),
    score REAL CONSTRAINT sane_score CHECK (score BETWEEN 0 AND 1),
    length TEXT CHECK (length(length) < 10),
    pattern TEXT CHECK (pattern GLOB '[a-z]*'),
    is_on BOOLEAN CHECK (is_on IN (0, 1)),
    CHECK (age IS NULL OR age < 200 AND NOT is_on = 0)
);
INSERT INTO checked VALUES (1, 5, 'new', 0.5, 'short', 'abc', 1), (2, NULL, 'old', NULL, NULL, NULL, 0);
