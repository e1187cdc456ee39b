CREATE TABLE numbers (
    a INTEGER, b INT, c BIGINT, d TINYINT, e "UNSIGNED BIG INT", f INT2, g INT(11), h "smallint unsigned",
    i REAL, j DOUBLE, k "DOUBLE PRECISION", l FLOAT, m NUMERIC, n DECIMAL(10, 2), o NUMERIC(5), p BOOLEAN, q BOOL
);
INSERT INTO numbers VALUES
    (9223372036854775807, -2147483649, -9223372036854775808, 300, 9223372036854775807, 70000, 5, 1,
     0.1, 1e300, 2.2250738585072014e-308, 3, 12345678.875, 12345678.25, 99999, 1, 0),
    (0, 0, 0, 0, 0, 0, 0, 0, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 9223372036854775807, -0.5, -99999, 0, 'true'),
    ('12', '12', 12.0, NULL, NULL, NULL, NULL, NULL, 1, 1, 1, '1.5', '1e2', 7, NULL, NULL, NULL),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE texts (
    a TEXT, b CLOB, c VARCHAR(5), d CHAR(3), e NVARCHAR(100), f CHARACTER VARYING(7), g STRING, h VARCHAR,
    i NATIVE CHARACTER(70), j UUID, k GUID
);
INSERT INTO texts VALUES
    ('line one' || char(10) || 'tab' || char(9) || '\N', 'clob', 'äöü€𝄞', 'a', 'ñ', 'seven', 'text', '', ' spaces ',
     'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '{a0eebc999c0b4ef8bb6d6bb9bd380a11}'),
    (12, 1.5, 'x', 'abc', NULL, NULL, NULL, NULL, NULL, NULL, NULL);

CREATE TABLE bytes (a BLOB, b BINARY(4), c VARBINARY(10));
INSERT INTO bytes VALUES (x'', x'00010203', x'ff'), (x'c328', NULL, NULL);

CREATE TABLE unusual (a MONEY, b NUMBER(9, 3), c SERIAL, d "TEXT NOCASE", e XYZZY, f POINT, g ENUM);
INSERT INTO unusual VALUES (1.25, 123456.789, 4, 'text', 'text in numeric affinity', 'a point', 1),
    (2, -1, 5, 'more', 12, 13, 2.5);
