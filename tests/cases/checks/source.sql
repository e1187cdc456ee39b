-- Ready-made checks: names of the source, two of them renamed; rows filtered and rejected; keys of one and of two columns,
-- and none at all.
CREATE TABLE users (id INTEGER PRIMARY KEY, Email TEXT, team INTEGER, score REAL, balance NUMERIC, born TEXT);
INSERT INTO users VALUES
    (1, 'ada@example.com', 1, 0.1, '10.10', '1815-12-10'),
    (2, 'grace@example.com', 2, 0.2, 5, '1906-12-09'),
    (3, NULL, 9, 1e15, '0.005', NULL),
    (4, 'ada@example.com', NULL, -1e15, 1e3, '1912-06-23'),
    (5, 'gone@example.com', 1, 7.25, 1, '1900-01-01'),
    (6, 'late@example.com', 1, 7.25, 1, 'no date');
CREATE TABLE "Team" (id INTEGER PRIMARY KEY, "State" TEXT);
INSERT INTO "Team" VALUES (1, 'open'), (2, 'closed'), (3, 'lost');
CREATE TABLE seat (row INTEGER, place TEXT, "user" INTEGER, PRIMARY KEY (row, place)) WITHOUT ROWID;
INSERT INTO seat VALUES (1, 'a', 1), (1, 'b', 5), (2, 'a', NULL), (2, 'b', 77);
CREATE TABLE log (line TEXT, level INTEGER);
INSERT INTO log VALUES ('one', 1), ('one', 1), (NULL, 3);
