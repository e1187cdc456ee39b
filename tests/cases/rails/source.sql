-- What Rails 7 makes in SQLite (`db:migrate`), and some rows.
CREATE TABLE "schema_migrations" ("version" varchar NOT NULL PRIMARY KEY);
CREATE TABLE "ar_internal_metadata" ("key" varchar NOT NULL PRIMARY KEY, "value" varchar, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE TABLE "users" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "email" varchar DEFAULT '' NOT NULL, "encrypted_password" varchar DEFAULT '' NOT NULL, "sign_in_count" integer DEFAULT 0 NOT NULL, "current_sign_in_ip" varchar, "admin" boolean DEFAULT 0, "preferences" json DEFAULT '{}', "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
CREATE UNIQUE INDEX "index_users_on_email" ON "users" ("email");
CREATE TABLE "orders" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "user_id" integer NOT NULL, "total" decimal(10,2) DEFAULT 0.0 NOT NULL, "state" integer DEFAULT 0 NOT NULL, "placed_on" date, "weight" float, "note" text, "receipt" blob, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL, CONSTRAINT "fk_rails_f868b47f6a" FOREIGN KEY ("user_id") REFERENCES "users" ("id"));
CREATE INDEX "index_orders_on_user_id" ON "orders" ("user_id");
CREATE TABLE "active_storage_blobs" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "key" varchar NOT NULL, "filename" varchar NOT NULL, "content_type" varchar, "metadata" text, "service_name" varchar NOT NULL, "byte_size" bigint NOT NULL, "checksum" varchar, "created_at" datetime(6) NOT NULL);
CREATE UNIQUE INDEX "index_active_storage_blobs_on_key" ON "active_storage_blobs" ("key");
INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240115093000'), ('20240201120000');
INSERT INTO ar_internal_metadata VALUES ('environment', 'development', '2024-05-01 10:00:00.000000', '2024-05-01 10:00:00.000000');
INSERT INTO users VALUES
    (1, 'ada@example.org', '$2a$12$abc', 3, '192.0.2.7', 1, '{"locale":"de"}', '2024-05-01 10:00:00.123456', '2024-05-01 10:00:00.123456'),
    (7, 'grace@example.org', '$2a$12$def', 0, NULL, 0, '{}', '2024-05-02 11:30:00.000000', '2024-05-02 11:30:00.000000');
INSERT INTO orders VALUES
    (1, 7, 12.5, 2, '2024-05-03', 1.25, 'a note', X'00ff', '2024-05-03 08:00:00.000001', '2024-05-03 08:00:00.000001'),
    (2, 7, 0, 0, NULL, NULL, NULL, NULL, '2024-05-04 08:00:00.000000', '2024-05-04 08:00:00.000000');
INSERT INTO active_storage_blobs VALUES (1, 'k3y', 'photo.png', 'image/png', '{"identified":true}', 'local', 5000000000, 'c29tZQ==', '2024-05-01 10:00:00.000000');
