-- The roles that own something in the database, or have privileges on it: a dump names them, and does not make them. The role
-- that initdb made is in no list of dependencies (PostgreSQL documentation, section 53.51).
SELECT r.rolname
FROM pg_catalog.pg_roles r
WHERE EXISTS (
        SELECT
        FROM pg_catalog.pg_shdepend d
        WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
            AND d.refobjid = r.oid
            AND d.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
    )
    OR (
        r.oid = 10
        AND (
            EXISTS (SELECT FROM pg_catalog.pg_class WHERE relowner = r.oid AND oid >= 16384)
            OR EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspowner = r.oid AND oid >= 16384)
            OR EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proowner = r.oid AND oid >= 16384)
            OR EXISTS (SELECT FROM pg_catalog.pg_type WHERE typowner = r.oid AND oid >= 16384)
        )
    )
ORDER BY r.rolname
