-- Both ends of 64 bits: no value is left for the sequence to go on with.
CREATE TABLE ends (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO ends VALUES (9223372036854775807, 'last'), (-9223372036854775808, 'first');
