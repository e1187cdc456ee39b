CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, shout TEXT GENERATED ALWAYS AS (upper(name)) VIRTUAL, twice INTEGER AS (id * 2) STORED);
INSERT INTO users (id, name) VALUES (1, 'Ada');
CREATE VIEW names AS SELECT name FROM users;
CREATE TRIGGER on_insert AFTER INSERT ON users BEGIN UPDATE users SET name = trim(name) WHERE id = new.id; END;
CREATE TRIGGER on_view INSTEAD OF INSERT ON names BEGIN SELECT 1; END;
CREATE VIRTUAL TABLE search USING fts5(body, content='');
INSERT INTO search (rowid, body) VALUES (1, 'words to find');
CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);
ANALYZE;
