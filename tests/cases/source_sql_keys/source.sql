-- What an expression makes equal, and what it leads astray.
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT UNIQUE);
INSERT INTO people VALUES (1, 'Ada@example.org'), (2, 'ada@example.org'), (3, 'grace@example.org');
CREATE TABLE letters (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id));
INSERT INTO letters VALUES (1, 1), (2, 2), (3, 3);
