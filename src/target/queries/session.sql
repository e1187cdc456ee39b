-- The server's version as a number and in words, and the server process of the session with its beginning.
SELECT
    pg_catalog.current_setting('server_version_num')::int, pg_catalog.current_setting('server_version'), pid, backend_start::text
FROM pg_catalog.pg_stat_activity
WHERE pid = pg_catalog.pg_backend_pid()
