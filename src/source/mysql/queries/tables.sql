-- The tables of one database, and the sequences.
SELECT table_name, table_type, table_comment
FROM information_schema.tables
WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE')
