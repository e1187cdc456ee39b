-- The views of one database, with their SELECT.
SELECT table_name, view_definition
FROM information_schema.views
WHERE table_schema = database()
ORDER BY table_name
