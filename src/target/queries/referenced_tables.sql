-- The tables that foreign keys lead to, by the numbers of the keys $1.
SELECT oid, confrelid FROM pg_catalog.pg_constraint WHERE contype = 'f' AND oid = ANY ($1)
