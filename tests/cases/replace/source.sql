CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, team_id INTEGER REFERENCES teams);
CREATE TABLE teams (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES users);
CREATE INDEX by_name ON users (name);
INSERT INTO users VALUES (1, 'Ada', 1), (2, 'Grace', NULL);
INSERT INTO teams VALUES (1, 2);
