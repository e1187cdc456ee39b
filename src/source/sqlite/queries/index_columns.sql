-- cid: the column's number, -1 the rowid, -2 an expression. https://www.sqlite.org/pragma.html#pragma_index_xinfo
SELECT cid, name, "desc" AS is_descending, coll AS collation
FROM pragma_index_xinfo(?1)
WHERE key = 1
ORDER BY seqno
