-- PostgreSQL computes what it can; the rest is copied. Keys, indexes and foreign keys stand on both kinds.
CREATE TABLE boxes (
    id INTEGER PRIMARY KEY,
    width INTEGER NOT NULL,
    height INTEGER,
    label TEXT,
    price DECIMAL(10, 2),
    made DATETIME,
    meta JSON,
    area INTEGER GENERATED ALWAYS AS (width * height) VIRTUAL,
    is_wide BOOLEAN AS (width > 10) STORED,
    shout TEXT AS (upper(label)) UNIQUE,
    code TEXT NOT NULL GENERATED ALWAYS AS ('B' || id) STORED,
    twice_area INTEGER AS (area * 2),
    gross DECIMAL(10, 2) AS (price * 1.25),
    year TEXT AS (strftime('%Y', made)),
    kind TEXT AS (json_extract(meta, '$.kind')),
    half REAL AS (width / 2.0),
    size REAL AS (label), -- a number where the text is one
    CHECK (area < 1000),
    UNIQUE (code)
);
INSERT INTO boxes (id, width, height, label, price, made, meta) VALUES
    (1, 2, 3, 'äx', 4, '2024-05-01 10:00:00', '{"kind": "small"}'),
    (2, 20, NULL, NULL, NULL, NULL, NULL),
    (3, -5, 1, 'Y', 8, '2023-05-01 10:00:00', '{"kind": "odd"}'),
    (4, 1, 1, '12', NULL, NULL, NULL);
CREATE INDEX by_area ON boxes (area) WHERE is_wide;
CREATE TABLE lids (
    box_code TEXT AS ('B' || box_id) STORED REFERENCES boxes (code),
    old_code TEXT AS ('B' || box_id) STORED REFERENCES boxes (code) ON DELETE SET NULL,
    box_id INTEGER
);
-- PostgreSQL computes constants while it makes a column, and has no collation for them then.
CREATE TABLE constants (
    id INTEGER PRIMARY KEY,
    c TEXT COLLATE NOCASE,
    globbed BOOLEAN AS ('abc' GLOB 'a*'),
    other TEXT AS (nullif('a', 'b')),
    lowered TEXT AS (lower(coalesce('A', 'b'))),
    raised TEXT AS (upper(substr('abc', 1, 1))),
    joined TEXT AS ('a' || 'b'),
    numbered INTEGER AS (CASE c WHEN 1 THEN 2 END),
    listed BOOLEAN AS (c NOT IN (NULL, 5))
);
INSERT INTO constants (id, c) VALUES (1, '1'), (2, '5'), (3, NULL);
INSERT INTO lids (box_id) VALUES (1), (3);
