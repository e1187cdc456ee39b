-- The chunks of each table in sums. By way of jsonb, since the ledger of an earlier version has fewer columns.
SELECT
    table_name,
    count(*),
    count(*) FILTER (WHERE digest IS NOT NULL AND NOT coalesce((later ->> 'is_stale')::boolean, false)),
    coalesce(sum(row_count - coalesce((later ->> 'merged_count')::bigint, 0)), 0)::bigint,
    coalesce(sum((later ->> 'rejected_count')::bigint), 0)::bigint,
    coalesce(sum(nulled.count), 0)::bigint,
    sum((later ->> 'estimated_rows')::bigint)::bigint,
    (sum(row_count) FILTER (WHERE is_latest)
        / nullif(extract(epoch FROM max(committed_at) FILTER (WHERE is_latest)
            - min((later ->> 'started_at')::timestamptz) FILTER (WHERE is_latest)), 0))::bigint,
    coalesce(sum(shortened.count), 0)::bigint,
    coalesce(sum((later ->> 'merged_count')::bigint), 0)::bigint
FROM transship.chunk,
    LATERAL (SELECT to_jsonb(chunk), run = (SELECT max(id) FROM transship.run WHERE migration = $1)) AS row (later, is_latest),
    LATERAL (
        SELECT sum(value::bigint) FROM jsonb_each_text(coalesce(later -> 'nulled', '{}')) AS one (name, value)
    ) AS nulled (count),
    LATERAL (
        SELECT sum(value::bigint) FROM jsonb_each_text(coalesce(later -> 'shortened', '{}')) AS one (name, value)
    ) AS shortened (count)
WHERE migration = $1
GROUP BY table_name
ORDER BY table_name
