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
-- What is part of a table goes with it, and is no reason to keep it.
ALTER TABLE app.users
    ADD CONSTRAINT old_is_short CHECK (length(old) < id + 10),
    ADD COLUMN twice integer GENERATED ALWAYS AS (id * 2) STORED,
    ADD COLUMN number serial;
CREATE INDEX by_lower_old ON app.users (lower(old)) WHERE id > 0;
CREATE RULE nothing AS ON DELETE TO app.users DO INSTEAD NOTHING;
CREATE POLICY own ON app.users USING (old = current_user);
CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER keep BEFORE UPDATE ON app.users FOR EACH ROW WHEN (OLD.old <> NEW.old) EXECUTE FUNCTION app.keep();
CREATE STATISTICS app.both ON id, old FROM app.users;
