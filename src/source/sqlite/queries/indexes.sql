-- origin: c CREATE INDEX, u UNIQUE constraint, pk PRIMARY KEY. https://www.sqlite.org/pragma.html#pragma_index_list
SELECT name, "unique" AS is_unique, origin, partial
FROM pragma_index_list(?1)
ORDER BY seq DESC
