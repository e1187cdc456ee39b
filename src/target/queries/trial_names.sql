-- The columns of the temporary table of rows that came.
SELECT a.attname::text FROM pg_catalog.pg_attribute a
WHERE a.attrelid = 'pg_temp.transship_came'::pg_catalog.regclass AND a.attnum > 0
ORDER BY a.attnum
