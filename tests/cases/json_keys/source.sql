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
