-- Keys of the same kinds as in duplicate_keys that stay apart: nothing to find.
CREATE TABLE uuids (id UUID PRIMARY KEY);
INSERT INTO uuids VALUES
    ('6ba7b810-9dad-11d1-80b4-00c04fd430c8'),
    ('6BA7B811-9DAD-11D1-80B4-00C04FD430C8'),
    ('{6ba7b812-9dad-11d1-80b4-00c04fd430c8}'),
    (x'6ba7b8139dad11d180b400c04fd430c8');
CREATE TABLE codes (code, UNIQUE (code));
INSERT INTO codes VALUES (1), ('01'), (NULL), (NULL);
CREATE TABLE words (word TEXT COLLATE NOCASE UNIQUE);
INSERT INTO words VALUES ('Ähre'), ('ähre'), ('Korn');
CREATE TABLE visits (at DATETIME UNIQUE, since REAL UNIQUE);
INSERT INTO visits VALUES ('2024-05-01 10:00:00', 0.0), ('2024-05-01 10:00:00.000001', 1e-300), (NULL, 1e300);
CREATE TABLE tokens (id INTEGER PRIMARY KEY, token UUID, is_active INTEGER);
CREATE UNIQUE INDEX active_token ON tokens (token) WHERE is_active = 1;
INSERT INTO tokens VALUES
    (1, '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 1),
    (2, '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', 0);
