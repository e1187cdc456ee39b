-- taskflow.sql: builds the sample database "taskflow", the store of a project-management application, in plain SQL.
--
--     mysql    --default-character-set=utf8mb4 taskflow < taskflow.sql      MySQL 8 or newer, into an empty database
--     mariadb  --default-character-set=utf8mb4 taskflow < taskflow.sql      MariaDB 10.6 or newer
--
-- It is a seeded generator: the same seed gives the same rows, everywhere. It asks neither a clock nor a random source; all
-- chance is crc32() of a row's number, a word and the seed. Values are odd on purpose; each oddity has a comment.

SET NAMES utf8mb4;
SET time_zone = '+00:00';
SET @seed = '20240229';   -- the seed; the only place

-- ---------------------------------------------------------------------------------------------------------------------
-- The application's tables
-- ---------------------------------------------------------------------------------------------------------------------

CREATE TABLE users (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    email VARCHAR(255) NOT NULL,
    username VARCHAR(50) NOT NULL,
    full_name VARCHAR(120) DEFAULT NULL,
    password_hash BINARY(32) NOT NULL,
    role ENUM('admin', 'manager', 'member', 'guest') NOT NULL DEFAULT 'member',
    is_active TINYINT(1) NOT NULL DEFAULT 1,
    settings JSON DEFAULT NULL,
    hourly_rate DECIMAL(8, 2) DEFAULT NULL,
    last_login_at DATETIME DEFAULT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY uq_users_email (email),
    UNIQUE KEY uq_users_username (username)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci COMMENT = 'People who can sign in';

CREATE TABLE teams (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(100) NOT NULL,
    description TEXT,
    created_by INT UNSIGNED DEFAULT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    KEY ix_teams_created_by (created_by),
    CONSTRAINT fk_teams_created_by FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE team_members (
    team_id INT UNSIGNED NOT NULL,
    user_id INT UNSIGNED NOT NULL,
    role ENUM('owner', 'member', 'viewer') NOT NULL DEFAULT 'member',
    joined_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (team_id, user_id),
    KEY ix_team_members_user_id (user_id),
    CONSTRAINT fk_team_members_team FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE,
    CONSTRAINT fk_team_members_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE projects (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    team_id INT UNSIGNED NOT NULL,
    name VARCHAR(200) NOT NULL,
    slug VARCHAR(80) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    description TEXT,
    status ENUM('planning', 'active', 'on_hold', 'completed', 'archived') NOT NULL DEFAULT 'planning',
    settings JSON NOT NULL,
    budget DECIMAL(12, 2) DEFAULT NULL,
    starts_on DATE DEFAULT NULL,
    ends_on DATE DEFAULT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY uq_projects_slug (slug),
    KEY ix_projects_team_status (team_id, status),
    CONSTRAINT fk_projects_team FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE CASCADE,
    CONSTRAINT ck_projects_dates CHECK (ends_on >= starts_on)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE tasks (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    project_id INT UNSIGNED NOT NULL,
    parent_id INT UNSIGNED DEFAULT NULL,
    assignee_id INT UNSIGNED DEFAULT NULL,
    reporter_id INT UNSIGNED NOT NULL,
    title VARCHAR(255) NOT NULL,
    description MEDIUMTEXT,
    status ENUM('todo', 'in_progress', 'in_review', 'blocked', 'done', 'won''t do') NOT NULL DEFAULT 'todo',
    priority ENUM('low', 'medium', 'high', 'urgent') NOT NULL DEFAULT 'medium',
    estimated_hours DECIMAL(6, 2) DEFAULT NULL,
    actual_hours DECIMAL(6, 2) NOT NULL DEFAULT 0.00,
    progress FLOAT NOT NULL DEFAULT 0,
    metadata JSON DEFAULT NULL,
    due_at DATETIME DEFAULT NULL,
    completed_at DATETIME(6) DEFAULT NULL,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    KEY ix_tasks_project_status (project_id, status),
    KEY ix_tasks_assignee (assignee_id),
    KEY ix_tasks_parent (parent_id),
    KEY ix_tasks_due (due_at),
    KEY ix_tasks_reporter (reporter_id),
    CONSTRAINT fk_tasks_project FOREIGN KEY (project_id) REFERENCES projects (id) ON DELETE CASCADE,
    CONSTRAINT fk_tasks_parent FOREIGN KEY (parent_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT fk_tasks_assignee FOREIGN KEY (assignee_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_tasks_reporter FOREIGN KEY (reporter_id) REFERENCES users (id),
    CONSTRAINT ck_tasks_hours CHECK (actual_hours >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE comments (
    id BIGINT NOT NULL AUTO_INCREMENT,
    task_id INT UNSIGNED NOT NULL,
    author_id INT UNSIGNED DEFAULT NULL,
    body TEXT NOT NULL,
    edited_at DATETIME DEFAULT NULL,
    created_at DATETIME(3) NOT NULL,
    PRIMARY KEY (id),
    KEY ix_comments_task (task_id, created_at),
    KEY ix_comments_author (author_id),
    CONSTRAINT fk_comments_task FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT fk_comments_author FOREIGN KEY (author_id) REFERENCES users (id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE attachments (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT,
    task_id INT UNSIGNED NOT NULL,
    uploaded_by INT UNSIGNED DEFAULT NULL,
    filename VARCHAR(255) NOT NULL,
    mime_type VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'application/octet-stream',
    size_bytes INT UNSIGNED NOT NULL,
    content MEDIUMBLOB,
    created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    KEY ix_attachments_task (task_id),
    KEY ix_attachments_uploaded_by (uploaded_by),
    CONSTRAINT fk_attachments_task FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT fk_attachments_user FOREIGN KEY (uploaded_by) REFERENCES users (id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE labels (
    id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT,
    name VARCHAR(50) NOT NULL,
    color CHAR(7) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '#808080',
    PRIMARY KEY (id),
    UNIQUE KEY uq_labels_name (name)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE task_labels (
    task_id INT UNSIGNED NOT NULL,
    label_id SMALLINT UNSIGNED NOT NULL,
    PRIMARY KEY (task_id, label_id),
    KEY ix_task_labels_label (label_id),
    CONSTRAINT fk_task_labels_task FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE CASCADE,
    CONSTRAINT fk_task_labels_label FOREIGN KEY (label_id) REFERENCES labels (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE TABLE activity_log (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
    user_id INT UNSIGNED DEFAULT NULL,
    task_id INT UNSIGNED DEFAULT NULL,
    action VARCHAR(40) NOT NULL,
    details JSON DEFAULT NULL,
    ip_address VARBINARY(16) DEFAULT NULL,
    created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    PRIMARY KEY (id),
    KEY ix_activity_user (user_id, created_at),
    KEY ix_activity_task (task_id),
    CONSTRAINT fk_activity_user FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT fk_activity_task FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE SET NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;

CREATE VIEW project_progress AS
SELECT p.id AS project_id,
       p.name AS project_name,
       count(t.id) AS tasks,
       sum(CASE WHEN t.completed_at IS NOT NULL THEN 1 ELSE 0 END) AS completed,
       sum(t.actual_hours) AS hours
FROM projects p
JOIN tasks t ON t.project_id = p.id
GROUP BY p.id, p.name;

-- ---------------------------------------------------------------------------------------------------------------------
-- Rows
-- ---------------------------------------------------------------------------------------------------------------------

-- The numbers from 1 to 25,000.
CREATE TEMPORARY TABLE digits (d INT NOT NULL);
INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
CREATE TEMPORARY TABLE thousands (n INT NOT NULL);
-- A temporary table cannot be read twice in one statement, so each place has its own copy.
CREATE TEMPORARY TABLE tens AS SELECT d FROM digits;
CREATE TEMPORARY TABLE hundreds AS SELECT d FROM digits;
INSERT INTO thousands SELECT 100 * h.d + 10 * t.d + o.d FROM hundreds h, tens t, digits o;
CREATE TEMPORARY TABLE numbers (n INT NOT NULL PRIMARY KEY);
INSERT INTO numbers SELECT 1000 * (10 * t.d + o.d) + n + 1 FROM tens t, digits o, thousands WHERE 10 * t.d + o.d < 25;

INSERT INTO users (id, email, username, full_name, password_hash, role, is_active, settings, hourly_rate, last_login_at, created_at, updated_at)
SELECT n,
       concat('user', n, '@', elt(1 + crc32(concat(@seed, 'host', n)) % 3, 'taskflow.example', 'mail.example', 'büro.example')),
       -- Mixed case: MySQL finds them by any case, PostgreSQL by this one alone.
       concat(elt(1 + n % 4, 'User', 'user', 'USER', 'Usér'), '_', n),
       elt(1 + crc32(concat(@seed, 'name', n)) % 7, 'Ada Lovelace', 'Grace Hopper', 'Zoë Quinn', 'Łukasz Żak', '李小龍', 'O''Brien, Pat', NULL),
       unhex(sha2(concat(@seed, n), 256)),
       elt(1 + crc32(concat(@seed, 'role', n)) % 10, 'admin', 'manager', 'manager', 'member', 'member', 'member', 'member', 'member', 'member', 'guest'),
       crc32(concat(@seed, 'active', n)) % 10 <> 0,
       CASE WHEN n % 5 = 0 THEN NULL
            ELSE json_object('theme', elt(1 + n % 2, 'dark', 'light'), 'email_digest', elt(1 + n % 3, 'daily', 'weekly', 'never'), 'page_size', 10 * (1 + n % 5))
       END,
       CASE WHEN n % 3 = 0 THEN NULL ELSE round((crc32(concat(@seed, 'rate', n)) % 15000) / 100, 2) END,
       CASE WHEN n % 7 = 0 THEN NULL ELSE '2024-01-01 00:00:00' + INTERVAL crc32(concat(@seed, 'login', n)) % 20000000 SECOND END,
       '2022-01-01 00:00:00' + INTERVAL n * 77777 SECOND,
       '2023-01-01 00:00:00' + INTERVAL n * 33333 SECOND
FROM numbers WHERE n <= 600;

INSERT INTO teams (id, name, description, created_by, created_at)
SELECT n,
       concat(elt(1 + n % 6, 'Platform', 'Mobile', 'Design & Research', 'Datenschutz', '営業', 'R&D'), ' ', n),
       CASE WHEN n % 4 = 0 THEN '' WHEN n % 4 = 1 THEN NULL ELSE concat('Team ', n, '\nsecond line\twith a tab and a back', char(92), 'slash') END,
       CASE WHEN n % 9 = 0 THEN NULL ELSE 1 + crc32(concat(@seed, 'team', n)) % 600 END,
       '2022-02-01 08:00:00' + INTERVAL n DAY
FROM numbers WHERE n <= 40;

INSERT IGNORE INTO team_members (team_id, user_id, role, joined_at)
SELECT 1 + crc32(concat(@seed, 'member of', n)) % 40,
       1 + crc32(concat(@seed, 'member', n)) % 600,
       elt(1 + n % 8, 'owner', 'member', 'member', 'member', 'member', 'member', 'viewer', 'viewer'),
       '2022-03-01 00:00:00' + INTERVAL n * 20011 SECOND
FROM numbers WHERE n <= 1800;

INSERT INTO projects (id, team_id, name, slug, description, status, settings, budget, starts_on, ends_on, created_at, updated_at)
SELECT n,
       1 + crc32(concat(@seed, 'project', n)) % 40,
       concat(elt(1 + n % 5, 'Website', 'API', 'Umzug nach PostgreSQL', 'Café "Ω"', 'Mobile 📱'), ' ', n),
       concat('project-', n),
       CASE WHEN n % 3 = 0 THEN NULL ELSE repeat(concat('Paragraph of project ', n, '. '), 1 + n % 20) END,
       elt(1 + crc32(concat(@seed, 'status', n)) % 5, 'planning', 'active', 'on_hold', 'completed', 'archived'),
       -- A number of more digits than a double has, and a text that looks like one.
       json_object('budget_code', concat('00', n), 'limit', 12345678901234567, 'ratio', 0.1, 'tags', json_array('a', 'ü', '😀')),
       CASE WHEN n % 6 = 0 THEN NULL ELSE n * 1234.56 END,
       '2023-01-01' + INTERVAL n DAY,
       CASE WHEN n % 4 = 0 THEN NULL ELSE '2023-06-01' + INTERVAL n DAY END,
       '2022-12-01 00:00:00' + INTERVAL n * 3607 SECOND,
       '2023-12-01 00:00:00' + INTERVAL n * 3607 SECOND
FROM numbers WHERE n <= 200;

INSERT INTO tasks (id, project_id, parent_id, assignee_id, reporter_id, title, description, status, priority, estimated_hours, actual_hours,
                   progress, metadata, due_at, completed_at, created_at, updated_at)
SELECT n,
       1 + crc32(concat(@seed, 'task', n)) % 200,
       -- Subtasks of earlier tasks, at most four levels deep.
       CASE WHEN n > 100 AND n % 4 = 0 THEN 1 + crc32(concat(@seed, 'parent', n)) % (n DIV 4) END,
       CASE WHEN n % 6 = 0 THEN NULL ELSE 1 + crc32(concat(@seed, 'assignee', n)) % 600 END,
       1 + crc32(concat(@seed, 'reporter', n)) % 600,
       concat(elt(1 + n % 6, 'Fix', 'Write', 'Prüfe', 'Déployer', '更新', 'Ship 🚀'), ' #', n),
       CASE WHEN n % 5 = 0 THEN NULL
            WHEN n % 101 = 0 THEN ''
            ELSE repeat(concat('Step ', n % 13, ': see the "wiki" for task ', n, '; it''s 100% done\r\n'), 1 + n % 4) END,
       elt(1 + crc32(concat(@seed, 'state', n)) % 6, 'todo', 'in_progress', 'in_review', 'blocked', 'done', 'won''t do'),
       elt(1 + crc32(concat(@seed, 'priority', n)) % 4, 'low', 'medium', 'high', 'urgent'),
       CASE WHEN n % 3 = 0 THEN NULL ELSE (crc32(concat(@seed, 'estimate', n)) % 8000) / 100 END,
       (crc32(concat(@seed, 'actual', n)) % 12000) / 100,
       (crc32(concat(@seed, 'progress', n)) % 101) / 100,
       CASE WHEN n % 4 = 1 THEN NULL
            ELSE json_object('source', elt(1 + n % 3, 'web', 'mail', 'api'), 'story_points', n % 13, 'watchers', json_array(1 + n % 600, 1 + (n * 7) % 600),
                             'nested', json_object('deep', json_object('n', n))) END,
       CASE WHEN n % 7 = 0 THEN NULL ELSE '2024-03-01 17:00:00' + INTERVAL crc32(concat(@seed, 'due', n)) % 300 DAY END,
       CASE WHEN crc32(concat(@seed, 'state', n)) % 6 = 4 THEN '2024-02-01 09:00:00' + INTERVAL crc32(concat(@seed, 'done', n)) % 1000000000 MICROSECOND END,
       '2023-03-01 00:00:00' + INTERVAL n * 1801 SECOND,
       '2024-01-01 00:00:00' + INTERVAL n * 601 SECOND
FROM numbers WHERE n <= 14000;

INSERT INTO comments (id, task_id, author_id, body, edited_at, created_at)
SELECT n * 3,
       1 + crc32(concat(@seed, 'comment', n)) % 14000,
       CASE WHEN n % 11 = 0 THEN NULL ELSE 1 + crc32(concat(@seed, 'author', n)) % 600 END,
       concat(elt(1 + n % 5, 'LGTM 👍', 'Bitte prüfen', 'see `code` and ''quotes''', 'α → β', 'ok'), repeat('.', n % 40)),
       CASE WHEN n % 8 = 0 THEN '2024-04-01 00:00:00' + INTERVAL n SECOND END,
       '2023-09-01 00:00:00' + INTERVAL n * 1234567000 MICROSECOND
FROM numbers WHERE n <= 20000;

INSERT INTO attachments (id, task_id, uploaded_by, filename, mime_type, size_bytes, content, created_at)
SELECT n,
       1 + crc32(concat(@seed, 'attachment', n)) % 14000,
       CASE WHEN n % 5 = 0 THEN NULL ELSE 1 + crc32(concat(@seed, 'uploader', n)) % 600 END,
       concat(elt(1 + n % 3, 'screenshot', 'Rechnung für', '文档'), ' ', n, elt(1 + n % 3, '.png', '.pdf', '.bin')),
       elt(1 + n % 3, 'image/png', 'application/pdf', 'application/octet-stream'),
       -- Every byte there is, zero bytes among them; some attachments are stored elsewhere (NULL) or empty.
       CASE WHEN n % 10 = 0 THEN 4096 WHEN n % 50 = 1 THEN 0 ELSE 64 * (1 + n % 30) END,
       CASE WHEN n % 10 = 0 THEN NULL WHEN n % 50 = 1 THEN ''
            ELSE repeat(concat(unhex(sha2(concat(@seed, 'a', n), 256)), unhex(sha2(concat(@seed, 'b', n), 256))), 1 + n % 30) END,
       '2023-10-01 00:00:00' + INTERVAL n * 5003 SECOND
FROM numbers WHERE n <= 900;

INSERT INTO labels (id, name, color)
SELECT n, concat(elt(1 + n % 6, 'bug', 'Feature', 'größer', 'UX', '緊急', 'docs'), '-', n), concat('#', lpad(hex(crc32(concat(@seed, 'color', n)) % 16777216), 6, '0'))
FROM numbers WHERE n <= 60;

INSERT IGNORE INTO task_labels (task_id, label_id)
SELECT 1 + crc32(concat(@seed, 'labelled', n)) % 14000, 1 + crc32(concat(@seed, 'label', n)) % 60
FROM numbers WHERE n <= 18000;

INSERT INTO activity_log (id, user_id, task_id, action, details, ip_address, created_at)
SELECT n,
       CASE WHEN n % 13 = 0 THEN NULL ELSE 1 + crc32(concat(@seed, 'actor', n)) % 600 END,
       CASE WHEN n % 17 = 0 THEN NULL ELSE 1 + crc32(concat(@seed, 'subject', n)) % 14000 END,
       elt(1 + n % 5, 'task.created', 'task.updated', 'comment.added', 'status.changed', 'user.signed_in'),
       CASE WHEN n % 5 = 4 THEN NULL ELSE json_object('from', elt(1 + n % 3, 'todo', 'blocked', 'done'), 'at', n, 'note', concat('Größe ', n)) END,
       CASE WHEN n % 2 = 0 THEN unhex(concat('0a00', lpad(hex(n % 65536), 4, '0'))) ELSE unhex(concat('fd', lpad(hex(n), 30, '0'))) END,
       '2023-05-01 00:00:00' + INTERVAL n * 987654321 MICROSECOND
FROM numbers WHERE n <= 25000;

-- The log was cut once: its next number is far beyond its rows.
ALTER TABLE activity_log AUTO_INCREMENT = 1000001;

DROP TEMPORARY TABLE digits, tens, hundreds, thousands, numbers;
