CREATE TABLE people (
    id INT PRIMARY KEY,
    undecided VARCHAR(60) CHARACTER SET utf8mb4,
    mixed_undecided VARCHAR(60) CHARACTER SET utf8mb4,
    twice VARCHAR(40) CHARACTER SET utf8mb4,
    mixed VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin UNIQUE,
    meant VARCHAR(60) CHARACTER SET utf8mb4,
    clean VARCHAR(60) CHARACTER SET utf8mb4,
    padded CHAR(12) CHARACTER SET utf8mb4,
    place VARCHAR(60) CHARACTER SET latin1
) CHARACTER SET utf8mb4;
SET @twice = CONVERT(CAST('größer €' AS BINARY) USING latin1);
SET @japanese = CONVERT(CAST('日本語' AS BINARY) USING latin1);
INSERT INTO people VALUES
    (1, @twice, @twice, @twice, @twice, 'say Ã¼ for ü in Latin-1', 'größer', @twice, 'MÃ¼nchen'),
    (2, 'plain', 'größer', @japanese, 'größer', 'Ã¼', 'Ã', '', 'plain'),
    (3, @japanese, '日本語', 'plain', '日本語 Ã¼', 'plain', '日本語', NULL, NULL),
    (4, NULL, 'é', NULL, NULL, NULL, NULL, NULL, '');
