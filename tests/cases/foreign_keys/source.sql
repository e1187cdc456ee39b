CREATE TABLE people (
    id INTEGER PRIMARY KEY,
    name TEXT,
    manager_id INTEGER REFERENCES people (id) ON DELETE SET NULL,
    team_id INTEGER REFERENCES teams ON UPDATE CASCADE
);
-- A cycle: people reference teams, teams reference people.
CREATE TABLE teams (
    id INTEGER PRIMARY KEY,
    lead_id INTEGER NOT NULL REFERENCES people (id) DEFERRABLE INITIALLY DEFERRED
);
INSERT INTO people VALUES (1, 'Ada', 3, 1), (2, 'Grace', NULL, NULL), (3, 'Edsger', 2, 1);
INSERT INTO teams VALUES (1, 2);

CREATE TABLE orders (region TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (region, number));
CREATE TABLE lines (
    region TEXT,
    number INTEGER,
    line INTEGER,
    CONSTRAINT fk_order FOREIGN KEY (region, number) REFERENCES orders (region, number) ON DELETE CASCADE ON UPDATE RESTRICT
);
CREATE TABLE implicit_lines (region TEXT, number INTEGER, FOREIGN KEY (region, number) REFERENCES orders);
INSERT INTO orders VALUES ('eu', 1), ('us', 1);
INSERT INTO lines VALUES ('eu', 1, 1), ('eu', 1, 2), ('us', NULL, 1);
INSERT INTO implicit_lines VALUES ('us', 1);

CREATE TABLE countries (code TEXT UNIQUE, name TEXT, continent TEXT);
CREATE UNIQUE INDEX by_name ON countries (name);
CREATE TABLE cities (
    id INTEGER PRIMARY KEY,
    country TEXT REFERENCES countries (code) ON DELETE SET DEFAULT,
    country_name TEXT REFERENCES countries (name) NOT DEFERRABLE,
    continent TEXT REFERENCES countries (continent),
    planet_id INTEGER REFERENCES planets (id)
);
INSERT INTO countries VALUES ('de', 'Germany', 'Europe');
INSERT INTO cities VALUES (1, 'de', 'Germany', 'Europe', 7), (2, NULL, NULL, NULL, NULL);
