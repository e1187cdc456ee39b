-- Rows of a server that are there already, by an address that it compares without regard to case.
CREATE TABLE users (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE, name VARCHAR(40), active TINYINT(1) NOT NULL);
CREATE TABLE orders (number BIGINT PRIMARY KEY, user_id INT UNSIGNED NOT NULL, total DECIMAL(8, 2), FOREIGN KEY (user_id) REFERENCES users (id));
INSERT INTO users VALUES (1, 'ada@example.org', 'Ada', 1), (2, 'grace@example.org', 'Grace', 0), (3, 'alan@example.org', NULL, 1);
INSERT INTO orders VALUES (10, 1, 1.50), (11, 2, 2.00), (12, 3, NULL);
