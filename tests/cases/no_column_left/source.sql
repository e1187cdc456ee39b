-- PostgreSQL knows tables without columns; their rows still count.
CREATE TABLE users (name TEXT);
INSERT INTO users VALUES ('Ada');
