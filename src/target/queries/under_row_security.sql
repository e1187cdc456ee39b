-- The relations $2 of the schema $1 whose row security applies to the role.
SELECT c.relname
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relrowsecurity AND pg_catalog.row_security_active(c.oid)
ORDER BY c.relname
