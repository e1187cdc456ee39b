-- Rows that came in while nothing was checked.
PRAGMA ignore_check_constraints = ON;
CREATE TABLE people (id INTEGER PRIMARY KEY, age INTEGER CHECK (age >= 0), name TEXT, CONSTRAINT named CHECK (length(name) > 0));
INSERT INTO people VALUES (1, 30, 'Ada'), (2, -1, 'Bob'), (3, NULL, NULL), (4, -5, 'Cid');
CREATE TABLE letters (code TEXT CHECK (code <> 'x'), PRIMARY KEY (code)) WITHOUT ROWID;
INSERT INTO letters VALUES ('x'), ('y');
CREATE TABLE events (id INTEGER PRIMARY KEY, title TEXT);
INSERT INTO events VALUES (1, 'first'), (2, NULL), (3, NULL);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'title TEXT', 'title TEXT NOT NULL') WHERE name = 'events';
PRAGMA writable_schema = OFF;
