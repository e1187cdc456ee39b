-- Objects by their numbers, as they are named now: the place in the list, type, names and arguments in the words of
-- pg_identify_object_as_address(), the relation that each belongs to, and a relation's number of columns. Objects that are
-- gone have no row; in PostgreSQL 13 asking for their names would be an error.
SELECT given.place::int, address.type, coalesce(named_type.names, address.object_names), address.object_args, there.relation, c.relnatts
FROM unnest($1::pg_catalog.oid[], $2::pg_catalog.oid[]) WITH ORDINALITY AS given (class, oid, place)
JOIN object AS there ON there.class = given.class AND there.oid = given.oid
CROSS JOIN LATERAL pg_catalog.pg_identify_object_as_address(given.class, given.oid, 0) AS address
-- The function gives the name of a type in one piece.
LEFT JOIN LATERAL (
    SELECT ARRAY[n.nspname::text, t.typname::text]
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE given.class = 'pg_catalog.pg_type'::pg_catalog.regclass AND t.oid = given.oid
) AS named_type (names) ON true
LEFT JOIN pg_catalog.pg_class c
    ON given.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = given.oid AND c.relkind IN ('r', 'p', 'f')
ORDER BY given.place
