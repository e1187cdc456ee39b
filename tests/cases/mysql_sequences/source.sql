-- Sequences that stand at a number, and columns that draw from them.
CREATE SEQUENCE orderNumbers START WITH 5 INCREMENT BY 2 NOCACHE;
CREATE SEQUENCE cached START WITH 1 CACHE 100;
CREATE SEQUENCE untouched START WITH 40 MINVALUE 10 MAXVALUE 90 NOCACHE;
CREATE SEQUENCE downwards START WITH -1 INCREMENT BY -3 MINVALUE -100 MAXVALUE -1 NOCACHE;
CREATE SEQUENCE round START WITH 3 MINVALUE 1 MAXVALUE 4 CYCLE NOCACHE;
CREATE SEQUENCE spent START WITH 1 MAXVALUE 2 NOCACHE;
CREATE SEQUENCE by_setting INCREMENT BY 0;
CREATE SEQUENCE `left`;
CREATE TABLE orders (
    id BIGINT NOT NULL DEFAULT NEXT VALUE FOR orderNumbers PRIMARY KEY,
    code VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin DEFAULT nextval(downwards),
    lost INT DEFAULT nextval(`left`),
    computed INT DEFAULT (nextval(cached) + 1),
    note VARCHAR(20)
);
INSERT INTO orders (note) VALUES ('one'), ('two');
SELECT nextval(cached), nextval(round), nextval(round), nextval(round), nextval(spent), nextval(spent);
