-- A digest of what the ledger says of chunks and steps. By way of jsonb, since the ledger of an earlier version has fewer
-- columns; a sum of hashes, which needs no order and no MD5.
SELECT count(*) || ' ' || coalesce(sum(hashtextextended(line, 0)::numeric), 0)
FROM (
    SELECT concat_ws('|', 'chunk', table_name, ordinal, digest, row_count, to_jsonb(chunk) ->> 'is_stale', xmin)
    FROM transship.chunk WHERE migration = $1
    UNION ALL
    SELECT concat_ws('|', 'step', id, fingerprint, state, xmin) FROM transship.step WHERE migration = $1
) AS ledger (line)
