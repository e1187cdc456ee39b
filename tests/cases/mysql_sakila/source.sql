-- A film rental in the manner of Sakila: a cycle of foreign keys between staff and stores, SET, ENUM, YEAR, triggers.
SET foreign_key_checks = 0;
CREATE TABLE language (
    language_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name CHAR(20) COLLATE utf8mb4_nopad_bin NOT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP
);
CREATE TABLE film (
    film_id SMALLINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    title VARCHAR(128) COLLATE utf8mb4_nopad_bin NOT NULL,
    release_year YEAR DEFAULT NULL,
    language_id TINYINT UNSIGNED NOT NULL,
    original_language_id TINYINT UNSIGNED DEFAULT NULL,
    rental_rate DECIMAL(4, 2) NOT NULL DEFAULT 4.99,
    rating ENUM('G', 'PG', 'PG-13', 'R', 'NC-17') COLLATE utf8mb4_nopad_bin DEFAULT 'G',
    special_features SET('Trailers', 'Commentaries', 'Deleted Scenes') COLLATE utf8mb4_nopad_bin DEFAULT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    KEY idx_title (title),
    KEY idx_language (language_id),
    CONSTRAINT fk_film_language FOREIGN KEY (language_id) REFERENCES language (language_id) ON UPDATE CASCADE,
    CONSTRAINT fk_film_original FOREIGN KEY (original_language_id) REFERENCES language (language_id) ON UPDATE CASCADE
);
CREATE TABLE film_text (
    film_id SMALLINT UNSIGNED NOT NULL PRIMARY KEY,
    title VARCHAR(255) COLLATE utf8mb4_nopad_bin NOT NULL,
    description TEXT COLLATE utf8mb4_nopad_bin,
    FULLTEXT KEY idx_title_description (title, description)
);
CREATE TABLE store (
    store_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    manager_staff_id TINYINT UNSIGNED NOT NULL,
    last_update TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    UNIQUE KEY idx_unique_manager (manager_staff_id),
    CONSTRAINT fk_store_staff FOREIGN KEY (manager_staff_id) REFERENCES staff (staff_id) ON UPDATE CASCADE
);
CREATE TABLE staff (
    staff_id TINYINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    first_name VARCHAR(45) COLLATE utf8mb4_nopad_bin NOT NULL,
    store_id TINYINT UNSIGNED NOT NULL,
    active TINYINT NOT NULL DEFAULT 1,
    KEY idx_language (store_id),
    CONSTRAINT fk_staff_store FOREIGN KEY (store_id) REFERENCES store (store_id) ON UPDATE CASCADE
);
INSERT INTO language VALUES (1, 'English', '2006-02-15 05:02:19'), (2, 'Italian', '2006-02-15 05:02:19');
INSERT INTO film VALUES
    (1, 'ACADEMY DINOSAUR', 2006, 1, NULL, 0.99, 'PG', 'Deleted Scenes,Trailers', '2006-02-15 05:03:42'),
    (2, 'ACE GOLDFINGER', 1901, 2, 1, 4.99, 'NC-17', '', '2006-02-15 05:03:42');
INSERT INTO film_text VALUES (1, 'ACADEMY DINOSAUR', 'A Epic Drama'), (2, 'ACE GOLDFINGER', NULL);
INSERT INTO store VALUES (1, 1, '2006-02-15 04:57:12');
INSERT INTO staff VALUES (1, 'Mike', 1, 1), (2, 'Jon', 1, 0);
CREATE TRIGGER upd_film AFTER UPDATE ON film FOR EACH ROW
    UPDATE film_text SET title = NEW.title WHERE film_id = OLD.film_id;
CREATE VIEW film_list AS
    SELECT f.film_id AS FID, f.title, l.name AS language, f.rental_rate AS price
    FROM film f JOIN language l ON f.language_id = l.language_id;
CREATE PROCEDURE film_in_stock(IN p_film_id INT, OUT p_count INT) READS SQL DATA
    SELECT count(*) INTO p_count FROM film WHERE film_id = p_film_id;
