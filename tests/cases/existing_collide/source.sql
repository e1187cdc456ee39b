-- Keys of rows that are there already: of a primary key, of a unique column, of an expression, of some rows alone.
CREATE TABLE config (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value TEXT);
CREATE TABLE versions (version INTEGER NOT NULL UNIQUE, note TEXT);
CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT, nick TEXT, is_active INTEGER NOT NULL);
INSERT INTO config VALUES (1, 'retention', '0'), (2, 'theme', 'dark');
INSERT INTO versions VALUES (1, 'a'), (2, 'b');
INSERT INTO people VALUES (1, 'Ada@Example.org', 'ada', 1), (2, 'grace@example.org', 'g', 0), (3, NULL, 'g', 1);
