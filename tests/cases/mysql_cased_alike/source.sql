-- The section of one table would be found for the other.
CREATE TABLE Cased (id INT PRIMARY KEY, note VARCHAR(10) COLLATE utf8mb4_nopad_bin);
CREATE TABLE cased (id INT PRIMARY KEY, note VARCHAR(10) COLLATE utf8mb4_nopad_bin, changed DATETIME ON UPDATE CURRENT_TIMESTAMP);
INSERT INTO Cased VALUES (1, 'one');
INSERT INTO cased VALUES (1, 'eins', NULL), (2, 'zwei', NULL);
