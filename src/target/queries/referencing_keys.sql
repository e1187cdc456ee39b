-- The foreign keys that lead to some tables, with the condition that a referencing and a referenced row fulfil.
SELECT
    pg_catalog.quote_ident(k.conname),
    pg_catalog.format('%I.%I', cn.nspname, c.relname),
    pg_catalog.format('%I.%I', rn.nspname, r.relname),
    child.name,
    parent.name,
    (
        SELECT pg_catalog.string_agg(
            pg_catalog.format('parent.%I OPERATOR(%I.%s) child.%I', t.attname, o.nspname, p.oprname, f.attname), ' AND '
        )
        FROM ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey), pg_catalog.unnest(k.conpfeqop))
            AS key (referencing, referenced, equal)
        JOIN pg_catalog.pg_attribute f ON f.attrelid = k.conrelid AND f.attnum = key.referencing
        JOIN pg_catalog.pg_attribute t ON t.attrelid = k.confrelid AND t.attnum = key.referenced
        JOIN pg_catalog.pg_operator p ON p.oid = key.equal
        JOIN pg_catalog.pg_namespace o ON o.oid = p.oprnamespace
    )
FROM pg_catalog.unnest($1::text[]) AS parent (name)
JOIN pg_catalog.pg_constraint k ON k.contype = 'f' AND k.confrelid = pg_catalog.to_regclass(parent.name)
JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
JOIN pg_catalog.pg_namespace cn ON cn.oid = c.relnamespace
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace rn ON rn.oid = r.relnamespace
LEFT JOIN pg_catalog.unnest($1::text[]) AS child (name) ON pg_catalog.to_regclass(child.name) = k.conrelid
ORDER BY 2, 1, 3
