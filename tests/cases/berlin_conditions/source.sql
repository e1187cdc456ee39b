-- Times in CHECKs, partial indexes and generated columns are meant in the source's zone, as in views and defaults.
CREATE TABLE stays (
    id INTEGER PRIMARY KEY,
    arrived DATETIME NOT NULL,
    guests INTEGER,
    is_late BOOLEAN GENERATED ALWAYS AS (arrived >= '2024-01-15 01:00:00'),
    CONSTRAINT opened CHECK (arrived >= '2024-01-15 00:00:00' OR guests < 5)
);
INSERT INTO stays (id, arrived, guests) VALUES
    (1, '2024-01-15 00:30:00', 8),
    (2, '2024-01-15 01:30:00', 8),
    (3, '2024-01-14 23:30:00', 3),
    (4, '2024-01-15 00:45:00', 8);
CREATE UNIQUE INDEX late_guests ON stays (guests) WHERE arrived >= '2024-01-15 01:00:00';
