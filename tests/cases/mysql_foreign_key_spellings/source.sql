-- A foreign key compares by the collation: each of these rows references one that is there, in another spelling.
CREATE TABLE codes (code VARCHAR(10) COLLATE utf8mb4_general_ci PRIMARY KEY);
INSERT INTO codes VALUES ('abc'), ('Zoë'), ('x');
CREATE TABLE uses (
    id INT PRIMARY KEY, code VARCHAR(10) COLLATE utf8mb4_general_ci,
    CONSTRAINT uses_code FOREIGN KEY (code) REFERENCES codes (code)
);
INSERT INTO uses VALUES (1, 'abc'), (2, 'ABC '), (3, 'ZOE'), (4, NULL), (5, 'x ');
-- A key that is unique, and not primary.
CREATE TABLE tags (id INT PRIMARY KEY, name VARCHAR(20) COLLATE utf8mb4_unicode_ci NOT NULL UNIQUE);
INSERT INTO tags VALUES (1, 'Oak'), (2, 'Elm');
CREATE TABLE tagged (id INT PRIMARY KEY, tag VARCHAR(20) COLLATE utf8mb4_unicode_ci NOT NULL, FOREIGN KEY (tag) REFERENCES tags (name));
INSERT INTO tagged VALUES (1, 'Oak'), (2, 'Elm');
