-- The columns of tables: the place of the table in the list, its id, the column's number and name.
SELECT (given.place - 1)::int8, a.attrelid, a.attnum, a.attname::text
FROM unnest($1::text[]) WITH ORDINALITY AS given (name, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = pg_catalog.to_regclass(given.name)
WHERE a.attnum > 0 AND NOT a.attisdropped
