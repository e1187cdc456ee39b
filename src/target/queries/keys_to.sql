-- The foreign keys of other tables to the table $1: its schema, table and name, the referenced columns, and the condition that a row
-- `child` and the row `there` that it references fulfil. NULL for the condition where the role does not see all rows of the table.
SELECT
    cn.nspname::text,
    c.relname::text,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY AS key (number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number
        ORDER BY key.place
    ),
    CASE WHEN pg_catalog.has_schema_privilege(cn.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')
        AND NOT pg_catalog.row_security_active(c.oid)
    THEN (
        SELECT pg_catalog.string_agg(
            pg_catalog.format('there.%I OPERATOR(%I.%s) child.%I', t.attname, o.nspname, p.oprname, f.attname), ' AND '
        )
        FROM ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey), pg_catalog.unnest(k.conpfeqop))
            AS key (referencing, referenced, equal)
        JOIN pg_catalog.pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = key.referencing
        JOIN pg_catalog.pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = key.referenced
        JOIN pg_catalog.pg_operator p ON p.oid = key.equal
        JOIN pg_catalog.pg_namespace o ON o.oid = p.oprnamespace
    ) END
FROM pg_catalog.pg_constraint k
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
WHERE k.contype = 'f' AND k.confrelid = $1::text::regclass AND k.conrelid <> k.confrelid AND k.conparentid = 0
ORDER BY 1, 2, k.conname
