-- The version of the ledger, where there is its schema: in the comment of the schema, or of a table where the schema belongs
-- to another role. And those of the tables $1 that are missing.
SELECT
    coalesce(
        substring(pg_catalog.obj_description(n.oid, 'pg_namespace') FROM 'version (\d+)'),
        substring(pg_catalog.obj_description(pg_catalog.to_regclass('transship.run'), 'pg_class') FROM 'version (\d+)')
    )::int,
    ARRAY(
        SELECT name FROM pg_catalog.unnest($1::text[]) AS name WHERE pg_catalog.to_regclass('transship.' || name) IS NULL
    )
FROM pg_catalog.pg_namespace n
WHERE n.nspname = 'transship'
