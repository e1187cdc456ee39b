-- Every question that bringing rows together may leave open and that a line of the spec can answer.
CREATE TABLE options (id INTEGER PRIMARY KEY, value TEXT);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT);
CREATE TABLE profiles (user_id INTEGER PRIMARY KEY REFERENCES users, nick TEXT);
CREATE TABLE badges (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE log (line TEXT NOT NULL, day TEXT);
CREATE TABLE bare (n INTEGER);
CREATE TABLE nets (id INTEGER PRIMARY KEY, net TEXT);
INSERT INTO options VALUES (1, 'a'), (2, 'b');
INSERT INTO settings VALUES ('theme', 'dark'), ('zone', 'UTC');
INSERT INTO users VALUES (1, 'ada@example.org', 'ada'), (2, NULL, 'nobody');
INSERT INTO profiles VALUES (1, 'A');
INSERT INTO badges VALUES (1, 'ada');
INSERT INTO log VALUES ('started', 'monday');
INSERT INTO bare VALUES (1);
INSERT INTO nets VALUES (1, '10.0.0.0/8');
