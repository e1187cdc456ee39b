-- What depends on a table, or on the type of its rows, without being part of it. Foreign keys are asked for elsewhere.
SELECT DISTINCT
    table_of.oid,
    CASE
        WHEN rule.ev_class IS NOT NULL THEN pg_catalog.pg_describe_object(
            'pg_catalog.pg_class'::pg_catalog.regclass, rule.ev_class, 0
        )
        ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
    END
FROM pg_catalog.pg_class table_of
JOIN pg_catalog.pg_namespace n ON n.oid = table_of.relnamespace
JOIN pg_catalog.pg_depend d
    ON (d.refclassid, d.refobjid) IN (
        ('pg_catalog.pg_class'::pg_catalog.regclass, table_of.oid),
        ('pg_catalog.pg_type'::pg_catalog.regclass, table_of.reltype)
    )
LEFT JOIN pg_catalog.pg_rewrite rule
    ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND rule.oid = d.objid
WHERE n.nspname = $1 AND table_of.relkind = 'r' AND d.deptype = 'n'
    AND rule.ev_class IS DISTINCT FROM table_of.oid
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_constraint k
        WHERE d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = d.objid
            AND (k.contype = 'f' OR k.conrelid = table_of.oid)
    )
    -- Its own defaults and policies go with it.
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_attrdef f
        WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND f.oid = d.objid AND f.adrelid = table_of.oid
    )
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_policy p
        WHERE d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = d.objid AND p.polrelid = table_of.oid
    )
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_trigger g
        WHERE d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND g.oid = d.objid AND g.tgrelid = table_of.oid
    )
ORDER BY 1, 2
