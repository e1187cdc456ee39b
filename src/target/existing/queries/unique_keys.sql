-- Unique keys and indexes over plain columns of all rows. NULLS NOT DISTINCT came with PostgreSQL 15.
SELECT
    i.indrelid,
    x.relname,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.unnest(i.indkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.number
        WHERE key.place <= i.indnkeyatts
        ORDER BY key.place
    ),
    coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
    i.indisprimary
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relkind = 'r'
    AND i.indisunique AND i.indisready AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indrelid, x.relname
