-- The enabled rules of a table for statements that change rows; a name in a schema that the role may not use is found, too.
SELECT r.rulename::text, CASE r.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND r.ev_type = ANY (ARRAY['2', '3', '4']::"char"[]) AND r.ev_enabled <> 'D'
ORDER BY 1
