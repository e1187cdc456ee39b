-- Tables, views, sequences and indexes share one namespace in a schema: all of them stand in a new table's way.
SELECT c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1
ORDER BY c.relname
