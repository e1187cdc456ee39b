-- Digits finer than a microsecond, and beyond a number's scale, go as the spec says, and are counted.
CREATE TABLE events (
    id INTEGER PRIMARY KEY, at DATETIME, ended DATETIME NOT NULL, day_time TEXT, price DECIMAL(6,2), paid DECIMAL(6,2), seen REAL,
    ratio REAL
);
INSERT INTO events VALUES
    (1, '2024-01-05 10:11:12.123456789', '2024-01-05T10:11:12.9999999Z', '10:11:12.5', 1.255, '1.255', 1700000000.1234567, 0.1),
    (2, '2024-01-05 10:11:12.123456', '2024-01-05 10:11:12.9999994', '10:11:12', 1.25, '-1.255', 1700000000.5, 0.3333333333333333),
    (3, NULL, '1969-12-31 23:59:59.9999999', NULL, '9.9999', '9.9999', NULL, 16777217);
CREATE VIEW latest AS SELECT id, price FROM events WHERE id = 1;
