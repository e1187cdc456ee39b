-- Tables that this migration has made ($3: the one, or all of them) and in whose place something else stands: another number
-- of pg_class, or no table at all. $5 is the beginning of the ledger's names of the tables of the schema $2. In a copy of the
-- database ($4) numbers tell nothing. By way of jsonb, since the ledger of an earlier version does not have the column.
SELECT made.name
FROM (
    SELECT substr(step.id, length('table:') + 1), (object ->> 'oid')::bigint
    FROM transship.step AS step
    LEFT JOIN jsonb_array_elements(
        CASE jsonb_typeof(to_jsonb(step) -> 'made') WHEN 'array' THEN to_jsonb(step) -> 'made' ELSE '[]' END
    ) AS object ON (object ->> 'class')::bigint = 'pg_class'::regclass::oid::bigint
        AND object -> 'names' ->> -1 = substr(step.id, length('table:' || $5::text) + 1)
    WHERE step.migration = $1 AND step.kind = 'table' AND step.state = 'done'
) AS made (name, number)
JOIN pg_class AS present ON present.relname = substr(made.name, length($5) + 1)
    AND present.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $2::text)
WHERE starts_with(made.name, $5)
    AND ($3::text IS NULL OR made.name = $3)
    AND (present.relkind NOT IN ('r', 'p') OR (NOT $4 AND present.oid::bigint <> made.number))
ORDER BY made.name
