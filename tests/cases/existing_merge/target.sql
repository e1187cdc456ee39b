CREATE SCHEMA app;
CREATE TABLE app.users (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, score numeric(10, 3), seen timestamptz, data jsonb, raw bytea);
CREATE TABLE app.settings (name text PRIMARY KEY, value text);
CREATE TABLE app.memberships (user_id bigint NOT NULL REFERENCES app.users, team text NOT NULL, PRIMARY KEY (user_id, team));
INSERT INTO app.users OVERRIDING SYSTEM VALUE VALUES (1, 'Ada', 1.5, '2024-01-02 03:04:05+00', '{"a":1}', '\x00ff'), (9, 'Kurt', 0, NULL, NULL, NULL);
INSERT INTO app.settings VALUES ('theme', 'light'), ('language', 'en'), ('of the application', 'x');
INSERT INTO app.memberships VALUES (1, 'core'), (9, 'logic');
