CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('happy', 'sad');
CREATE TABLE app.users (
    id integer PRIMARY KEY, "NAME" text, mood app.mood, address inet, pair point, duration interval DEFAULT '0', noted text
);
CREATE TABLE app.orders (id integer PRIMARY KEY, user_id integer REFERENCES app.users);
CREATE TABLE app.invoices (id integer PRIMARY KEY, order_id integer REFERENCES app.orders);
INSERT INTO app.users (id) VALUES (100);
INSERT INTO app.orders VALUES (100, 100);
INSERT INTO app.invoices VALUES (100, 100);
CREATE VIEW app.report AS SELECT id FROM app.users;
CREATE TABLE app.events (id integer) PARTITION BY RANGE (id);
