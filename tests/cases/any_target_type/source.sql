-- Values in types that transship has no encoder for: PostgreSQL's own input functions read them.
CREATE TABLE things (
    id INTEGER PRIMARY KEY, net TEXT, mac TEXT, flags TEXT, bits TEXT, span TEXT, days TEXT, doc TEXT, price TEXT,
    attrs TEXT, tree TEXT, words TEXT, at TEXT, area TEXT, numbers TEXT, tags TEXT, amounts TEXT, docs TEXT, lag TEXT, lsn TEXT,
    hour TEXT, number INTEGER, letter TEXT, name TEXT
);
INSERT INTO things VALUES
    (1, '10.0.0.0/8', '08:00:2b:01:02:03', '101', '10101', '[1,5)', '[2024-01-01,2024-02-01)', '<a>x</a>', '12.50',
     '"a"=>"1", "b c"=>NULL', 'top.sub', '''cat'':3 ''fat'':2', '(1,2)', '((0,0),(1,1),(2,0))', '[1, 2, null]',
     '["a", "b, c", "d\"e", "ä\\"]', '[1.5, 12.25]', '[{"a": 1}, null]', '1 mon 3 days 04:05', '16/B374D848', '10:00:00+02', 42, 'x', 'Ada'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, '192.168.100.128/25', '08-00-2B-01-02-03', '000', '1', '(,5]', 'empty', '<a/>', '$1.25', '', 'a.b.c', '', '(1,2)',
     '((0,0),(1,1))', '{4,5}', '{x,"y z"}', '{}', '{"{}"}', 'P1Y2M', '0/0', '23:59:59.5-08', 7, 'y', 'Grace');

-- Values that do not fit, and what the spec says about each column.
CREATE TABLE doubtful (id INTEGER PRIMARY KEY, net TEXT NOT NULL, bits TEXT, tags TEXT);
INSERT INTO doubtful VALUES
    (1, '10.0.0.0/8', '101', '[[1, 2], [3, 4]]'), (2, '10.0.0.1/8', '111', '[1]'), (3, '10.1.0.0/16', '1011', '[2]'),
    (4, '10.2.0.0/16', '10', 'none'), (5, 'x', '000', '[]');

-- A key in such a type: two spellings would be one, which the primary key of another type is not.
CREATE TABLE machines (mac TEXT PRIMARY KEY, site TEXT);
INSERT INTO machines VALUES ('08:00:2b:01:02:03', 'a'), ('08-00-2b-01-02-04', 'b');

-- Defaults are the same text.
CREATE TABLE defaults (id INTEGER PRIMARY KEY, net TEXT DEFAULT '10.0.0.0/8', tags TEXT NOT NULL DEFAULT '[]');
INSERT INTO defaults (id) VALUES (1);
