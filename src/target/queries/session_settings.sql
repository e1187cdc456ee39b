-- The settings of every session.
SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
WHERE name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout',
    'idle_session_timeout');
SET default_transaction_isolation = 'read committed';
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET bytea_output = 'hex';
SET quote_all_identifiers = off;
SET extra_float_digits = 1;
SET search_path = pg_catalog;
SET check_function_bodies = on;
SET row_security = off;
SET quote_all_identifiers = off;
SET xmloption = content;
SET array_nulls = on;
SET client_min_messages = warning;
