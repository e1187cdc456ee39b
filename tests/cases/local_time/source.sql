-- The machine's local time is that of the zone that the spec names.
CREATE TABLE visits (
    id INTEGER PRIMARY KEY,
    at DATETIME DEFAULT (datetime('now', 'localtime')),
    day DATE DEFAULT (date('now', 'localtime')),
    clock TIME DEFAULT (time('now', 'localtime')),
    written TEXT DEFAULT (datetime('now', 'localtime')),
    here TIMESTAMP WITHOUT TIME ZONE DEFAULT (datetime('now', 'localtime')),
    seconds INTEGER DEFAULT (unixepoch('now', 'localtime')),
    shifted INTEGER DEFAULT (unixepoch('now', 'localtime'))
);
INSERT INTO visits VALUES (1, '2024-07-15 12:00:00', '2024-07-15', '12:00:00', '2024-07-15 12:00:00', '2024-07-15 12:00:00', 1, 1700000000);
