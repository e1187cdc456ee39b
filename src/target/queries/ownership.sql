-- The statements that would let the role alter tables, of the schemas $1 with the names $2, that belong to other roles.
SELECT n.nspname::text, c.relname::text, CASE
    -- One who is a superuser is not to be imitated.
    WHEN owner.rolsuper THEN pg_catalog.format('ALTER TABLE %I.%I OWNER TO %I', n.nspname, c.relname, current_user)
    -- Since PostgreSQL 16 each membership says for itself whether the member has its rights.
    WHEN pg_catalog.current_setting('server_version_num')::integer >= 160000 THEN pg_catalog.format(
        'GRANT %I TO %I%s', owner.rolname, current_user,
        CASE WHEN NOT own.rolinherit OR pg_catalog.pg_has_role(c.relowner, 'MEMBER') THEN ' WITH INHERIT TRUE' ELSE '' END
    )
    -- Before, a role that does not inherit has the rights of none that it is a member of.
    ELSE pg_catalog.concat_ws('; ',
        CASE WHEN own.rolinherit OR NOT pg_catalog.pg_has_role(c.relowner, 'MEMBER')
            THEN pg_catalog.format('GRANT %I TO %I', owner.rolname, current_user) END,
        CASE WHEN NOT own.rolinherit THEN pg_catalog.format('ALTER ROLE %I INHERIT', current_user) END
    )
END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_roles owner ON owner.oid = c.relowner
JOIN pg_catalog.pg_roles own ON own.rolname = current_user
WHERE (n.nspname::text, c.relname::text) IN (
    SELECT * FROM ROWS FROM (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) AS wanted (schema, name)
)
    AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE')
ORDER BY 1, 2
