-- The sequences of a schema ($1), each with the schema, the table and the column to which it belongs.
SELECT s.relname::text, o.schema, o.name, o.column_name
FROM pg_catalog.pg_class s
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace AND n.nspname = $1
LEFT JOIN LATERAL (
    SELECT m.nspname::text AS schema, t.relname::text AS name, a.attname::text AS column_name
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
    JOIN pg_catalog.pg_namespace m ON m.oid = t.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    LIMIT 1
) o ON true
WHERE s.relkind = 'S'
ORDER BY s.relname::text
