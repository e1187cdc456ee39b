-- A unique column that ignores case becomes an index over an expression, which no foreign key can reference.
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE UNIQUE);
CREATE TABLE uses (id INTEGER PRIMARY KEY, tag TEXT REFERENCES tags (name));
INSERT INTO tags VALUES (1, 'Oak');
INSERT INTO uses VALUES (1, 'Oak'), (2, 'oak');
