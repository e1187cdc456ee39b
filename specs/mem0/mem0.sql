-- mem0.sql: builds the sample database "mem0", the store of a memory for agents and command lines, in plain SQL.
--
--     sqlite3 mem0.db < mem0.sql             or any SQLite library, version 3.40 or newer, from an empty database
--
-- It is a seeded generator: the same seed gives the same rows, everywhere. It asks neither a clock nor a random source; all
-- chance comes from table `dice` below. Everything belongs to a user, and nobody sees what belongs to another: links, tags and
-- contexts join rows of one user alone. Values are odd on purpose; each oddity has a comment.
--
-- One transaction. Helpers live in `temp` and are dropped at the end.

BEGIN;
PRAGMA defer_foreign_keys = ON;   -- some contexts come before their parents; a no-op where keys are not enforced

CREATE TEMP TABLE seed (value INTEGER NOT NULL);
INSERT INTO seed VALUES (20250912);   -- the seed; the only place

-- ---------------------------------------------------------------------------------------------------------------------
-- The application's tables
-- ---------------------------------------------------------------------------------------------------------------------

CREATE TABLE users (
	id VARCHAR(36) NOT NULL,
	username VARCHAR(50) NOT NULL COLLATE NOCASE,
	email VARCHAR(255) NOT NULL,
	password_hash VARCHAR(200),
	is_active BOOLEAN DEFAULT 1 NOT NULL,
	quota_bytes BIGINT DEFAULT 1073741824 NOT NULL,
	settings JSON,
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL,
	last_login_at DATETIME,
	PRIMARY KEY (id),
	CONSTRAINT uq_users_username UNIQUE (username),
	CONSTRAINT uq_users_email UNIQUE (email),
	CHECK (is_active IN (0, 1))
);

CREATE TABLE contexts (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	user_id VARCHAR(36) NOT NULL,
	parent_id INTEGER,
	name VARCHAR(100) NOT NULL,
	description TEXT DEFAULT '' NOT NULL,
	is_default BOOLEAN DEFAULT 0 NOT NULL,
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL,
	CONSTRAINT uq_contexts_user_id_name UNIQUE (user_id, name),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY(parent_id) REFERENCES contexts (id) ON DELETE SET NULL,
	CHECK (is_default IN (0, 1))
);

CREATE TABLE memories (
	id VARCHAR(36) NOT NULL,
	user_id VARCHAR(36) NOT NULL,
	context_id INTEGER,
	kind VARCHAR(10) DEFAULT 'note' NOT NULL,
	content TEXT NOT NULL,
	importance FLOAT DEFAULT 0.5 NOT NULL,
	embedding BLOB,
	metadata JSON,
	recall_count INTEGER DEFAULT 0 NOT NULL,
	is_archived BOOLEAN DEFAULT 0 NOT NULL,
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL,
	updated_at DATETIME,
	expires_at DATETIME,
	PRIMARY KEY (id),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY(context_id) REFERENCES contexts (id) ON DELETE SET NULL,
	CONSTRAINT ck_memories_kind CHECK (kind IN ('fact', 'preference', 'event', 'note')),
	CHECK (is_archived IN (0, 1))
);

CREATE TABLE memory_links (
	from_id VARCHAR(36) NOT NULL,
	to_id VARCHAR(36) NOT NULL,
	relation VARCHAR(20) DEFAULT 'related' NOT NULL,
	strength FLOAT DEFAULT 1 NOT NULL,
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL,
	PRIMARY KEY (from_id, to_id, relation),
	FOREIGN KEY(from_id) REFERENCES memories (id) ON DELETE CASCADE,
	FOREIGN KEY(to_id) REFERENCES memories (id) ON DELETE CASCADE,
	CONSTRAINT ck_memory_links_itself CHECK (from_id <> to_id)
);

CREATE TABLE tags (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	user_id VARCHAR(36) NOT NULL,
	name VARCHAR(60) NOT NULL COLLATE NOCASE,
	color CHAR(7) DEFAULT '#808080' NOT NULL,
	CONSTRAINT uq_tags_user_id_name UNIQUE (user_id, name),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE memory_tags (
	memory_id VARCHAR(36) NOT NULL,
	tag_id INTEGER NOT NULL,
	PRIMARY KEY (memory_id, tag_id),
	FOREIGN KEY(memory_id) REFERENCES memories (id) ON DELETE CASCADE,
	FOREIGN KEY(tag_id) REFERENCES tags (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE api_keys (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	user_id VARCHAR(36) NOT NULL,
	name VARCHAR(80) NOT NULL,
	prefix CHAR(8) NOT NULL,
	key_hash BLOB NOT NULL,
	scopes JSON NOT NULL,
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL,
	last_used_at DATETIME,
	revoked_at DATETIME,
	CONSTRAINT uq_api_keys_prefix UNIQUE (prefix),
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE command_history (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	user_id VARCHAR(36) NOT NULL,
	api_key_id INTEGER,
	command VARCHAR(40) NOT NULL,
	arguments JSON,
	working_directory TEXT,
	exit_code SMALLINT DEFAULT 0 NOT NULL,
	duration_ms FLOAT,
	executed_at INTEGER NOT NULL,   -- milliseconds since 1970, as the shell integration writes them
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY(api_key_id) REFERENCES api_keys (id) ON DELETE SET NULL
);

CREATE INDEX ix_contexts_parent_id ON contexts (parent_id);
CREATE INDEX ix_memories_user_id_created_at ON memories (user_id, created_at);
CREATE INDEX ix_memories_context_id ON memories (context_id);
CREATE INDEX ix_memories_expires_at ON memories (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX ix_memory_links_to_id ON memory_links (to_id);
CREATE INDEX ix_memory_tags_tag_id ON memory_tags (tag_id);
CREATE INDEX ix_api_keys_user_id ON api_keys (user_id);
CREATE INDEX ix_command_history_user_id_executed_at ON command_history (user_id, executed_at DESC);

-- ---------------------------------------------------------------------------------------------------------------------
-- Chance: 131,072 words of 31 bits, four to a throw
-- ---------------------------------------------------------------------------------------------------------------------

-- A linear congruential series (full period 2^31, no product above 2^62), then one xor-shift, since its low bits alone
-- are poor. SQLite has no xor operator: x xor y = (x | y) - (x & y). Both maps are bijections, so all words differ.
CREATE TEMP TABLE word (i INTEGER PRIMARY KEY, r INTEGER NOT NULL);
WITH RECURSIVE lcg (i, s) AS (
    SELECT 0, (value * 1103515245 + 12345) & 0x7fffffff FROM seed
    UNION ALL
    SELECT i + 1, (s * 1103515245 + 12345) & 0x7fffffff FROM lcg WHERE i < 131071
)
INSERT INTO word SELECT i, (s | (s >> 16)) - (s & (s >> 16)) FROM lcg;

-- Throw n is words 4n .. 4n+3. A table takes throw (n * odd + offset) & 32767 for its row n.
CREATE TEMP TABLE dice (n INTEGER PRIMARY KEY, a INTEGER, b INTEGER, c INTEGER, d INTEGER);
INSERT INTO dice
SELECT a.i / 4, a.r, b.r, c.r, d.r
FROM word a
    CROSS JOIN word b ON b.i = a.i + 1
    CROSS JOIN word c ON c.i = a.i + 2
    CROSS JOIN word d ON d.i = a.i + 3
WHERE a.i % 4 = 0;

CREATE TEMP TABLE series (n INTEGER PRIMARY KEY);   -- 1 .. 24000: the most rows any table has by number
WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 24000)
INSERT INTO series SELECT n FROM s;

-- The ids of users and memories: 122 bits of one throw each, in the form of version 4.
CREATE TEMP TABLE uuid (kind TEXT NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, n)) WITHOUT ROWID;
WITH kinds (kind, first_throw, rows) AS (VALUES ('user', 0, 60), ('memory', 100, 24000))
INSERT INTO uuid
SELECT kind, s.n, printf('%08x-%04x-4%03x-%x%03x-%012x',
    (d.a << 1) | (d.d & 1),
    d.b & 0xffff,
    (d.b >> 16) & 0xfff,
    8 + ((d.b >> 28) & 3), d.c & 0xfff,
    (((d.c >> 12) & 0x7ffff) << 29) | ((d.d >> 2) & 0x1fffffff))
FROM kinds CROSS JOIN series s ON s.n <= kinds.rows CROSS JOIN dice d ON d.n = kinds.first_throw + s.n;

-- Timestamps, rising with n from 2024-01-01 for 1.6 years. SQLAlchemy always writes six digits; rows written by
-- DEFAULT (CURRENT_TIMESTAMP) have no fraction. Both occur, in the same columns.
CREATE TEMP TABLE stamp (n INTEGER PRIMARY KEY, t TEXT NOT NULL);
INSERT INTO stamp
SELECT n, strftime('%Y-%m-%d %H:%M:%S', 1704067200 + n * 1500 + a % 1500, 'unixepoch')
    || CASE WHEN n % 11 = 0 THEN '' WHEN n % 5 = 0 THEN '.000000' ELSE printf('.%06d', b % 1000000) END
FROM dice;

-- Embeddings: 512 pieces of 8 little-endian float32, four pieces a vector. The bytes are cut out of one blob of all 256
-- values, because unhex() is newer than 3.40; `||` keeps bytes as they are and the CAST makes them a blob again.
-- 0x3c/0x3d/0xbc/0xbd as the last byte make numbers of about -0.12 .. 0.12.
CREATE TEMP TABLE alphabet (bytes BLOB NOT NULL);
INSERT INTO alphabet VALUES (x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
CREATE TEMP TABLE float32 (k INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
INSERT INTO float32
SELECT d.n, CAST(
    substr(z.bytes, 1 + (d.a & 255), 1) || substr(z.bytes, 1 + ((d.a >> 8) & 255), 1)
    || substr(z.bytes, 1 + ((d.a >> 16) & 255), 1)
    || substr(z.bytes, 1 + CASE d.b & 3 WHEN 0 THEN 0x3c WHEN 1 THEN 0x3d WHEN 2 THEN 0xbc ELSE 0xbd END, 1) AS BLOB)
FROM dice d CROSS JOIN alphabet z
WHERE d.n < 4096;
CREATE TEMP TABLE piece (k INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
INSERT INTO piece
SELECT v.n - 1, CAST(
    (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 0) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 1)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 2) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 3)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 4) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 5)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 6) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 8 + 7) AS BLOB)
FROM series v
WHERE v.n <= 512;

-- ---------------------------------------------------------------------------------------------------------------------
-- Words
-- ---------------------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE subject (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 32
INSERT INTO subject VALUES
    (0, 'The user'), (1, 'Chloé'), (2, 'The deployment'), (3, 'Project Østersø'), (4, 'Grandmother'), (5, 'The build server'),
    (6, '花子さん'), (7, 'Björn from accounting'), (8, 'The blue notebook'), (9, 'Nuño'), (10, 'The staging cluster'), (11, 'Šárka'),
    (12, 'The dentist'), (13, 'Our landlord'), (14, 'The nightly job'), (15, 'محمد'), (16, 'The cat'), (17, 'Room 4.12'),
    (18, 'The API of the bank'), (19, 'Zoe' || char(0x308)), (20, 'The garden'), (21, 'Siobhán'), (22, 'The old laptop'), (23, 'Team 🦊'),
    (24, 'The contract'), (25, 'İpek'), (26, 'The train at seven'), (27, 'Ελένη'), (28, 'The recipe'), (29, 'The wifi at home'),
    (30, 'O''Brien'), (31, 'The backup disk');
CREATE TEMP TABLE predicate (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 64
INSERT INTO predicate VALUES
    (0, 'prefers tabs over spaces'), (1, 'is called by its first name'), (2, 'must not be woken before nine'), (3, 'runs on port 8443'),
    (4, 'was moved to Thursday'), (5, 'likes tea, no sugar'), (6, 'said "never on a Friday"'), (7, 'has moved to /srv/data'),
    (8, 'needs the second key'), (9, 'is 100% certain, or 99.5%'), (10, 'keeps the receipts in a tin'), (11, 'lives at C:\temp\new'),
    (12, 'answers in German: „Grüß dich“'), (13, 'is allergic to peanuts'), (14, 'wants weekly summaries'), (15, 'renews every March'),
    (16, 'was 静か on the phone'), (17, 'costs 12,50 € a month'), (18, 'is written `like this`'), (19, 'fails with exit code 137'),
    (20, 'has the password in the vault'), (21, 'is on holiday until the 14th'), (22, 'speaks Ελληνικά'), (23, 'uses vim' || char(10) || 'and says so'),
    (24, 'has two children, Ada and Ole'), (25, 'is never to be restarted by hand'), (26, 'is behind the left door'), (27, 'reads أخبار in the morning'),
    (28, 'was rewritten in Rust 🦀'), (29, 'closes at 18:00 sharp'), (30, 'has three unread letters'), (31, 'asked for a quote'),
    (32, 'plans to visit Kraków'), (33, 'is reviewed by two people'), (34, 'needs 16 GB of memory'), (35, 'takes the 05:12 to Malmö'),
    (36, 'has a new number'), (37, 'was paid on time'), (38, 'remembers everything'), (39, 'is scheduled as 0 3 * * *'), (40, 'wore the green coat'),
    (41, 'is watered twice a week'), (42, 'breaks when it rains'), (43, 'must be signed by both'), (44, 'uses UTC everywhere'), (45, 'is down again'),
    (46, 'is up again'), (47, 'would rather write than call'), (48, 'has the wrong invoice'), (49, 'plays cello'), (50, 'is slower since the update'),
    (51, 'wants the long version'), (52, 'wants the short version'), (53, 'is named after a river'), (54, 'lost the umbrella'), (55, 'owes us 40 €'),
    (56, 'is in the third drawer'), (57, 'tastes of cardamom'), (58, 'has been there since 1998'), (59, 'expects an answer by Monday'),
    (60, 'keeps a list'), (61, 'ignores the list'), (62, 'begins with "Dear all"'), (63, 'needs no password');

-- Texts that have broken loaders before. The first 20 memories carry them, and so does a row here and there later.
CREATE TEMP TABLE odd_text (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 1 .. 20
INSERT INTO odd_text VALUES
    (1, ''), (2, ' '), (3, '\N'), (4, '\.'), (5, 'NULL'), (6, '"'), (7, ''''), (8, '\'), (9, char(9)), (10, char(13, 10)),
    (11, 'trailing blanks   '), (12, char(0xfeff) || 'byte order mark'), (13, 'control ' || char(1, 7, 27, 127, 0x85)),
    (14, 'e' || char(0x301, 0x323, 0x308) || ' stacked marks'), (15, '𝒳 𐍈 ' || char(0x10fffd) || ' beyond the basic plane'),
    (16, char(0x202e) || 'right to left override' || char(0x202c)), (17, 'a,b;"c"' || char(10) || '"d"|e' || char(9) || 'f'),
    (18, '$$; DROP TABLE users; -- ${HOME} {{ x }} $1 ? :name'), (19, '{"looks": "like json"}'), (20, '👩🏽‍🌾👨‍👩‍👧‍👦');

CREATE TEMP TABLE label (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 12; each user writes them in a case of their own
INSERT INTO label VALUES
    (0, 'work'), (1, 'home'), (2, 'to do'), (3, 'people'), (4, 'straße'), (5, 'travel'), (6, 'food'), (7, 'code'), (8, '日本'),
    (9, 'health'), (10, 'money'), (11, 'c++');

-- ---------------------------------------------------------------------------------------------------------------------
-- Rows
-- ---------------------------------------------------------------------------------------------------------------------

-- users: 60. The last has nothing at all, and the first has a third of everything.
INSERT INTO users (id, username, email, password_hash, is_active, quota_bytes, settings, created_at, last_login_at)
SELECT u.id,
    CASE s.n % 3 WHEN 0 THEN 'user' WHEN 1 THEN 'User' ELSE 'müller' END || '_' || s.n,
    printf('user%d@%s', s.n, CASE WHEN d.a % 3 = 0 THEN 'büro.example' ELSE 'mail.example' END),
    CASE WHEN s.n % 9 = 0 THEN NULL ELSE printf('$argon2id$v=19$m=65536,t=3,p=4$%08x$%08x%08x', d.a, d.b, d.c) END,
    s.n % 13 > 0,
    CASE WHEN s.n = 1 THEN 9223372036854775807 WHEN s.n % 7 = 0 THEN 0 ELSE 1073741824 END,
    CASE s.n % 5 WHEN 0 THEN NULL WHEN 1 THEN '{}'
         ELSE printf('{"theme": "%s", "recall": {"limit": %d, "threshold": 0.%d}, "shells": ["bash", "zs\u0068"]}',
             CASE WHEN d.b % 2 THEN 'dark' ELSE 'light' END, 5 + d.c % 20, 1 + d.d % 9) END,
    c.t,
    CASE WHEN s.n % 6 = 0 THEN NULL ELSE l.t END
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 7 + 30011) & 32767
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = s.n
    CROSS JOIN stamp c ON c.n = s.n * 20
    CROSS JOIN stamp l ON l.n = 20000 + s.n * 200
WHERE s.n <= 60
ORDER BY s.n;

-- contexts: six a user; the second to fourth lie below the fifth, which comes later, or below the first.
INSERT INTO contexts (id, user_id, parent_id, name, description, is_default, created_at)
SELECT (s.n - 1) * 6 + q.n, u.id,
    CASE q.n WHEN 2 THEN (s.n - 1) * 6 + 5 WHEN 3 THEN (s.n - 1) * 6 + 1 WHEN 4 THEN (s.n - 1) * 6 + 5 END,
    CASE q.n WHEN 1 THEN 'default' WHEN 2 THEN 'Work' WHEN 3 THEN 'work' WHEN 4 THEN 'Küche' WHEN 5 THEN 'projects/' || d.a % 9 ELSE '会話' END,
    CASE WHEN d.b % 4 = 0 THEN '' ELSE p.t END,
    q.n = 1,
    c.t
FROM series s
    CROSS JOIN series q ON q.n <= 6
    CROSS JOIN dice d ON d.n = (s.n * 6 + q.n + 29000) & 32767
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = s.n
    CROSS JOIN predicate p ON p.k = d.c & 63
    CROSS JOIN stamp c ON c.n = s.n * 20 + q.n
WHERE s.n < 60
ORDER BY 1;

-- Owner and place of each memory, and its number among its owner's.
CREATE TEMP TABLE place (n INTEGER PRIMARY KEY, id TEXT NOT NULL, u INTEGER NOT NULL, k INTEGER NOT NULL);
INSERT INTO place
SELECT n, id, u, row_number() OVER (PARTITION BY u ORDER BY n)
FROM (
    SELECT s.n, m.id, CASE WHEN s.n % 3 = 0 THEN 1 ELSE 1 + d.a % 59 END AS u
    FROM series s
        CROSS JOIN dice d ON d.n = (s.n * 5 + 3001) & 32767
        CROSS JOIN uuid m ON m.kind = 'memory' AND m.n = s.n
)
ORDER BY n;
CREATE INDEX temp.ix_place ON place (u, k);

-- memories: 24,000. The first 20 are the odd texts.
INSERT INTO memories (id, user_id, context_id, kind, content, importance, embedding, metadata, recall_count, is_archived, created_at, updated_at, expires_at)
SELECT l.id, o.id,
    CASE WHEN d.b % 10 = 0 THEN NULL ELSE (l.u - 1) * 6 + 1 + d.b % 6 END,
    CASE d.c % 7 WHEN 0 THEN 'fact' WHEN 1 THEN 'fact' WHEN 2 THEN 'preference' WHEN 3 THEN 'event' ELSE 'note' END,
    CASE WHEN l.n <= 20 THEN (SELECT t FROM odd_text WHERE k = l.n)
         WHEN l.n % 500 = 0 THEN (SELECT t FROM odd_text WHERE k = 1 + l.n / 500 % 20)
         ELSE s1.t || ' ' || p1.t || CASE WHEN d.d % 3 > 0 THEN ', ' || p2.t ELSE '' END || '.'
             || CASE WHEN d.d % 5 = 0 THEN char(10) || s2.t || ' ' || p3.t || '.' ELSE '' END END,
    CASE WHEN l.n = 1 THEN 0.1 WHEN l.n = 2 THEN 1e-300 WHEN d.a % 11 = 0 THEN 1 ELSE (d.a % 1000003) / 1000003.0 END,
    CASE WHEN d.c % 4 = 0 THEN NULL ELSE CAST(v1.bytes || v2.bytes || v3.bytes || v4.bytes AS BLOB) END,
    CASE d.d % 6 WHEN 0 THEN NULL WHEN 1 THEN '{}'
         WHEN 2 THEN printf('{"source": "cli", "host": "machine-%d", "tokens": %d}', d.a % 20, d.b % 900)
         WHEN 3 THEN printf('{"source": "chat", "turn": %d, "confidence": %d.%02d, "lang": "de\u002dDE"}', d.c % 40, d.a % 2, d.b % 100)
         WHEN 4 THEN printf('{"source":"import","path":"C:\\notes\\%d.md","big":12345678901234567890.%d}', d.c % 90, d.a % 10)
         ELSE printf('["%s", %d, null]', s1.t, d.d % 90) END,
    CASE WHEN d.b % 3 = 0 THEN d.c % 200 ELSE 0 END,
    d.a % 17 = 0,
    c.t,
    CASE WHEN d.b % 4 = 0 THEN e.t END,
    CASE WHEN l.n = 3 THEN '9999-12-31 23:59:59.999999' WHEN d.c % 20 = 0 THEN substr(e.t, 1, 19) END
FROM place l
    CROSS JOIN dice d ON d.n = (l.n * 5 + 3001) & 32767
    CROSS JOIN uuid o ON o.kind = 'user' AND o.n = l.u
    CROSS JOIN subject s1 ON s1.k = d.a >> 7 & 31
    CROSS JOIN subject s2 ON s2.k = d.a >> 12 & 31
    CROSS JOIN predicate p1 ON p1.k = d.b >> 8 & 63
    CROSS JOIN predicate p2 ON p2.k = d.b >> 14 & 63
    CROSS JOIN predicate p3 ON p3.k = d.b >> 20 & 63
    CROSS JOIN piece v1 ON v1.k = d.c >> 3 & 511
    CROSS JOIN piece v2 ON v2.k = d.c >> 12 & 511
    CROSS JOIN piece v3 ON v3.k = d.c >> 21 & 511
    CROSS JOIN piece v4 ON v4.k = d.d >> 9 & 511
    CROSS JOIN stamp c ON c.n = l.n + 2000
    CROSS JOIN stamp e ON e.n = l.n + 2000 + d.c % 6000
ORDER BY l.n;

-- memory_links: from every second memory to a later one of the same user.
INSERT INTO memory_links (from_id, to_id, relation, strength, created_at)
SELECT f.id, t.id,
    CASE d.a % 4 WHEN 0 THEN 'contradicts' WHEN 1 THEN 'follows' ELSE 'related' END,
    CASE WHEN d.b % 5 = 0 THEN 1 ELSE (d.b % 100) / 100.0 END,
    c.t
FROM place f
    CROSS JOIN dice d ON d.n = (f.n * 3 + 12001) & 32767
    CROSS JOIN place t ON t.u = f.u AND t.k = f.k + 1 + d.c % 9
    CROSS JOIN stamp c ON c.n = 3000 + t.n
WHERE f.n % 2 = 0
ORDER BY f.n;

-- tags: twelve a user, in one case or another; a tag is found by any.
INSERT INTO tags (id, user_id, name, color)
SELECT (s.n - 1) * 12 + 1 + l.k, u.id, CASE (s.n + l.k) % 3 WHEN 0 THEN upper(l.t) ELSE l.t END, printf('#%06x', d.a & 0xffffff)
FROM series s
    CROSS JOIN label l
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = s.n
    CROSS JOIN dice d ON d.n = (s.n * 12 + l.k + 17000) & 32767
WHERE s.n < 60
ORDER BY 1;

-- memory_tags: none to three a memory, all of its user.
INSERT INTO memory_tags (memory_id, tag_id)
SELECT l.id, (l.u - 1) * 12 + 1 + (d.a + q.n * 5) % 12
FROM place l
    CROSS JOIN dice d ON d.n = (l.n * 11 + 777) & 32767
    CROSS JOIN series q ON q.n <= d.b % 4
ORDER BY l.n, q.n;

-- api_keys: four a user. The last ids are a million higher, as after an import.
INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, created_at, last_used_at, revoked_at)
SELECT CASE WHEN s.n <= 220 THEN s.n ELSE 1000000 + s.n END, u.id,
    CASE s.n % 4 WHEN 0 THEN 'laptop' WHEN 1 THEN 'CI' WHEN 2 THEN 'phone 📱' ELSE '' END,
    printf('%08x', d.a),
    (SELECT bytes FROM piece WHERE k = d.b & 511),
    CASE s.n % 3 WHEN 0 THEN '["read"]' WHEN 1 THEN '["read", "write"]' ELSE '["*"]' END,
    c.t,
    CASE WHEN d.c % 3 = 0 THEN NULL ELSE e.t END,
    CASE WHEN d.d % 10 = 0 THEN e.t END
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 19 + 23001) & 32767
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = 1 + (s.n - 1) % 59
    CROSS JOIN stamp c ON c.n = s.n * 30
    CROSS JOIN stamp e ON e.n = s.n * 30 + d.c % 9000
WHERE s.n <= 236
ORDER BY s.n;

-- command_history: 12,000.
INSERT INTO command_history (id, user_id, api_key_id, command, arguments, working_directory, exit_code, duration_ms, executed_at)
SELECT s.n, u.id,
    CASE WHEN d.c % 3 = 0 THEN NULL ELSE (SELECT min(id) FROM api_keys k WHERE k.user_id = u.id) END,
    CASE d.a % 5 WHEN 0 THEN 'recall' WHEN 1 THEN 'remember' WHEN 2 THEN 'context switch' WHEN 3 THEN 'forget' ELSE 'search' END,
    CASE d.b % 4 WHEN 0 THEN NULL WHEN 1 THEN '[]' ELSE printf('["--limit", "%d", "%s"]', d.c % 50, w.t) END,
    CASE d.d % 3 WHEN 0 THEN NULL WHEN 1 THEN '/home/me/Öl & Wasser' ELSE 'C:\Users\me' END,
    CASE WHEN d.d % 15 = 0 THEN 1 + d.a % 130 ELSE 0 END,
    CASE WHEN d.a % 9 = 0 THEN NULL ELSE (d.a % 2000000) / 1000.0 END,
    (1704067200 + s.n * 3000 + d.b % 3000) * 1000 + d.c % 1000
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 13 + 9001) & 32767
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = CASE WHEN s.n % 3 = 0 THEN 1 ELSE 1 + d.d % 59 END
    CROSS JOIN subject w ON w.k = d.a >> 9 & 31
WHERE s.n <= 12000
ORDER BY s.n;

DROP TABLE temp.place;
DROP TABLE temp.label;
DROP TABLE temp.odd_text;
DROP TABLE temp.predicate;
DROP TABLE temp.subject;
DROP TABLE temp.piece;
DROP TABLE temp.float32;
DROP TABLE temp.alphabet;
DROP TABLE temp.stamp;
DROP TABLE temp.uuid;
DROP TABLE temp.series;
DROP TABLE temp.dice;
DROP TABLE temp.word;
DROP TABLE temp.seed;

COMMIT;
