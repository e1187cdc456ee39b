-- The tables of one database, and whether their storage knows transactions.
SELECT t.table_name, e.transactions
FROM information_schema.tables AS t
LEFT JOIN information_schema.engines AS e ON e.engine = t.engine
WHERE t.table_schema = database() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
ORDER BY t.table_name
