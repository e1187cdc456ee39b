SET sql_mode = '';
CREATE TABLE tasks (id INT PRIMARY KEY, status ENUM('open', 'done') NOT NULL, kind ENUM('', 'a'));
INSERT INTO tasks VALUES (1, 'open', ''), (2, 'closed', 'a'), (3, '', NULL), (4, 'done', '');
