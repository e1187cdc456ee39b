PRAGMA encoding = 'UTF-16le';
CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT UNIQUE, "größe" VARCHAR(4));
INSERT INTO words VALUES (1, 'naïve', 'groß'), (2, '漢字', '12'), (3, '🚢', NULL), (4, '', '🚢🚢🚢🚢');
