-- The ledger's own tables: each has a column `migration`. The one that the others reference is the last.
SELECT c.relname::text
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'transship'::pg_catalog.regnamespace AND c.relkind = 'r' AND a.attname = 'migration'
    AND NOT a.attisdropped
ORDER BY c.relname = 'run', c.relname
