-- The numbers of constraints by their tables $1, quoted with their schemas, and their names $2, in pairs and in that order.
SELECT (
    SELECT oid FROM pg_catalog.pg_constraint
    WHERE conrelid = pg_catalog.to_regclass(wanted.relation) AND conname = wanted.name
)
FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) WITH ORDINALITY AS wanted (relation, name, place)
ORDER BY place
