-- Checks that name what is not there, is left behind, or does not add up.
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, secret TEXT);
CREATE TABLE pairs (one INTEGER, two INTEGER, PRIMARY KEY (one, two));
CREATE TABLE legacy (id INTEGER PRIMARY KEY);
INSERT INTO users VALUES (1, 'ada@example.com', 'x');
