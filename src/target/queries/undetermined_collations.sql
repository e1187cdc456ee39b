-- Comparisons in the schema $1 whose two sides have different collations, none of them said to count: they are taken when an
-- object is made, and fail at the first row (PostgreSQL documentation, section 24.2.2). PostgreSQL keeps expressions as trees
-- in text, in which the collation of such an operator is 0. The relation, the kind and the name of the object, the operator.
WITH tree AS (
    SELECT o.conrelid AS relation, 'constraint' AS kind, o.conname AS name, o.conbin::text AS words
    FROM pg_constraint o WHERE o.conbin IS NOT NULL
    UNION ALL
    SELECT i.indrelid, 'index', n.relname, concat(i.indexprs::text, i.indpred::text)
    FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid WHERE i.indexprs IS NOT NULL OR i.indpred IS NOT NULL
    UNION ALL
    SELECT d.adrelid, 'column', a.attname, d.adbin::text
    FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    UNION ALL
    SELECT r.ev_class, 'view', c.relname, r.ev_action::text
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class WHERE r.rulename = '_RETURN'
)
SELECT DISTINCT c.relname::text, tree.kind, tree.name::text, p.oprname::text
FROM tree
JOIN pg_class c ON c.oid = tree.relation
JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
CROSS JOIN LATERAL regexp_matches(
    tree.words,
    '\{(?:OPEXPR|DISTINCTEXPR|NULLIFEXPR|SCALARARRAYOPEXPR) :opno (\d+) [^{}()]*?:inputcollid 0 ',
    'g'
) AS found (operator)
-- Those that order or compare by a collation; the operators of the _pattern_ops go by bytes.
JOIN pg_operator p ON p.oid = found.operator[1]::oid AND p.oprresult = 'boolean'::regtype AND p.oprname !~ '^~[<>]'
    AND p.oprleft IN ('text'::regtype, 'bpchar'::regtype, 'name'::regtype)
ORDER BY 1, 2, 3, 4
