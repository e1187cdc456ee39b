-- How the columns of the tables of a schema ($1), or of one of them ($2), get their numbers: for each column with a default or a
-- sequence its default, and the sequences that could be behind it. A column without a default of its own takes that of its
-- type, a domain (`build_column_default` in `rewriteHandler.c`). Functions of an extension that make no numbers (uuid_generate_v4)
-- draw from no sequence. PostgreSQL records no dependency on its own functions: whether `nextval` is called stands in the
-- parsed expression, in which the letters of a text are numbers.
WITH RECURSIVE unwrapped (type, base) AS (
    SELECT t.oid, t.oid FROM pg_catalog.pg_type t WHERE t.typtype <> 'd'
    UNION ALL
    SELECT d.oid, u.base FROM pg_catalog.pg_type d JOIN unwrapped u ON u.type = d.typbasetype WHERE d.typtype = 'd'
),
columns (relation, number, relname, name, type, type_name, is_identity, is_number) AS (
    SELECT a.attrelid, a.attnum, c.relname::text, a.attname::text, a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod),
        a.attidentity <> '',
        u.base = ANY ('{int2,int4,int8,numeric,float4,float8}'::pg_catalog.regtype[])
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    JOIN unwrapped u ON u.type = a.atttypid
    WHERE n.nspname = $1 AND c.relname = coalesce($2::text, c.relname) AND c.relkind IN ('r', 'p', 'f')
),
defaults (relation, number, class, object, expression, parsed) AS (
    SELECT c.relation, c.number, 'pg_catalog.pg_attrdef'::pg_catalog.regclass, f.oid, pg_catalog.pg_get_expr(f.adbin, f.adrelid),
        f.adbin::text
    FROM columns c
    JOIN pg_catalog.pg_attrdef f ON f.adrelid = c.relation AND f.adnum = c.number
    UNION ALL
    SELECT c.relation, c.number, 'pg_catalog.pg_type'::pg_catalog.regclass, t.oid, pg_catalog.pg_get_expr(t.typdefaultbin, 0),
        t.typdefaultbin::text
    FROM columns c
    JOIN pg_catalog.pg_type t ON t.oid = c.type AND t.typtype = 'd' AND t.typdefaultbin IS NOT NULL
    WHERE NOT c.is_identity
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef f WHERE f.adrelid = c.relation AND f.adnum = c.number)
),
named (relation, number, class, object) AS (
    SELECT DISTINCT f.relation, f.number, d.refclassid, d.refobjid
    FROM defaults f
    JOIN pg_catalog.pg_depend d ON d.classid = f.class AND d.objid = f.object
),
behind (relation, number, place, sequence) AS (
    SELECT c.relation, c.number, CASE d.deptype WHEN 'i' THEN 'identity' ELSE 'owned' END, d.objid
    FROM columns c
    JOIN pg_catalog.pg_depend d
        ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.relation AND d.refobjsubid = c.number
        AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    UNION ALL
    SELECT relation, number, 'default', object FROM named WHERE class = 'pg_catalog.pg_class'::pg_catalog.regclass
)
SELECT
    c.relname,
    c.name,
    c.type_name,
    c.is_number,
    f.expression,
    coalesce(f.parsed ~ (':funcid ' || 'pg_catalog.nextval(pg_catalog.regclass)'::pg_catalog.regprocedure::oid || ' '), false),
    EXISTS (
        SELECT FROM named o
        WHERE o.relation = c.relation AND o.number = c.number
            AND o.class IN ('pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_operator'::pg_catalog.regclass)
            AND (c.is_number OR NOT EXISTS (
                SELECT FROM pg_catalog.pg_depend d
                WHERE d.classid = o.class AND d.objid = o.object AND d.deptype = 'e'
            ))
    ),
    s.place,
    s.schema,
    s.name,
    -- The sequence as PostgreSQL writes it where a default draws from it, in this session's search path.
    '''' || replace(s.sequence::pg_catalog.regclass::text, '''', '''''') || '''',
    s.seqincrement,
    s.seqmin,
    s.seqmax,
    s.seqcycle,
    s.may_be_read AND pg_catalog.has_column_privilege(c.relation, c.number, 'SELECT')
FROM columns c
LEFT JOIN defaults f ON f.relation = c.relation AND f.number = c.number
LEFT JOIN (
    SELECT b.relation, b.number, b.place, b.sequence, n.nspname::text AS schema, r.relname::text AS name,
        q.seqincrement, q.seqmin, q.seqmax, q.seqcycle,
        pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_sequence_privilege(r.oid, 'SELECT') AS may_be_read
    FROM behind b
    JOIN pg_catalog.pg_class r ON r.oid = b.sequence AND r.relkind = 'S'
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    JOIN pg_catalog.pg_sequence q ON q.seqrelid = r.oid
) s ON s.relation = c.relation AND s.number = c.number
WHERE s.sequence IS NOT NULL OR f.expression IS NOT NULL
ORDER BY c.relname, c.number, s.place, s.schema, s.name
