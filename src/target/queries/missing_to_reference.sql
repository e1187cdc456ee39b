-- The tables of the schemas $1 with the names $2, in pairs, to which the role may add no foreign key, with the GRANT that would
-- let it.
SELECT
    pg_catalog.format('%I.%I', n.nspname, c.relname),
    pg_catalog.format('GRANT REFERENCES ON TABLE %I.%I TO %I', n.nspname, c.relname, current_user)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE (n.nspname::text, c.relname::text) IN (SELECT pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]))
    AND NOT pg_catalog.has_any_column_privilege(c.oid, 'REFERENCES')
ORDER BY 1, 2
