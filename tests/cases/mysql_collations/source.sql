-- How texts are equal: case, accents, spaces at the end, languages. One table for each rule; no two rows of a key are equal.
CREATE TABLE general (name VARCHAR(40) COLLATE utf8mb4_general_ci, UNIQUE (name));
INSERT INTO general VALUES ('Ada'), ('Zoë'), ('größer 😀'), (NULL), (NULL);
CREATE TABLE nopad (name VARCHAR(40) COLLATE utf8mb4_unicode_520_nopad_ci, UNIQUE (name));
INSERT INTO nopad VALUES ('Ada'), ('Ada '), ('Zoë');
CREATE TABLE accents (name VARCHAR(40) COLLATE utf8mb4_uca1400_as_ci, UNIQUE (name));
INSERT INTO accents VALUES ('resume'), ('résumé'), ('Ada');
CREATE TABLE letters_only (name VARCHAR(40) COLLATE utf8mb4_uca1400_nopad_ai_cs, UNIQUE (name));
INSERT INTO letters_only VALUES ('resume'), ('Resume');
CREATE TABLE swedish (name VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_swedish_ci, UNIQUE (name));
INSERT INTO swedish VALUES ('Bar'), ('Bär'), ('Bor'), ('Bör');
CREATE TABLE phonebook (name VARCHAR(40) COLLATE utf8mb4_german2_ci, UNIQUE (name));
INSERT INTO phonebook VALUES ('Muller'), ('Müller');
CREATE TABLE bytes_padded (name VARCHAR(40) COLLATE utf8mb4_bin, UNIQUE (name), plain VARCHAR(40) COLLATE utf8mb4_nopad_bin, UNIQUE (plain));
INSERT INTO bytes_padded VALUES ('a', 'a'), ('A', 'a '), ('ä ', 'A');
-- Labels compare by their position; a JSON document compares by its bytes.
CREATE TABLE labels (kind ENUM('small', 'LARGE') COLLATE utf8mb4_general_ci, kinds SET('a', 'b'), UNIQUE (kind));
INSERT INTO labels VALUES ('small', 'a'), ('LARGE', 'a,b');
