-- What the same application's migrations for PostgreSQL make.
CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
CREATE TABLE users (uuid CHAR(36) NOT NULL PRIMARY KEY, created_at TIMESTAMP NOT NULL, email VARCHAR(255) NOT NULL UNIQUE, password_hash BYTEA NOT NULL, enabled BOOLEAN NOT NULL DEFAULT true, iterations INTEGER NOT NULL, equivalent_domains TEXT NOT NULL);
CREATE TABLE ciphers (uuid VARCHAR(40) NOT NULL PRIMARY KEY, user_uuid CHAR(36) REFERENCES users (uuid), name TEXT NOT NULL, data TEXT NOT NULL, favourite BOOLEAN NOT NULL, updated_at TIMESTAMP NOT NULL, deleted_at TIMESTAMP);
CREATE TABLE attachments (id TEXT NOT NULL PRIMARY KEY, cipher_uuid VARCHAR(40) NOT NULL REFERENCES ciphers (uuid), file_name TEXT NOT NULL, file_size BIGINT NOT NULL);
INSERT INTO __diesel_schema_migrations VALUES ('20180114171611', '2026-11-29 10:00:00'), ('20240112210182', '2026-11-29 10:00:00');
