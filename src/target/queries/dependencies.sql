-- Everything that goes when some objects are dropped, as DROP with RESTRICT and CASCADE finds it (PostgreSQL documentation,
-- pg_depend): what is attached to them and was not written by the transactions of the steps, and what depends on them and
-- would not go. `root` is the place in the list of the object that it hangs on.
-- NOT IN is hashed, where an anti join would be a loop: nobody knows beforehand how many rows a recursion has.
-- $1, $2: the objects; $3, $4: objects that are known besides; $5: transactions; $6: roles that steps have granted to.
ours AS (
    SELECT class, oid, min(place)::int AS place
    FROM unnest($1::oid[], $2::oid[]) WITH ORDINALITY AS given (class, oid, place)
    GROUP BY class, oid
), known AS (
    SELECT class, oid FROM ours UNION SELECT class, oid FROM unnest($3::oid[], $4::oid[]) AS given (class, oid)
), clone AS (
    -- A partition's share of an index, a constraint or a trigger of the table that is divided: whoever wrote it last, it is
    -- the same object.
    SELECT k.class, i.inhrelid AS oid
    FROM known k JOIN pg_inherits i ON k.class = 'pg_class'::regclass AND i.inhparent = k.oid
    JOIN pg_class c ON c.oid = i.inhrelid AND c.relkind IN ('i', 'I')
    UNION ALL
    SELECT k.class, o.oid FROM known k JOIN pg_constraint o ON k.class = 'pg_constraint'::regclass AND o.conparentid = k.oid
    UNION ALL
    SELECT k.class, t.oid FROM known k JOIN pg_trigger t ON k.class = 'pg_trigger'::regclass AND t.tgparentid = k.oid
), writer AS (
    SELECT DISTINCT id FROM unnest($5::text[]) AS given (id)
), goes (class, oid, root, internal, part) AS (
    SELECT class, oid, place, false, false FROM ours
    UNION
    SELECT d.classid, d.objid, g.root, d.deptype = 'i', g.part OR d.deptype = 'e'
    FROM goes g JOIN pg_depend d ON d.refclassid = g.class AND d.refobjid = g.oid
    WHERE d.deptype IN ('a', 'i', 'e', 'P', 'S') AND (d.classid, d.objid) <> (g.class, g.oid)
), going AS MATERIALIZED (
    SELECT class, oid, min(root) AS root, bool_or(internal) AS internal, bool_or(part) AS part FROM goes GROUP BY class, oid
)
SELECT root, 'attached', CASE
        WHEN class = 'pg_rewrite'::regclass AND internal THEN 'definition of ' || pg_describe_object('pg_class'::regclass, relation, 0)
        ELSE pg_describe_object(class, oid, 0)
            || CASE WHEN class = 'pg_class'::regclass AND relation <> oid THEN ' on ' || relation::regclass ELSE '' END
    END, NULL::bigint
FROM (
    SELECT g.*, o.relation, o.writer FROM going g LEFT JOIN object o ON o.class = g.class AND o.oid = g.oid
) AS g
WHERE NOT part AND (NOT internal OR class = 'pg_rewrite'::regclass)
    -- Parts of operator classes and the index of a TOAST table have no life of their own.
    AND class NOT IN ('pg_amop'::regclass, 'pg_amproc'::regclass)
    AND NOT EXISTS (
        SELECT FROM pg_class c
        WHERE g.class = 'pg_class'::regclass AND c.oid = g.oid AND c.relnamespace = 'pg_toast'::regnamespace
    )
    AND (g.class, g.oid) NOT IN (SELECT class, oid FROM known)
    AND (g.class, g.oid) NOT IN (SELECT class, oid FROM clone)
    AND coalesce(g.writer::text, '') NOT IN (SELECT id FROM writer)
UNION ALL
SELECT g.root, 'attached', 'comment on ' || pg_describe_object(d.classoid, d.objoid, d.objsubid), NULL
FROM going g JOIN pg_description d ON d.classoid = g.class AND d.objoid = g.oid
WHERE NOT g.part AND d.xmin::text NOT IN (SELECT id FROM writer)
UNION ALL
SELECT DISTINCT g.root, 'attached', format(
        'privileges of %s on %s', coalesce(quote_ident(r.rolname), 'public'), pg_describe_object(g.class, g.oid, 0)
    ), NULL::bigint
FROM going g JOIN pg_class c ON g.class = 'pg_class'::regclass AND c.oid = g.oid
CROSS JOIN aclexplode(c.relacl) AS acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE NOT g.part AND acl.grantee <> c.relowner AND coalesce(r.rolname, 'public') <> ALL ($6::text[])
    AND c.xmin::text NOT IN (SELECT id FROM writer)
UNION ALL
SELECT DISTINCT g.root, 'attached', format(
        'privileges of %s on %s', coalesce(quote_ident(r.rolname), 'public'), pg_describe_object(g.class, g.oid, a.attnum)
    ), NULL::bigint
FROM going g JOIN pg_attribute a ON g.class = 'pg_class'::regclass AND a.attrelid = g.oid
CROSS JOIN aclexplode(a.attacl) AS acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE NOT g.part AND coalesce(r.rolname, 'public') <> ALL ($6::text[]) AND a.xmin::text NOT IN (SELECT id FROM writer)
UNION ALL
SELECT DISTINCT g.root, 'attached', format(
        'privileges of %s on %s', coalesce(quote_ident(r.rolname), 'public'), pg_describe_object(g.class, g.oid, 0)
    ), NULL::bigint
FROM going g JOIN pg_namespace n ON g.class = 'pg_namespace'::regclass AND n.oid = g.oid
CROSS JOIN aclexplode(n.nspacl) AS acl LEFT JOIN pg_roles r ON r.oid = acl.grantee
WHERE NOT g.part AND acl.grantee <> n.nspowner AND coalesce(r.rolname, 'public') <> ALL ($6::text[])
    AND n.xmin::text NOT IN (SELECT id FROM writer)
UNION ALL
SELECT g.root, 'attached', pg_describe_object(g.class, g.oid, a.attnum), NULL
FROM unnest($7::oid[], $8::smallint[]) AS made (relation, columns)
JOIN going g ON g.class = 'pg_class'::regclass AND g.oid = made.relation
JOIN pg_attribute a ON a.attrelid = g.oid AND a.attnum > made.columns AND NOT a.attisdropped
WHERE a.xmin::text NOT IN (SELECT id FROM writer)
UNION ALL
SELECT DISTINCT g.root, 'depends', format(
        '%s depends on %s',
        CASE d.classid
            WHEN 'pg_rewrite'::regclass THEN (
                SELECT pg_describe_object('pg_class'::regclass, w.ev_class, 0) FROM pg_rewrite w WHERE w.oid = d.objid
            )
            ELSE pg_describe_object(d.classid, d.objid, 0)
        END,
        pg_describe_object(o.class, o.oid, 0)
    ), NULL::bigint
FROM going g JOIN pg_depend d ON d.refclassid = g.class AND d.refobjid = g.oid AND d.deptype = 'n'
JOIN ours o ON o.place = g.root
WHERE (d.classid, d.objid) NOT IN (SELECT class, oid FROM going)
UNION ALL
SELECT root, 'weight', NULL, count(*) FROM going GROUP BY root
ORDER BY 1, 2, 3
