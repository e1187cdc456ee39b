-- The column's word goes before the table's.
CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER, birthday DATE, meta JSON);
INSERT INTO users VALUES
    (1, 30, '1990-01-01', '{}'),
    (2, 'thirty', '0000-00-00', '{}'),
    (3, 3.5, NULL, '{"a": 1, "a": 2}'),
    (4, 4, '2000-02-30', '[]');
CREATE TABLE notes (body TEXT, at DATETIME);
INSERT INTO notes VALUES ('kept', '2024-01-01'), ('late', 'x');
