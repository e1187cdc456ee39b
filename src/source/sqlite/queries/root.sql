-- Where the tree of a table begins, and whether its primary key has an index of its own; nothing for views and virtual
-- tables. https://www.sqlite.org/schematab.html
SELECT
    rootpage AS root,
    EXISTS (SELECT 1 FROM pragma_index_list(?1) AS list WHERE list.origin = 'pk') AS has_key_index
FROM sqlite_schema
WHERE type = 'table' AND name = ?1 AND rootpage > 0
