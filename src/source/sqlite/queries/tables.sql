-- Every table-like object of the main database with what it is ("table", "virtual", "shadow"); views come from schema.sql.
-- https://www.sqlite.org/pragma.html#pragma_table_list
SELECT name, type, wr AS without_rowid, strict
FROM pragma_table_list
WHERE schema = 'main' AND type <> 'view' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
ORDER BY name
