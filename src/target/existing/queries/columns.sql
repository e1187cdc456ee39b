-- The columns of the schema's tables. A domain is written as its base type, however deep that lies.
WITH RECURSIVE unwrapped (type, base, modifier, not_null, has_default) AS (
    SELECT t.oid, t.oid, -1, false, false FROM pg_catalog.pg_type t WHERE t.typtype <> 'd'
    UNION ALL
    SELECT d.oid, u.base,
        CASE WHEN u.modifier <> -1 THEN u.modifier ELSE d.typtypmod END,
        u.not_null OR d.typnotnull,
        u.has_default OR d.typdefault IS NOT NULL
    FROM pg_catalog.pg_type d
    JOIN unwrapped u ON u.type = d.typbasetype
    WHERE d.typtype = 'd'
),
behind (relation, number, place, sequence) AS (
    -- An identity, or a sequence that the column owns (serial).
    SELECT d.refobjid, d.refobjsubid, 2, s.oid
    FROM pg_catalog.pg_class s
    JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    WHERE s.relkind = 'S'
    UNION ALL
    -- A sequence that the default names: the column draws from it, whatever belongs to it.
    SELECT f.adrelid, f.adnum, 1, s.oid
    FROM pg_catalog.pg_attrdef f
    JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
),
sequences (relation, number, name) AS (
    SELECT DISTINCT ON (b.relation, b.number) b.relation, b.number, ARRAY[n.nspname::text, s.relname::text]
    FROM behind b
    JOIN pg_catalog.pg_class s ON s.oid = b.sequence
    JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
    ORDER BY b.relation, b.number, b.place, s.oid
)
SELECT
    a.attrelid,
    a.attname,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    pg_catalog.format_type(u.base, CASE WHEN u.modifier <> -1 THEN u.modifier ELSE a.atttypmod END),
    b.typname,
    b.typtype = 'e',
    CASE
        WHEN b.typtype = 'e' THEN ARRAY(
            SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = u.base ORDER BY e.enumsortorder
        )
        ELSE ARRAY[]::text[]
    END,
    a.attnotnull OR u.not_null,
    a.atthasdef OR u.has_default,
    a.attidentity::text,
    CASE WHEN a.attgenerated <> '' THEN pg_catalog.pg_get_expr(f.adbin, f.adrelid) END,
    s.name
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN unwrapped u ON u.type = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = u.base
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN sequences s ON s.relation = a.attrelid AND s.number = a.attnum
WHERE n.nspname = $1 AND c.relname = coalesce($2::text, c.relname) AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
