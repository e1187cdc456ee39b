-- One `where` for a table has to answer for all its foreign keys, for what the spec says already, and for the rows that
-- are left behind in the referenced table. NOCASE finds a parent where PostgreSQL does not.
CREATE TABLE colours (name TEXT COLLATE NOCASE PRIMARY KEY NOT NULL);
INSERT INTO colours VALUES ('red');
CREATE TABLE boxes (
    id INTEGER PRIMARY KEY,
    inside INTEGER REFERENCES boxes,
    colour TEXT COLLATE NOCASE REFERENCES colours,
    size INTEGER
);
INSERT INTO boxes VALUES (1, 99, 'red', 1), (2, 1, 'RED', 1), (3, NULL, 'red', 1), (4, 3, 'green', 1), (5, 3, NULL, 0);
CREATE TABLE labels (box INTEGER REFERENCES boxes, text TEXT);
INSERT INTO labels VALUES (3, 'kept'), (1, 'its box is left behind'), (5, 'its box is left behind by the spec');
