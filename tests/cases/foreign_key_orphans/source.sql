-- SQLite does not enforce foreign keys unless asked to: a book whose author is gone.
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE books (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES authors (id));
INSERT INTO authors VALUES (1, 'Ursula');
INSERT INTO books VALUES (1, 1), (2, 99), (3, NULL), (4, 98);
