-- An index over other rows warns; rows that stand nowhere else are left behind by the spec's word alone.
CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
INSERT INTO notes VALUES (1, 'Ships', 'They sailed away');
CREATE VIRTUAL TABLE notes_fts USING fts5(title, body, content='notes', content_rowid='id', tokenize='porter unicode61');
CREATE TRIGGER notes_insert AFTER INSERT ON notes BEGIN INSERT INTO notes_fts (rowid, title, body) VALUES (new.id, new.title, new.body); END;
CREATE VIRTUAL TABLE diary USING fts5(day, "what happened");
INSERT INTO diary (rowid, day, "what happened") VALUES (7, 'monday', 'rain'), (9, 'tuesday', NULL);
CREATE VIRTUAL TABLE old_search USING fts4(words);
INSERT INTO old_search (docid, words) VALUES (3, 'one two');
CREATE VIRTUAL TABLE empty USING fts5(body);
CREATE VIRTUAL TABLE only_index USING fts5(body, content='');
CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);
INSERT INTO boxes VALUES (1, 0.5, 2.25), (2, -1, 1);
CREATE VIRTUAL TABLE unwanted USING fts5(body);
INSERT INTO unwanted VALUES ('gone');
-- An index over a view that calls a function which only the application has (as Fossil does).
CREATE VIEW titled AS SELECT id AS rowid, title_of(id) AS title FROM notes;
CREATE VIRTUAL TABLE titled_fts USING fts5(title, content='titled', content_rowid='rowid');
