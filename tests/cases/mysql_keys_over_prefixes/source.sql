-- Unique over the first characters, by a collation that is not quite PostgreSQL's: ß is s here and ss there, a soft hyphen
-- counts here and is nothing there.
CREATE TABLE words (
    id INT PRIMARY KEY, word VARCHAR(40) COLLATE utf8mb4_general_ci, code VARBINARY(20), UNIQUE by_start (word(3)),
    UNIQUE by_code (code(2))
);
INSERT INTO words VALUES
    (1, 'ßa', x'0001ff'), (2, 'SSA', x'0002ff'), (3, 'stroll', x'0003ff'), (4, 'sturdy', NULL), (5, 'ab', NULL),
    (6, CONVERT(x'6162C2AD6364' USING utf8mb4), NULL);
CREATE TABLE pairs (
    id INT PRIMARY KEY, one VARCHAR(40) COLLATE utf8mb4_general_ci, two VARCHAR(40) COLLATE utf8mb4_unicode_ci,
    UNIQUE both_starts (one(4), two)
);
INSERT INTO pairs VALUES (1, 'ßx', 'a'), (2, 'ssx', 'A'), (3, 'abcde', 'a'), (4, 'abdee', 'a');
