-- What a load into the schema's tables takes and the role may not do, with the smallest statement that lets it.
WITH tables AS (
    SELECT c.oid, c.relname, c.relowner, n.oid AS schema, n.nspname
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $1 AND c.relkind = 'r'
),
behind (relation, sequence) AS (
    SELECT d.refobjid, s.oid
    FROM pg_catalog.pg_class s
    JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')
    WHERE s.relkind = 'S'
    UNION
    SELECT f.adrelid, s.oid
    FROM pg_catalog.pg_attrdef f
    JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = f.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
    UNION
    -- A domain's default.
    SELECT a.attrelid, s.oid
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_type y ON y.oid = a.atttypid AND y.typtype = 'd'
    JOIN pg_catalog.pg_depend d
        ON d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.objid = y.oid
        AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
    JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
    WHERE a.attnum > 0 AND NOT a.attisdropped
)
SELECT t.oid, 'usage', NULL::text, pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', t.nspname, current_user)
FROM tables t
WHERE NOT pg_catalog.has_schema_privilege(t.schema, 'USAGE')
UNION ALL
SELECT t.oid, 'select', NULL, pg_catalog.format('GRANT SELECT ON TABLE %I.%I TO %I', t.nspname, t.relname, current_user)
FROM tables t
WHERE NOT pg_catalog.has_table_privilege(t.oid, 'SELECT')
UNION ALL
SELECT t.oid, 'insert', a.attname, pg_catalog.format('GRANT INSERT ON TABLE %I.%I TO %I', t.nspname, t.relname, current_user)
FROM tables t
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE NOT pg_catalog.has_table_privilege(t.oid, 'INSERT')
    AND NOT pg_catalog.has_column_privilege(t.oid, a.attnum, 'INSERT')
UNION ALL
SELECT t.oid, 'truncate', NULL, pg_catalog.format('GRANT TRUNCATE ON TABLE %I.%I TO %I', t.nspname, t.relname, current_user)
FROM tables t
WHERE NOT pg_catalog.has_table_privilege(t.oid, 'TRUNCATE')
UNION ALL
SELECT t.oid, 'delete', NULL, pg_catalog.format('GRANT DELETE ON TABLE %I.%I TO %I', t.nspname, t.relname, current_user)
FROM tables t
WHERE NOT pg_catalog.has_table_privilege(t.oid, 'DELETE')
UNION ALL
SELECT t.oid, 'references', k.conname, pg_catalog.format(
    'GRANT REFERENCES (%s) ON TABLE %I.%I TO %I',
    pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY key.place), n.nspname, r.relname, current_user
)
FROM tables t
JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
JOIN pg_catalog.pg_class r ON r.oid = k.confrelid
JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
CROSS JOIN LATERAL pg_catalog.unnest(k.confkey) WITH ORDINALITY AS key (number, place)
JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = key.number
WHERE NOT pg_catalog.has_column_privilege(k.confrelid, key.number, 'REFERENCES')
GROUP BY t.oid, k.conname, n.nspname, r.relname
UNION ALL
SELECT DISTINCT t.oid, 'superuser', k.conname, NULL
FROM tables t
JOIN pg_catalog.pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f'
JOIN pg_catalog.pg_trigger g ON g.tgconstraint = k.oid AND g.tgisinternal AND g.tgenabled <> 'O'
WHERE NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
UNION ALL
SELECT t.oid, 'bypassrls', NULL, pg_catalog.format('ALTER ROLE %I BYPASSRLS', current_user)
FROM tables t
WHERE pg_catalog.row_security_active(t.oid)
UNION ALL
-- Who may ANALYZE: the owner of the table or of the database, and since PostgreSQL 17 whoever has MAINTAIN. Others get no
-- error, but a warning.
SELECT t.oid, 'maintain', NULL, CASE
    WHEN pg_catalog.current_setting('server_version_num')::integer >= 170000
        THEN pg_catalog.format('GRANT MAINTAIN ON TABLE %I.%I TO %I', t.nspname, t.relname, current_user)
    -- For statistics alone nobody is made a superuser, or the owner of a table.
    WHEN own.rolinherit AND NOT owner.rolsuper AND NOT pg_catalog.pg_has_role(t.relowner, 'MEMBER')
        THEN pg_catalog.format('GRANT %I TO %I', owner.rolname, current_user)
END
FROM tables t
JOIN pg_catalog.pg_roles owner ON owner.oid = t.relowner
JOIN pg_catalog.pg_roles own ON own.rolname = current_user
WHERE NOT pg_catalog.pg_has_role(t.relowner, 'USAGE')
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_database b
        WHERE b.datname = pg_catalog.current_database() AND pg_catalog.pg_has_role(b.datdba, 'USAGE')
    )
    AND CASE WHEN pg_catalog.current_setting('server_version_num')::integer >= 170000
        THEN NOT pg_catalog.has_table_privilege(t.oid, 'MAINTAIN') ELSE true END
UNION ALL
-- The sequence behind an identity, a serial or a default: read, and set.
SELECT DISTINCT t.oid, 'sequence', pg_catalog.format('%I.%I', n.nspname, s.relname), pg_catalog.concat_ws('; ',
    CASE WHEN NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        THEN pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I', n.nspname, current_user) END,
    CASE WHEN NOT pg_catalog.has_sequence_privilege(s.oid, 'SELECT') OR NOT pg_catalog.has_sequence_privilege(s.oid, 'UPDATE')
        THEN pg_catalog.format('GRANT SELECT, UPDATE ON SEQUENCE %I.%I TO %I', n.nspname, s.relname, current_user) END
)
FROM tables t
JOIN behind b ON b.relation = t.oid
JOIN pg_catalog.pg_class s ON s.oid = b.sequence
JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
WHERE NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE')
    OR NOT pg_catalog.has_sequence_privilege(s.oid, 'SELECT') OR NOT pg_catalog.has_sequence_privilege(s.oid, 'UPDATE')
ORDER BY 1, 2, 3
