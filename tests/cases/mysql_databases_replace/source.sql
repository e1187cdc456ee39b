DROP DATABASE IF EXISTS transship_old_shop;
DROP DATABASE IF EXISTS transship_old_crm;
CREATE DATABASE transship_old_crm CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE transship_old_shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

USE transship_old_crm;
CREATE TABLE people (id INT PRIMARY KEY, name VARCHAR(40));
INSERT INTO people VALUES (1, 'Ada'), (2, 'Bob');

USE transship_old_shop;
CREATE TABLE people (id INT PRIMARY KEY, nick VARCHAR(50) NOT NULL);
CREATE TABLE orders (
    id INT PRIMARY KEY,
    customer INT NOT NULL,
    CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES transship_old_crm.people (id)
);
INSERT INTO people VALUES (7, 'eve');
INSERT INTO orders VALUES (1, 1), (2, 2);
