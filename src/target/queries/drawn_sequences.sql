-- The sequences that give these columns ($3) of a table ($2) in a schema ($1) their numbers, one for each column: the one
-- that its default names, else the one that belongs to it (an identity, a serial). The column, the sequence's name in SQL,
-- its rule, whether the role may read it and the column, and whether the column holds numbers.
WITH behind (number, place, sequence) AS (
    SELECT f.adnum, 1, d.refobjid
    FROM pg_attrdef f
    JOIN pg_class t ON t.oid = f.adrelid AND t.relname = $2
    JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = $1
    JOIN pg_depend d ON d.classid = 'pg_attrdef'::regclass AND d.objid = f.oid AND d.refclassid = 'pg_class'::regclass
    UNION ALL
    SELECT d.refobjsubid, 2, d.objid
    FROM pg_depend d
    JOIN pg_class t ON t.oid = d.refobjid AND t.relname = $2
    JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = $1
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
)
SELECT DISTINCT ON (a.attname::text) a.attname::text, s.oid::regclass::text, q.seqincrement, q.seqmin, q.seqmax, q.seqcycle,
    has_sequence_privilege(s.oid, 'SELECT') AND has_column_privilege(t.oid, a.attnum, 'SELECT'),
    y.typcategory = 'N'
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = $1
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = ANY ($3) AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
JOIN behind b ON b.number = a.attnum
JOIN pg_class s ON s.oid = b.sequence AND s.relkind = 'S'
JOIN pg_sequence q ON q.seqrelid = s.oid
WHERE t.relname = $2
ORDER BY a.attname::text, b.place, s.oid
