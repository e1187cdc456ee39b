-- The objects that stand under some names: the place in the list, catalog and number of each that is there, its type in
-- the words of pg_identify_object(), and a table's number of columns.
SELECT given.place::int, found.class::pg_catalog.oid, found.oid,
    (pg_catalog.pg_identify_object(found.class, found.oid, 0)).type,
    (
        SELECT c.relnatts FROM pg_catalog.pg_class c
        WHERE found.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = found.oid AND c.relkind IN ('r', 'p', 'f')
    )
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS given (kind, one, two, three, place)
CROSS JOIN LATERAL (
    SELECT 'pg_catalog.pg_class'::pg_catalog.regclass,
        pg_catalog.to_regclass(pg_catalog.format('%I.%I', given.one, given.two))::pg_catalog.oid
    WHERE given.kind = 'relation'
    UNION ALL
    SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid
    FROM pg_catalog.pg_constraint k
    WHERE given.kind = 'constraint' AND k.conname = given.three
        AND k.conrelid = pg_catalog.to_regclass(pg_catalog.format('%I.%I', given.one, given.two))
    UNION ALL
    SELECT 'pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid
    FROM pg_catalog.pg_namespace n WHERE given.kind = 'schema' AND n.nspname = given.one
    UNION ALL
    SELECT 'pg_catalog.pg_extension'::pg_catalog.regclass, e.oid
    FROM pg_catalog.pg_extension e WHERE given.kind = 'extension' AND e.extname = given.one
    UNION ALL
    SELECT 'pg_catalog.pg_collation'::pg_catalog.regclass, c.oid
    FROM pg_catalog.pg_collation c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
    WHERE given.kind = 'collation' AND n.nspname = given.one AND c.collname = given.two
    UNION ALL
    SELECT 'pg_catalog.pg_type'::pg_catalog.regclass,
        pg_catalog.to_regtype(pg_catalog.format('%I.%I', given.one, given.two))::pg_catalog.oid
    WHERE given.kind = 'type'
    UNION ALL
    SELECT 'pg_catalog.pg_authid'::pg_catalog.regclass, r.oid
    FROM pg_catalog.pg_roles r WHERE given.kind = 'role' AND r.rolname = given.one
) AS found (class, oid)
WHERE found.oid IS NOT NULL
