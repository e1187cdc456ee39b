-- Two databases of one server for tables that their applications have made already: names that both have, a reference from one
-- into the other, a record of migrations in each.
DROP DATABASE IF EXISTS transship_own_shop;
DROP DATABASE IF EXISTS transship_own_crm;
CREATE DATABASE transship_own_crm CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE DATABASE transship_own_shop CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

USE transship_own_crm;
CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE, name VARCHAR(40));
CREATE TABLE notes (
    id INT PRIMARY KEY,
    person INT NOT NULL,
    text VARCHAR(100),
    CONSTRAINT notes_person FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE
);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO people VALUES (1, 'ada@example.org', 'Ada'), (2, 'bob@example.org', 'Bob');
INSERT INTO notes VALUES (10, 1, 'a note'), (11, 2, NULL);
INSERT INTO alembic_version VALUES ('c2');

USE transship_own_shop;
CREATE TABLE people (id INT AUTO_INCREMENT PRIMARY KEY, nick VARCHAR(50) NOT NULL);
CREATE TABLE orders (
    id INT PRIMARY KEY,
    customer INT NOT NULL,
    buyer INT,
    total DECIMAL(10, 2),
    CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES transship_own_crm.people (id),
    CONSTRAINT orders_buyer FOREIGN KEY (buyer) REFERENCES people (id)
);
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY);
INSERT INTO people VALUES (1, 'ada'), (7, 'eve');
INSERT INTO orders VALUES (1, 1, 7, 10.50), (2, 2, 1, 3.00), (3, 1, NULL, NULL);
INSERT INTO alembic_version VALUES ('s7');
