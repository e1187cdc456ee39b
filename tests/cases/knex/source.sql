-- What Knex 3 makes in SQLite, and some rows: its times are milliseconds, its booleans and decimals numbers.
create table `users` (`id` integer not null primary key autoincrement, `email` varchar(255) not null, `role` text check (`role` in ('admin', 'editor')) not null default 'editor', `active` boolean not null default '1', `settings` json, `created_at` datetime not null default CURRENT_TIMESTAMP, `updated_at` datetime not null default CURRENT_TIMESTAMP);
create unique index `users_email_unique` on `users` (`email`);
create table `articles` (`id` char(36), `author` integer not null, `title` varchar(200) not null, `body` text, `price` float, `rating` float, `day` date, `published_at` datetime, `views` bigint not null default '0', `tags` json, `cover` blob, foreign key(`author`) references `users`(`id`) on delete CASCADE, primary key (`id`));
create index `articles_author_published_at_index` on `articles` (`author`, `published_at`);
CREATE TABLE `knex_migrations` (`id` integer not null primary key autoincrement, `name` varchar(255), `batch` integer, `migration_time` datetime);
CREATE TABLE `knex_migrations_lock` (`index` integer not null primary key autoincrement, `is_locked` integer);
INSERT INTO knex_migrations VALUES (1, '20240101000000_users.js', 1, 1704067200000), (2, '20240201000000_articles.js', 2, 1706745600000);
INSERT INTO knex_migrations_lock VALUES (1, 0);
INSERT INTO users VALUES
    (1, 'ada@example.org', 'admin', 1, '{"theme":"dark"}', '2024-05-01 10:00:00', '2024-05-01 10:00:00'),
    (2, 'grace@example.org', 'editor', 0, NULL, '2024-05-02 11:30:00', '2024-06-02 11:30:00');
INSERT INTO articles VALUES
    ('11111111-2222-4333-8444-555555555555', 1, 'Engines', 'Body', 12.5, 4.5, 1714521600000, 1714557600123, 42, '["a","b"]', X'00ff'),
    ('66666666-7777-4888-9999-aaaaaaaaaaaa', 2, 'Compilér', NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL);
