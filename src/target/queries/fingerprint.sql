-- Every object of the database that transship could make or alter, with what defines it; not schema transship, not
-- PostgreSQL's own, not what belongs to an extension. The first column names an object, the second is its definition. Of
-- what a table or a view consists of, the third is the relation, by schema and name, and the fourth the part of the
-- definition that decides which values stand there and may: no owner, no privilege, no way of storing, and not the name by
-- which the first has it: of an index or a constraint that was renamed it stays the same.
-- search_path is pg_catalog: everything else is named with its schema.
WITH aside AS (
    -- What a migration has set aside (tables = "replace"); $1 is whether that counts.
    SELECT oid, nspname FROM pg_namespace
    WHERE NOT $1::boolean AND nspname ~ '^transship_replaced_'
        AND obj_description(oid, 'pg_namespace') LIKE 'set aside by transship%'
), space AS (
    SELECT oid, nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'transship')
        AND oid NOT IN (SELECT oid FROM aside)
), member AS (
    SELECT classid, objid FROM pg_depend WHERE deptype = 'e'
), relation AS (
    SELECT c.*, format('%I.%I', n.nspname, c.relname) AS place,
        ARRAY[n.nspname, whole.relname]::text[] AS part_of
    FROM pg_class c JOIN space n ON n.oid = c.relnamespace
    JOIN pg_class whole ON whole.oid = coalesce(
        -- A partition, and what it consists of, is a part of the table that is divided.
        (SELECT pg_partition_root(p.oid) FROM pg_class p
         WHERE p.relispartition AND p.oid = coalesce((SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = c.oid), c.oid)),
        (SELECT i.indrelid FROM pg_index i WHERE i.indexrelid = c.oid),
        (SELECT d.refobjid FROM pg_depend d
         WHERE c.relkind = 'S' AND d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
         LIMIT 1),
        c.oid)
    WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_class'::regclass AND objid = c.oid)
), acl_of AS (
    SELECT key, string_agg(item, ' ' ORDER BY item) AS items
    FROM (
        SELECT 'schema ' || n.nspname AS key,
            format('%s %s %s', coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'PUBLIC'), a.privilege_type, a.is_grantable)
        FROM pg_namespace s JOIN space n ON n.oid = s.oid, aclexplode(coalesce(s.nspacl, acldefault('n', s.nspowner))) a
        UNION ALL
        SELECT 'relation ' || c.oid,
            format('%s %s %s', coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'PUBLIC'), a.privilege_type, a.is_grantable)
        FROM relation c,
            aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))) a
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL
        SELECT 'database',
            format('%s %s %s', coalesce(pg_get_userbyid(nullif(a.grantee, 0)), 'PUBLIC'), a.privilege_type, a.is_grantable)
        FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
        WHERE d.datname = current_database()
    ) AS entry (key, item)
    GROUP BY key
)
SELECT format('schema %I', s.nspname), concat_ws('|', pg_get_userbyid(s.nspowner), acl.items), NULL::text[], NULL::text
FROM pg_namespace s JOIN space ON space.oid = s.oid LEFT JOIN acl_of acl ON acl.key = 'schema ' || s.nspname
WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_namespace'::regclass AND objid = s.oid)
UNION ALL
SELECT 'privileges on the database', items, NULL, NULL FROM acl_of WHERE key = 'database'
UNION ALL
SELECT format('setting %s of %s', split_part(entry, '=', 1), coalesce(r.rolname, 'the database')), entry, NULL, NULL
FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS entry LEFT JOIN pg_roles r ON r.oid = s.setrole
WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
UNION ALL
SELECT format('extension %I', e.extname), concat_ws('|', e.extversion, n.nspname), NULL, NULL
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
UNION ALL
SELECT format('%s %s', CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'table' WHEN 'v' THEN 'view'
        WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type'
        ELSE 'index' END, c.place),
    concat_ws('|', c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), c.reloptions::text, c.relrowsecurity,
        c.relforcerowsecurity, c.relreplident, acl.items, nullif(inner_part.meaning, ''),
        CASE WHEN c.relkind IN ('i', 'I') THEN pg_get_indexdef(c.oid) END,
        (SELECT s.seqcache FROM pg_sequence s WHERE s.seqrelid = c.oid)),
    c.part_of, concat_ws('|', c.relkind, c.relpersistence, pg_get_partkeydef(c.oid), inner_part.meaning)
FROM relation c LEFT JOIN acl_of acl ON acl.key = 'relation ' || c.oid
CROSS JOIN LATERAL (
    SELECT concat_ws('|', pg_get_expr(c.relpartbound, c.oid),
        CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
        CASE WHEN c.relkind IN ('i', 'I') THEN (
            -- As pg_get_indexdef writes them: the name, and the parameters of storage.
            SELECT concat_ws('|',
                replace(replace(pg_get_indexdef(c.oid), format(' INDEX %I ON ', c.relname), ' INDEX ON '),
                    coalesce((SELECT ' WITH (' || string_agg(
                        format(CASE WHEN quote_ident(o.option_value) = o.option_value THEN '%I=%s' ELSE '%I=%L' END,
                            o.option_name, o.option_value), ', ') || ')'
                        FROM pg_options_to_table(c.reloptions) o), ''), ''),
                i.indisvalid, i.indisunique, i.indisprimary)
            FROM pg_index i WHERE i.indexrelid = c.oid) END,
        (SELECT concat_ws('|', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcycle)
            FROM pg_sequence s WHERE s.seqrelid = c.oid)) AS meaning
) AS inner_part
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c', 'i', 'I')
UNION ALL
SELECT format('column %s.%I', c.place, a.attname),
    concat_ws('|', row_number() OVER (PARTITION BY c.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod),
        a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation,
        a.attacl::text,
        -- The server's own stamp, which some minor releases renew whenever a column is altered, is nobody's option.
        (SELECT array_agg(o ORDER BY o)::text FROM unnest(a.attoptions) AS o WHERE o NOT LIKE 'pg\_attver=%'),
        a.attstorage),
    c.part_of, concat_ws('|', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
        pg_get_expr(d.adbin, d.adrelid), a.attcollation::regcollation)
FROM relation c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
UNION ALL
SELECT format('constraint %I on %s', o.conname, coalesce(c.place, o.contypid::regtype::text)),
    inner_part.words,
    -- From PostgreSQL 18 on NOT NULL has rows here; it is part of its column.
    c.part_of, CASE WHEN o.contype <> 'n' THEN concat_ws('|', c.place, inner_part.words) END
FROM pg_constraint o JOIN space n ON n.oid = o.connamespace LEFT JOIN relation c ON c.oid = o.conrelid
CROSS JOIN LATERAL (
    SELECT concat_ws('|', pg_get_constraintdef(o.oid), o.convalidated, o.condeferrable, o.condeferred,
        -- The triggers that a key is made of, where they do not fire as usual.
        (SELECT string_agg(concat_ws(' ', t.tgfoid::regproc, t.tgenabled), ',' ORDER BY t.tgfoid::regproc::text)
         FROM pg_trigger t WHERE t.tgconstraint = o.oid AND t.tgisinternal AND t.tgenabled <> 'O')) AS words
) AS inner_part
WHERE o.contype <> 't' AND (o.conrelid = 0 OR c.oid IS NOT NULL)
UNION ALL
SELECT format('trigger %I on %s', t.tgname, c.place), concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled),
    c.part_of, concat_ws('|', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN relation c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
UNION ALL
SELECT format('rule %I on %s', r.rulename, c.place), concat_ws('|', pg_get_ruledef(r.oid), r.ev_enabled),
    c.part_of, concat_ws('|', pg_get_ruledef(r.oid), r.ev_enabled)
FROM pg_rewrite r JOIN relation c ON c.oid = r.ev_class WHERE r.rulename <> '_RETURN'
UNION ALL
-- Of a migration's own tables; in the whole it is part of the table.
SELECT format('row security on %s', c.place), NULL, c.part_of, concat_ws('|', c.relrowsecurity, c.relforcerowsecurity)
FROM relation c WHERE c.relrowsecurity
UNION ALL
SELECT format('policy %I on %s', p.polname, c.place),
    concat_ws('|', p.polcmd, p.polpermissive,
        (SELECT string_agg(coalesce(r.rolname::text, 'PUBLIC'), ',' ORDER BY r.rolname)
         FROM unnest(p.polroles) AS of (role) LEFT JOIN pg_roles r ON r.oid = of.role),
        pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)), NULL, NULL
FROM pg_policy p JOIN relation c ON c.oid = p.polrelid
UNION ALL
SELECT format('function %s', f.oid::regprocedure),
    concat_ws('|', f.prokind, pg_get_userbyid(f.proowner), pg_get_function_result(f.oid), f.provolatile, f.proisstrict,
        f.prosecdef, f.proconfig::text, f.proacl::text, f.prosrc), NULL, NULL
FROM pg_proc f JOIN space n ON n.oid = f.pronamespace
WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_proc'::regclass AND objid = f.oid)
UNION ALL
SELECT format('type %I.%I', n.nspname, t.typname),
    concat_ws('|', t.typtype, pg_get_userbyid(t.typowner), format_type(t.typbasetype, t.typtypmod), t.typnotnull,
        t.typdefault, t.typacl::text,
        (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid)), NULL, NULL
FROM pg_type t JOIN space n ON n.oid = t.typnamespace
WHERE t.typtype IN ('d', 'e', 'r', 'b') AND t.typcategory <> 'A'
    AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid)
UNION ALL
SELECT format('%s %s', named.type, named.identity), 'there', NULL, NULL
FROM (
    SELECT 'pg_operator'::regclass AS class, oid FROM pg_operator
    UNION ALL SELECT 'pg_opclass'::regclass, oid FROM pg_opclass
    UNION ALL SELECT 'pg_opfamily'::regclass, oid FROM pg_opfamily
    UNION ALL SELECT 'pg_collation'::regclass, oid FROM pg_collation
    UNION ALL SELECT 'pg_conversion'::regclass, oid FROM pg_conversion
    UNION ALL SELECT 'pg_cast'::regclass, oid FROM pg_cast
    UNION ALL SELECT 'pg_language'::regclass, oid FROM pg_language
    UNION ALL SELECT 'pg_ts_config'::regclass, oid FROM pg_ts_config
    UNION ALL SELECT 'pg_ts_dict'::regclass, oid FROM pg_ts_dict
    UNION ALL SELECT 'pg_event_trigger'::regclass, oid FROM pg_event_trigger
    UNION ALL SELECT 'pg_publication'::regclass, oid FROM pg_publication
    UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext
    UNION ALL SELECT 'pg_foreign_server'::regclass, oid FROM pg_foreign_server
    UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid FROM pg_foreign_data_wrapper
    UNION ALL SELECT 'pg_default_acl'::regclass, oid FROM pg_default_acl
) AS other CROSS JOIN pg_identify_object(other.class, other.oid, 0) AS named
-- Objects below this number come with every database (FirstNormalObjectId).
WHERE other.oid >= 16384
    AND NOT EXISTS (SELECT FROM member WHERE classid = other.class AND objid = other.oid)
UNION ALL
SELECT format('comment on %s %s', named.type, named.identity), c.description, NULL, NULL
FROM pg_description c CROSS JOIN pg_identify_object(c.classoid, c.objoid, c.objsubid) AS named
WHERE c.objoid >= 16384 AND named.identity IS NOT NULL
    AND named.identity <> 'transship' AND coalesce(named.schema, '') <> 'transship'
    AND NOT EXISTS (
        SELECT FROM aside WHERE coalesce(named.schema, '') = aside.nspname OR named.identity = quote_ident(aside.nspname)
            OR strpos(named.identity, ' on ' || quote_ident(aside.nspname) || '.') > 0
    )
    AND NOT EXISTS (SELECT FROM member WHERE classid = c.classoid AND objid = c.objoid)
