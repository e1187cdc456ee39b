-- The columns of the tables and views of one database, in their declared order.
SELECT table_name, column_name, column_type, is_nullable, column_default, extra, generation_expression, collation_name,
       column_comment, character_set_name, privileges
FROM information_schema.columns
WHERE table_schema = database()
ORDER BY table_name, ordinal_position
