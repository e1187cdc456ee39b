CREATE TABLE users (id INTEGER PRIMARY KEY, age INTEGER, birthday DATE, name VARCHAR(3), meta JSON, is_on BOOLEAN, price NUMERIC(4, 2), note TEXT);
INSERT INTO users VALUES
    (1, 'about 30', '0000-00-00', 'long name', '{broken', 2, 123.456, 'a' || char(0) || 'b'),
    (2, 3.5, '2024-02-30', 'Ada', '{}', 'maybe', 99.99, CAST(x'ff' AS TEXT)),
    (3, 3, '2024-02-29', 'Bob', '{}', 1, 1, 'fine'),
    (4, 'x', 'x', 'fine', 'x', 'x', 'x', x'0102'),
    (5, 'x', NULL, NULL, NULL, NULL, NULL, NULL),
    (6, 'x', NULL, NULL, NULL, NULL, NULL, NULL),
    (7, 'x', NULL, NULL, NULL, NULL, NULL, NULL),
    (8, 'x', NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE good (id INTEGER PRIMARY KEY);
INSERT INTO good VALUES (1);
