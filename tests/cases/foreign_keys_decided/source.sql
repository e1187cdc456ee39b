-- Orphans that stay: one foreign key is kept for new rows, one is left behind, one is checked as ever.
CREATE TABLE authors (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO authors VALUES (1, 'Ada');
CREATE TABLE shelves (room TEXT, place INTEGER, PRIMARY KEY (room, place));
INSERT INTO shelves VALUES ('north', 1);
CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    author_id INTEGER REFERENCES authors,
    editor_id INTEGER REFERENCES authors,
    room TEXT,
    place INTEGER,
    owner INTEGER REFERENCES authors,
    FOREIGN KEY (room, place) REFERENCES shelves
);
INSERT INTO books VALUES (1, 1, 1, 'north', 1, 1), (2, 9, 8, 'south', 7, 1), (3, NULL, 8, NULL, NULL, NULL);
-- A reference that no longer meets what it references: its values are no integers.
CREATE TABLE notes (author_id INTEGER REFERENCES authors);
INSERT INTO notes VALUES (1), ('somebody');
