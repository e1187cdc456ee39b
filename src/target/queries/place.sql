-- The number of the database, and whether the role may read the number of the server's files.
SELECT oid, pg_catalog.has_function_privilege('pg_control_system()', 'EXECUTE')
FROM pg_catalog.pg_database
WHERE datname = pg_catalog.current_database()
