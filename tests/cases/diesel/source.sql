-- What an application with Diesel makes in SQLite (as Vaultwarden does: text for ids, DATETIME with nanoseconds), and some rows.
CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE users (uuid TEXT NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, email TEXT NOT NULL UNIQUE, password_hash BLOB NOT NULL, enabled BOOLEAN NOT NULL DEFAULT 1, iterations INTEGER NOT NULL, equivalent_domains TEXT NOT NULL);
CREATE TABLE ciphers (uuid TEXT NOT NULL PRIMARY KEY, user_uuid TEXT REFERENCES users (uuid), name TEXT NOT NULL, data TEXT NOT NULL, favourite BOOLEAN NOT NULL, updated_at DATETIME NOT NULL, deleted_at DATETIME);
CREATE TABLE attachments (id TEXT NOT NULL PRIMARY KEY, cipher_uuid TEXT NOT NULL REFERENCES ciphers (uuid), file_name TEXT NOT NULL, file_size INTEGER NOT NULL);
INSERT INTO __diesel_schema_migrations VALUES ('20180114171611', '2024-05-01 10:00:00'), ('20240112210182', '2024-05-01 10:00:01');
INSERT INTO users VALUES ('11111111-2222-4333-8444-555555555555', '2024-05-01 10:00:00.123456789', 'ada@example.org', X'00ff10', 1, 600000, '[]');
INSERT INTO ciphers VALUES ('c1', '11111111-2222-4333-8444-555555555555', '2.a|b|c', '{"uri":null}', 0, '2024-05-02 08:30:00.5', NULL), ('c2', NULL, 'x', '{}', 1, '2024-05-02 08:30:00', '2024-05-03 00:00:00');
INSERT INTO attachments VALUES ('a1', 'c1', '2.n|m|o', 5000);
