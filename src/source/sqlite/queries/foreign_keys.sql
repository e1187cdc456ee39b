-- SQLite numbers the foreign keys from the last declared to the first. "to" is NULL where the reference is implicit.
-- https://www.sqlite.org/pragma.html#pragma_foreign_key_list
SELECT id, "table" AS referenced_table, "from" AS referencing, "to" AS referenced, on_update, on_delete
FROM pragma_foreign_key_list(?1)
ORDER BY id DESC, seq
