-- The triggers of one database, with their statement.
SELECT trigger_name, action_timing, event_manipulation, event_object_table, action_statement
FROM information_schema.triggers
WHERE trigger_schema = database()
ORDER BY trigger_name
