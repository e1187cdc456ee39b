-- Triggers stay behind with their text; of the common kinds the plan says what takes their place.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, updated_at DATETIME, "Touched" TEXT);
INSERT INTO users VALUES (1, 'Ada', '2024-01-01 00:00:00', NULL);
CREATE TRIGGER touch_users AFTER UPDATE ON users FOR EACH ROW BEGIN
    UPDATE users SET updated_at = CURRENT_TIMESTAMP, "Touched" = datetime('now') WHERE id = NEW.id;
END;
CREATE TRIGGER touch_name AFTER UPDATE OF name ON users BEGIN UPDATE users SET updated_at = datetime('now') WHERE rowid = old.rowid; END;
CREATE TRIGGER trim_name AFTER INSERT ON users BEGIN UPDATE users SET name = trim(name) WHERE id = new.id; END;
CREATE TRIGGER only_sometimes AFTER UPDATE ON users WHEN new.name <> old.name BEGIN UPDATE users SET updated_at = CURRENT_TIMESTAMP WHERE id = new.id; END;
CREATE VIRTUAL TABLE found USING fts5(name, content='users', content_rowid='id');
CREATE TRIGGER users_into_found AFTER INSERT ON users BEGIN INSERT INTO found (rowid, name) VALUES (new.id, new.name); END;
CREATE TRIGGER users_out_of_found AFTER DELETE ON users BEGIN INSERT INTO found (found, rowid, name) VALUES ('delete', old.id, old.name); END;
-- A column that is called rowid hides the key of that name.
CREATE TABLE pages (id INTEGER PRIMARY KEY, rowid INT, seen TEXT);
CREATE TRIGGER touch_pages AFTER UPDATE ON pages BEGIN UPDATE pages SET seen = CURRENT_TIMESTAMP WHERE rowid = new.rowid; END;
