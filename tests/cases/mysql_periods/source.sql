-- Keys of MariaDB that let no periods overlap: as constraints where PostgreSQL compares as the source does.
CREATE TABLE rooms (
    room INT NOT NULL, begins DATE, ends DATE, PERIOD FOR booked (begins, ends),
    PRIMARY KEY (room, booked WITHOUT OVERLAPS)
);
INSERT INTO rooms VALUES (1, '2024-01-01', '2024-01-03'), (1, '2024-01-03', '2024-01-05'), (2, '2024-01-02', '2024-01-04');
CREATE TABLE prices (
    id INT PRIMARY KEY, article INT, valid_from DATETIME(3), valid_to DATETIME(3), amount DECIMAL(8, 2),
    PERIOD FOR valid (valid_from, valid_to), UNIQUE only_one (article, valid WITHOUT OVERLAPS)
);
INSERT INTO prices VALUES (1, 7, '2024-01-01', '2024-01-01 00:00:00.001', 1), (2, 7, '2024-01-01 00:00:00.001', '9999-01-01', 2);
-- PostgreSQL would compare this text by its bytes.
CREATE TABLE seats (
    seat VARCHAR(20) COLLATE utf8mb4_general_ci NOT NULL, begins DATE, ends DATE, PERIOD FOR taken (begins, ends),
    UNIQUE one_each (seat, taken WITHOUT OVERLAPS)
);
INSERT INTO seats VALUES ('A', '2024-01-01', '2024-02-01');
-- No period, though it looks like one.
CREATE TABLE spans (begins DATE NOT NULL, ends DATE NOT NULL, PRIMARY KEY (begins, ends));
INSERT INTO spans VALUES ('2024-01-01', '2024-03-01'), ('2024-02-01', '2024-03-01');
