-- The type json has no equality: no key, no unique constraint, no index can stand on it, nor a reference.
CREATE TABLE documents (
    body JSON PRIMARY KEY NOT NULL,
    meta JSON UNIQUE,
    id INTEGER
);
CREATE INDEX by_meta ON documents (id, meta);
CREATE INDEX by_id ON documents (id);
CREATE TABLE quotes (document JSON REFERENCES documents);
INSERT INTO documents VALUES ('{"a": 1}', '[]', 1);
INSERT INTO quotes VALUES ('{"a": 1}');
-- A part of a document is text in PostgreSQL: 1 and '1' are equal there alone, 1 and true in SQLite alone.
CREATE TABLE parts (id INTEGER PRIMARY KEY, data JSON NOT NULL);
CREATE UNIQUE INDEX one_key ON parts (data ->> '$.key');
CREATE UNIQUE INDEX one_extracted ON parts (json_extract(data, '$.key'), id);
CREATE INDEX found ON parts (data ->> '$.key');
INSERT INTO parts VALUES (1, '{"key": 1}'), (2, '{"key": "1"}');
