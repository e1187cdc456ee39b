-- The CHECK constraints; one of a column has the column's name.
SELECT table_name, constraint_name, check_clause
FROM information_schema.check_constraints
WHERE constraint_schema = database()
ORDER BY table_name, constraint_name
