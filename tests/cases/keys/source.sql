-- An integer key is the rowid: identity, and the sequence goes on after the largest value.
CREATE TABLE integer_key (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO integer_key VALUES (1, 'one'), (7, 'seven'), (-3, 'below zero');

CREATE TABLE no_rows (id INTEGER PRIMARY KEY);

-- INT PRIMARY KEY is no rowid in SQLite.
CREATE TABLE int_key (id INT PRIMARY KEY, name TEXT);
INSERT INTO int_key VALUES (1, 'one');

-- PRIMARY KEY DESC is, by an old error of SQLite that stays, no rowid either.
CREATE TABLE descending_key (id INTEGER PRIMARY KEY DESC, name TEXT);
INSERT INTO descending_key VALUES (5, 'five');

CREATE TABLE text_key (code VARCHAR(10) NOT NULL, name TEXT, CONSTRAINT pk_codes PRIMARY KEY (code));
INSERT INTO text_key VALUES ('a', 'A'), ('b', 'B');

CREATE TABLE composite_key (
    user_id INTEGER NOT NULL,
    role TEXT NOT NULL,
    since INTEGER,
    PRIMARY KEY (role, user_id)
);
INSERT INTO composite_key VALUES (1, 'admin', 10), (1, 'reader', 11), (2, 'admin', NULL);

CREATE TABLE without_rowid (code TEXT, number INTEGER, value TEXT, PRIMARY KEY (code, number)) WITHOUT ROWID;
INSERT INTO without_rowid VALUES ('a', 1, 'x'), ('a', 2, 'y'), ('b', 1, NULL);

CREATE TABLE no_key (a INTEGER, b TEXT);
INSERT INTO no_key VALUES (1, 'same'), (1, 'same'), (NULL, NULL), (2, 'other');

-- Every name of the rowid is taken by a column.
CREATE TABLE shadowed (rowid TEXT, oid TEXT, _rowid_ TEXT);
INSERT INTO shadowed VALUES ('a', 'b', 'c'), ('a', 'b', 'c'), ('d', NULL, 'e');

CREATE TABLE strict_table (id INTEGER PRIMARY KEY, value ANY, name TEXT NOT NULL) STRICT;
INSERT INTO strict_table VALUES (1, 12, 'x'), (2, 'twelve', 'y');
