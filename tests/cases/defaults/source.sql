CREATE TABLE defaults (
    id INTEGER PRIMARY KEY,
    integer_plain INTEGER DEFAULT 5,
    integer_negative INTEGER DEFAULT -5,
    integer_quoted INTEGER DEFAULT '7',
    integer_hexadecimal INTEGER DEFAULT 0x10,
    integer_expression INTEGER DEFAULT (60 * 60 * 24),
    integer_not_null INTEGER NOT NULL DEFAULT 0,
    real_plain REAL DEFAULT 0.7,
    real_exponent REAL DEFAULT 1e-3,
    numeric_quoted NUMERIC(10, 2) DEFAULT '0.00',
    boolean_one BOOLEAN DEFAULT 1,
    boolean_quoted BOOLEAN DEFAULT '0',
    boolean_word BOOLEAN DEFAULT true,
    boolean_bad BOOLEAN DEFAULT 2,
    text_plain TEXT DEFAULT 'active',
    text_double_quoted TEXT DEFAULT "double",
    text_with_quote TEXT DEFAULT 'it''s \ here',
    text_number TEXT DEFAULT 12,
    text_empty TEXT DEFAULT '',
    text_word_null TEXT DEFAULT 'NULL',
    is_null TEXT DEFAULT NULL,
    varchar_plain VARCHAR(20) DEFAULT 'x',
    blob_plain BLOB DEFAULT x'00ff',
    json_object JSON DEFAULT '{}',
    json_broken JSON DEFAULT '{',
    stamp DATETIME DEFAULT CURRENT_TIMESTAMP,
    stamp_parenthesised DATETIME DEFAULT (CURRENT_TIMESTAMP),
    stamp_function DATETIME DEFAULT (datetime('now')),
    stamp_formatted TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
    stamp_text TEXT DEFAULT CURRENT_TIMESTAMP,
    stamp_literal DATETIME DEFAULT '2024-01-01 00:00:00',
    day DATE DEFAULT CURRENT_DATE,
    moment TIME DEFAULT CURRENT_TIME,
    random_number INTEGER DEFAULT (random()),
    random_blob BLOB DEFAULT (randomblob(16)),
    token TEXT DEFAULT (lower(hex(randomblob(16))))
);
INSERT INTO defaults (id, stamp, stamp_parenthesised, stamp_function, stamp_formatted, stamp_text, day, moment,
    random_number, random_blob, token, json_broken, boolean_bad)
VALUES (1, '2024-02-29 12:00:00', '2024-02-29 12:00:00', '2024-02-29 12:00:00', 'text', 'text', '2024-02-29',
    '12:00:00', 4, x'0102', 'token', '[]', NULL);
-- A date is no time of day, and what is computed may be longer than its column: SQLite keeps all of it.
CREATE TABLE held (id INTEGER PRIMARY KEY, day DATE DEFAULT CURRENT_TIMESTAMP, clock TIME DEFAULT (datetime('now')),
    month DATE DEFAULT (datetime('now', 'start of month')), at VARCHAR(20) DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    at_second VARCHAR(19) DEFAULT CURRENT_TIMESTAMP, seconds DECIMAL(10,2) DEFAULT (unixepoch()),
    product DECIMAL(5,2) DEFAULT (1000 * 1000), hundred DECIMAL(5,2) DEFAULT (10 * 10), large NUMERIC(10,2) DEFAULT 1e20);
-- A choice among literals alone has the column's type.
CREATE TABLE chosen (id INTEGER PRIMARY KEY, number JSON DEFAULT (coalesce(NULL, 4)), one JSON DEFAULT (iif(1, 2, 3)),
    day DATE DEFAULT (coalesce(NULL, '2024-02-29')), key UUID DEFAULT (ifnull(NULL, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11')));
INSERT INTO held VALUES (1, '2024-02-29', '12:00:00', '2024-02-01', 'x', 'y', 1, 2, 3, 4);
