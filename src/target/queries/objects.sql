-- The objects of the database that a step can make, with the relation that each belongs to and the transaction that
-- wrote its row of the catalog. Not schema transship, not what belongs to an extension. Objects below 16384 come with
-- every database (FirstNormalObjectId).
SELECT object.class::pg_catalog.oid AS class, object.oid, object.relation, object.writer
FROM (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, c.oid, coalesce(i.indrelid, c.oid), c.xmin
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
    WHERE c.relkind <> 't' AND c.relnamespace NOT IN (
        SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname ~ '^pg_' OR n.nspname = 'transship'
    )
    UNION ALL
    SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, oid, nullif(conrelid, 0), xmin
    FROM pg_catalog.pg_constraint WHERE contype <> 't'
    UNION ALL
    SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, oid, tgrelid, xmin FROM pg_catalog.pg_trigger WHERE NOT tgisinternal
    UNION ALL
    SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, oid, polrelid, xmin FROM pg_catalog.pg_policy
    UNION ALL
    SELECT 'pg_catalog.pg_rewrite'::pg_catalog.regclass, oid, ev_class, xmin FROM pg_catalog.pg_rewrite
    UNION ALL
    SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, oid, adrelid, xmin FROM pg_catalog.pg_attrdef
    UNION ALL
    SELECT 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass, oid, stxrelid, xmin FROM pg_catalog.pg_statistic_ext
    UNION ALL
    SELECT 'pg_catalog.pg_publication_rel'::pg_catalog.regclass, oid, prrelid, xmin FROM pg_catalog.pg_publication_rel
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'
    UNION ALL
    SELECT 'pg_catalog.pg_extension'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_extension
    UNION ALL
    SELECT 'pg_catalog.pg_authid'::pg_catalog.regclass, oid, NULL, NULL FROM pg_catalog.pg_roles
    UNION ALL
    SELECT 'pg_catalog.pg_proc'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_proc
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_type WHERE typrelid = 0 AND typcategory <> 'A'
    UNION ALL
    SELECT 'pg_catalog.pg_operator'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_operator
    UNION ALL
    SELECT 'pg_catalog.pg_opclass'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_opclass
    UNION ALL
    SELECT 'pg_catalog.pg_opfamily'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_opfamily
    UNION ALL
    SELECT 'pg_catalog.pg_cast'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_cast
    UNION ALL
    SELECT 'pg_catalog.pg_collation'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_collation
    UNION ALL
    SELECT 'pg_catalog.pg_ts_config'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_ts_config
    UNION ALL
    SELECT 'pg_catalog.pg_ts_dict'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_ts_dict
    UNION ALL
    SELECT 'pg_catalog.pg_event_trigger'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_event_trigger
    UNION ALL
    SELECT 'pg_catalog.pg_publication'::pg_catalog.regclass, oid, NULL, xmin FROM pg_catalog.pg_publication
) AS object (class, oid, relation, writer)
WHERE object.oid >= 16384 AND NOT EXISTS (
    SELECT FROM pg_catalog.pg_depend d WHERE d.classid = object.class AND d.objid = object.oid AND d.deptype = 'e'
)
