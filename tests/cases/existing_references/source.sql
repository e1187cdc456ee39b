-- Rows of the application's own that would lose what they reference, or get it from another row; and a sum that counts them.
CREATE TABLE products (id INTEGER PRIMARY KEY, sku TEXT UNIQUE, name TEXT);
CREATE TABLE items (id INTEGER PRIMARY KEY, sku TEXT REFERENCES products (sku));
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users);
CREATE TABLE parts (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
CREATE TABLE people (email TEXT PRIMARY KEY, n INTEGER, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, amount INTEGER);
INSERT INTO products VALUES (5, 'A', 'five'), (6, 'C', 'six');
INSERT INTO items VALUES (1, 'A');
INSERT INTO users VALUES (1, 'root'), (2, 'ada');
INSERT INTO posts VALUES (20, 2);
INSERT INTO parts VALUES (5, 'A'), (6, 'new');
INSERT INTO people VALUES ('ada@x', 7, 'Ada'), ('new@x', 8, 'New');
INSERT INTO orders VALUES (1, 100);
