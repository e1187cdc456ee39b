-- The extensions among $1 that the database does not have and that a plan must not make for a trial: only those that
-- PostgreSQL calls trusted have no effect beyond the database (documentation, section 38.17.1). Whether the role may make them.
SELECT wanted.name, r.rolsuper OR NOT coalesce(v.superuser, true)
FROM pg_catalog.unnest($1::text[]) AS wanted (name)
JOIN pg_catalog.pg_available_extensions a ON a.name = wanted.name
LEFT JOIN pg_catalog.pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
JOIN pg_catalog.pg_roles r ON r.rolname = current_user
WHERE a.installed_version IS NULL AND NOT coalesce(v.trusted, false)
