-- The statements that give the temporary table of tried rows the columns which PostgreSQL computes in the application's table.
SELECT pg_catalog.format(
    'ALTER TABLE pg_temp.transship_trial ADD COLUMN %I %s%s GENERATED ALWAYS AS (%s) STORED',
    a.attname,
    pg_catalog.format_type(a.atttypid, a.atttypmod),
    coalesce(
        (
            SELECT pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname)
            FROM pg_catalog.pg_collation c
            JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
            WHERE c.oid = a.attcollation AND c.collname <> 'default'
        ),
        ''
    ),
    pg_catalog.pg_get_expr(f.adbin, f.adrelid)
)
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
WHERE a.attrelid = $1::text::regclass AND a.attgenerated <> '' AND NOT a.attisdropped
ORDER BY a.attnum
