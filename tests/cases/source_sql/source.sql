-- Values that the spec reads by an expression of SQLite's in place of the column.
CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    email TEXT UNIQUE,
    born TEXT,
    score TEXT,
    anything,
    twice INTEGER GENERATED ALWAYS AS (id * 2)
);
INSERT INTO people (id, email, born, score, anything) VALUES
    (1, ' Ada@Example.org', '10.12.1815', '1,5', 'x'),
    (2, 'grace@example.org ', '09.12.1906', '2,25', 7),
    (3, NULL, NULL, NULL, NULL);
CREATE TABLE letters (id INTEGER PRIMARY KEY, person INTEGER REFERENCES people (id), body TEXT);
INSERT INTO letters VALUES (1, 101, 'to Charles'), (2, 102, 'to nobody');
