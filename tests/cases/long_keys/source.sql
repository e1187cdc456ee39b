-- A B-tree takes 2704 bytes of a key, after PostgreSQL has compressed it.
CREATE TABLE pages (id INTEGER PRIMARY KEY, url TEXT, body TEXT);
CREATE INDEX by_url ON pages (url);
WITH RECURSIVE n (i, noise) AS (
    SELECT 1, '' UNION ALL SELECT i + 1, noise || char(33 + (i * i * 7919 + i * 104729) % 89, 33 + (i * i * i + i * 31) % 83) FROM n WHERE i < 3000
)
INSERT INTO pages SELECT 1, 'short', 'x' UNION ALL SELECT 2, noise, noise FROM n WHERE i = 3000;
-- Ten times as long, and fits.
INSERT INTO pages VALUES (3, replace(hex(zeroblob(25000)), '00', 'a'), NULL);
