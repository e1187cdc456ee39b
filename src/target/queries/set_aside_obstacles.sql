-- What keeps tables from being set aside: $1 their schema, $2 the tables, $3 the schema that they are moved into. The table
-- where it is about one, what it is, and the statement that helps or the object that is in the way.
WITH replaced AS (
    SELECT c.oid, c.relname, c.relowner, c.relispartition
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relname = ANY ($2::text[]) AND c.relkind IN ('r', 'p')
)
SELECT r.relname::text, 'owner', CASE WHEN o.rolsuper
    THEN pg_catalog.format('ALTER TABLE %I.%I OWNER TO %I', $1, r.relname, current_user)
    ELSE pg_catalog.format('GRANT %I TO %I', o.rolname, current_user) END
FROM replaced r
JOIN pg_catalog.pg_roles o ON o.oid = r.relowner
WHERE NOT pg_catalog.pg_has_role(r.relowner, 'USAGE')
UNION ALL
SELECT r.relname::text, 'partition', i.inhparent::pg_catalog.regclass::text
FROM replaced r
JOIN pg_catalog.pg_inherits i ON i.inhrelid = r.oid
WHERE r.relispartition
UNION ALL
SELECT NULL, 'database', pg_catalog.format('GRANT CREATE ON DATABASE %I TO %I', pg_catalog.current_database(), current_user)
WHERE EXISTS (SELECT FROM replaced)
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $3)
    AND NOT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
UNION ALL
-- The owner of a schema can drop what others have in it.
SELECT NULL, 'schema', pg_catalog.pg_get_userbyid(n.nspowner)::text
FROM pg_catalog.pg_namespace n
WHERE n.nspname = $3 AND n.nspowner <> current_user::pg_catalog.regrole
    AND EXISTS (SELECT FROM replaced r WHERE r.relowner <> n.nspowner)
ORDER BY 1, 2, 3
