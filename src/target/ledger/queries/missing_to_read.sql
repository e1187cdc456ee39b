-- The GRANTs without which the role cannot read the ledger, whose tables have the names $1.
SELECT pg_catalog.format('GRANT USAGE ON SCHEMA transship TO %I', current_user)
FROM pg_catalog.pg_namespace n
WHERE n.nspname = 'transship' AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
UNION ALL
SELECT pg_catalog.format('GRANT SELECT ON TABLE %s TO %I',
    pg_catalog.string_agg(pg_catalog.format('transship.%I', c.relname), ', ' ORDER BY c.relname), current_user)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'transship' AND c.relkind = 'r' AND c.relname = ANY ($1::text[])
    AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')
HAVING count(*) > 0
