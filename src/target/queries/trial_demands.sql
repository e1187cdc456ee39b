-- What a table demands of its rows beside NOT NULL, keys over plain columns and foreign keys to tables that are filled with
-- it ($2): each with its words, as the catalog's other query has them, and the parts of the question whether rows meet it.
--
-- check: an expression that is not false. domain: the same over `value`, which is the column. unique: expressions of which no
-- two rows have the same, under a condition. computed: expressions that must have a value. reference: columns, and the
-- referenced table with its columns. exclusion: expressions and their operators, under a condition.
--
-- The last column has the columns of the table that a demand reads, by PostgreSQL's dependencies. It records none of an expression on
-- the whole row, and such a demand cannot be asked of another table than its own.
WITH RECURSIVE columns_of_domains (number, name, type, words) AS (
    SELECT a.attnum, a.attname, a.atttypid, pg_catalog.format('domain %s of %s', pg_catalog.format_type(a.atttypid, NULL), a.attname)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = $1::text::regclass AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'd' AND a.attname::text <> ALL ($3)
),
domains (name, words, type) AS (
    WITH RECURSIVE below (name, words, type) AS (
        SELECT c.name, c.words, c.type FROM columns_of_domains c
        UNION ALL
        SELECT b.name, b.words, t.typbasetype
        FROM below b
        JOIN pg_catalog.pg_type t ON t.oid = b.type
        WHERE t.typtype = 'd' AND t.typbasetype <> 0
    )
    SELECT b.name, b.words, b.type FROM below b
),
named (class, object, part, name) AS (
    SELECT d.classid, d.objid, d.objsubid, a.attname::text
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = $1::text::regclass AND d.refobjsubid > 0
),
indexes (object, reads) AS (
    SELECT i.indexrelid, ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number
        WHERE key.place <= i.indnkeyatts
        UNION
        SELECT n.name FROM named n
        WHERE n.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND n.object = i.indexrelid
            AND (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL)
    )
    FROM pg_catalog.pg_index i
    WHERE i.indrelid = $1::text::regclass
)
SELECT 'check', 'CHECK ' || k.conname, ARRAY[pg_catalog.pg_get_expr(k.conbin, k.conrelid)], ARRAY[]::text[], NULL::text, false,
    ARRAY(SELECT n.name FROM named n WHERE n.class = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND n.object = k.oid)
FROM pg_catalog.pg_constraint k
WHERE k.contype = 'c' AND k.conrelid = $1::text::regclass
UNION ALL
SELECT 'domain', d.words, ARRAY[pg_catalog.pg_get_expr(k.conbin, 0)], ARRAY[d.name::text], NULL, false, ARRAY[d.name::text]
FROM domains d
JOIN pg_catalog.pg_constraint k ON k.contypid = d.type AND k.contype = 'c'
UNION ALL
SELECT CASE WHEN i.indisunique THEN 'unique' ELSE 'computed' END,
    CASE WHEN i.indisunique THEN 'unique index ' ELSE 'index ' END || x.relname,
    ARRAY(SELECT pg_catalog.pg_get_indexdef(i.indexrelid, n, false) FROM pg_catalog.generate_series(1, i.indnkeyatts) AS n ORDER BY n),
    ARRAY[]::text[], pg_catalog.pg_get_expr(i.indpred, i.indrelid),
    coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false), r.reads
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN indexes r ON r.object = i.indexrelid
WHERE i.indrelid = $1::text::regclass AND NOT i.indisexclusion AND (
    i.indexprs IS NOT NULL OR i.indpred IS NOT NULL OR i.indisunique AND EXISTS (
        SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey) AND a.attname::text = ANY ($3)
    )
)
UNION ALL
SELECT 'computed', 'computed column ' || a.attname, ARRAY[pg_catalog.pg_get_expr(f.adbin, f.adrelid)], ARRAY[]::text[], NULL, false,
    -- Before PostgreSQL 15 the column itself depends on the others.
    ARRAY(
        SELECT n.name FROM named n
        WHERE n.class = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND n.object = f.oid
            OR n.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND n.object = a.attrelid AND n.part = a.attnum
    )
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = $1::text::regclass AND a.attgenerated = 's' AND NOT a.attisdropped
UNION ALL
SELECT 'exclusion', 'exclusion constraint ' || k.conname,
    ARRAY(SELECT pg_catalog.pg_get_indexdef(k.conindid, n, false) FROM pg_catalog.generate_series(1, i.indnkeyatts) AS n ORDER BY n),
    ARRAY(
        SELECT pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)
        FROM pg_catalog.unnest(k.conexclop) WITH ORDINALITY AS used (operator, place)
        JOIN pg_catalog.pg_operator o ON o.oid = used.operator
        JOIN pg_catalog.pg_namespace n ON n.oid = o.oprnamespace
        ORDER BY used.place
    ),
    pg_catalog.pg_get_expr(i.indpred, i.indrelid), false, r.reads
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid
JOIN indexes r ON r.object = i.indexrelid
WHERE k.contype = 'x' AND k.conrelid = $1::text::regclass
UNION ALL
SELECT 'reference', pg_catalog.format('foreign key %s to %s.%s', k.conname, n.nspname, r.relname),
    ARRAY(
        SELECT pg_catalog.quote_ident(a.attname)
        FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.number
        ORDER BY key.place
    ),
    ARRAY(
        SELECT pg_catalog.quote_ident(a.attname)
        FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number
        ORDER BY key.place
    ),
    pg_catalog.format('%I.%I', n.nspname, r.relname), false,
    ARRAY(SELECT a.attname::text FROM pg_catalog.pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey))
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conrelid = $1::text::regclass AND k.convalidated AND k.conrelid <> k.confrelid
    AND n.nspname || '.' || r.relname <> ALL ($2)
ORDER BY 1, 2
