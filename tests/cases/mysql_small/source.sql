CREATE TABLE users (
    id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(40) COLLATE utf8mb4_bin NOT NULL,
    score DECIMAL(10, 2) DEFAULT 1.50,
    born DATE,
    seen DATETIME(3),
    active TINYINT NOT NULL DEFAULT 1
);
CREATE TABLE orders (
    user_id INT UNSIGNED NOT NULL,
    number BIGINT NOT NULL,
    note TEXT,
    picture BLOB,
    weight FLOAT,
    PRIMARY KEY (user_id, number),
    CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
INSERT INTO users VALUES
    (1, 'Ada', 10.25, '1815-12-10', '2024-01-02 03:04:05.678', 1),
    (2, 'Grace', NULL, NULL, NULL, 0),
    (3, 'größer 😀', -0.01, '9999-12-31', '1000-01-01 00:00:00', -128);
INSERT INTO orders VALUES (1, 1, 'x', x'00ff', 0.1), (1, 2, NULL, NULL, NULL), (2, 9223372036854775807, '', '', 3.402823e38);
