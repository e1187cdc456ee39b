-- Which of the extensions $1 the server has no files of.
SELECT wanted FROM pg_catalog.unnest($1::text[]) AS wanted
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = wanted)
