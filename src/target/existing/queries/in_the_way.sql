-- What would act on rows that are copied into $1.$2 at this moment: triggers that fire, and foreign keys to one of $3 in
-- the same schema.
SELECT pg_catalog.format('the trigger %I', t.tgname)
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
UNION ALL
SELECT pg_catalog.format('the foreign key %I', k.conname)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname = $1 AND c.relname = $2 AND r.relname = ANY ($3)
ORDER BY 1
