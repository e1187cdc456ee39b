-- Why the ledger is not to be trusted: what is wrong, the statement that mends it, and whether it is a right on something
-- that this transaction has made. $1 names the roles that the user trusts.
WITH ledger AS (
    SELECT oid, nspowner, nspacl, xmin FROM pg_namespace WHERE nspname = 'transship'
), trusted AS (
    -- A role that may become the current one, as every superuser may, has nothing to gain here. (PostgreSQL 16 tells a
    -- membership that allows SET ROLE from one that does not.)
    SELECT role.oid
    FROM pg_roles AS role
    JOIN pg_roles AS near ON near.rolname = current_user OR near.rolname = ANY ($1::text[])
    WHERE pg_has_role(role.oid, near.oid, 'USAGE') OR pg_has_role(
        role.oid, near.oid, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END
    )
), relation AS (
    SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relowner, c.relacl, c.relrowsecurity, c.xmin
    FROM pg_class AS c JOIN ledger ON c.relnamespace = ledger.oid
), owned AS (
    SELECT nspowner AS owner, 'schema transship' AS name FROM ledger
    UNION ALL
    -- An owner without a row here is the superuser that has made the cluster.
    SELECT owner.refobjid, object.type || ' ' || object.identity
    FROM ledger
    JOIN pg_depend AS member ON member.refclassid = 'pg_namespace'::regclass AND member.refobjid = ledger.oid
    JOIN pg_shdepend AS owner ON owner.classid = member.classid AND owner.objid = member.objid AND owner.deptype = 'o'
        AND owner.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    CROSS JOIN pg_identify_object(member.classid, member.objid, 0) AS object
    WHERE NOT EXISTS (
        SELECT FROM pg_depend AS part
        WHERE part.classid = member.classid AND part.objid = member.objid AND part.deptype = 'i'
    )
), granted (owner, grantee, privilege, kind, name, is_new) AS (
    SELECT nspowner, acl.grantee, acl.privilege_type, 'SCHEMA', 'transship', xmin = pg_current_xact_id_if_assigned()::xid
    FROM ledger CROSS JOIN aclexplode(nspacl) AS acl
    WHERE acl.privilege_type = 'CREATE'
    UNION ALL
    SELECT relowner, acl.grantee, acl.privilege_type, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, name,
        xmin = pg_current_xact_id_if_assigned()::xid
    FROM relation CROSS JOIN aclexplode(relacl) AS acl
    WHERE acl.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER')
        OR relkind = 'S' AND acl.privilege_type = 'USAGE'
    UNION ALL
    SELECT relowner, acl.grantee, acl.privilege_type, 'TABLE', name, false
    FROM relation JOIN pg_attribute AS a ON a.attrelid = relation.oid CROSS JOIN aclexplode(a.attacl) AS acl
    WHERE acl.privilege_type IN ('INSERT', 'UPDATE', 'REFERENCES')
), allowed AS (
    SELECT
        CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role, kind,
        string_agg(DISTINCT privilege, ', ') AS privileges, string_agg(DISTINCT name, ', ') AS names,
        bool_and(coalesce(is_new, false)) AS is_new
    FROM granted
    WHERE grantee <> owner AND grantee NOT IN (SELECT oid FROM trusted)
    GROUP BY grantee, kind, is_new
), problem (place, what, remedy, is_new) AS (
    SELECT 1,
        format('%s belong%s to the role %I', string_agg(name, ', ' ORDER BY name),
            CASE count(*) WHEN 1 THEN 's' ELSE '' END, pg_get_userbyid(owner)),
        format('connect as %1$I, or hand it over by ALTER ... OWNER TO %2$I', pg_get_userbyid(owner), current_user), false
    FROM owned
    WHERE owner NOT IN (SELECT oid FROM trusted)
    GROUP BY owner
    UNION ALL
    SELECT 2, format('%s has %s on %s %s', role, privileges, lower(kind), names),
        format('REVOKE %s ON %s %s FROM %s', privileges, kind, names, role), is_new
    FROM allowed
    UNION ALL
    SELECT 3, format('%I may write every table, as a member of pg_write_all_data', pg_get_userbyid(member)),
        format('REVOKE pg_write_all_data FROM %I', pg_get_userbyid(member)), false
    FROM pg_auth_members
    WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = 'pg_write_all_data')
        AND member NOT IN (SELECT oid FROM trusted)
    UNION ALL
    SELECT 4, format('trigger %I on %s calls %s of the role %I', t.tgname, relation.name, t.tgfoid::regprocedure,
            pg_get_userbyid(p.proowner)),
        format('DROP TRIGGER %I ON %s', t.tgname, relation.name), false
    FROM relation JOIN pg_trigger AS t ON t.tgrelid = relation.oid JOIN pg_proc AS p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 4, format('rule %I on %s', r.rulename, relation.name), format('DROP RULE %I ON %s', r.rulename, relation.name),
        false
    FROM relation JOIN pg_rewrite AS r ON r.ev_class = relation.oid
    WHERE relation.relkind IN ('r', 'p', 'f')
    UNION ALL
    SELECT 4, format('policies for the rows of %s', name), format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', name), false
    FROM relation
    WHERE relrowsecurity
    UNION ALL
    SELECT 5, format('%s is no table of a ledger', name), format('move %s to another schema', name), false
    FROM relation
    WHERE relkind NOT IN ('r', 'S', 'i', 'c')
    UNION ALL
    SELECT 5, format('%s inherits from %s', inhrelid::regclass, inhparent::regclass),
        format('ALTER TABLE %s NO INHERIT %s', inhrelid::regclass, inhparent::regclass), false
    FROM pg_inherits
    WHERE inhrelid IN (SELECT oid FROM relation) OR inhparent IN (SELECT oid FROM relation)
    UNION ALL
    -- Following a key from outside would run the triggers of the other table.
    SELECT 5, format('foreign key %I leads from %s to %s', k.conname, k.conrelid::regclass, k.confrelid::regclass),
        format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass, k.conname), false
    FROM pg_constraint AS k
    WHERE k.contype = 'f' AND k.conparentid = 0
        AND (k.conrelid IN (SELECT oid FROM relation)) <> (k.confrelid IN (SELECT oid FROM relation))
    UNION ALL
    -- What comes with PostgreSQL is not written down as a dependency.
    SELECT 6, format('%s uses %s', pg_describe_object(d.classid, d.objid, d.objsubid),
            pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid)),
        format('drop %s', pg_describe_object(d.classid, d.objid, d.objsubid)), false
    FROM (
        SELECT 'pg_class'::regclass AS classid, oid AS objid FROM relation
        UNION ALL
        SELECT 'pg_attrdef'::regclass, a.oid FROM pg_attrdef AS a JOIN relation ON relation.oid = a.adrelid
        UNION ALL
        SELECT 'pg_constraint'::regclass, k.oid FROM pg_constraint AS k JOIN relation ON relation.oid = k.conrelid
    ) AS part
    JOIN pg_depend AS d ON d.classid = part.classid AND d.objid = part.objid
    WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass, 'pg_opclass'::regclass,
        'pg_opfamily'::regclass, 'pg_collation'::regclass, 'pg_cast'::regclass, 'pg_foreign_server'::regclass)
)
SELECT what, remedy, is_new FROM problem ORDER BY place, what
