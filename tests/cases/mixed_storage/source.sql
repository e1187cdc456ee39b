CREATE TABLE mixed (id INTEGER PRIMARY KEY, value);
INSERT INTO mixed VALUES (1, 'text'), (2, x'00ff'), (3, 12);
