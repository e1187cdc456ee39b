-- Tables that this migration ($1) has made by the steps $2, and in whose place something else stands: another number of pg_class, or
-- no table at all. $3 and $4 are the schemas and the relations of these tables, in the same order. In a copy of the database ($5)
-- numbers tell nothing. By way of jsonb, since the ledger of an earlier version does not have the column.
SELECT made.at
FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS made (id, schema, relation, at)
JOIN transship.step AS step ON step.migration = $1 AND step.id = made.id AND step.state = 'done'
LEFT JOIN jsonb_array_elements(
    CASE jsonb_typeof(to_jsonb(step) -> 'made') WHEN 'array' THEN to_jsonb(step) -> 'made' ELSE '[]' END
) AS object ON (object ->> 'class')::bigint = 'pg_class'::regclass::oid::bigint
    AND object -> 'names' ->> -1 = made.relation
JOIN pg_class AS present ON present.relname = made.relation
    AND present.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = made.schema)
WHERE present.relkind NOT IN ('r', 'p') OR (NOT $5 AND present.oid::bigint <> (object ->> 'oid')::bigint)
