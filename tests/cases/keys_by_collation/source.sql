-- Keys are unique by the collation of their columns; more than 32 columns is more than PostgreSQL has.
CREATE TABLE words (word TEXT COLLATE NOCASE PRIMARY KEY, note TEXT COLLATE RTRIM UNIQUE);
INSERT INTO words VALUES ('Ada', 'x '), ('ähre', 'y'), ('Ähre', NULL);
CREATE TABLE pairs (a TEXT COLLATE NOCASE, b INTEGER COLLATE NOCASE, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO pairs VALUES ('a', 1, 'one'), ('A', 2, 'two ');
CREATE INDEX trimmed ON pairs (c COLLATE RTRIM DESC);
CREATE UNIQUE INDEX joined ON pairs ((a || c) COLLATE NOCASE);
CREATE TABLE wide (c1 INTEGER, c2 INTEGER, c3 INTEGER, c4 INTEGER, c5 INTEGER, c6 INTEGER, c7 INTEGER, c8 INTEGER, c9 INTEGER, c10 INTEGER, c11 INTEGER, c12 INTEGER, c13 INTEGER, c14 INTEGER, c15 INTEGER, c16 INTEGER, c17 INTEGER, c18 INTEGER, c19 INTEGER, c20 INTEGER, c21 INTEGER, c22 INTEGER, c23 INTEGER, c24 INTEGER, c25 INTEGER, c26 INTEGER, c27 INTEGER, c28 INTEGER, c29 INTEGER, c30 INTEGER, c31 INTEGER, c32 INTEGER, c33 INTEGER, UNIQUE (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32, c33));
INSERT INTO wide (c1) VALUES (1);
CREATE INDEX wide_index ON wide (c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, c21, c22, c23, c24, c25, c26, c27, c28, c29, c30, c31, c32, c33);
