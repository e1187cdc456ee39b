-- The statement that would let the role change rows of the table $1, whose name is quoted, if it may not.
SELECT pg_catalog.format('GRANT UPDATE ON TABLE %s TO %I', $1::text, current_user)
WHERE NOT pg_catalog.has_table_privilege($1, 'UPDATE')
