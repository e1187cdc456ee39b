-- What the application's own migrations made, with everything that a load must leave as it was.
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN app.amount AS numeric(10,2) CHECK (VALUE >= 0);
CREATE FUNCTION app.loud() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a trigger fired during the load';
END
$$;
CREATE TABLE app.teams (id serial PRIMARY KEY, name varchar(50) NOT NULL, lead_id integer);
CREATE TABLE app.users (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name varchar(40) NOT NULL,
    email text COLLATE "C" UNIQUE,
    mood app.mood,
    team_id integer REFERENCES app.teams ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    joined timestamptz(3),
    token uuid,
    settings jsonb,
    balance app.amount,
    active boolean DEFAULT true,
    created timestamptz NOT NULL DEFAULT '2024-01-01 00:00:00+00',
    note text,
    name_length integer GENERATED ALWAYS AS (length(name)) STORED,
    CONSTRAINT name_is_given CHECK (name <> '')
);
ALTER TABLE app.teams ADD CONSTRAINT lead FOREIGN KEY (lead_id) REFERENCES app.users (id) ON UPDATE CASCADE;
COMMENT ON CONSTRAINT lead ON app.teams IS 'who''s first';
CREATE INDEX users_by_lower_name ON app.users (lower(name)) WHERE active;
CREATE TABLE app.posts (
    id bigserial PRIMARY KEY,
    parent_id bigint CONSTRAINT "Parent of a post" REFERENCES app.posts,
    author_id integer,
    body text,
    words bigint GENERATED ALWAYS AS (length(body)) STORED
);
ALTER TABLE app.posts ADD CONSTRAINT author FOREIGN KEY (author_id) REFERENCES app.users NOT VALID;
CREATE TABLE app.tags (slug varchar(20) PRIMARY KEY, label text);
CREATE TABLE app.post_tags (
    post_id bigint REFERENCES app.posts ON DELETE CASCADE,
    tag varchar(20) REFERENCES app.tags ON UPDATE CASCADE,
    PRIMARY KEY (post_id, tag)
);
CREATE TABLE app.alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO app.alembic_version VALUES ('new');
INSERT INTO app.tags VALUES ('old', 'from the first start of the application');
CREATE TRIGGER loud BEFORE INSERT ON app.users FOR EACH ROW EXECUTE FUNCTION app.loud();
CREATE TRIGGER louder AFTER TRUNCATE ON app.tags FOR EACH STATEMENT EXECUTE FUNCTION app.loud();
CREATE TRIGGER "Always" AFTER INSERT ON app.posts FOR EACH ROW EXECUTE FUNCTION app.loud();
ALTER TABLE app.posts ENABLE ALWAYS TRIGGER "Always";
CREATE TRIGGER silent BEFORE INSERT ON app.teams FOR EACH ROW EXECUTE FUNCTION app.loud();
ALTER TABLE app.teams DISABLE TRIGGER silent;
CREATE RULE no_tags AS ON INSERT TO app.tags DO INSTEAD NOTHING;
CREATE VIEW app.active_users AS SELECT id, name FROM app.users WHERE active;
