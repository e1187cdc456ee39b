-- The empty text of an invalid value makes one end of a foreign key text; the other end is then no enum either.
SET sql_mode = '';
CREATE TABLE states (state ENUM('open', 'done') COLLATE utf8mb4_nopad_bin PRIMARY KEY, words VARCHAR(20));
INSERT INTO states VALUES ('open', 'to do'), ('done', 'done'), ('gone', 'nobody knows');
CREATE TABLE tasks (
    id INT PRIMARY KEY, state ENUM('open', 'done') COLLATE utf8mb4_nopad_bin, FOREIGN KEY (state) REFERENCES states (state)
);
INSERT INTO tasks VALUES (1, 'open'), (2, NULL), (3, 'done');
