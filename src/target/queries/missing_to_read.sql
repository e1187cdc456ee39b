-- The GRANTs that would let the role use the schema $1 and read the relations $2 with the columns $3 there, in pairs; no column
-- is all of a relation. A sequence that may not be read is said by who reads it.
WITH wanted AS (
    SELECT relation, attribute FROM unnest($2::text[], $3::text[]) AS pair (relation, attribute)
)
SELECT pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, current_user)
FROM pg_catalog.pg_namespace n
WHERE n.nspname = $1 AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
UNION ALL
SELECT pg_catalog.format('GRANT SELECT ON TABLE %I.%I TO %I', n.nspname, c.relname, current_user)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') AND EXISTS (
    SELECT FROM wanted
    LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = wanted.attribute
    WHERE wanted.relation = c.relname
        AND (a.attnum IS NULL OR NOT pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'))
)
