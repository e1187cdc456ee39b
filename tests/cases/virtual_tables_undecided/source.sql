-- Rows that stand nowhere else would stay behind without a word: they block, and the lines that are proposed keep them.
CREATE TABLE notes (id INTEGER PRIMARY KEY, title TEXT);
INSERT INTO notes VALUES (1, 'Ships');
CREATE VIRTUAL TABLE diary USING fts5(day, "what happened");
INSERT INTO diary (rowid, day, "what happened") VALUES (7, 'monday', 'rain'), (9, 'tuesday', NULL);
CREATE VIRTUAL TABLE old_search USING fts4(words);
INSERT INTO old_search (docid, words) VALUES (3, 'one two');
CREATE VIRTUAL TABLE boxes USING rtree(id, low, high);
INSERT INTO boxes VALUES (1, 0.5, 2.25), (2, -1, 1);
