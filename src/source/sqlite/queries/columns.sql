-- hidden: 0 plain, 1 hidden column of a virtual table, 2 generated virtual, 3 generated stored.
-- https://www.sqlite.org/pragma.html#pragma_table_xinfo
SELECT name, type, "notnull" AS not_null, dflt_value AS default_expression, pk AS key_position, hidden
FROM pragma_table_xinfo(?1)
WHERE hidden <> 1
ORDER BY cid
