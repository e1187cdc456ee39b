-- How far the latest run is, and how fast. By way of jsonb, since the ledger of an earlier version has fewer columns.
WITH run AS (
    SELECT id, state, (to_jsonb(run) ->> 'planned_steps')::bigint AS planned_steps
    FROM transship.run AS run WHERE migration = $1 ORDER BY id DESC LIMIT 1
), copied AS (
    SELECT
        count(*) FILTER (WHERE is_ours) AS chunks_done,
        count(*) FILTER (WHERE NOT is_done) AS chunks_left,
        coalesce(sum(row_count) FILTER (WHERE is_ours), 0)::bigint AS row_count,
        sum(rows) FILTER (WHERE NOT is_done) AS rows_left,
        sum(bytes) FILTER (WHERE is_ours) AS bytes,
        sum(bytes) FILTER (WHERE NOT is_done) AS bytes_left,
        min(began) FILTER (WHERE is_ours) AS began,
        max(committed_at) FILTER (WHERE is_ours) AS ended
    FROM transship.chunk, LATERAL (SELECT to_jsonb(chunk)) AS jsonb (later), LATERAL (SELECT
        chunk.run = (SELECT id FROM run) AND digest IS NOT NULL,
        digest IS NOT NULL AND NOT coalesce((later ->> 'is_stale')::boolean, false),
        (later ->> 'estimated_rows')::bigint, (later ->> 'estimated_bytes')::bigint,
        (later ->> 'started_at')::timestamptz
    ) AS one (is_ours, is_done, rows, bytes, began)
    WHERE migration = $1
), held AS (
    -- The lock of the migration: who works holds it, and PostgreSQL takes it away with the session.
    SELECT EXISTS (
        SELECT FROM pg_locks AS lock
        WHERE locktype = 'advisory' AND granted AND objsubid = 1
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND (classid::bigint << 32 | objid::bigint) = hashtextextended('transship:' || $1, 0)
    ) AS held
), speed AS (
    SELECT copied.*, run.state = 'running' AND held AS active, extract(epoch FROM
        CASE WHEN chunks_left > 0 AND run.state = 'running' AND held THEN clock_timestamp() ELSE ended END - began
    ) AS seconds
    FROM copied, run, held
)
SELECT
    run.id,
    active,
    (SELECT count(*) FROM transship.step WHERE migration = $1 AND step.run = run.id),
    run.planned_steps,
    chunks_done,
    chunks_left,
    row_count,
    CASE WHEN chunks_left = 0 THEN 0 ELSE rows_left END::bigint,
    (row_count / nullif(seconds, 0))::bigint,
    (bytes / nullif(seconds, 0))::bigint,
    CASE
        WHEN NOT active THEN NULL
        WHEN chunks_left = 0 THEN 0
        ELSE ceil(bytes_left * seconds / nullif(bytes, 0))
    END::bigint
FROM run, speed
