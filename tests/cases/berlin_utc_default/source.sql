-- The source fills a column by the clock of UTC, although its other times are local.
CREATE TABLE posts (
    id INTEGER PRIMARY KEY,
    written DATETIME DEFAULT CURRENT_TIMESTAMP,
    edited DATETIME DEFAULT (strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 day')),
    seen DATETIME DEFAULT (datetime('now', 'localtime')),
    filed DATETIME DEFAULT CURRENT_TIMESTAMP,
    day DATETIME
);
INSERT INTO posts VALUES
    (1, '2024-07-15 12:00:00', '2024-07-15 12:00:00', '2024-07-15 12:00:00', '2024-07-15 12:00:00', '2024-07-15 12:00:00');
CREATE INDEX posts_late ON posts (id) WHERE written > '2024-01-01 00:00:00';
CREATE VIEW latest AS SELECT id, written FROM posts;
