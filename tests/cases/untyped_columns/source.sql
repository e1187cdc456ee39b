CREATE TABLE untyped (
    integers, reals, mixed_numbers, texts, text_and_numbers, blobs, no_values, big_and_real,
    id INTEGER PRIMARY KEY
);
INSERT INTO untyped VALUES
    (1, 1.5, 1, 'a', 'a', x'00', NULL, 9223372036854775807, 1),
    (-2, 2.0, 1.5, 'b', 12, x'', NULL, 0.1, 2),
    (NULL, NULL, NULL, NULL, 1.5, NULL, NULL, NULL, 3);
CREATE TABLE empty_untyped (a, b);
CREATE TABLE made AS SELECT 1 AS a, 'x' AS b, 1.5 AS c, x'00' AS d;
-- ANY of a STRICT table makes no numbers of texts.
CREATE TABLE kept (id INTEGER PRIMARY KEY, leading ANY DEFAULT '007', exponent ANY DEFAULT '1e3', number ANY DEFAULT 1e3) STRICT;
INSERT INTO kept VALUES (1, 'x', 'y', 'z');
