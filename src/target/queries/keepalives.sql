-- Limits for a client that is cut off, where an administrator has set none that is lower. One that died is noticed in the midst
-- of a statement too, where the server's system can tell: elsewhere the setting is refused.
SELECT pg_catalog.set_config(wanted.name, wanted.value::text, false)
FROM (VALUES ('tcp_keepalives_idle', 30), ('tcp_keepalives_interval', 10), ('tcp_keepalives_count', 3),
        ('client_connection_check_interval', 500))
    AS wanted (name, value)
JOIN pg_catalog.pg_settings AS present USING (name)
WHERE present.setting::int NOT BETWEEN 1 AND wanted.value
    AND (name <> 'client_connection_check_interval' OR pg_catalog.version() ~ 'linux|darwin');
