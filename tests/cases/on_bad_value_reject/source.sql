-- Rows with a value that does not fit go whole into the ledger; a row with several is one row.
CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER, birthday DATE, meta JSON, name TEXT NOT NULL, note TEXT);
INSERT INTO users VALUES
    (1, 30, '1990-01-01', '{}', 'Ada', NULL),
    (2, 'thirty', '0000-00-00', '{}', 'Bob', NULL),
    (3, 3.5, NULL, '{"a": 1, "a": 2}', 'Eve', NULL),
    (4, 4, NULL, '{', 'Joe', CAST(x'ff' AS TEXT)),
    (5, 5, '2000-02-29', NULL, 'Kim', 'a' || char(0) || 'b'),
    (6, 6, '2000-02-30', NULL, 'Lea', NULL);
CREATE TABLE notes (body, at DATETIME);
INSERT INTO notes VALUES ('kept', '2024-01-01'), ('late', 'x'), (x'00ff', 1e300);
CREATE TABLE codes (code TEXT PRIMARY KEY, meaning TEXT);
INSERT INTO codes VALUES ('a', 'A'), (NULL, 'nobody'), (NULL, 'nobody else');
CREATE TABLE pairs (one INTEGER, two TEXT, three REAL, PRIMARY KEY (one, two)) WITHOUT ROWID;
INSERT INTO pairs VALUES (1, 'x', 1.5), (2, 'y' || char(0), 2), (3, 'z', 'three');
