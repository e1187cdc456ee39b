-- What Rails 7 makes in PostgreSQL (`db:migrate`).
CREATE TABLE schema_migrations (version character varying NOT NULL PRIMARY KEY);
CREATE TABLE ar_internal_metadata (key character varying NOT NULL PRIMARY KEY, value character varying, created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL);
CREATE TABLE users (id bigserial PRIMARY KEY, email character varying DEFAULT '' NOT NULL, encrypted_password character varying DEFAULT '' NOT NULL, sign_in_count integer DEFAULT 0 NOT NULL, current_sign_in_ip inet, admin boolean DEFAULT false, preferences jsonb DEFAULT '{}', created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL);
CREATE UNIQUE INDEX index_users_on_email ON users (email);
CREATE TABLE orders (id bigserial PRIMARY KEY, user_id bigint NOT NULL, total numeric(10,2) DEFAULT 0.0 NOT NULL, state integer DEFAULT 0 NOT NULL, placed_on date, weight double precision, note text, receipt bytea, created_at timestamp(6) without time zone NOT NULL, updated_at timestamp(6) without time zone NOT NULL, CONSTRAINT fk_rails_f868b47f6a FOREIGN KEY (user_id) REFERENCES users (id));
CREATE INDEX index_orders_on_user_id ON orders (user_id);
CREATE TABLE active_storage_blobs (id bigserial PRIMARY KEY, key character varying NOT NULL, filename character varying NOT NULL, content_type character varying, metadata text, service_name character varying NOT NULL, byte_size bigint NOT NULL, checksum character varying, created_at timestamp(6) without time zone NOT NULL);
CREATE UNIQUE INDEX index_active_storage_blobs_on_key ON active_storage_blobs (key);
INSERT INTO schema_migrations VALUES ('20240101000000'), ('20240115093000'), ('20240201120000');
INSERT INTO ar_internal_metadata VALUES ('environment', 'production', '2026-11-29 10:00:00', '2026-11-29 10:00:00');
