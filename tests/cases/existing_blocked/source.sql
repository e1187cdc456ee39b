CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, mood TEXT, address TEXT, gone TEXT, pair TEXT, duration INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER);
CREATE TABLE nowhere (id INTEGER PRIMARY KEY);
CREATE TABLE report (id INTEGER);
CREATE TABLE events (id INTEGER);
INSERT INTO users VALUES (1, 'Ada', 'happy', '127.0.0.1', 'x', '(1,2)', 5), (2, 'Grace', 'Happy', '::1', 'y', '(3,4)', 7), (3, 'Alan', 'grumpy', NULL, NULL, NULL, NULL);
INSERT INTO orders VALUES (1, 1), (2, 99);
INSERT INTO events VALUES (1);
