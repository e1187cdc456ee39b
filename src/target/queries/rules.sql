-- The enabled rules of a table for statements that change rows.
SELECT r.rulename::text, CASE r.ev_type WHEN '2' THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END
FROM pg_catalog.pg_rewrite r
WHERE r.ev_class = pg_catalog.to_regclass($1) AND r.ev_type = ANY (ARRAY['2', '3', '4']::"char"[]) AND r.ev_enabled <> 'D'
ORDER BY 1
