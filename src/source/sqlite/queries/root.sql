-- Where the tree of a table begins that has rowids, whether its primary key has an index of its own, and whether it is
-- STRICT; nothing for
-- views, virtual tables and WITHOUT ROWID tables. https://www.sqlite.org/schematab.html
SELECT
    stored.rootpage AS root,
    EXISTS (SELECT 1 FROM pragma_index_list(?1) AS list WHERE list.origin = 'pk') AS has_key_index,
    listed.strict AS is_strict
FROM sqlite_schema AS stored
JOIN pragma_table_list(?1) AS listed ON listed.name = stored.name AND listed.schema = 'main'
WHERE stored.type = 'table' AND stored.name = ?1 AND stored.rootpage > 0 AND listed.wr = 0
