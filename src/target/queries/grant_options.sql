-- The GRANT without which the role could not hand on privileges on the schema $1: PostgreSQL then only warns and grants nothing.
SELECT pg_catalog.format('GRANT %s ON SCHEMA %I TO %I WITH GRANT OPTION', pg_catalog.string_agg(wanted.privilege, ', '),
    n.nspname, current_user)
FROM pg_catalog.pg_namespace n
CROSS JOIN pg_catalog.unnest($2::text[]) AS wanted (privilege)
WHERE n.nspname = $1 AND NOT pg_catalog.has_schema_privilege(n.oid, wanted.privilege || ' WITH GRANT OPTION')
GROUP BY n.nspname
