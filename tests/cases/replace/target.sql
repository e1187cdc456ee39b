-- Two tables that lead to one another, of another shape, and a third that is none of the migration's business.
CREATE SCHEMA app;
CREATE TABLE app.users (id integer PRIMARY KEY, old text, team_id integer);
CREATE INDEX by_name ON app.users (old);
CREATE TABLE app.teams (id integer PRIMARY KEY, lead_id integer REFERENCES app.users);
ALTER TABLE app.users ADD FOREIGN KEY (team_id) REFERENCES app.teams;
INSERT INTO app.users VALUES (1, 'old', NULL), (2, 'old', NULL);
INSERT INTO app.teams VALUES (5, 1);
CREATE TABLE app.bystander (id integer);
INSERT INTO app.bystander VALUES (1);
