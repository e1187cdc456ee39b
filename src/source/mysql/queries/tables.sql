-- The tables of one database.
SELECT table_name, engine, table_collation, table_comment, create_options
FROM information_schema.tables
WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
