-- SQLite allows names of no characters.
CREATE TABLE "" (a TEXT);
CREATE TABLE users (id INTEGER PRIMARY KEY, "" TEXT);
