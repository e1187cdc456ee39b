-- A default is a value of the column: it is local time as the rows are.
CREATE TABLE moments (id INTEGER PRIMARY KEY, stamp DATETIME DEFAULT '2024-07-15 12:00:00');
INSERT INTO moments (id) VALUES (1);
