-- The events of one database, with their schedule and statement.
SELECT event_name, execute_at, interval_value, interval_field, event_definition
FROM information_schema.events
WHERE event_schema = database()
ORDER BY event_name
