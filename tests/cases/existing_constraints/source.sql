-- Rows that break what only the application's tables demand.
CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT, state TEXT, shop INTEGER, next INTEGER REFERENCES users (id), n INTEGER);
CREATE TABLE plain (id INTEGER PRIMARY KEY, n INTEGER NOT NULL UNIQUE);
CREATE TABLE bookings (id INTEGER PRIMARY KEY, room INTEGER, during TEXT);
INSERT INTO users VALUES (1, 'a@b', 'new', NULL, 1, 5), (2, 'A@b', 'old', 7, NULL, 0), (3, 'nothing', 'gone', 1, NULL, 2);
INSERT INTO plain VALUES (1, 1);
INSERT INTO bookings VALUES (1, 1, '[2024-01-01,2024-01-05)'), (2, 1, '[2024-01-04,2024-01-06)'), (3, 2, '[2024-01-04,2024-01-06)');
