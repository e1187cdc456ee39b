-- The statements that remove the foreign keys of the database; one of a partitioned table takes those of its partitions along.
SELECT pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::pg_catalog.regclass, c.conname)
FROM pg_catalog.pg_constraint c
WHERE c.contype = 'f' AND c.conparentid = 0
ORDER BY 1
