-- The columns of a table with their types below a domain, as a temporary table of its rows has them, and the default of those
-- that no row comes with ($2 are the others). A default that draws from a sequence would use its numbers up, and one that calls a
-- function of the application would do whatever that does: neither is evaluated. The third column says that such a function is in
-- the way. PostgreSQL records no dependency on its own functions.
WITH RECURSIVE below (number, name, type, modifier, collated) AS (
    SELECT a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    UNION ALL
    SELECT b.number, b.name, t.typbasetype, CASE WHEN t.typtypmod <> -1 THEN t.typtypmod ELSE b.modifier END, b.collated
    FROM below b
    JOIN pg_catalog.pg_type t ON t.oid = b.type
    WHERE t.typtype = 'd'
)
SELECT b.name::text, pg_catalog.format_type(b.type, b.modifier) || coalesce(
    (
        SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
        FROM pg_catalog.pg_collation c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
        WHERE c.oid = b.collated AND t.typcollation <> 0 AND c.collname <> 'default'
    ),
    ''
) || coalesce(
    (
        SELECT ' DEFAULT ' || pg_catalog.pg_get_expr(f.adbin, f.adrelid)
        FROM pg_catalog.pg_attrdef f
        WHERE f.adrelid = $1::text::regclass AND f.adnum = b.number AND b.name::text <> ALL ($2)
            -- The parsed expression, as in `draws.sql`.
            AND f.adbin::text !~ (':funcid ' || 'pg_catalog.nextval(pg_catalog.regclass)'::pg_catalog.regprocedure::oid || ' ')
            AND called.oid IS NULL
    ),
    ''
), called.oid IS NOT NULL
FROM below b
JOIN pg_catalog.pg_type t ON t.oid = b.type
LEFT JOIN LATERAL (
    SELECT f.oid
    FROM pg_catalog.pg_attrdef f
    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
    WHERE f.adrelid = $1::text::regclass AND f.adnum = b.number AND b.name::text <> ALL ($2)
        AND d.refclassid IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
    LIMIT 1
) called ON true
WHERE t.typtype <> 'd'
ORDER BY b.number
