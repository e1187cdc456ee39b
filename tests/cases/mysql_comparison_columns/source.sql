-- The columns compare as in the source: a reference in another case is none the worse for it; spaces at the end remain.
CREATE TABLE codes (code VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY);
INSERT INTO codes VALUES ('abc'), ('Zoë');
CREATE TABLE uses (
    id INT PRIMARY KEY, code VARCHAR(10) COLLATE utf8mb4_general_ci, note VARCHAR(10) COLLATE utf8mb4_unicode_ci,
    CONSTRAINT uses_code FOREIGN KEY (code) REFERENCES codes (code)
);
INSERT INTO uses VALUES (1, 'abc', 'a'), (2, 'ABC', 'A'), (3, 'ZOE', 'á'), (4, NULL, NULL);
