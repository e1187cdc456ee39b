-- Each table holds keys that SQLite keeps apart and PostgreSQL does not.
CREATE TABLE uuids (id UUID PRIMARY KEY, note TEXT);
INSERT INTO uuids VALUES
    ('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'plain'),
    ('6BA7B810-9DAD-11D1-80B4-00C04FD430C8', 'upper case'),
    ('{6ba7b8109dad11d180b400c04fd430c8}', 'braces'),
    ('6ba7b811-9dad-11d1-80b4-00c04fd430c8', 'another');
CREATE TABLE codes (code, note TEXT, UNIQUE (code));
INSERT INTO codes VALUES (1, 'a number'), ('1', 'text'), (2, 'another'), (NULL, 'none'), (NULL, 'none');
CREATE TABLE prices (price TEXT, shop INTEGER);
CREATE UNIQUE INDEX one_price ON prices (shop, price);
INSERT INTO prices VALUES ('1.0', 1), ('1.00', 1), ('1.0', 2), ('1.5', 1);
CREATE TABLE visits (at DATETIME UNIQUE);
INSERT INTO visits VALUES ('2024-05-01 10:00:00'), ('2024-05-01T10:00:00Z'), ('2024-05-01 12:00:00+02:00'), ('2024-05-02');
CREATE TABLE switches (name TEXT, is_on BOOLEAN, UNIQUE (name, is_on));
INSERT INTO switches VALUES ('lamp', 't'), ('lamp', 1), ('lamp', 0);
CREATE TABLE words (word TEXT UNIQUE);
INSERT INTO words VALUES ('Ähre'), ('ähre'), ('Korn'), ('korn');
CREATE TABLE padded (code TEXT UNIQUE);
INSERT INTO padded VALUES ('ab'), ('ab '), ('abc');
-- Only the rows of a partial index have to differ.
CREATE TABLE tokens (id INTEGER PRIMARY KEY, token UUID, is_active INTEGER);
CREATE UNIQUE INDEX active_token ON tokens (token) WHERE is_active = 1;
INSERT INTO tokens VALUES
    (1, '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 1),
    (2, '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', 0),
    (3, '6BA7B8109DAD11D180B400C04FD430C8', 1);
-- RTRIM takes no notice of spaces at the end, and the index in PostgreSQL leaves them out.
CREATE TABLE labels (label COLLATE RTRIM UNIQUE);
INSERT INTO labels VALUES (7), ('7  '), ('8');
