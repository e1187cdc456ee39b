-- A column that references a number and a date cannot have the type of both; an identity cannot have the type of a uuid.
CREATE TABLE numbers (id INTEGER PRIMARY KEY);
CREATE TABLE days (day DATE PRIMARY KEY NOT NULL);
CREATE TABLE tokens (token UUID PRIMARY KEY NOT NULL);
CREATE TABLE both (
    value NUMERIC REFERENCES numbers,
    FOREIGN KEY (value) REFERENCES days
);
CREATE TABLE identities (id INTEGER PRIMARY KEY REFERENCES tokens);
