-- What keeps the role from reading all rows of tables of the schema $1, as the statements that would let it. $2 names tables,
-- each with a column ($3) that is read.
WITH wanted AS (
    SELECT c.oid, c.relname, n.nspname, n.oid AS schema, a.attname,
        pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT') AS may_read
    FROM ROWS FROM (pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[])) AS wanted (relation, attribute)
    JOIN pg_catalog.pg_namespace n ON n.nspname = $1
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = wanted.relation
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = wanted.attribute AND a.attnum > 0
)
SELECT DISTINCT pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', nspname, current_user)
FROM wanted
WHERE NOT pg_catalog.has_schema_privilege(schema, 'USAGE')
UNION ALL
SELECT pg_catalog.format('GRANT SELECT%s ON TABLE %I.%I TO %I',
    CASE WHEN pg_catalog.bool_or(may_read)
        THEN pg_catalog.format(' (%s)', pg_catalog.string_agg(pg_catalog.quote_ident(attname), ', ') FILTER (WHERE NOT may_read)) END,
    nspname, relname, current_user)
FROM wanted
GROUP BY nspname, relname
HAVING NOT pg_catalog.bool_and(may_read)
UNION ALL
-- Row security hides rows from all but the owner of the table and roles that bypass it.
SELECT DISTINCT pg_catalog.format('ALTER ROLE %I BYPASSRLS', current_user)
FROM wanted
WHERE pg_catalog.row_security_active(oid)
