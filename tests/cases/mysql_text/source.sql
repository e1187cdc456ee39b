CREATE TABLE texts (
    id INT PRIMARY KEY,
    western VARCHAR(20) CHARACTER SET latin1,
    chinese VARCHAR(20) CHARACTER SET gbk,
    short VARCHAR(20) CHARACTER SET utf8mb3,
    wide VARCHAR(20) CHARACTER SET ucs2,
    full_text TEXT CHARACTER SET utf8mb4,
    twice VARCHAR(40) CHARACTER SET utf8mb4,
    padded CHAR(10) CHARACTER SET latin1,
    raw VARCHAR(20) CHARACTER SET binary,
    choice ENUM('a', 'ü') CHARACTER SET latin1
);
INSERT INTO texts VALUES
    (1, '€ “größer”', '中文', 'größer', 'größer', 'größer 😀', CONVERT(CAST('größer €' AS BINARY) USING latin1), 'ab', 'größer', 'ü'),
    (2, CONVERT(x'81' USING latin1), '', '', '', '', '', '', '', 'a'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
