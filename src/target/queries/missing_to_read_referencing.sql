-- The GRANTs without which the role cannot read tables that reference those of the schemas $1 with the names $2: whether their rows would be left without
-- what they reference is looked at before anything is removed.
SELECT DISTINCT pg_catalog.format('GRANT %s TO %I', lacking.what, current_user)
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS parent (schema, name)
JOIN pg_catalog.pg_namespace rn ON rn.nspname = parent.schema
JOIN pg_catalog.pg_class r ON r.relnamespace = rn.oid AND r.relname = parent.name
JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = r.oid
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN LATERAL (
    SELECT pg_catalog.format('USAGE ON SCHEMA %I', n.nspname)
    WHERE NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    UNION ALL
    SELECT pg_catalog.format('SELECT ON TABLE %I.%I', n.nspname, c.relname)
    WHERE NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')
) AS lacking (what)
