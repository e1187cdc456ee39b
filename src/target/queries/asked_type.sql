-- The type of the column $2 of the table $1 as the target has it, the same without a modifier and below its domain, its name where it
-- is PostgreSQL's own, whether JSON becomes its elements or members, and whether it is an array.
WITH RECURSIVE below (type, base) AS (
    SELECT t.oid, t.typbasetype FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2
    UNION ALL
    SELECT t.oid, t.typbasetype FROM below b JOIN pg_catalog.pg_type t ON t.oid = b.base
)
SELECT pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(t.oid, -1),
    CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace OR t.typname IN ('vector', 'halfvec')
        THEN t.typname ELSE '' END::text,
    t.typtype = 'c' OR t.typname IN ('json', 'jsonb', 'vector', 'halfvec')
        OR EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid),
    EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
FROM pg_catalog.pg_attribute a CROSS JOIN below b JOIN pg_catalog.pg_type t ON t.oid = b.type
WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND b.base = 0
