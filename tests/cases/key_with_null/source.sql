-- SQLite lets NULL into a text key that does not say NOT NULL; PostgreSQL does not.
CREATE TABLE codes (code TEXT PRIMARY KEY, name TEXT);
INSERT INTO codes VALUES ('a', 'A'), (NULL, 'nobody'), (NULL, 'nobody else');
