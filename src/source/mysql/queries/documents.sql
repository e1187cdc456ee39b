-- The CHECKs that MariaDB makes for columns of the type JSON.
SELECT table_name, check_clause
FROM information_schema.check_constraints
WHERE constraint_schema = database() AND level = 'Column' AND left(check_clause, 11) = 'json_valid('
