-- Open transactions of other sessions that have written; needs the privilege PROCESS.
SELECT trx_mysql_thread_id
FROM information_schema.innodb_trx
WHERE trx_mysql_thread_id <> connection_id() AND trx_rows_modified > 0
LIMIT 1
