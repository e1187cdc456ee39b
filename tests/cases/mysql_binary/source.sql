CREATE TABLE things (
    id BINARY(16) PRIMARY KEY,
    ordered BINARY(16) NOT NULL,
    fixed BINARY(4), varied VARBINARY(8), body LONGBLOB,
    place POINT, document JSON, own UUID, v4 INET4, v6 INET6
);
INSERT INTO things VALUES
    (x'a0eebc999c0b4ef8bb6d6bb9bd380a11', x'4ef89c0ba0eebc99bb6d6bb9bd380a11', 'ab', x'00ff', x'',
     ST_GeomFromText('POINT(1 2)', 4326), '{"b": 1.50, "a": 12345678901234567890.123}',
     'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '127.0.0.1', '2001:db8::1'),
    (x'00000000000000000000000000000001', x'00000000000000000000000000000002', x'00000000', x'', NULL, NULL, '[]',
     '00000000-0000-0000-0000-000000000000', '0.0.0.0', '::ffff:1.2.3.4');
