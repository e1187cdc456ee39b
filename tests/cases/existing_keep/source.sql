CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE log (line TEXT);
INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace');
INSERT INTO log VALUES ('same'), ('same'), ('other');
