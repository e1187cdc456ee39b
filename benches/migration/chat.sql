-- chat.sql: the benchmark's source, a chat application's store of about 1.3 million rows and 300 MB at scale 1.
--
-- A seeded generator in plain SQL: the same scale gives the same rows, everywhere. The benchmark makes the table
-- temp.size (scale) before it runs this.

CREATE TEMP TABLE dice (n INTEGER PRIMARY KEY, a INTEGER NOT NULL, b INTEGER NOT NULL, text TEXT NOT NULL, bytes BLOB NOT NULL);

-- 4096 faces: two numbers, a sentence of 60 to 300 characters, 128 bytes. A row takes several faces, so that few rows
-- are alike.
INSERT INTO temp.dice
WITH RECURSIVE roll (n, a, b) AS (
    SELECT 0, 20240229, 777
    UNION ALL
    SELECT n + 1, (a * 1103515245 + 12345) % 2147483648, (b * 69069 + 1) % 2147483648 FROM roll WHERE n < 4095
),
words (n, word) AS (
    VALUES (0, 'memory'), (1, 'the'), (2, 'context'), (3, 'of'), (4, 'größer'), (5, 'assistant'), (6, 'and'), (7, 'naïve'),
           (8, 'question'), (9, 'a'), (10, 'answer'), (11, 'in'), (12, 'conversation'), (13, '東京'), (14, 'to'), (15, 'vector')
)
SELECT n, a, b,
    (SELECT group_concat((SELECT word FROM words WHERE words.n = (roll.a >> (step.value % 23)) % 16), ' ')
     FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39]') AS step
     WHERE step.value < 10 + roll.b % 30),
    (SELECT unhex(group_concat(printf('%08X', (roll.a * (step.value + 3) + roll.b) % 4294967296), ''))
     FROM json_each('[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31]') AS step)
FROM roll;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    email VARCHAR(255) NOT NULL UNIQUE,
    name TEXT,
    is_active BOOLEAN NOT NULL DEFAULT 1,
    created_at DATETIME NOT NULL
);

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users (id),
    title TEXT NOT NULL,
    metadata JSON,
    created_at DATETIME NOT NULL
);

CREATE TABLE messages (
    id INTEGER PRIMARY KEY,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id),
    role VARCHAR(16) NOT NULL,
    content TEXT NOT NULL,
    score REAL,
    created_at DATETIME NOT NULL
);

CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    message_id INTEGER NOT NULL REFERENCES messages (id),
    position INTEGER NOT NULL,
    embedding BLOB NOT NULL
);

BEGIN;

INSERT INTO users
WITH RECURSIVE row (id) AS (
    SELECT 1 UNION ALL SELECT id + 1 FROM row WHERE id < 20000 * (SELECT scale FROM temp.size)
)
SELECT id, 'user' || id || '@example.org', CASE WHEN id % 17 THEN substr(text, 1, 24) END, id % 9 > 0,
    datetime(1577836800 + a % 100000000, 'unixepoch')
FROM row JOIN temp.dice ON n = (id * 31) % 4096;

INSERT INTO conversations
WITH RECURSIVE row (id) AS (
    SELECT 1 UNION ALL SELECT id + 1 FROM row WHERE id < 130000 * (SELECT scale FROM temp.size)
)
SELECT id, 1 + (a * 7 + id) % (20000 * (SELECT scale FROM temp.size)), substr(text, 1, 60),
    json_object('model', 'm' || (id % 7), 'temperature', round((b % 100) / 50.0, 2), 'tags', json_array(substr(text, 1, 8), id % 5), 'summary', text),
    datetime(1577836800 + a % 100000000, 'unixepoch')
FROM row JOIN temp.dice ON n = (id * 37) % 4096;

INSERT INTO messages
WITH RECURSIVE row (id) AS (
    SELECT 1 UNION ALL SELECT id + 1 FROM row WHERE id < 1000000 * (SELECT scale FROM temp.size)
)
SELECT id, 1 + (one.a * 13 + id) % (130000 * (SELECT scale FROM temp.size)), CASE id % 3 WHEN 0 THEN 'user' WHEN 1 THEN 'assistant' ELSE 'system' END,
    one.text, CASE WHEN id % 11 THEN (one.a * 1.0 + id) / 2147483648.0 END,
    strftime('%Y-%m-%d %H:%M:%f', 1577836800 + (one.b + id) % 100000000 + (id % 1000) / 1000.0, 'unixepoch')
FROM row JOIN temp.dice AS one ON one.n = (id * 41) % 4096;

INSERT INTO chunks
WITH RECURSIVE row (id) AS (
    SELECT 1 UNION ALL SELECT id + 1 FROM row WHERE id < 150000 * (SELECT scale FROM temp.size)
)
SELECT id, 1 + (one.a * 3 + id) % (1000000 * (SELECT scale FROM temp.size)), id % 8, CAST(one.bytes || two.bytes AS BLOB)
FROM row JOIN temp.dice AS one ON one.n = (id * 43) % 4096 JOIN temp.dice AS two ON two.n = (id * 59 + id / 4096) % 4096;

COMMIT;

CREATE INDEX ix_conversations_user_id ON conversations (user_id);
CREATE INDEX ix_messages_conversation_id_created_at ON messages (conversation_id, created_at);
CREATE INDEX ix_chunks_message_id ON chunks (message_id);
DROP TABLE temp.dice;
