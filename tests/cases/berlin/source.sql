-- What a timestamp without zone means is what the spec says; one hour does not exist and one comes twice.
CREATE TABLE moments (id INTEGER PRIMARY KEY, stamp DATETIME, plain "TIMESTAMP WITHOUT TIME ZONE");
INSERT INTO moments VALUES
    (1, '2024-01-15 12:00:00', '2024-01-15 12:00:00'),
    (2, '2024-07-15 12:00:00', '2024-07-15 12:00:00+02:00'),
    (3, '2024-07-15 12:00:00Z', '2024-01-15 12:00:00+01:00'),
    (4, '2024-10-27 02:30:00', '2024-10-27 02:30:00'),
    (5, '1893-03-31 12:00:00', '1893-03-31 12:00:00');
