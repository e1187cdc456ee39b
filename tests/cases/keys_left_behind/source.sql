-- Keys that refuse rows in PostgreSQL stay behind by the spec's word, and every row is kept.
CREATE TABLE links (url TEXT PRIMARY KEY, title TEXT UNIQUE, shop INTEGER, code INTEGER, UNIQUE (shop, code));
INSERT INTO links VALUES ('a', 'one', 1, 1), ('b', 'two', 1, 2), ('c', hex(zeroblob(200)), 2, 1);
CREATE TABLE visits (id INTEGER PRIMARY KEY, url TEXT NOT NULL REFERENCES links, title TEXT REFERENCES links (title));
INSERT INTO visits VALUES (1, 'a', 'two'), (2, 'c', NULL);
-- Without the key PostgreSQL cannot know that a title has one url.
CREATE VIEW visited AS SELECT l.url, l.title, count(*) AS visits FROM links l JOIN visits v ON v.url = l.url GROUP BY l.url;
