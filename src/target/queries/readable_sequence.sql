-- The increment of the sequence $1, whose name is quoted, and whether the role may read it.
SELECT s.seqincrement, pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT')
FROM pg_catalog.pg_sequence s
WHERE s.seqrelid = pg_catalog.to_regclass($1)
