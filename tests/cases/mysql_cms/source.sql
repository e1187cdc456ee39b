-- A content management system in the manner of the well-known ones: dates that are zero by default, keys by prefix.
SET sql_mode = '';
CREATE TABLE cms_users (
    ID BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    user_login VARCHAR(60) NOT NULL DEFAULT '',
    user_email VARCHAR(100) NOT NULL DEFAULT '',
    user_registered DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    last_visit DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    birthday DATE NOT NULL DEFAULT '0000-00-00',
    PRIMARY KEY (ID),
    KEY user_login_key (user_login)
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
CREATE TABLE cms_posts (
    ID BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    post_author BIGINT UNSIGNED NOT NULL DEFAULT 0,
    post_date DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    post_date_gmt DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    post_modified DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    post_modified_gmt DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    post_content LONGTEXT NOT NULL,
    post_status VARCHAR(20) NOT NULL DEFAULT 'publish',
    post_name VARCHAR(200) NOT NULL DEFAULT '',
    PRIMARY KEY (ID),
    KEY post_name (post_name(191)),
    KEY type_status_date (post_status, post_date, ID)
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
CREATE TABLE cms_comments (
    comment_ID BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    comment_post_ID BIGINT UNSIGNED NOT NULL DEFAULT 0,
    comment_date DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    comment_date_gmt DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    comment_content TEXT NOT NULL,
    comment_approved VARCHAR(20) NOT NULL DEFAULT '1',
    PRIMARY KEY (comment_ID),
    KEY post_name (comment_post_ID)
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
CREATE TABLE cms_links (
    link_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    link_url VARCHAR(255) NOT NULL DEFAULT '',
    link_visible VARCHAR(20) NOT NULL DEFAULT 'Y',
    link_updated DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
    link_checked TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00',
    link_expires DATE NOT NULL DEFAULT '0000-00-00',
    link_opened DATETIME(3) NOT NULL DEFAULT '0000-00-00 00:00:00.000'
) DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
INSERT INTO cms_users (user_login, user_email, user_registered, last_visit, birthday)
VALUES ('ada', 'ada@example.org', '2020-01-01 10:00:00', '2020-01-02 10:00:00', '1815-12-10');
INSERT INTO cms_posts (post_author, post_date, post_date_gmt, post_modified, post_modified_gmt, post_content, post_name)
VALUES (1, '2020-01-01', '2020-01-01', '2020-01-01', '2020-01-01', 'Hello', 'hello');
INSERT INTO cms_comments (comment_post_ID, comment_date, comment_date_gmt, comment_content)
VALUES (1, '2020-01-03', '2020-01-03', 'Hi');
