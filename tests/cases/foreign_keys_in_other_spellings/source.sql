-- SQLite compares the text, PostgreSQL the uuid: only row 3 references nothing.
CREATE TABLE users (id UUID PRIMARY KEY);
INSERT INTO users VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8'), ('6ba7b811-9dad-11d1-80b4-00c04fd430c8');
CREATE TABLE posts (id INTEGER PRIMARY KEY, author UUID REFERENCES users, editor UUID REFERENCES users);
INSERT INTO posts VALUES
    (1, '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', NULL),
    (2, '6ba7b8119dad11d180b400c04fd430c8', '6ba7b811-9dad-11d1-80b4-00c04fd430c8'),
    (3, '6ba7b812-9dad-11d1-80b4-00c04fd430c8', '{6ba7b811-9dad-11d1-80b4-00c04fd430c8}');
