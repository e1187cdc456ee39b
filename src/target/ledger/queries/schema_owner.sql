-- Whether the ledger's schema was there before the ledger, and whether the role is its owner.
SELECT
    pg_catalog.obj_description(oid, 'pg_namespace') LIKE '%was there before', pg_catalog.pg_has_role(nspowner, 'USAGE')
FROM pg_catalog.pg_namespace
WHERE nspname = 'transship'
