-- SQLite's lower() folds the letters of ASCII alone; in PostgreSQL that is the collation "C".
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT CHECK (lower(word) <> 'x'));
CREATE UNIQUE INDEX by_lower ON words (lower(word));
INSERT INTO words VALUES (1, 'Ähre'), (2, 'ähre');
