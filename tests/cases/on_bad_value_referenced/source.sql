-- What references a rejected row would be an orphan in the target, even where it references itself.
CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER, boss INTEGER REFERENCES users);
INSERT INTO users VALUES (1, 30, NULL), (2, 'two', 1), (3, 3, 2), (4, 'four', 2);
CREATE TABLE pairs (one TEXT, two INTEGER, size INTEGER, PRIMARY KEY (one, two)) WITHOUT ROWID;
INSERT INTO pairs VALUES ('a', 1, 1), ('it''s', 2, 'x');
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users, one TEXT, two INTEGER,
    FOREIGN KEY (one, two) REFERENCES pairs);
INSERT INTO orders VALUES (1, 1, 'a', 1), (2, 2, 'a', 1), (3, NULL, NULL, NULL);
CREATE TABLE parts (id INTEGER PRIMARY KEY, one TEXT, two INTEGER, FOREIGN KEY (one, two) REFERENCES pairs);
INSERT INTO parts VALUES (1, 'it''s', 2), (2, 'a', 1);
