-- Views that mean the same in PostgreSQL, and views that do not.
CREATE TABLE users (
    id INT NOT NULL PRIMARY KEY,
    name VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
    folded VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci,
    age INT,
    born DATE,
    seen DATETIME,
    price DECIMAL(10, 2),
    manager INT
);
INSERT INTO users VALUES
    (1, 'Ada', 'Ada', 36, '1815-12-10', '2024-01-31 23:59:59', 1.25, NULL),
    (2, 'ada', 'ada', 85, '1906-12-09', '2024-02-01 00:00:00', 0.10, 1),
    (3, 'Zoe', 'zoe', NULL, NULL, NULL, NULL, 1),
    (4, NULL, NULL, 0, '2000-02-29', '2024-02-10 12:30:00', -7.5, 2);
CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, user_id INT, words INT, tag VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin);
INSERT INTO posts VALUES (1, 1, 100, 'x'), (2, 1, 250, 'y'), (3, 2, NULL, 'x'), (4, NULL, 7, NULL), (5, 4, 0, 'z');

CREATE VIEW plain AS SELECT id, name, folded FROM users;
CREATE VIEW by_bytes AS SELECT id FROM users WHERE name = 'ada' OR name LIKE 'Z%';
CREATE VIEW ordered_texts AS SELECT id FROM users WHERE name > 'B';
CREATE VIEW dates AS SELECT id, year(born) AS y, month(born) AS m FROM users WHERE born >= '1900-01-01' AND seen < '2024-02-05 00:00:00';
CREATE VIEW numbers AS SELECT id, age * 2 AS twice, age DIV 7 AS week, age MOD 7 AS rest, price * 3 AS thrice, -price AS less FROM users;
CREATE VIEW choices AS SELECT id, if(age > 36, 'old', 'young') AS word, ifnull(age, -1) AS known, CASE WHEN age IS NULL THEN 0 ELSE age END AS other FROM users;
CREATE VIEW joined AS SELECT u.id, p.words, p.tag FROM users u LEFT JOIN posts p ON p.user_id = u.id AND p.words > 50;
CREATE VIEW managers AS SELECT u.id, m.name AS manager FROM users u JOIN users m ON u.manager = m.id;
CREATE VIEW grouped AS SELECT tag, count(*) AS n, count(words) AS known, sum(words) AS total, min(words) AS least, max(words) AS most FROM posts GROUP BY tag;
CREATE VIEW everything AS SELECT count(*) AS n, sum(price) AS total FROM users;
CREATE VIEW told_apart AS SELECT DISTINCT tag FROM posts;
CREATE VIEW of_a_view AS SELECT n, tag FROM grouped WHERE n > 1;
CREATE VIEW equal_or_null AS SELECT id FROM users WHERE manager <=> NULL;
CREATE VIEW texts AS SELECT id, concat(name, '-', id) AS label, char_length(folded) AS letters, left(folded, 2) AS begin FROM users;

CREATE VIEW of_collation AS SELECT id FROM users WHERE folded = 'ada';
CREATE VIEW of_group_by_collation AS SELECT folded, count(*) AS n FROM users GROUP BY folded;
CREATE VIEW of_division AS SELECT id, age / 2 AS half FROM users;
CREATE VIEW of_average AS SELECT avg(age) AS mean FROM users;
CREATE VIEW x_text_as_number AS SELECT id FROM users WHERE name = 0;
CREATE VIEW x_lower AS SELECT lower(name) AS name FROM users;
CREATE VIEW of_order AS SELECT id FROM users ORDER BY name LIMIT 2;
CREATE VIEW x_order AS SELECT id FROM users ORDER BY folded LIMIT 2;
CREATE VIEW of_union AS SELECT id FROM users UNION SELECT id FROM posts;
CREATE VIEW of_group_concat AS SELECT group_concat(name) AS names FROM users;
CREATE VIEW of_greatest AS SELECT greatest(age, 1) AS g FROM users;
CREATE VIEW of_subquery AS SELECT id FROM users WHERE id IN (SELECT user_id FROM posts);
CREATE VIEW x_lists AS SELECT id FROM users WHERE name LIKE 'a%' AND folded LIKE 'a%';
CREATE VIEW x_digits AS SELECT age / 7 * 100 AS percent FROM users;
CREATE VIEW x_any_row AS SELECT tag, words FROM posts GROUP BY tag;
CREATE VIEW x_rollup AS SELECT tag, count(*) AS n FROM posts GROUP BY tag WITH ROLLUP;
CREATE VIEW having_and_order AS
    SELECT tag, count(*) AS n FROM posts GROUP BY tag HAVING n > 1 ORDER BY n DESC, tag;
CREATE VIEW of_the_key AS
    SELECT u.id, u.name, u.folded, count(p.id) AS posts, sum(p.words > 50) AS long_ones, round(avg(p.words), 1) AS mean
    FROM users u LEFT JOIN posts p ON p.user_id = u.id GROUP BY u.id;
CREATE VIEW windows AS
    SELECT id, row_number() OVER (PARTITION BY tag ORDER BY id) AS place, sum(words) OVER (ORDER BY id) AS so_far FROM posts;
CREATE VIEW nested AS
    WITH RECURSIVE chain (id, depth) AS (
        SELECT id, 0 FROM users WHERE manager IS NULL
        UNION ALL SELECT u.id, c.depth + 1 FROM users u JOIN chain c ON u.manager = c.id)
    SELECT c.id, c.depth, x.n FROM chain c LEFT JOIN (SELECT user_id, count(*) AS n FROM posts GROUP BY user_id) x
    ON x.user_id = c.id WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE p.user_id = c.id AND p.tag = 'y');
CREATE VIEW moments AS
    SELECT id, date_format(seen, '%d.%m.%Y %H:%i') AS shown, datediff(seen, born) AS days, seen + INTERVAL 1 MONTH AS later,
        last_day(born) AS last, timestampdiff(HOUR, born, seen) AS hours FROM users;
CREATE VIEW quoted AS SELECT id, concat_ws(', ', name, 'it''s') AS label, trim(LEADING 'Z' FROM name) AS rest FROM users;
CREATE VIEW reads_the_clock AS SELECT id, seen > now() - INTERVAL 7 DAY AS is_new FROM users;
