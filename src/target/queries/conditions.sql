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
    -- Through a socket of the file system the server is on this machine. Where the default tablespace lies is known to some
    -- roles alone.
    (
        SELECT coalesce(nullif(pg_catalog.pg_tablespace_location(d.dattablespace), ''), s.setting)
        FROM pg_catalog.pg_database d LEFT JOIN pg_catalog.pg_settings s ON s.name = 'data_directory'
        WHERE d.datname = current_database() AND pg_catalog.inet_server_addr() IS NULL
    )
