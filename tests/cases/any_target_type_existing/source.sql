CREATE TABLE orders (
    id INTEGER PRIMARY KEY, amount TEXT, place TEXT, moods TEXT, mood TEXT, period TEXT, code TEXT, names TEXT, digest TEXT, kind TEXT
);
INSERT INTO orders VALUES
    (1, '12.5', '(Berlin,10115)', '["happy", "sad"]', 'happy', '[2024-01-01,2024-01-31]', '["A-17"]', '["Ada", "Grace"]', '["\\x00ff"]', '["x"]'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, '0', '{"city": "Köln", "code": 50667}', '{}', 'Sad', 'empty', '{B-2}', '{}', '{"\\xabcd"}', '{y,z}');
