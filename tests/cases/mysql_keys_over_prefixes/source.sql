-- Unique over the first characters, by a collation that is not quite PostgreSQL's: ß is s here and ss there.
CREATE TABLE words (
    id INT PRIMARY KEY, word VARCHAR(40) COLLATE utf8mb4_general_ci, code VARBINARY(20), UNIQUE by_start (word(5)),
    UNIQUE by_code (code(2))
);
INSERT INTO words VALUES (1, 'Straße', x'0001ff'), (2, 'STRASSE', x'0002ff'), (3, 'Strand', x'0003ff'), (4, 'Strom', NULL);
CREATE TABLE pairs (
    id INT PRIMARY KEY, one VARCHAR(40) COLLATE utf8mb4_general_ci, two VARCHAR(40) COLLATE utf8mb4_unicode_ci,
    UNIQUE both_starts (one(2), two)
);
INSERT INTO pairs VALUES (1, 'ßx', 'a'), (2, 'ssx', 'A'), (3, 'abc', 'a'), (4, 'acd', 'a');
