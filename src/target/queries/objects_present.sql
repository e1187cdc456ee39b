-- Objects by their numbers, as they are named now: the place in the list, type, names and arguments in the words of
-- pg_identify_object_as_address(), the relation that each belongs to, and a relation's number of columns. Objects that are
-- gone have no row; in PostgreSQL 13 asking for their names would be an error.
SELECT given.place::int, address.type, address.object_names, address.object_args, there.relation, c.relnatts
FROM unnest($1::pg_catalog.oid[], $2::pg_catalog.oid[]) WITH ORDINALITY AS given (class, oid, place)
JOIN object AS there ON there.class = given.class AND there.oid = given.oid
CROSS JOIN LATERAL pg_catalog.pg_identify_object_as_address(given.class, given.oid, 0) AS address
LEFT JOIN pg_catalog.pg_class c
    ON given.class = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = given.oid AND c.relkind IN ('r', 'p', 'f')
ORDER BY given.place
