CREATE EXTENSION btree_gist;
CREATE SCHEMA app; CREATE DOMAIN app.mail AS text CHECK (VALUE LIKE '%@%'); CREATE DOMAIN app.word AS text;
CREATE TABLE app.shops (id bigint PRIMARY KEY); INSERT INTO app.shops VALUES (1);
CREATE FUNCTION app.given() RETURNS text LANGUAGE sql AS 'SELECT ''x''::text';
-- The name of s stands in other names, and nextval( in a text: neither is read, nor calls anything.
CREATE TABLE app.users (id bigint PRIMARY KEY, mail app.mail, state app.word, shop bigint CONSTRAINT in_shop REFERENCES app.shops,
    next bigint REFERENCES app.users, n bigint, half double precision GENERATED ALWAYS AS (1.0 / n) STORED, extra int DEFAULT 3, s text DEFAULT app.given(),
    seen text DEFAULT 'nextval(', CONSTRAINT has_seen CHECK (seen IS NOT NULL), CONSTRAINT of_s CHECK (length(s) > 0),
    CONSTRAINT is_state CHECK (state IN ('new', 'old')), CONSTRAINT extra_ok CHECK (extra > id), CONSTRAINT one_state EXCLUDE USING btree (state WITH =));
CREATE UNIQUE INDEX by_mail ON app.users (lower(mail)); CREATE INDEX of_new ON app.users (id) WHERE state = 'new';
CREATE TABLE app.plain (id bigint PRIMARY KEY, n bigint NOT NULL UNIQUE);
CREATE TABLE app.bookings (id bigint PRIMARY KEY, room int, during daterange,
    nights int GENERATED ALWAYS AS (upper(during) - lower(during)) STORED, CONSTRAINT short CHECK (nights < 4), CONSTRAINT once EXCLUDE USING gist (room WITH =, during WITH &&));
