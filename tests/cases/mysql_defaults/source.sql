-- Defaults of every kind.
CREATE TABLE defaults (
    id BIGINT NOT NULL PRIMARY KEY,
    plain INT DEFAULT 7,
    negative INT DEFAULT -1,
    nothing INT DEFAULT NULL,
    wide BIGINT UNSIGNED DEFAULT 18446744073709551615,
    price DECIMAL(5, 2) DEFAULT 1,
    ratio DOUBLE DEFAULT 1.5e3,
    text VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT 'it''s a\\b',
    empty VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NOT NULL DEFAULT '',
    hexadecimal VARCHAR(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT 0x41,
    raw BINARY(3) DEFAULT 'ab',
    bits BIT(3) DEFAULT b'101',
    day DATE DEFAULT '2020-02-29',
    today DATE DEFAULT (curdate()),
    clock TIME DEFAULT '10:00:00',
    now_time TIME DEFAULT (curtime()),
    moment DATETIME(6) DEFAULT '2020-02-29 10:00:00.123456',
    created DATETIME DEFAULT CURRENT_TIMESTAMP,
    seen TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    seconds INT DEFAULT (unix_timestamp()),
    year_of YEAR DEFAULT 2020,
    id_text VARCHAR(36) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin DEFAULT (uuid()),
    document JSON DEFAULT '{"a": 1}',
    computed INT DEFAULT (1 + 2 * 3)
);
INSERT INTO defaults (id, today, now_time, created, seen, seconds, id_text)
VALUES (1, '2020-01-01', '01:02:03', '2020-01-01 00:00:00', '2020-01-01 00:00:00', 1, 'x');
