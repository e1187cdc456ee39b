CREATE SCHEMA app;
CREATE TABLE app.products (id bigint PRIMARY KEY, sku text UNIQUE, name text);
CREATE TABLE app.items (id bigint PRIMARY KEY, sku text REFERENCES app.products (sku));
CREATE TABLE app.users (id bigint PRIMARY KEY, name text);
CREATE TABLE app.posts (id bigint PRIMARY KEY, user_id bigint REFERENCES app.users);
CREATE TABLE app.parts (id bigint PRIMARY KEY, code text UNIQUE);
CREATE TABLE app.stock (n bigint, code text REFERENCES app.parts (code) ON UPDATE SET NULL);
CREATE TABLE app.people (email text PRIMARY KEY, n bigint GENERATED ALWAYS AS IDENTITY, name text);
CREATE TABLE app.orders (id bigint PRIMARY KEY, amount bigint);
-- What references six is no row of the source: only its name differs.
INSERT INTO app.products VALUES (5, 'B', 'five'), (6, 'C', 'sixth');
INSERT INTO app.users VALUES (1, 'root');
INSERT INTO app.posts VALUES (10, 1), (11, NULL);
INSERT INTO app.parts VALUES (5, 'B');
INSERT INTO app.stock VALUES (1, 'B');
INSERT INTO app.people (email, name) VALUES ('ada@x', 'Eve');
INSERT INTO app.orders VALUES (9, 5);
