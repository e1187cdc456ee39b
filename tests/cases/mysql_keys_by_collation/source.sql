-- Keys that the source takes for different, and PostgreSQL's collation for equal: ß is s here and ss there, a soft hyphen
-- counts here and is nothing there.
CREATE TABLE words (id INT PRIMARY KEY, word VARCHAR(40) COLLATE utf8mb4_general_ci, UNIQUE by_word (word));
INSERT INTO words VALUES (1, 'Strasse'), (2, 'Straße'), (3, 'Ada'), (4, CONVERT(x'41C2AD6461' USING utf8mb4));
-- A primary key of two such columns, one of which is decided by the spec.
CREATE TABLE pairs (
    one VARCHAR(20) COLLATE utf8mb4_general_ci, two VARCHAR(20) COLLATE utf8mb4_unicode_ci, three INT,
    PRIMARY KEY (one, two), KEY plain (two)
);
INSERT INTO pairs VALUES ('ß', 'x', 1), ('ss', 'x', 2), ('ss', 'y', 3);
