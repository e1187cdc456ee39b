-- The users' triggers. Foreign keys are made of internal ones, which come and go with them.
SELECT t.tgrelid, t.tgname, t.tgenabled::text
FROM pg_catalog.pg_trigger t
JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = coalesce($2::text, c.relname) AND NOT t.tgisinternal
ORDER BY t.tgrelid, t.tgname
