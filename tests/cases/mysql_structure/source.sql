-- Everything of a table beside columns, rows and keys.
CREATE TABLE parents (
    code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL COMMENT 'the parent''s code',
    number INT NOT NULL,
    UNIQUE KEY by_both (code, number),
    UNIQUE KEY by_number (number)
) COMMENT 'no primary key, but a unique one without NULL';
INSERT INTO parents VALUES ('a', 1), ('b', 2);

CREATE TABLE things (
    id INT UNSIGNED AUTO_INCREMENT,
    parent INT,
    code VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL,
    amount INT NOT NULL COMMENT 'pieces',
    price DECIMAL(10, 2) NOT NULL,
    total DECIMAL(20, 2) AS (amount * price) VIRTUAL,
    label VARCHAR(130) AS (concat(code, '-', amount)) STORED,
    half DECIMAL(14, 4) AS (amount / 2) VIRTUAL,
    hidden INT INVISIBLE DEFAULT 5,
    updated_at DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    PRIMARY KEY (id),
    KEY by_parent (parent),
    KEY by_prefix (code(10)),
    UNIQUE KEY unique_prefix (code(5), amount),
    KEY descending (amount DESC, code),
    KEY unused (price) IGNORED,
    FULLTEXT KEY words (code),
    CHECK (amount > 0),
    CONSTRAINT code_is_given CHECK (code <> '' AND (amount BETWEEN 1 AND 1000 OR price IN (1, 2.5))),
    CONSTRAINT odd CHECK (amount / 2 < 1000),
    CONSTRAINT to_parent FOREIGN KEY (parent) REFERENCES parents (number) ON DELETE SET NULL
) COMMENT 'things';
INSERT INTO things (parent, code, amount, price, hidden, updated_at) VALUES
    (1, 'first thing', 2, 1.25, 7, '2020-01-01 00:00:00.123'), (NULL, 'second', 1000, 2.50, NULL, NULL);
DELETE FROM things WHERE id = 2;
INSERT INTO things (id, code, amount, price, updated_at) VALUES (41, 'third', 3, 9.99, '2021-01-01 00:00:00');
ALTER TABLE things AUTO_INCREMENT = 100;

CREATE TABLE events_log (id INT NOT NULL, day DATE NOT NULL, note VARCHAR(20), PRIMARY KEY (id, day), KEY by_parent (day))
    PARTITION BY RANGE (year(day)) (PARTITION old VALUES LESS THAN (2000), PARTITION rest VALUES LESS THAN MAXVALUE);
INSERT INTO events_log VALUES (1, '1999-12-31', 'old'), (1, '2000-01-01', 'new');

CREATE TABLE prefixed (name VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL, n INT, PRIMARY KEY (name(4)));
INSERT INTO prefixed VALUES ('abcde', 1), ('abddd', 2);

CREATE TABLE places (id INT PRIMARY KEY, at POINT NOT NULL, SPATIAL KEY by_place (at));
INSERT INTO places VALUES (1, ST_GeomFromText('POINT(1 2)'));

CREATE TABLE quick (id INT, KEY by_hash (id) USING HASH) ENGINE = MEMORY;

CREATE SEQUENCE numbers START WITH 5 INCREMENT BY 2;
CREATE PROCEDURE cleanup(IN days INT, OUT removed INT) SELECT days INTO removed;
CREATE FUNCTION next_of(n INT) RETURNS INT DETERMINISTIC RETURN n + 1;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM events_log;
CREATE TRIGGER things_changed BEFORE UPDATE ON things FOR EACH ROW SET NEW.amount = NEW.amount + 1;
CREATE VIEW cheap AS SELECT id, code FROM things WHERE price < 2;
