-- 1, '1' and x'31' differ in SQLite and would be one text.
CREATE TABLE kv (k TEXT PRIMARY KEY, v ANY) STRICT;
INSERT INTO kv VALUES ('a', 1), ('b', '1'), ('c', 'one'), ('d', 2), ('e', NULL);
CREATE TABLE tokens (id INTEGER PRIMARY KEY, token BLOB, mixed);
INSERT INTO tokens VALUES (1, x'41', 1), (2, 'A', 2.5), (3, 'B', 'two and a half');
