-- SQLite compares by affinity; PostgreSQL has no operator between bigint and text.
CREATE TABLE countries (code VARCHAR(3) PRIMARY KEY NOT NULL);
CREATE TABLE cities (id INTEGER PRIMARY KEY, country INTEGER REFERENCES countries (code));
INSERT INTO countries VALUES ('49');
INSERT INTO cities VALUES (1, 49);
