-- The key of a deleted row is not handed out again: the sequence goes on after it.
CREATE TABLE auto_increment (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);
INSERT INTO auto_increment VALUES (1, 'one'), (2, 'two'), (3, 'three');
DELETE FROM auto_increment WHERE id = 3;


CREATE TABLE emptied (id INTEGER PRIMARY KEY AUTOINCREMENT);
INSERT INTO emptied VALUES (41);
DELETE FROM emptied;

CREATE TABLE never_used (id INTEGER PRIMARY KEY AUTOINCREMENT);
