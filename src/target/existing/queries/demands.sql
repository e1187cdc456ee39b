-- What a table demands of its rows beside NOT NULL, keys over plain columns and foreign keys, in words: its CHECKs, those of
-- its columns' domains, exclusion constraints, indexes over expressions or some of the rows, columns that it computes.
SELECT demand.relation, demand.words
FROM (
    SELECT k.conrelid,
        CASE k.contype WHEN 'c' THEN 'CHECK ' ELSE 'exclusion constraint ' END || k.conname
    FROM pg_catalog.pg_constraint k
    WHERE k.contype IN ('c', 'x')
    UNION ALL
    SELECT a.attrelid, pg_catalog.format('domain %s of %s', pg_catalog.format_type(a.atttypid, NULL), a.attname)
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_type base ON base.oid = t.typbasetype
    WHERE a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'd' AND (
        -- The CHECKs of a domain over a domain may be anywhere below.
        base.typtype = 'd' OR EXISTS (
            SELECT FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'
        )
    )
    UNION ALL
    SELECT i.indrelid, CASE WHEN i.indisunique THEN 'unique index ' ELSE 'index ' END || x.relname
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    WHERE (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND NOT i.indisexclusion
    UNION ALL
    SELECT a.attrelid, 'computed column ' || a.attname
    FROM pg_catalog.pg_attribute a
    WHERE a.attgenerated = 's' AND NOT a.attisdropped
) AS demand (relation, words)
JOIN pg_catalog.pg_class c ON c.oid = demand.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = 'r'
ORDER BY demand.relation, demand.words
