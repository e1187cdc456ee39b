-- Every relation of the schema, or the one that $2 names: what it is, and what of it decides how rows get in.
SELECT
    c.oid,
    c.relname,
    CASE
        WHEN c.relkind = 'p' OR c.relispartition THEN 'partitioned'
        WHEN c.relkind = 'r' AND EXISTS (
            SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhparent, i.inhrelid)
        ) THEN 'inheriting'
        WHEN c.relkind = 'r' THEN 'table'
        WHEN c.relkind = 'f' THEN 'foreign'
        WHEN c.relkind IN ('v', 'm') THEN 'view'
        ELSE 'other'
    END,
    c.relkind IN ('r', 'p') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT'),
    c.relkind IN ('r', 'p') AND c.relrowsecurity AND pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = coalesce($2::text, c.relname)
ORDER BY c.relname
