-- Values of every storage class in one column: as SQL literals all of them fit, and each is told apart from the others.
CREATE TABLE settings (name TEXT PRIMARY KEY, value);
INSERT INTO settings VALUES
    ('blob', X'00ff'), ('integer', 12), ('real', 1.5), ('text', '12'), ('quote', 'it''s'), ('null', NULL),
    ('nul character', CAST(X'610062' AS TEXT)), ('not utf-8', CAST(X'ff' AS TEXT)), ('infinity', 9e999);
