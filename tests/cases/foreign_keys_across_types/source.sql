-- SQLite finds 1 and '1.0' equal where one column is declared as numbers; as texts they are different: rows 1 and 2 reference nothing.
CREATE TABLE codes (code TEXT PRIMARY KEY);
INSERT INTO codes VALUES ('1.0'), ('02'), ('3'), ('a');
CREATE TABLE uses (id INTEGER PRIMARY KEY, code NUMERIC REFERENCES codes);
INSERT INTO uses VALUES (1, 1), (2, 2), (3, 3), (4, 'a'), (5, NULL);
-- Rows without a number are left behind by a condition.
CREATE TABLE marks (name TEXT PRIMARY KEY, code BOOL REFERENCES codes) WITHOUT ROWID;
INSERT INTO marks VALUES ('one', 1), ('two', 2), ('three', 3), ('none', NULL);
-- A line for a declared type does not go before the type of a key that a column references.
CREATE TABLE users (id UUID PRIMARY KEY);
INSERT INTO users VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8');
CREATE TABLE posts (id INTEGER PRIMARY KEY, author TEXT REFERENCES users, editor VARCHAR(40) REFERENCES users);
INSERT INTO posts VALUES (1, '6ba7b810-9dad-11d1-80b4-00c04fd430c8', NULL), (2, 'system', NULL), (3, NULL, 'deleted');
-- ANY of a STRICT table keeps 1 and 1.0 as they are, and finds them equal; as texts they are different: row 1 references nothing.
CREATE TABLE kept (code ANY PRIMARY KEY) STRICT;
INSERT INTO kept VALUES (1), ('a');
CREATE TABLE keeps (id INTEGER PRIMARY KEY, code ANY REFERENCES kept) STRICT;
INSERT INTO keeps VALUES (1, 1.0), (2, 'a');
