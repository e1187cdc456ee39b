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
    operator.nspname::text,
    operator.oprname::text,
    coalesce(NOT l.collisdeterministic, false)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN unwrapped u ON u.type = a.atttypid
JOIN pg_catalog.pg_type b ON b.oid = u.base
LEFT JOIN pg_catalog.pg_collation l ON l.oid = a.attcollation
LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
-- Types of extensions and of users have an operator of their own; the first is what an index on the column would take.
LEFT JOIN LATERAL (
    SELECT n.nspname, o.oprname
    FROM pg_catalog.pg_opclass k
    JOIN pg_catalog.pg_amop p ON p.amopfamily = k.opcfamily AND p.amopstrategy = 3
        AND p.amoplefttype = k.opcintype AND p.amoprighttype = k.opcintype
    JOIN pg_catalog.pg_operator o ON o.oid = p.amopopr
    JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
    WHERE k.opcintype = u.base AND k.opcdefault
        AND k.opcmethod = (SELECT m.oid FROM pg_catalog.pg_am m WHERE m.amname = 'btree')
    ORDER BY k.oid
    LIMIT 1
) AS operator ON true
WHERE n.nspname = $1 AND c.relname = coalesce($2::text, c.relname) AND c.relkind IN ('r', 'p', 'f') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
