-- Ends the sessions that work for a run of this migration, but for this one; a row for each that was still there.
SELECT pid, pg_terminate_backend(pid)
FROM pg_locks AS lock
WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND mode = 'ShareLock' AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32 | objid::bigint) = hashtextextended('transship session:' || $1, 0)
