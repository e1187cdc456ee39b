-- The sequences that belong to these columns ($3) of a table ($2) in a schema ($1) and count upwards without beginning anew:
-- the column, the sequence's name in SQL, its increment, and whether the role may read it and the column.
SELECT a.attname::text, s.oid::regclass::text, q.seqincrement, 
    has_sequence_privilege(s.oid, 'SELECT') AND has_column_privilege(t.oid, a.attnum, 'SELECT')
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = $1
JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.classid = 'pg_class'::regclass
    AND d.deptype IN ('a', 'i')
JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
JOIN pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0 AND NOT q.seqcycle
JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
    AND a.atttypid IN ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
WHERE t.relname = $2 AND a.attname = ANY ($3)
ORDER BY 1, 2
