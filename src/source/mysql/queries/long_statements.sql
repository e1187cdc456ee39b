-- Seconds for which the longest statement has been running, if they are as many as asked for. Without the privilege PROCESS a
-- user sees only its own sessions.
SELECT max(time)
FROM information_schema.processlist
WHERE command IN ('Query', 'Execute') AND id <> connection_id() AND time >= 3
