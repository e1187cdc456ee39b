-- Columns that others have added to the table $1 since it was made or loaded, beside the columns $2. PostgreSQL knows those
-- that it filled for rows that were there (atthasmissing); the ledger knows how many a table had that a step of the kind $3 has made.
SELECT attname::text
FROM pg_catalog.pg_attribute
WHERE attrelid = pg_catalog.to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    AND attname <> ALL ($2::text[])
    AND (atthasmissing OR attnum > coalesce((
        SELECT max((object ->> 'columns')::int)
        FROM transship.step, pg_catalog.jsonb_array_elements(made) AS object
        WHERE kind = $3 AND (object ->> 'oid')::oid = attrelid
    ), 32767))
ORDER BY attnum
