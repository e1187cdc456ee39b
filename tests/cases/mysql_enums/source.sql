CREATE TABLE tasks (
    id INT PRIMARY KEY,
    status ENUM('open', 'in review', 'done, at last', 'it''s', 'größer "x"') NOT NULL DEFAULT 'open',
    priority ENUM('low', 'high'),
    tags SET('red', 'green', 'it''s "blue"') NOT NULL DEFAULT 'red,green',
    size ENUM('s', 'm') DEFAULT 'm',
    code ENUM('\\', 'a\nb')
);
CREATE TABLE archive (
    id INT PRIMARY KEY,
    was ENUM('open', 'in review', 'done, at last', 'it''s', 'größer "x"'),
    long_label ENUM('a label of more than sixty-three bytes, which PostgreSQL does not keep', 'b')
);
INSERT INTO tasks VALUES
    (1, 'open', 'low', '', 's', '\\'), (2, 'done, at last', NULL, 'green', NULL, 'a\nb'),
    (3, 'größer "x"', 'high', 'red,it''s "blue"', 'm', NULL), (4, 'it''s', 'low', 'red,green,it''s "blue"', 'm', NULL);
INSERT INTO archive VALUES (1, 'in review', 'b'), (2, NULL, 'a label of more than sixty-three bytes, which PostgreSQL does not keep');
-- Labels that no character set of the server's own tables has: rows show them.
CREATE TABLE moods (
    id INT PRIMARY KEY,
    mood ENUM('😀', 'why?', 'a\\🎉', '🌧') COLLATE utf8mb4_bin,
    signs SET('🚀', 'x', '🐛', '?') COLLATE utf8mb4_bin
);
INSERT INTO moods VALUES (1, '😀', '🚀,🐛'), (2, 'a\\🎉', 'x,?'), (3, 'why?', 'x,🐛,?');
