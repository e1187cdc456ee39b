-- What may change a row of a schema's tables ($1) on its way in, or put another statement in its place: triggers BEFORE INSERT, and
-- rules. PostgreSQL's own trigger functions (tsvector_update_trigger) draw from no sequence. The table, the kind and the name.
SELECT c.relname::text, 'trigger', g.tgname::text
FROM pg_catalog.pg_trigger g
JOIN pg_catalog.pg_class c ON c.oid = g.tgrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
JOIN pg_catalog.pg_proc p ON p.oid = g.tgfoid
WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
    -- FOR EACH ROW, BEFORE, INSERT (`src/include/catalog/pg_trigger.h`).
    AND g.tgtype & 7 = 7
    AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
UNION ALL
SELECT c.relname::text, 'rule', r.rulename::text
FROM pg_catalog.pg_rewrite r
JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
WHERE r.ev_type = '3' AND r.ev_enabled IN ('O', 'A')
ORDER BY 1, 2, 3
