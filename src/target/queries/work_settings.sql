-- The settings of a session that loads rows and builds indexes.
SET synchronous_commit = off;
SELECT pg_catalog.set_config('maintenance_work_mem', greatest(own, least(shared, 1048576))::text || 'kB', false)
FROM (
    SELECT
        pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem')) / 1024 AS own,
        pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')) / 1024 AS shared
) AS memory;
