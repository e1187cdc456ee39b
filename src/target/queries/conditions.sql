-- What decides whether a plan can be carried out at all: whether the server takes writes, how the database encodes text,
-- how many objects the transactions of all sessions can lock together (PostgreSQL documentation, section 20.12), and where
-- its data lie.
SELECT
    pg_catalog.pg_is_in_recovery(),
    pg_catalog.current_setting('default_transaction_read_only')::boolean,
    (SELECT pg_catalog.pg_encoding_to_char(encoding)::text FROM pg_catalog.pg_database WHERE datname = current_database()),
    pg_catalog.current_setting('max_locks_per_transaction')::bigint
        * (pg_catalog.current_setting('max_connections')::bigint
            + pg_catalog.current_setting('max_prepared_transactions')::bigint),
    pg_catalog.quote_ident(current_database()),
    pg_catalog.quote_ident(current_user),
    -- Known to some roles alone. Through a socket of the file system the server is on this machine.
    (
        SELECT s.setting
        FROM pg_catalog.pg_settings s
        JOIN pg_catalog.pg_database d ON d.datname = current_database()
        JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace AND t.spcname = 'pg_default'
        WHERE s.name = 'data_directory' AND pg_catalog.inet_server_addr() IS NULL
    )
