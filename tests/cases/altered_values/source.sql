-- Values that a word of the spec nulls or shortens: PostgreSQL would compute with others than the source did.
CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(3), g AS (a || 'x') STORED, kept AS (id * 2) STORED);
INSERT INTO t (id, a) VALUES (1, 'abc'), (2, 'abcdef');
CREATE INDEX t_a ON t (lower(a));
CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT CHECK (length(n) = 3), c CHAR(4), d AS (length(c)) STORED, CHECK (id > 0));
INSERT INTO a (id, n, c) VALUES (1, '007', 'ab  '), (2, '018', 'abcd');
CREATE VIEW computed AS SELECT n || 'x' AS q, length(n) AS l FROM a;
CREATE VIEW absent AS SELECT count(*) AS many FROM t WHERE a IS NULL;
CREATE VIEW shown AS SELECT id, a FROM t;
-- Nothing is searched for: the text stays as it is.
CREATE TABLE z (id INTEGER PRIMARY KEY, x TEXT, g AS (replace(x, '', 'y')) STORED, h AS (replace(x || 'z', '', 'y') || 'w') STORED);
INSERT INTO z (id, x) VALUES (1, 'one'), (2, NULL);
-- Unique indexes over altered values: rows that the source keeps apart may share a key.
CREATE TABLE u (id INTEGER PRIMARY KEY, k INTEGER, n TEXT, p VARCHAR(3), c CHAR(4));
INSERT INTO u VALUES (1, 1, '007', 'abcd', 'ab '), (2, 2, '7', 'abcde', 'AB'), (3, 3, NULL, 'abc', 'c');
CREATE UNIQUE INDEX u_beginning ON u (substr(n, 1, 2));
CREATE UNIQUE INDEX u_part ON u (k) WHERE length(n) = 3;
CREATE UNIQUE INDEX u_absent ON u (k / 9) WHERE p IS NULL;
CREATE UNIQUE INDEX u_lower ON u (lower(c));
CREATE UNIQUE INDEX u_beside ON u (n, abs(k) / 9);
CREATE UNIQUE INDEX u_kept ON u (abs(k)) WHERE k > 0;
CREATE INDEX u_found ON u (lower(c)) WHERE p IS NULL;
