CREATE TABLE a (
    id INT PRIMARY KEY,
    n VARCHAR(3) COLLATE utf8mb4_bin,
    t VARCHAR(9) COLLATE utf8mb4_bin,
    k INT,
    g VARCHAR(9) COLLATE utf8mb4_bin AS (concat(n, 'x')) STORED,
    h INT AS (char_length(t)) STORED,
    i INT AS (k + 1) STORED,
    CONSTRAINT of_n CHECK (char_length(n) = 3),
    CONSTRAINT of_k CHECK (k > 0),
    KEY begun (t(2))
);
INSERT INTO a (id, n, t, k) VALUES (1, '007', 'one', 1), (2, '018', 'a\0b', 2);
CREATE VIEW computed AS SELECT id, concat(n, 'x') AS q FROM a;
CREATE VIEW absent AS SELECT id FROM a WHERE t IS NULL;
CREATE VIEW shown AS SELECT id, t, k + 1 AS l FROM a;
CREATE TABLE b (
    id INT PRIMARY KEY,
    ends DATETIME(6),
    whole DATETIME,
    late INT AS (ends > '2024-01-01 00:00:00') STORED,
    CONSTRAINT of_ends CHECK (ends > '2020-01-01 00:00:00'),
    CONSTRAINT of_whole CHECK (whole > '2020-01-01 00:00:00')
);
INSERT INTO b (id, ends, whole) VALUES (1, '2024-01-01 00:00:00.4', '2024-01-01 00:00:00'), (2, '2020-01-01 00:00:00.4', NULL);
CREATE VIEW later AS SELECT id, CASE WHEN ends > '2024-01-01 00:00:00' THEN 'late' ELSE 'ok' END AS s FROM b;
