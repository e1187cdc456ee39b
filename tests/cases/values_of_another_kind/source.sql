-- What SQLite's columns hold beside what they were declared for.
CREATE TABLE things (
    id INTEGER PRIMARY KEY,
    count INTEGER,
    large INTEGER,
    is_on BOOLEAN,
    name VARCHAR(50),
    price DECIMAL(10, 2),
    share NUMERIC(10),
    weight REAL,
    meta JSON,
    nul TEXT,
    latin TEXT,
    picture BLOB,
    note TEXT,
    uuid UUID
);
INSERT INTO things VALUES
    (1, 5, 1, 1, 'short', 12.5, 1, 1.5, '{"a": 1}', 'a', 'a', x'00ff', 'text', '6ba7b810-9dad-11d1-80b4-00c04fd430c8'),
    (2, 'five', 9223372036854775807, 'true', 'fifty characters and not one more, all of them here', 12.345, 1, 9e999, '{a: 1}', 'a' || char(0) || 'b', CAST(x'e4' AS TEXT), 'text', x'ff00', '6BA7B810-9DAD-11D1-80B4-00C04FD430C8'),
    (3, 7, 9223372036854775808, 2, replace(hex(zeroblob(40)), '00', 'äö'), 12345678901.5, 9e999, -9e999, '"\u0000"', NULL, NULL, NULL, NULL, '{6ba7b810-9dad-11d1-80b4-00c04fd430c8}'),
    (4, NULL, NULL, 'f', NULL, NULL, NULL, NULL, '"\ud800"', NULL, NULL, NULL, NULL, '6ba7b8109dad11d180b400c04fd430c8');
