-- How a translation reads; that the rows are the same is the business of tests/views.rs.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT COLLATE NOCASE, active BOOLEAN, "created at" DATETIME, price DECIMAL(8, 2));
INSERT INTO users VALUES (1, 'Ada', 'a@x', 1, '2024-01-01 00:00:00', 1.5), (2, NULL, 'B@x', 0, NULL, 2.25);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users, title TEXT);
INSERT INTO posts VALUES (1, 1, 'One'), (2, 1, 'Two'), (3, NULL, 'Three');
CREATE VIEW active_users AS SELECT * FROM users WHERE active ORDER BY email DESC;
CREATE VIEW post_counts (who, posts) AS
    SELECT coalesce(u.name, u.email), count(p.id) FROM users u LEFT JOIN posts p ON p.user_id = u.id GROUP BY u.name, u.email HAVING count(*) > 0;
CREATE VIEW posts_by_name AS SELECT u.name, p.title FROM users AS u, posts p WHERE u.id = p.user_id ORDER BY 1, title DESC LIMIT 10;
CREATE VIEW all_names AS SELECT name AS n FROM users UNION SELECT title FROM posts ORDER BY n;
CREATE VIEW a_busy_users AS SELECT who FROM post_counts WHERE posts > 1;
CREATE VIEW money AS SELECT sum(price) AS total FROM users;
CREATE VIEW titles AS SELECT count(*), (SELECT max(title) FROM posts) AS latest FROM users;
CREATE VIEW odd AS SELECT id, printf('%05d', id) AS padded FROM users;
