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
)
SELECT
    a.attrelid,
    a.attname,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    pg_catalog.format_type(u.base, CASE WHEN u.modifier <> -1 THEN u.modifier ELSE a.atttypmod END),
    b.typname,
    b.typtype = 'e',
    ARRAY(
        SELECT e.enumlabel::text FROM pg_catalog.pg_enum e WHERE e.enumtypid = u.base ORDER BY e.enumsortorder
    ),
    a.attnotnull OR u.not_null,
    a.atthasdef OR u.has_default,
    a.attidentity::text,
    a.attgenerated <> '',
    coalesce(
        -- An identity, or a sequence that the column owns (serial).
        (
            SELECT ARRAY[sn.nspname::text, s.relname::text]
            FROM pg_catalog.pg_depend d
            JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
            JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
            WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
            ORDER BY d.deptype DESC, s.oid LIMIT 1
        ),
        -- A sequence that only the default names.
        (
            SELECT ARRAY[sn.nspname::text, s.relname::text]
            FROM pg_catalog.pg_attrdef f
            JOIN pg_catalog.pg_depend d
                ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
                AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
            JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
            WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum
            ORDER BY s.oid LIMIT 1
        )
    )
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN unwrapped u ON u.type = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = u.base
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
