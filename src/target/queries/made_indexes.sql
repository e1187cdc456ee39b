-- Names and bytes of the indexes that this transaction has made: their rows in the catalog have its number.
SELECT relname::text, pg_catalog.pg_relation_size(oid)
FROM pg_catalog.pg_class
WHERE relkind IN ('i', 'I') AND xmin = pg_catalog.pg_current_xact_id()::xid
