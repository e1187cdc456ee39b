-- Tables of the same names in both schemas, of another shape; keys that lead from each into the other; and two that are none of
-- the migration's business, of which one has the name of a table of the other schema.
CREATE SCHEMA shop;
CREATE SCHEMA crm;
CREATE TABLE crm.people (number integer PRIMARY KEY, old text);
CREATE TABLE shop.people (number integer PRIMARY KEY, friend integer REFERENCES crm.people);
CREATE TABLE shop.orders (number integer PRIMARY KEY, customer integer NOT NULL REFERENCES crm.people);
ALTER TABLE crm.people ADD COLUMN favourite integer REFERENCES shop.people;
CREATE TABLE crm.orders (number integer PRIMARY KEY);
CREATE TABLE shop.bystander (number integer);
INSERT INTO crm.people VALUES (1, 'old', NULL), (2, 'old', NULL);
INSERT INTO shop.people VALUES (7, 1);
INSERT INTO shop.orders VALUES (5, 2);
UPDATE crm.people SET favourite = 7;
INSERT INTO crm.orders VALUES (4);
INSERT INTO shop.bystander VALUES (1);
