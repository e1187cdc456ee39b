-- The procedures and functions of one database, with their body.
SELECT routine_name, routine_type, dtd_identifier, routine_definition
FROM information_schema.routines
WHERE routine_schema = database()
ORDER BY routine_name, routine_type
