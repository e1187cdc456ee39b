-- Ends the server process with the number $1 that began at $2.
SELECT pg_catalog.pg_terminate_backend(pid)
FROM pg_catalog.pg_stat_activity
WHERE pid = $1 AND backend_start = $2::text::timestamptz AND pid <> pg_catalog.pg_backend_pid()
