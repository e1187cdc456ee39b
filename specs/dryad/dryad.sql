-- dryad.sql: builds the sample database "dryad", the store of a small chat-and-library application, in plain SQL.
--
--     sqlite3 dryad.db < dryad.sql           or any SQLite library, version 3.40 or newer, from an empty database
--
-- It is a seeded generator: the same seed gives the same rows, everywhere. It asks neither a clock nor a random
-- source; all chance comes from table `dice` below. The tables are laid out as SQLAlchemy writes them (tab, and
-- comma, blank, newline: do not let an editor trim it). Values are odd on purpose; each oddity has a comment.
--
-- One transaction. Helpers live in `temp` and are dropped at the end.

BEGIN;
PRAGMA defer_foreign_keys = ON;   -- some branches come before their parents; a no-op where keys are not enforced

CREATE TEMP TABLE seed (value INTEGER NOT NULL);
INSERT INTO seed VALUES (20240229);   -- the seed; the only place

-- ---------------------------------------------------------------------------------------------------------------------
-- The application's tables
-- ---------------------------------------------------------------------------------------------------------------------

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

CREATE TABLE users (
	id VARCHAR(36) NOT NULL, 
	email VARCHAR(255) NOT NULL, 
	display_name VARCHAR(80), 
	status VARCHAR(20) DEFAULT 'active' NOT NULL, 
	is_active BOOLEAN DEFAULT 1 NOT NULL, 
	is_admin BOOLEAN DEFAULT '0' NOT NULL, 
	birthday DATE, 
	balance NUMERIC(10, 2) DEFAULT 0 NOT NULL, 
	preferences JSON, 
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, 
	last_seen_at DATETIME, 
	CONSTRAINT pk_users PRIMARY KEY (id), 
	UNIQUE (email), 
	CHECK (is_active IN (0, 1))
);

CREATE TABLE groves (
	id INTEGER NOT NULL, 
	name VARCHAR(100) NOT NULL, 
	slug VARCHAR(60) NOT NULL, 
	description TEXT, 
	latitude FLOAT, 
	longitude FLOAT, 
	area_ha NUMERIC(10, 2), 
	planted_on DATE, 
	opens_at TIME, 
	is_sacred BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (slug), 
	CHECK (is_sacred IN (0, 1))
);

CREATE TABLE conversations (
	id VARCHAR(36) NOT NULL, 
	user_id VARCHAR(36) NOT NULL, 
	title VARCHAR(200), 
	is_archived BOOLEAN DEFAULT 0 NOT NULL, 
	temperature FLOAT DEFAULT 0.7, 
	settings JSON, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE CASCADE
);

CREATE TABLE documents (
	id VARCHAR(36) NOT NULL, 
	user_id VARCHAR(36), 
	grove_id INTEGER, 
	title VARCHAR(255) NOT NULL, 
	source_path VARCHAR(500), 
	mime_type VARCHAR(100) DEFAULT 'text/plain' NOT NULL, 
	checksum VARCHAR(64) NOT NULL, 
	size_bytes BIGINT NOT NULL, 
	metadata JSON, 
	published_on DATE, 
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, 
	CONSTRAINT pk_documents PRIMARY KEY (id), 
	FOREIGN KEY(user_id) REFERENCES users (id) ON DELETE SET NULL, 
	FOREIGN KEY(grove_id) REFERENCES groves (id)
);

CREATE TABLE branches (
	id INTEGER NOT NULL, 
	grove_id INTEGER NOT NULL, 
	parent_id INTEGER, 
	name VARCHAR(120) NOT NULL, 
	"order" INTEGER DEFAULT 0 NOT NULL, 
	height_m FLOAT NOT NULL, 
	vigor FLOAT, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_branches PRIMARY KEY (id), 
	CONSTRAINT uq_branches_grove_id_name UNIQUE (grove_id, name), 
	CONSTRAINT ck_branches_height_m CHECK (height_m >= 0), 
	FOREIGN KEY(grove_id) REFERENCES groves (id) ON DELETE CASCADE, 
	FOREIGN KEY(parent_id) REFERENCES branches (id)
);

CREATE TABLE vessels (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	registry VARCHAR(20) NOT NULL, 
	status VARCHAR(14) DEFAULT 'docked' NOT NULL, 
	captain_id VARCHAR(36), 
	home_grove_id INTEGER NOT NULL, 
	cargo_tons NUMERIC(10, 2), 
	draft_m FLOAT, 
	launched_on DATE, 
	departs_at TIME, 
	manifest JSON, 
	emblem BLOB, 
	is_active BOOLEAN DEFAULT 1 NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (registry), 
	CONSTRAINT vesselstatus CHECK (status IN ('docked', 'underway', 'decommissioned')), 
	FOREIGN KEY(captain_id) REFERENCES users (id) ON DELETE SET NULL, 
	FOREIGN KEY(home_grove_id) REFERENCES groves (id), 
	CHECK (is_active IN (0, 1))
);

CREATE TABLE messages (
	id VARCHAR(36) NOT NULL, 
	conversation_id VARCHAR(36) NOT NULL, 
	role VARCHAR(9) NOT NULL, 
	content TEXT NOT NULL, 
	token_count INTEGER DEFAULT 0, 
	attachments JSON, 
	is_pinned BOOLEAN, 
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, 
	edited_at DATETIME, 
	CONSTRAINT pk_messages PRIMARY KEY (id), 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id) ON DELETE CASCADE, 
	CONSTRAINT messagerole CHECK (role IN ('user', 'assistant', 'system'))
);

CREATE TABLE document_chunks (
	id VARCHAR(36) NOT NULL, 
	document_id VARCHAR(36) NOT NULL, 
	chunk_index INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	embedding_model VARCHAR(32), 
	embedding BLOB, 
	score FLOAT, 
	PRIMARY KEY (id), 
	CONSTRAINT uq_document_chunks_document_id_chunk_index UNIQUE (document_id, chunk_index), 
	FOREIGN KEY(document_id) REFERENCES documents (id) ON DELETE CASCADE
);

CREATE TABLE dialogues (
	id INTEGER NOT NULL, 
	vessel_id INTEGER, 
	conversation_id VARCHAR(36), 
	topic VARCHAR(150) DEFAULT '' NOT NULL, 
	mood VARCHAR(20) DEFAULT 'calm', 
	summary TEXT, 
	stats JSON, 
	started_at DATETIME NOT NULL, 
	ended_at DATETIME, 
	PRIMARY KEY (id), 
	FOREIGN KEY(vessel_id) REFERENCES vessels (id) ON DELETE SET NULL, 
	FOREIGN KEY(conversation_id) REFERENCES conversations (id)
);

CREATE TABLE dialogue_messages (
	dialogue_id INTEGER NOT NULL, 
	sequence INTEGER NOT NULL, 
	speaker_id VARCHAR(36), 
	speaker VARCHAR(50) DEFAULT 'unknown' NOT NULL, 
	body TEXT NOT NULL, 
	sentiment FLOAT, 
	reactions JSON, 
	is_whisper BOOLEAN DEFAULT 0 NOT NULL, 
	sent_at DATETIME NOT NULL, 
	PRIMARY KEY (dialogue_id, sequence), 
	FOREIGN KEY(dialogue_id) REFERENCES dialogues (id) ON DELETE CASCADE, 
	FOREIGN KEY(speaker_id) REFERENCES users (id) ON DELETE SET NULL, 
	CHECK (is_whisper IN (0, 1))
);

CREATE INDEX ix_conversations_user_id_updated_at ON conversations (user_id, updated_at);
CREATE INDEX ix_messages_conversation_id ON messages (conversation_id);
CREATE INDEX ix_messages_created_at ON messages (created_at);
CREATE INDEX ix_documents_user_id ON documents (user_id);
CREATE UNIQUE INDEX ix_documents_checksum ON documents (checksum);
CREATE INDEX ix_branches_parent_id ON branches (parent_id);
CREATE INDEX ix_vessels_status ON vessels (status);
CREATE INDEX ix_dialogues_vessel_id_started_at ON dialogues (vessel_id, started_at);
CREATE INDEX ix_dialogue_messages_sent_at ON dialogue_messages (sent_at);

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

CREATE TEMP TABLE series (n INTEGER PRIMARY KEY);   -- 1 .. 12000: the most rows any table has
WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 12000)
INSERT INTO series SELECT n FROM s;

-- The ids of tables keyed by UUID: 122 bits of one throw each, in the form of version 4.
CREATE TEMP TABLE uuid (kind TEXT NOT NULL, n INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (kind, n)) WITHOUT ROWID;
WITH kinds (kind, first_throw, rows) AS (
    VALUES ('user', 0, 1200), ('conversation', 2000, 3000), ('message', 6000, 12000),
           ('document', 20000, 1500), ('chunk', 22000, 6000)
)
INSERT INTO uuid
SELECT kind, s.n, printf('%08x-%04x-4%03x-%x%03x-%012x',
    (d.a << 1) | (d.d & 1),
    d.b & 0xffff,
    (d.b >> 16) & 0xfff,
    8 + ((d.b >> 28) & 3), d.c & 0xfff,
    (((d.c >> 12) & 0x7ffff) << 29) | ((d.d >> 2) & 0x1fffffff))
FROM kinds CROSS JOIN series s ON s.n <= kinds.rows CROSS JOIN dice d ON d.n = kinds.first_throw + s.n;

-- Timestamps, rising with n from 2023-01-01 for 2.7 years. SQLAlchemy always writes six digits; rows written by
-- DEFAULT (CURRENT_TIMESTAMP) have no fraction. Both occur, in the same columns.
CREATE TEMP TABLE stamp (n INTEGER PRIMARY KEY, t TEXT NOT NULL);
INSERT INTO stamp
SELECT n, strftime('%Y-%m-%d %H:%M:%S', 1672531200 + n * 2600 + a % 2600, 'unixepoch')
    || CASE WHEN n % 11 = 0 THEN '' WHEN n % 5 = 0 THEN '.000000' ELSE printf('.%06d', b % 1000000) END
FROM dice;

-- Embeddings: 1,024 pieces of 16 little-endian float32, two to eight pieces a vector. The bytes are cut out of one
-- blob of all 256 values, because unhex() is newer than 3.40; `||` keeps bytes as they are and the CAST makes them a
-- blob again. 0x3c/0x3d/0xbc/0xbd as the last byte make numbers of about -0.12 .. 0.12.
CREATE TEMP TABLE alphabet (bytes BLOB NOT NULL);
INSERT INTO alphabet VALUES (x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff');
CREATE TEMP TABLE float32 (k INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
INSERT INTO float32
SELECT d.n, CAST(
    substr(z.bytes, 1 + (d.a & 255), 1) || substr(z.bytes, 1 + ((d.a >> 8) & 255), 1)
    || substr(z.bytes, 1 + ((d.a >> 16) & 255), 1)
    || substr(z.bytes, 1 + CASE d.b & 3 WHEN 0 THEN 0x3c WHEN 1 THEN 0x3d WHEN 2 THEN 0xbc ELSE 0xbd END, 1) AS BLOB)
FROM dice d CROSS JOIN alphabet z
WHERE d.n < 16384;
CREATE TEMP TABLE vector (k INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
INSERT INTO vector
SELECT v.n - 1, CAST(
    (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 0) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 1)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 2) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 3)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 4) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 5)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 6) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 7)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 8) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 9)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 10) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 11)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 12) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 13)
    || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 14) || (SELECT bytes FROM float32 WHERE k = (v.n - 1) * 16 + 15) AS BLOB)
FROM series v
WHERE v.n <= 1024;

-- ---------------------------------------------------------------------------------------------------------------------
-- Words
-- ---------------------------------------------------------------------------------------------------------------------

CREATE TEMP TABLE given (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 32; combining marks spelled out in 5 and 21
INSERT INTO given VALUES
    (0, 'Anna'), (1, 'Björn'), (2, 'Chloé'), (3, 'Đặng'), (4, 'Fatma'), (5, 'Zoe' || char(0x308)), (6, '花子'), (7, '太郎'),
    (8, 'Иван'), (9, 'Žofia'), (10, 'محمد'), (11, 'Ólafur'), (12, 'Łukasz'), (13, 'Siobhán'), (14, 'Nuño'), (15, 'Åsa'),
    (16, 'İpek'), (17, 'Ελένη'), (18, 'שרה'), (19, '민준'), (20, 'Priya'), (21, 'Jose' || char(0x301)), (22, 'Kwame'), (23, 'Grace'),
    (24, 'Robert'), (25, 'Ursula'), (26, 'Øyvind'), (27, 'Mary Ann'), (28, 'Jean-Luc'), (29, 'ليلى'), (30, 'प्रिया'), (31, 'Ada');
CREATE TEMP TABLE family (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 16
INSERT INTO family VALUES
    (0, 'O''Brien'), (1, 'Müller'), (2, 'Weiß'), (3, '田中'), (4, 'Nguyễn'), (5, 'García'), (6, 'von der Heide'), (7, 'Østergård'),
    (8, 'D''Angelo'), (9, 'Smith'), (10, 'Håkansson'), (11, 'Kowalczyk'), (12, 'Çelik'), (13, 'الحسن'), (14, 'Lovelace'), (15, 'Le Guin');
CREATE TEMP TABLE tree (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 16
INSERT INTO tree VALUES
    (0, 'Oak'), (1, 'Esche'), (2, 'Bergahorn'), (3, '桜'), (4, 'Cedar of Lebanon'), (5, 'أرز'), (6, 'Weißdorn'), (7, 'Yew'),
    (8, 'Kiefer'), (9, 'Tilleul'), (10, '楓'), (11, 'Rowan'), (12, 'Ölbaum'), (13, 'Ginkgo'), (14, 'Birch'), (15, '🌲');
CREATE TEMP TABLE phrase (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 64
INSERT INTO phrase VALUES
    (0, 'The old oak at the ford has lost its northern limb.'), (1, 'Please summarise the last three entries.'),
    (2, 'Sap rises earlier every year, and nobody wrote it down.'), (3, 'She said "not before the frost" and left.'),
    (4, 'It''s 100% certain, or 99.5% if you ask the harbour master.'), (5, 'C:\grove\maps\new_leaf.txt'),
    (6, 'Rings: 12, 47, 103;' || char(9) || 'core:' || char(9) || 'sound.'), (7, 'First line.' || char(10) || 'Second line.'),
    (8, 'Written on Windows.' || char(13, 10) || 'Twice.' || char(13, 10)), (9, 'Old Mac' || char(13) || 'line ends.'),
    (10, 'Über allen Gipfeln ist Ruh; in allen Wipfeln spürest du kaum einen Hauch.'), (11, 'Größe, Fuß, Äste, Öl und Übermaß.'),
    (12, 'Die Vögelein schweigen im Walde.'), (13, 'Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.'),
    (14, '古池や蛙飛び込む水の音。'), (15, '木漏れ日が葉の間から差し込んでいる。'), (16, '森の精霊は「静かに」と言った。'), (17, 'ｶﾀｶﾅ と カタカナ は違う。'),
    (18, 'الشجرة القديمة عند النهر.'), (19, 'قال الربّان: «لا تُبحر قبل الفجر».'), (20, '🌳🌲🌴 and 🍂 in autumn'), (21, '👩🏽‍🌾 waters the 🌱, 👨‍👩‍👧‍👦 watch'),
    (22, 'Cafe' || char(0x301) || ' and café look alike and are not.'), (23, 'A' || char(0x30a) || 'ngstro' || char(0x308) || 'm'),
    (24, 'Tête-à-tête sous le hêtre.'), (25, 'Деревья стоят тихо.'), (26, 'Το δάσος κοιμάται.'), (27, 'งูเลื้อยผ่านป่า'),
    (28, 'Back\slash, back\\slash, \n is not a newline, \t no tab.'), (29, '''single'', "double", `back`, „deutsch“, «français».'),
    (30, 'SELECT * FROM trees WHERE name LIKE ''%oak%'';'), (31, '{"looks": "like json", "but": "is text"}'),
    (32, 'Count the rings twice.'), (33, 'The vessel carries nothing but seeds.'), (34, 'No wind today.'), (35, 'Ask the captain.'),
    (36, 'We planted forty saplings along the eastern bank before the rain came.'), (37, 'Only six of them survived the deer.'),
    (38, 'The ledger says otherwise.'), (39, 'Bark beetles were seen near grove seventeen.'), (40, 'Resin, moss, and a little smoke.'),
    (41, 'What is the difference between a grove and a wood?'), (42, 'A grove has been walked in.'), (43, 'Yes.'), (44, 'No.'),
    (45, 'The measurement was repeated at noon with the same result.'), (46, 'Compare the leaf area with the previous decade.'),
    (47, 'Unknown; the page is torn.'), (48, 'Trim the branch above the second node.'), (49, 'Water slowly and late.'),
    (50, 'Nothing that grows is ever in a hurry.'), (51, 'The chart shows a shoal where we anchored.'), (52, 'Tie up at the willow.'),
    (53, 'Everyone aboard signed the manifest.'), (54, 'Cargo: acorns, rope, lamp oil.'), (55, 'Draft 3.2 m at low tide.'),
    (56, 'I would rather not say.'), (57, 'Let the roots decide.'), (58, 'See the attached drawing.'), (59, 'Thank you, that is all.'),
    (60, 'Photosynthesis stops below five degrees for this species.'), (61, 'The data were entered by hand.'),
    (62, 'Mycelium connects the two stands under the path.'), (63, 'Wait for the second bell.');

-- Texts that have broken loaders before. The first 24 messages carry them, and so does a row here and there later.
CREATE TEMP TABLE odd_text (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 1 .. 24
INSERT INTO odd_text VALUES
    (1, ''), (2, ' '), (3, '\N'), (4, '\.'), (5, 'NULL'), (6, 'null'), (7, '"'), (8, ''''), (9, '\'), (10, char(9)),
    (11, char(10)), (12, char(13)), (13, char(13, 10)), (14, '%s %d %% %'), (15, 'trailing blanks   '), (16, 'trailing backslash\'),
    (17, char(0xfeff) || 'byte order mark'), (18, char(0xa0) || 'no-break space' || char(0x2028) || 'line separator'),
    (19, 'control ' || char(1, 7, 8, 27, 127, 0x85) || ' characters'), (20, 'e' || char(0x301, 0x323, 0x308) || ' stacked marks'),
    (21, '𝒳 𐍈 ' || char(0x10fffd) || ' beyond the basic plane'), (22, char(0x202e) || 'right to left override' || char(0x202c)),
    (23, 'a,b;"c"' || char(10) || '"d"|e' || char(9) || 'f'), (24, '$$; DROP TABLE users; -- ${HOME} {{ x }} $1 ? :name');

-- JSON as json.dumps writes it (", " and ": ", non-ASCII escaped) and as others do. Column k has no type, so nothing
-- is converted here; the JSON columns themselves have NUMERIC affinity in SQLite, which stores 13 and 14 as numbers.
CREATE TEMP TABLE odd_json (k INTEGER PRIMARY KEY, j);   -- 1 .. 20
INSERT INTO odd_json VALUES
    (1, '{}'), (2, '[]'), (3, 'null'), (4, 'true'), (5, '"a string"'), (6, '""'), (7, '[null, true, false, 0, -1, 1.5, "x", [], {}]'),
    (8, '{"deep": {"er": {"still": [[[[{"end": null}]]]]}}}'), (9, '{"baum": "Öl \u00fcber \u6728", "emoji": "\ud83c\udf33", "raw": "🌳木"}'),
    (10, '{"quote": "\"", "backslash": "\\", "slash": "\/", "newline": "\n", "tab": "\t", "cr": "\r", "ctl": "\u0001", "%": "100%"}'),
    (11, '{"tenth": 0.1, "tiny": 1e-10, "small": 1e-07, "big": 1e+22, "zeros": 12.50, "neg": -0.0, "max": 1.7976931348623157e308}'),
    (12, '{"beyond_double": 9007199254740993, "beyond_int64": 18446744073709551615, "digits": 3.14159265358979323846264338327950288}'),
    (13, '42'), (14, '0.5'), (15, '{"": "empty key", " ": "blank key", "a b": 1, "ключ": 2, "木": 3}'),
    (16, '{"b": 1, "a": 2, "aa": 3, "A": 4}'), (17, '[1, 2.0, 3.00, 1e2]'), (18, '{"\u0061": "escaped key"}'),
    (19, '  {"spaces" :  [ 1 ,2 ]  }  '), (20, '{"html": "<b>&amp;</b>", "sql": "'' OR 1=1 --", "path": "C:\\tmp"}');

-- Numbers at the edges of double precision. FLOAT has REAL affinity: whole numbers become reals, -0.0 loses its sign.
CREATE TEMP TABLE odd_float (k INTEGER PRIMARY KEY, v REAL NOT NULL);   -- 1 .. 16
INSERT INTO odd_float VALUES
    (1, 0.1), (2, 1e-10), (3, 1.7976931348623157e308), (4, -1.7976931348623157e308), (5, 2.2250738585072014e-308), (6, -0.0),
    (7, 0.1 + 0.2), (8, 3), (9, -7), (10, 9007199254740993), (11, 1.0 / 3), (12, 3.141592653589793), (13, 1e22), (14, 16777217),
    (15, -1e-300), (16, 123456.789);

CREATE TEMP TABLE odd_stamp (k INTEGER PRIMARY KEY, t TEXT NOT NULL);   -- 1 .. 6
INSERT INTO odd_stamp VALUES
    (1, '0001-01-01 00:00:00.000000'), (2, '9999-12-31 23:59:59.999999'), (3, '1969-12-31 23:59:59.999999'),
    (4, '1970-01-01 00:00:00'), (5, '2024-02-29 23:59:59.000001'), (6, '2024-03-31 02:30:00.500000');

-- ---------------------------------------------------------------------------------------------------------------------
-- Rows
-- ---------------------------------------------------------------------------------------------------------------------

INSERT INTO alembic_version VALUES ('4f1c0de5a011');

-- users: 1,200. balance is NUMERIC(10, 2): SQLite stores 12.00 as an integer and 12.34 as a real, side by side.
INSERT INTO users (id, email, display_name, status, is_active, is_admin, birthday, balance, preferences, created_at, last_seen_at)
SELECT u.id,
    CASE WHEN s.n % 97 = 0 THEN printf('günter+%d@bäume.example', s.n)
         WHEN s.n % 89 = 0 THEN printf('o''brien_%d%%@example.com', s.n)
         ELSE printf('dryad%04d@%s.example', s.n, CASE d.a % 3 WHEN 0 THEN 'oak' WHEN 1 THEN 'ash' ELSE 'thorn' END) END,
    CASE WHEN s.n = 1 THEN replace(hex(zeroblob(40)), '0', '🌳')   -- exactly 80 characters, 320 bytes
         WHEN s.n = 2 THEN ''
         WHEN s.n % 41 = 0 THEN NULL
         ELSE g.t || ' ' || f.t END,
    CASE d.c % 10 WHEN 0 THEN 'suspended' WHEN 1 THEN 'invited' ELSE 'active' END,
    d.c % 10 > 0,
    s.n % 150 = 3,
    CASE WHEN s.n = 4 THEN '1900-02-28' WHEN d.d % 3 = 0 THEN NULL ELSE date(-315619200 + (d.d % 14000) * 86400, 'unixepoch') END,
    CASE s.n WHEN 1 THEN 99999999.99 WHEN 2 THEN -99999999.99 WHEN 3 THEN 0.01 WHEN 4 THEN 0
        ELSE CASE WHEN d.b % 4 = 0 THEN (d.b >> 8) % 1000 ELSE ((d.b >> 4) % 5000000 - 500000) / 100.0 END END,
    CASE WHEN s.n <= 20 THEN (SELECT j FROM odd_json WHERE k = s.n)
         WHEN d.b % 7 = 0 THEN NULL      -- the column is NULL
         WHEN d.b % 7 = 1 THEN 'null'    -- JSON's null, which SQLAlchemy writes for None
         ELSE printf('{"theme": "%s", "font_size": %d, "scale": %d.%02d, "notify": {"email": %s, "push": %s}, "favourites": ["%s", "%s"]}',
             CASE d.a & 1 WHEN 0 THEN 'moss' ELSE 'bark' END, 10 + d.a % 9, 1 + d.c % 2, d.c % 100,
             CASE d.d & 1 WHEN 0 THEN 'true' ELSE 'false' END, CASE d.d & 2 WHEN 0 THEN 'true' ELSE 'false' END, t1.t, t2.t) END,
    c.t,
    CASE WHEN d.a % 6 = 0 THEN NULL ELSE l.t END
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 13 + 101) & 32767
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = s.n
    CROSS JOIN given g ON g.k = d.a >> 3 & 31
    CROSS JOIN family f ON f.k = d.a >> 9 & 15
    CROSS JOIN tree t1 ON t1.k = d.a >> 14 & 15
    CROSS JOIN tree t2 ON t2.k = d.a >> 19 & 15
    CROSS JOIN stamp c ON c.n = s.n * 8
    CROSS JOIN stamp l ON l.n = s.n * 8 + d.d % 20000
WHERE s.n <= 1200
ORDER BY s.n;

-- groves: 60
INSERT INTO groves (id, name, slug, description, latitude, longitude, area_ha, planted_on, opens_at, is_sacred)
SELECT s.n,
    printf('%s %s', t1.t, CASE d.b % 4 WHEN 0 THEN 'Grove' WHEN 1 THEN 'Hain' WHEN 2 THEN 'の森' ELSE 'Wood' END),
    printf('grove-%02d', s.n),
    CASE WHEN s.n % 9 = 0 THEN NULL WHEN s.n % 9 = 1 THEN '' ELSE p1.t || char(10, 10) || p2.t END,
    CASE WHEN s.n = 7 THEN NULL WHEN s.n = 8 THEN 0 ELSE (d.c % 180000000 - 90000000) / 1000000.0 END,
    CASE WHEN s.n = 7 THEN NULL WHEN s.n = 8 THEN -180 ELSE (d.d % 360000000 - 180000000) / 1000000.0 END,
    CASE WHEN s.n % 10 = 0 THEN NULL ELSE (d.a % 900000) / 100.0 END,
    date(-2208988800 + (d.b % 40000) * 86400, 'unixepoch'),
    CASE WHEN s.n % 5 = 0 THEN NULL ELSE printf('%02d:%02d:00.000000', 5 + d.a % 6, (d.b % 4) * 15) END,
    d.d & 1
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 29 + 7001) & 32767
    CROSS JOIN tree t1 ON t1.k = d.a >> 14 & 15
    CROSS JOIN phrase p1 ON p1.k = d.a & 63
    CROSS JOIN phrase p2 ON p2.k = d.b & 63
WHERE s.n <= 60
ORDER BY s.n;

-- conversations: 3,000
INSERT INTO conversations (id, user_id, title, is_archived, temperature, settings, created_at, updated_at)
SELECT v.id, u.id,
    CASE WHEN s.n = 1 THEN substr(replace(hex(zeroblob(100)), '0', 'ü'), 1, 200)   -- exactly 200 characters
         WHEN s.n % 23 = 0 THEN NULL WHEN s.n % 29 = 0 THEN ''
         ELSE printf('%s: %s', t1.t, p1.t) END,
    d.c % 5 = 0,
    CASE WHEN d.c % 9 = 0 THEN NULL WHEN d.c % 9 = 1 THEN 1 ELSE (d.c % 21) / 10.0 END,
    CASE WHEN s.n <= 20 THEN (SELECT j FROM odd_json WHERE k = s.n)
         WHEN d.d % 5 = 0 THEN NULL WHEN d.d % 5 = 1 THEN 'null' WHEN d.d % 5 = 2 THEN '{}'
         ELSE printf('{"model": "dryad-%d", "max_tokens": %d, "top_p": 0.%d, "stop": ["\n\n", "%s"]}',
             1 + d.d % 3, 256 << (d.a & 3), 1 + d.b % 99, t1.t) END,
    c.t, m.t
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 7 + 9001) & 32767
    CROSS JOIN uuid v ON v.kind = 'conversation' AND v.n = s.n
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = 1 + (d.a % 1200) * (d.b % 1200) / 1200   -- a few write much, many little
    CROSS JOIN tree t1 ON t1.k = d.a >> 14 & 15
    CROSS JOIN phrase p1 ON p1.k = d.b >> 10 & 63
    CROSS JOIN stamp c ON c.n = s.n * 6
    CROSS JOIN stamp m ON m.n = s.n * 6 + d.d % 14000
WHERE s.n <= 3000
ORDER BY s.n;

-- documents: 1,500. Both foreign keys may be NULL.
INSERT INTO documents (id, user_id, grove_id, title, source_path, mime_type, checksum, size_bytes, metadata, published_on, created_at)
SELECT o.id,
    CASE WHEN d.a % 8 = 0 THEN NULL ELSE u.id END,
    CASE WHEN d.b % 4 = 0 THEN NULL ELSE 1 + d.b % 60 END,
    CASE WHEN s.n = 1 THEN substr(replace(hex(zeroblob(128)), '0', '木'), 1, 255)   -- exactly 255 characters
         ELSE printf('%s of %s, vol. %d', t1.t, g.t, 1 + d.c % 12) END,
    CASE d.c % 4 WHEN 0 THEN NULL WHEN 1 THEN printf('C:\Users\%s\Dokumente\%d%%\%s.txt', g.t, d.c % 101, t1.t)
        ELSE printf('/srv/library/%s/%05d "%s".md', t1.t, s.n, g.t) END,
    CASE d.d % 4 WHEN 0 THEN 'text/markdown' WHEN 1 THEN 'application/pdf' ELSE 'text/plain' END,
    printf('%08x%08x%08x%08x%08x%08x%08x%08x', d.a, d.b, d.c, d.d, e.a, e.b, e.c, e.d),
    CASE s.n WHEN 1 THEN 9223372036854775807 WHEN 2 THEN 0 WHEN 3 THEN 4294967296 ELSE d.d % 20000000 END,
    CASE WHEN s.n <= 20 THEN (SELECT j FROM odd_json WHERE k = s.n)
         WHEN d.c % 11 = 0 THEN NULL WHEN d.c % 11 = 1 THEN 'null'
         ELSE printf('{"tags": ["%s", "%s"], "pages": %d, "rating": %d.%02d, "author": {"name": "%s %s", "verified": %s, "orcid": null}, "lang": "%s"}',
             t1.t, t2.t, 1 + d.a % 400, d.b % 5, d.b % 100, g.t, f.t, CASE d.d & 1 WHEN 0 THEN 'true' ELSE 'false' END,
             CASE d.d % 4 WHEN 0 THEN 'de' WHEN 1 THEN 'ja' WHEN 2 THEN 'ar' ELSE 'en' END) END,
    CASE WHEN s.n = 1 THEN '0001-01-01' WHEN s.n = 2 THEN '9999-12-31' WHEN d.d % 6 = 0 THEN NULL
         ELSE date(946684800 + (d.c % 9000) * 86400, 'unixepoch') END,
    c.t
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 11 + 15001) & 32767
    CROSS JOIN dice e ON e.n = (s.n * 11 + 15002) & 32767
    CROSS JOIN uuid o ON o.kind = 'document' AND o.n = s.n
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = 1 + d.a % 1200
    CROSS JOIN given g ON g.k = e.a & 31
    CROSS JOIN family f ON f.k = e.b & 15
    CROSS JOIN tree t1 ON t1.k = e.c & 15
    CROSS JOIN tree t2 ON t2.k = e.d & 15
    CROSS JOIN stamp c ON c.n = s.n * 21
WHERE s.n <= 1500
ORDER BY s.n;

-- branches: 1,500, a tree of 25 in each grove. Branch 1 is the root; the 7th, 14th and 21st hang from a branch with a
-- *higher* id (their parent's row comes later), all others from branch n / 2.
INSERT INTO branches (id, grove_id, parent_id, name, "order", height_m, vigor, created_at)
SELECT s.n, (s.n - 1) / 25 + 1,
    CASE WHEN j = 1 THEN NULL WHEN j % 7 = 0 THEN s.n + 3 ELSE s.n - j + j / 2 END,
    printf('%s %d', t1.t, j), j % 5,
    CASE WHEN d.a % 10 = 0 THEN 1 + d.a % 30 ELSE (d.a % 30000) / 1000.0 END,
    CASE WHEN s.n % 50 BETWEEN 1 AND 16 THEN (SELECT v FROM odd_float WHERE k = s.n % 50)
         WHEN s.n % 50 = 17 THEN NULL ELSE (d.b % 2000001 - 1000000) / 1000003.0 END,
    c.t
FROM (SELECT n, (n - 1) % 25 + 1 AS j FROM series WHERE n <= 1500) s
    CROSS JOIN dice d ON d.n = (s.n * 19 + 21001) & 32767
    CROSS JOIN tree t1 ON t1.k = d.c & 15
    CROSS JOIN stamp c ON c.n = s.n * 19
ORDER BY s.n;

-- vessels: 400. The ids have gaps (every ninth is missing). emblem: NULL, no bytes, all 256 bytes, zeros, or 64 bytes.
INSERT INTO vessels (id, name, registry, status, captain_id, home_grove_id, cargo_tons, draft_m, launched_on, departs_at, manifest, emblem, is_active)
SELECT s.n + (s.n - 1) / 8,
    printf('%s %s', CASE d.a % 4 WHEN 0 THEN 'MS' WHEN 1 THEN 'Dame' WHEN 2 THEN '丸' ELSE 'Queen' END, g.t),
    printf('DRY-%05d', s.n * 7),
    CASE d.b % 5 WHEN 0 THEN 'decommissioned' WHEN 1 THEN 'underway' ELSE 'docked' END,
    CASE WHEN d.c % 5 = 0 THEN NULL ELSE u.id END,
    1 + d.d % 60,
    CASE WHEN d.a % 6 = 0 THEN NULL WHEN d.a % 6 = 1 THEN d.a % 5000 ELSE (d.a % 5000000) / 100.0 END,
    CASE WHEN s.n <= 16 THEN (SELECT v FROM odd_float WHERE k = s.n) WHEN d.b % 7 = 0 THEN 3 ELSE (d.b % 900) / 100.0 END,
    CASE WHEN d.c % 9 = 0 THEN NULL ELSE date((d.c % 19000) * 86400, 'unixepoch') END,
    CASE WHEN d.d % 4 = 0 THEN NULL WHEN s.n = 5 THEN '00:00:00.000000' WHEN s.n = 6 THEN '23:59:59.999999'
         ELSE printf('%02d:%02d:%02d.%06d', d.a % 24, d.b % 60, d.c % 60, d.d % 1000000) END,
    CASE WHEN d.b % 6 = 0 THEN NULL WHEN d.b % 6 = 1 THEN '[]'
         ELSE printf('[{"item": "%s", "qty": %d, "kg": %d.%d}, {"item": "rope", "qty": %d, "kg": null}]',
             t1.t, 1 + d.c % 90, d.d % 500, d.d % 10, d.a % 12) END,
    CASE WHEN s.n = 1 THEN x'' WHEN s.n = 2 THEN (SELECT bytes FROM alphabet) WHEN s.n = 3 THEN zeroblob(128)
         WHEN d.c % 3 = 0 THEN NULL ELSE (SELECT bytes FROM vector WHERE k = d.a & 1023) END,
    d.b % 5 > 0
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 23 + 25001) & 32767
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = 1 + d.c % 1200
    CROSS JOIN given g ON g.k = d.d >> 8 & 31
    CROSS JOIN tree t1 ON t1.k = d.a >> 14 & 15
WHERE s.n <= 400
ORDER BY s.n;

-- messages: 12,000. The first 24 are the odd texts.
INSERT INTO messages (id, conversation_id, role, content, token_count, attachments, is_pinned, created_at, edited_at)
SELECT m.id, v.id,
    CASE WHEN d.a % 20 = 0 THEN 'system' WHEN d.a % 2 = 0 THEN 'user' ELSE 'assistant' END,
    CASE WHEN s.n <= 24 THEN (SELECT t FROM odd_text WHERE k = s.n)
         WHEN s.n % 100 = 0 THEN (SELECT t FROM odd_text WHERE k = 1 + s.n / 100 % 24)
         ELSE p1.t || CASE WHEN d.c % 3 > 0 THEN ' ' || p2.t ELSE '' END
                   || CASE WHEN d.c % 3 > 1 THEN char(10) || p3.t || ' ' || p4.t ELSE '' END END,
    CASE WHEN d.d % 17 = 0 THEN NULL WHEN s.n = 1 THEN 2147483647 WHEN s.n = 2 THEN -2147483648 ELSE d.d % 4000 END,
    CASE WHEN s.n <= 20 THEN (SELECT j FROM odd_json WHERE k = s.n)
         WHEN d.c % 8 = 0 THEN printf('[{"name": "%s.png", "bytes": %d, "sha": "%08x"}]', t1.t, d.d % 900000, d.b)
         WHEN d.c % 8 = 1 THEN 'null' WHEN d.c % 8 = 2 THEN '[]' END,
    CASE d.b % 6 WHEN 0 THEN 1 WHEN 1 THEN NULL ELSE 0 END,
    c.t,
    CASE WHEN s.n <= 6 THEN (SELECT t FROM odd_stamp WHERE k = s.n) WHEN d.b % 12 = 0 THEN e.t END
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 5 + 3001) & 32767
    CROSS JOIN uuid m ON m.kind = 'message' AND m.n = s.n
    CROSS JOIN uuid v ON v.kind = 'conversation' AND v.n = 1 + d.b % 3000
    CROSS JOIN phrase p1 ON p1.k = d.a >> 5 & 63
    CROSS JOIN phrase p2 ON p2.k = d.a >> 11 & 63
    CROSS JOIN phrase p3 ON p3.k = d.a >> 17 & 63
    CROSS JOIN phrase p4 ON p4.k = d.a >> 23 & 63
    CROSS JOIN tree t1 ON t1.k = d.d >> 9 & 15
    CROSS JOIN stamp c ON c.n = s.n * 2 + 1000
    CROSS JOIN stamp e ON e.n = s.n * 2 + 1000 + d.c % 7000
WHERE s.n <= 12000
ORDER BY s.n;

-- document_chunks: 6,000, four to a document. Vectors of 32, 64 or 128 float32; some are not yet computed (NULL).
INSERT INTO document_chunks (id, document_id, chunk_index, content, embedding_model, embedding, score)
SELECT k.id, o.id, (s.n - 1) % 4,
    CASE WHEN s.n % 250 = 1 THEN (SELECT t FROM odd_text WHERE k = 1 + s.n / 250) ELSE
        p1.t || ' ' || p2.t || ' ' || p3.t || char(10) || p4.t || ' ' || p5.t
        || CASE WHEN d.d % 2 = 0 THEN char(10, 10) || p6.t || ' ' || p7.t || ' ' || p8.t ELSE '' END END,
    CASE d.d % 5 WHEN 0 THEN NULL WHEN 1 THEN 'leaf-128' WHEN 2 THEN 'leaf-64' ELSE 'leaf-32' END,
    CASE d.d % 5 WHEN 0 THEN NULL
        WHEN 1 THEN CAST(v1.bytes || v2.bytes || v3.bytes || v4.bytes || v5.bytes || v6.bytes || v7.bytes || v8.bytes AS BLOB)
        WHEN 2 THEN CAST(v1.bytes || v2.bytes || v3.bytes || v4.bytes AS BLOB)
        ELSE CAST(v1.bytes || v2.bytes AS BLOB) END,
    CASE WHEN s.n <= 16 THEN (SELECT v FROM odd_float WHERE k = s.n) WHEN d.c % 5 = 0 THEN NULL WHEN d.c % 5 = 1 THEN 1
         ELSE (d.c % 1000003) / 1000003.0 END
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 3 + 12001) & 32767
    CROSS JOIN uuid k ON k.kind = 'chunk' AND k.n = s.n
    CROSS JOIN uuid o ON o.kind = 'document' AND o.n = (s.n - 1) / 4 + 1
    CROSS JOIN phrase p1 ON p1.k = d.a & 63
    CROSS JOIN phrase p2 ON p2.k = d.a >> 6 & 63
    CROSS JOIN phrase p3 ON p3.k = d.a >> 12 & 63
    CROSS JOIN phrase p4 ON p4.k = d.a >> 18 & 63
    CROSS JOIN phrase p5 ON p5.k = d.a >> 24 & 63
    CROSS JOIN phrase p6 ON p6.k = d.b & 63
    CROSS JOIN phrase p7 ON p7.k = d.b >> 6 & 63
    CROSS JOIN phrase p8 ON p8.k = d.b >> 12 & 63
    CROSS JOIN vector v1 ON v1.k = d.b >> 18 & 1023
    CROSS JOIN vector v2 ON v2.k = d.c & 1023
    CROSS JOIN vector v3 ON v3.k = d.c >> 10 & 1023
    CROSS JOIN vector v4 ON v4.k = d.c >> 20 & 1023
    CROSS JOIN vector v5 ON v5.k = d.d & 1023
    CROSS JOIN vector v6 ON v6.k = d.d >> 10 & 1023
    CROSS JOIN vector v7 ON v7.k = d.d >> 20 & 1023
    CROSS JOIN vector v8 ON v8.k = d.a >> 9 & 1023
WHERE s.n <= 6000
ORDER BY s.n;

-- dialogues: 1,000. The last hundred ids are five million higher, as after an import.
INSERT INTO dialogues (id, vessel_id, conversation_id, topic, mood, summary, stats, started_at, ended_at)
SELECT CASE WHEN s.n <= 900 THEN s.n ELSE 5000000 + s.n END,
    CASE WHEN d.a % 6 = 0 THEN NULL ELSE w.id END,
    CASE WHEN d.b % 3 = 0 THEN v.id END,
    CASE WHEN d.c % 12 = 0 THEN '' ELSE p1.t END,
    CASE d.d % 6 WHEN 0 THEN NULL WHEN 1 THEN 'stürmisch' WHEN 2 THEN '静か' WHEN 3 THEN '' ELSE 'calm' END,
    CASE WHEN d.a % 4 = 0 THEN NULL ELSE p2.t END,
    CASE WHEN d.b % 5 = 0 THEN NULL ELSE printf('{"turns": %d, "minutes": %d.%d, "peaks": [%d, %d, -%d.5]}',
        1 + d.b % 9, d.c % 90, d.c % 10, d.a % 100, d.b % 100, d.c % 100) END,
    c.t,
    CASE WHEN d.d % 7 = 0 THEN NULL ELSE e.t END
FROM series s
    CROSS JOIN dice d ON d.n = (s.n * 31 + 28001) & 32767
    CROSS JOIN uuid v ON v.kind = 'conversation' AND v.n = 1 + d.c % 3000
    CROSS JOIN vessels w ON w.id = 1 + d.a % 400 + (d.a % 400) / 8
    CROSS JOIN phrase p1 ON p1.k = d.c >> 4 & 63
    CROSS JOIN phrase p2 ON p2.k = d.c >> 10 & 63
    CROSS JOIN stamp c ON c.n = s.n * 29
    CROSS JOIN stamp e ON e.n = s.n * 29 + 1 + d.b % 9
WHERE s.n <= 1000
ORDER BY s.n;

-- dialogue_messages: one to nine a dialogue, keyed by both columns.
INSERT INTO dialogue_messages (dialogue_id, sequence, speaker_id, speaker, body, sentiment, reactions, is_whisper, sent_at)
SELECT CASE WHEN s.n <= 900 THEN s.n ELSE 5000000 + s.n END, q.n,
    CASE WHEN d.a % 4 = 0 THEN NULL ELSE u.id END,
    CASE WHEN d.a % 4 = 0 THEN 'unknown' ELSE g.t END,
    CASE WHEN d.c % 200 = 0 THEN (SELECT t FROM odd_text WHERE k = 1 + d.b % 24) ELSE p1.t || CASE WHEN d.c & 1 THEN ' ' || p2.t ELSE '' END END,
    CASE WHEN s.n <= 16 AND q.n = 1 THEN (SELECT v FROM odd_float WHERE k = s.n)
         WHEN d.b % 9 = 0 THEN NULL WHEN d.b % 9 = 1 THEN -1 ELSE (d.b % 20001 - 10000) / 10000.0 END,
    CASE d.c % 6 WHEN 0 THEN printf('{"🌳": %d, "\ud83d\udc4d": %d}', d.a % 9, d.b % 9) WHEN 1 THEN 'null' WHEN 2 THEN '{}' END,
    d.d % 10 = 0,
    c.t
FROM series s
    CROSS JOIN dice h ON h.n = (s.n * 31 + 28001) & 32767
    CROSS JOIN series q ON q.n <= 1 + h.b % 9
    CROSS JOIN dice d ON d.n = (s.n * 37 + q.n * 1009 + 555) & 32767
    CROSS JOIN uuid u ON u.kind = 'user' AND u.n = 1 + d.d % 1200
    CROSS JOIN given g ON g.k = d.d >> 5 & 31
    CROSS JOIN phrase p1 ON p1.k = d.a >> 6 & 63
    CROSS JOIN phrase p2 ON p2.k = d.a >> 12 & 63
    CROSS JOIN stamp c ON c.n = s.n * 29 + q.n
WHERE s.n <= 1000
ORDER BY s.n, q.n;

DROP TABLE temp.odd_stamp;
DROP TABLE temp.odd_float;
DROP TABLE temp.odd_json;
DROP TABLE temp.odd_text;
DROP TABLE temp.phrase;
DROP TABLE temp.tree;
DROP TABLE temp.family;
DROP TABLE temp.given;
DROP TABLE temp.vector;
DROP TABLE temp.float32;
DROP TABLE temp.alphabet;
DROP TABLE temp.stamp;
DROP TABLE temp.uuid;
DROP TABLE temp.series;
DROP TABLE temp.dice;
DROP TABLE temp.word;
DROP TABLE temp.seed;

COMMIT;
