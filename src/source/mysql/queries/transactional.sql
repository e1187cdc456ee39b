-- The tables of one database, whether their storage knows transactions, and whether it is others' rows: a table of MERGE, which
-- can be locked only where the tables below it may be written to; and whether InnoDB has it.
SELECT t.table_name, e.transactions, t.engine = 'MRG_MYISAM', t.engine = 'InnoDB'
FROM information_schema.tables AS t
LEFT JOIN information_schema.engines AS e ON e.engine = t.engine
WHERE t.table_schema = database() AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
ORDER BY t.table_name
