CREATE TABLE documents (id INTEGER PRIMARY KEY, body JSON);
INSERT INTO documents VALUES (1, '{"a": 1, "a": 2}'), (2, '{"a": {"a": 1}}'), (3, '[{"b": 1, "\u0062": 2}]');
