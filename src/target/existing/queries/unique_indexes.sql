-- The unique indexes of the table $2 in the schema $1, taken apart: each part as SQL over the table's columns with the operator
-- and the collation by which the index compares it; the condition; the columns that all of it reads.
SELECT
    x.relname,
    i.indisprimary,
    coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
    pg_catalog.pg_get_expr(i.indpred, i.indrelid),
    ARRAY(
        SELECT pg_catalog.pg_get_indexdef(i.indexrelid, part.place, false)
        FROM pg_catalog.generate_series(1, i.indnkeyatts) AS part (place) ORDER BY part.place
    ),
    ARRAY(
        SELECT (
            SELECT pg_catalog.format('OPERATOR(%I.%s)', s.nspname, o.oprname)
            FROM pg_catalog.pg_opclass k
            JOIN pg_catalog.pg_amop p ON p.amopfamily = k.opcfamily AND p.amopstrategy = 3
                AND p.amoplefttype = k.opcintype AND p.amoprighttype = k.opcintype
            JOIN pg_catalog.pg_operator o ON o.oid = p.amopopr
            JOIN pg_catalog.pg_namespace s ON s.oid = o.oprnamespace
            WHERE k.oid = i.indclass[part.place - 1]
        )
        FROM pg_catalog.generate_series(1, i.indnkeyatts) AS part (place) ORDER BY part.place
    ),
    ARRAY(
        SELECT (
            SELECT pg_catalog.format('%I.%I', s.nspname, l.collname)
            FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace s ON s.oid = l.collnamespace
            WHERE l.oid = i.indcollation[part.place - 1]
        )
        FROM pg_catalog.generate_series(1, i.indnkeyatts) AS part (place) ORDER BY part.place
    ),
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = i.indrelid AND a.attnum > 0 AND (
            a.attnum = ANY ((i.indkey::int2[])[0:i.indnkeyatts - 1])
            OR EXISTS (
                SELECT FROM pg_catalog.pg_depend d
                WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = i.indexrelid
                    AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = i.indrelid
                    AND d.refobjsubid = a.attnum
            )
        )
        ORDER BY a.attnum
    ),
    i.indexprs IS NULL AND i.indpred IS NULL,
    ARRAY(
        SELECT a.attname::text
        FROM pg_catalog.generate_series(1, i.indnkeyatts) AS part (place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[part.place - 1] AND a.attnum > 0
        ORDER BY part.place
    )
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2 AND i.indisunique AND i.indisready AND NOT i.indisexclusion
ORDER BY NOT i.indisprimary, x.relname
