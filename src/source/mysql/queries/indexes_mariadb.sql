-- The keys of indexes, in their order; a primary key is the index PRIMARY. There are no keys over expressions.
SELECT table_name, index_name, non_unique, column_name, collation, sub_part, index_type, ignored = 'YES', NULL
FROM information_schema.statistics
WHERE table_schema = database()
ORDER BY table_name, index_name, seq_in_index
