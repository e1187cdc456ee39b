CREATE TABLE documents (id INTEGER PRIMARY KEY, body JSON, kept TEXT, plain TEXT);
INSERT INTO documents VALUES
    (1, '{"b": 1, "a": [1, 2.50, 1e3, null, true], "ä": "\u00e4\n"}', '{"b": 1, "b": 2}', '{}'),
    (2, '"text"', ' [ 1 ] ', NULL),
    (3, 12345678901234567890.123456789, 'null', NULL),
    (4, '12345678901234567890.123456789', '1', NULL),
    (5, NULL, NULL, ''),
    (6, '{"a": {"a": 1}}', '{}', '');
