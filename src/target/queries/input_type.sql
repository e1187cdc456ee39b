-- The type below a domain, however deep that lies: its spelling without a modifier; its name and that of its element, where
-- PostgreSQL itself has them and no domain is between; and the JSON it may be made of.
WITH RECURSIVE below (type, base) AS (
    SELECT t.oid, t.typbasetype
    FROM pg_catalog.pg_type t
    WHERE t.oid = pg_catalog.to_regtype($1)
    UNION ALL
    SELECT t.oid, t.typbasetype
    FROM below b
    JOIN pg_catalog.pg_type t ON t.oid = b.base
)
SELECT pg_catalog.format_type(t.oid, -1),
    CASE WHEN t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN t.typname ELSE '' END::text,
    CASE WHEN element.typnamespace = 'pg_catalog'::pg_catalog.regnamespace THEN element.typname ELSE '' END::text,
    CASE
        WHEN element.oid IS NOT NULL THEN 'array'
        WHEN t.typtype = 'c' OR t.oid IN ('pg_catalog.json'::pg_catalog.regtype, 'pg_catalog.jsonb'::pg_catalog.regtype) THEN 'object'
        WHEN t.typname IN ('vector', 'halfvec') THEN 'vector'
        ELSE ''
    END
FROM below b
JOIN pg_catalog.pg_type t ON t.oid = b.type
LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND element.typarray = t.oid
WHERE b.base = 0
