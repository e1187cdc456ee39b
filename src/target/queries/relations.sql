-- Tables, views, sequences and indexes share one namespace in a schema: all of them stand in a new table's way. So do types
-- of one's own, since a table is a type too; only an array's gives way by itself. The owner is the table of a sequence's column.
SELECT c.relname, owner.relname, false
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend d ON c.relkind = 'S' AND d.classid = 'pg_class'::pg_catalog.regclass AND d.objid = c.oid
    AND d.refclassid = 'pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_class owner ON owner.oid = d.refobjid AND owner.relnamespace = c.relnamespace
WHERE n.nspname = $1
UNION ALL
SELECT t.typname, NULL, true
FROM pg_catalog.pg_type t
JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = $1 AND t.typrelid = 0 AND NOT EXISTS (SELECT FROM pg_catalog.pg_type of WHERE of.typarray = t.oid)
ORDER BY 1
