-- The GRANTs that would give the role what it lacks for one piece of work: $1 the schema, $2 whether something is made in
-- the database itself, $3 what is done in the schema, $4 the table, $5 what is done with its rows.
-- A schema that an administrator has made takes no right on the database.
SELECT pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I', current_database(), current_user)
WHERE ($2 OR pg_catalog.to_regnamespace('transship') IS NULL) AND NOT pg_catalog.has_database_privilege(current_database(), 'CREATE')
UNION ALL
SELECT pg_catalog.format('GRANT %s ON SCHEMA %I TO %I', pg_catalog.string_agg(wanted.privilege, ', '), n.nspname, current_user)
FROM pg_catalog.pg_namespace n
CROSS JOIN pg_catalog.unnest(CASE n.nspname WHEN 'transship' THEN '{USAGE,CREATE}' ELSE $3::text[] END) AS wanted (privilege)
WHERE n.nspname IN ($1, 'transship') AND NOT pg_catalog.has_schema_privilege(n.oid, wanted.privilege)
GROUP BY n.nspname
UNION ALL
SELECT pg_catalog.format('GRANT %s ON TABLE %I.%I TO %I', pg_catalog.string_agg(wanted.privilege, ', '), n.nspname, c.relname, current_user)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN pg_catalog.unnest(
    CASE n.nspname WHEN 'transship' THEN '{SELECT,INSERT,UPDATE,DELETE}' ELSE $5::text[] END
) AS wanted (privilege)
WHERE (n.nspname = $1 AND c.relname = $4 OR n.nspname = 'transship' AND c.relkind = 'r')
    AND NOT pg_catalog.has_table_privilege(c.oid, wanted.privilege)
GROUP BY n.nspname, c.relname
