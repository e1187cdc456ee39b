-- Several databases of one server: beside the case's own, which is left alone, three that are named here.
DROP DATABASE IF EXISTS `transship_dbs.odd`;
DROP DATABASE IF EXISTS transship_dbs_shop;
DROP DATABASE IF EXISTS transship_dbs_crm;
CREATE DATABASE transship_dbs_crm CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE DATABASE transship_dbs_shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE DATABASE `transship_dbs.odd` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE not_read (a INT PRIMARY KEY);

USE transship_dbs_crm;
CREATE TABLE people (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email VARCHAR(100) NOT NULL,
    state ENUM('new', 'open', 'closed') NOT NULL DEFAULT 'new',
    changed DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    UNIQUE KEY by_email (email),
    KEY by_state (state)
) COMMENT = 'People of the CRM';
CREATE TABLE notes (
    id INT NOT NULL PRIMARY KEY,
    person INT NOT NULL,
    text TEXT COLLATE utf8mb4_bin,
    KEY by_person (person),
    CONSTRAINT notes_person FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE
);
INSERT INTO people VALUES (1, 'Ada@example.com', 'open', '2020-01-01 00:00:00'), (2, 'bob@example.com', 'new', '2020-01-02 00:00:00');
INSERT INTO notes VALUES (10, 1, 'a note'), (11, 2, NULL);

USE transship_dbs_shop;
-- The same names as in the other database: table, index, enum.
CREATE TABLE people (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    nick VARCHAR(50) NOT NULL COLLATE utf8mb4_bin,
    state ENUM('new', 'open', 'closed') NOT NULL,
    KEY by_state (state)
);
CREATE TABLE orders (
    id INT NOT NULL PRIMARY KEY,
    customer INT NOT NULL,
    buyer INT NOT NULL,
    total DECIMAL(10, 2) NOT NULL,
    KEY by_state (total),
    CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES transship_dbs_crm.people (id),
    CONSTRAINT orders_buyer FOREIGN KEY (buyer) REFERENCES people (id)
);
INSERT INTO people VALUES (1, 'ada', 'closed'), (7, 'eve', 'new');
INSERT INTO orders VALUES (1, 1, 7, 10.50), (2, 2, 1, 3.00), (3, 1, 1, 0.99);
-- A view over tables of one name in two databases, and one over that view.
CREATE VIEW who AS
    SELECT orders.id AS order_id, people.nick AS nick, other.email AS email
    FROM orders
    JOIN people ON people.id = orders.buyer
    JOIN transship_dbs_crm.people AS other ON other.id = orders.customer;

USE transship_dbs_crm;
CREATE VIEW pairs AS
    SELECT people.id AS id, transship_dbs_shop.orders.total AS total
    FROM people JOIN transship_dbs_shop.orders ON transship_dbs_shop.orders.customer = people.id;
CREATE VIEW order_ids AS SELECT order_id FROM transship_dbs_shop.who;
CREATE TRIGGER checked BEFORE INSERT ON people FOR EACH ROW SET NEW.email = lower(NEW.email);

-- Names with points: neither is taken for a database and a table of others.
USE `transship_dbs.odd`;
CREATE TABLE `a.b` (id INT NOT NULL PRIMARY KEY, `transship_dbs_crm.x` INT, KEY `transship_dbs_crm.people` (`transship_dbs_crm.x`));
CREATE TABLE `transship_dbs_crm.people` (
    id INT NOT NULL PRIMARY KEY,
    changed DATETIME NULL ON UPDATE CURRENT_TIMESTAMP,
    CONSTRAINT odd_b FOREIGN KEY (id) REFERENCES `a.b` (id)
);
CREATE TABLE memory_only (id INT NOT NULL PRIMARY KEY) ENGINE = MyISAM;
INSERT INTO `a.b` VALUES (1, 5), (2, NULL);
INSERT INTO `transship_dbs_crm.people` VALUES (2, NULL);
INSERT INTO memory_only VALUES (42);
