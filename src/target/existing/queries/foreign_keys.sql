-- The foreign keys of the schema's tables, and those that lead to them from anywhere; its own of the table that $2 names.
--
-- A key leads to one unique index. Where several are over the same columns, PostgreSQL takes the one that was made first
-- for a definition with columns, and the primary key's for one without: the definition is the one that finds it again.
SELECT
    k.conrelid,
    k.confrelid,
    cn.nspname,
    c.relname,
    k.conname,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = key.number
        ORDER BY key.place
    ),
    rn.nspname,
    r.relname,
    referenced.columns,
    CASE WHEN k.conindid IS DISTINCT FROM found.index AND used.indisprimary
        THEN pg_catalog.replace(
            definition.text,
            pg_catalog.format('REFERENCES %I.%I(%s)', rn.nspname, r.relname, referenced.quoted),
            pg_catalog.format('REFERENCES %I.%I', rn.nspname, r.relname)
        )
        ELSE definition.text
    END,
    k.convalidated,
    pg_catalog.obj_description(k.oid, 'pg_constraint'),
    -- A key that a partition has of its parent comes and goes with the parent's.
    k.conparentid = 0,
    (
        SELECT pg_catalog.json_object_agg(p.proname, CASE t.tgenabled
            WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled'
        END)::text
        FROM pg_catalog.pg_trigger t
        JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgconstraint = k.oid AND t.tgisinternal AND t.tgenabled <> 'O'
    ),
    -- Whether a definition leads to that index again.
    k.conindid IS NOT DISTINCT FROM found.index OR coalesce(used.indisprimary, false)
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN pg_catalog.pg_index used ON used.indexrelid = k.conindid
CROSS JOIN LATERAL (
    SELECT pg_catalog.array_agg(a.attname::text ORDER BY key.place),
        pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY key.place)
    FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS key (number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number
) AS referenced (columns, quoted)
CROSS JOIN LATERAL (
    SELECT pg_catalog.regexp_replace(pg_catalog.pg_get_constraintdef(k.oid), ' NOT VALID$', '')
) AS definition (text)
-- The index that PostgreSQL takes for a key with these columns (transformFkeyCheckAttrs).
CROSS JOIN LATERAL (
    SELECT min(i.indexrelid)
    FROM pg_catalog.pg_index i
    WHERE i.indrelid = k.confrelid AND i.indisunique AND i.indisvalid AND i.indimmediate
        AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = pg_catalog.cardinality(k.confkey)
        AND k.confkey @> (pg_catalog.string_to_array(i.indkey::text, ' ')::smallint[])[1:i.indnkeyatts]
) AS found (index)
WHERE k.contype = 'f' AND $1 IN (cn.nspname, rn.nspname)
    AND ($2::text IS NULL OR k.conrelid = (SELECT pg_catalog.to_regclass(pg_catalog.format('%I.%I', $1::text, $2::text))))
ORDER BY cn.nspname, c.relname, k.conname
