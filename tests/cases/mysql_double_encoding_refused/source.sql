CREATE TABLE words (
    id INT PRIMARY KEY,
    mixed VARCHAR(40) COLLATE utf8mb4_bin NOT NULL UNIQUE,
    once VARCHAR(40) COLLATE utf8mb4_bin
) CHARACTER SET utf8mb4;
INSERT INTO words VALUES (1, 'ü', 'Ã¼'), (2, 'Ã¼', 'ü'), (3, 'plain', 'plain');
