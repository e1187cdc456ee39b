-- The columns of the schema's tables with the types that decide the bytes of their values: of a domain the type beneath it, none
-- with a modifier; and their names in words, as a fingerprint has them.
WITH RECURSIVE beneath AS (
    SELECT oid AS of, oid, typtype, typbasetype FROM pg_catalog.pg_type
    UNION ALL
    SELECT b.of, t.oid, t.typtype, t.typbasetype
    FROM beneath b JOIN pg_catalog.pg_type t ON t.oid = b.typbasetype
    WHERE b.typtype = 'd'
)
SELECT c.relname, a.attname, pg_catalog.format('column %I.%I.%I', n.nspname, c.relname, a.attname),
    CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN pg_catalog.format_type(t.oid, NULL)
        ELSE t.typname::text END
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN beneath ON beneath.of = a.atttypid AND beneath.typtype <> 'd'
JOIN pg_catalog.pg_type t ON t.oid = beneath.oid
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
