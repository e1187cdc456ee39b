-- The ledger: what transship has done in this database. `transship status` reads it; only transship writes it.
-- A schema that an administrator has made for it stays when the ledger is removed; its comment remembers that, or, where the
-- schema belongs to another role, the comment of the table of runs.
DO $$
DECLARE
    words text := 'ledger of transship, version 8';
    kept text := ', in a schema that was there before';
BEGIN
    IF to_regnamespace('transship') IS NULL THEN
        CREATE SCHEMA transship;
    ELSIF to_regclass('transship.run') IS NULL
        OR obj_description('transship'::regnamespace, 'pg_namespace') LIKE '%' || kept
    THEN
        words := words || kept;
    END IF;
    IF (SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = 'transship') THEN
        EXECUTE format('COMMENT ON SCHEMA transship IS %L', words);
    ELSE
        PERFORM set_config('transship.ledger', words, true);
    END IF;
END
$$;

CREATE TABLE IF NOT EXISTS transship.origin (
    migration     text PRIMARY KEY,
    target_schema text NOT NULL,
    fingerprint   text NOT NULL,
    structure     jsonb NOT NULL,
    taken_at      timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE transship.origin IS
    'the structure of the database before the first run of a migration: objects with the digests of their definitions';

CREATE TABLE IF NOT EXISTS transship.run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration   text NOT NULL,
    plan_digest text NOT NULL,
    program     text NOT NULL,
    state       text NOT NULL DEFAULT 'running'
                CHECK (state IN ('running', 'done', 'failed', 'interrupted', 'rolled_back')),
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    message     text
);
COMMENT ON TABLE transship.run IS 'one row for every apply that had something to do, and for every rollback';

CREATE TABLE IF NOT EXISTS transship.step (
    migration   text NOT NULL,
    id          text NOT NULL,
    kind        text NOT NULL,
    fingerprint text NOT NULL,
    run         bigint NOT NULL REFERENCES transship.run,
    state       text NOT NULL CHECK (state IN ('done', 'failed')),
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    row_count   bigint,
    undo        text[],
    place       bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (migration, id)
);
COMMENT ON TABLE transship.step IS 'the steps that are done, each committed together with its effect';
COMMENT ON COLUMN transship.step.undo IS 'the statements that roll the step back; NULL if none are given';
COMMENT ON COLUMN transship.step.place IS 'the order in which the steps were done; no clock decides it';

CREATE TABLE IF NOT EXISTS transship.chunk (
    migration    text NOT NULL,
    table_name   text NOT NULL,
    ordinal      integer NOT NULL,
    key_from     jsonb,
    key_below    jsonb,
    run          bigint REFERENCES transship.run,
    row_count    bigint,
    digest       text,
    committed_at timestamptz,
    PRIMARY KEY (migration, table_name, ordinal)
);
COMMENT ON TABLE transship.chunk IS
    'key ranges of the source tables; one with a digest is in the target, committed together with its rows';

-- Columns that earlier ledgers do not have yet.
ALTER TABLE transship.chunk
    ADD COLUMN IF NOT EXISTS rejected_count bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS rejected_digest text NOT NULL DEFAULT repeat('0', 32),
    ADD COLUMN IF NOT EXISTS nulled json NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS shortened json NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS merged_count bigint NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS target_table text,
    ADD COLUMN IF NOT EXISTS transaction_id xid8,
    ADD COLUMN IF NOT EXISTS is_stale boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN transship.chunk.merged_count IS
    'how many of the chunk''s rows were in the target already and were not written again (existing_rows = "merge")';
COMMENT ON COLUMN transship.chunk.is_stale IS
    'in the target as an earlier run has copied it, and to be replaced by what the source has now';
COMMENT ON COLUMN transship.chunk.transaction_id IS
    'the transaction that loaded the chunk: rows of the target that it has written are those of the chunk';
ALTER TABLE transship.chunk
    ADD COLUMN IF NOT EXISTS started_at timestamptz,
    ADD COLUMN IF NOT EXISTS estimated_rows bigint,
    ADD COLUMN IF NOT EXISTS estimated_bytes bigint;
ALTER TABLE transship.run
    ADD COLUMN IF NOT EXISTS planned_steps bigint,
    ADD COLUMN IF NOT EXISTS fence xid8,
    ADD COLUMN IF NOT EXISTS source_snapshot jsonb,
    ADD COLUMN IF NOT EXISTS value_facts jsonb;
COMMENT ON COLUMN transship.run.value_facts IS
    'facts about the source''s values that decided what the run made of an expression: the spellings in each column (layouts, no value); NULL for a run of an earlier version, and for a rollback';
COMMENT ON COLUMN transship.run.source_snapshot IS
    'the state of a server that the run read, and the method by which all its connections got it; NULL for a file';
COMMENT ON COLUMN transship.run.fence IS
    'the transaction that began the run: what writes for the run makes sure first that this one is still running';
COMMENT ON COLUMN transship.chunk.estimated_bytes IS
    'with estimated_rows what the chunk was expected to hold when it was planned: what rates and the time left are made from';
COMMENT ON COLUMN transship.chunk.nulled IS
    'how many values of each source column were replaced by NULL (on_bad_value = "null")';
COMMENT ON COLUMN transship.chunk.shortened IS
    'how many values of each source column lost digits that the target''s type does not keep (fraction)';


-- Identities: what a step has made, in which database, and by which transactions.
ALTER TABLE transship.origin
    ADD COLUMN IF NOT EXISTS cluster text,
    ADD COLUMN IF NOT EXISTS database_oid oid,
    ADD COLUMN IF NOT EXISTS arrived jsonb;
ALTER TABLE transship.step
    ADD COLUMN IF NOT EXISTS made jsonb,
    ADD COLUMN IF NOT EXISTS transactions xid8[];
COMMENT ON COLUMN transship.origin.cluster IS
    'with database_oid the place where the numbers of objects hold: a database that was restored from a dump has others';
COMMENT ON COLUMN transship.origin.arrived IS
    'the structure of the migration''s tables and views at the end of its last run: objects with the digests of their definitions';
COMMENT ON COLUMN transship.step.made IS
    'the objects that the step has made or its undo speaks of: catalog (class) and number (oid), names as they were then';
COMMENT ON COLUMN transship.step.transactions IS
    'the transactions that have done the step: rows of the catalog that they have written are those of the step';

CREATE TABLE IF NOT EXISTS transship.rejected_rows (
    migration   text NOT NULL,
    table_name  text NOT NULL,
    chunk       integer NOT NULL,
    ordinal     bigint NOT NULL,
    run         bigint NOT NULL REFERENCES transship.run,
    key         text NOT NULL,
    column_name text NOT NULL,
    reason      text NOT NULL,
    reasons     json NOT NULL,
    content     json NOT NULL,
    PRIMARY KEY (migration, table_name, chunk, ordinal),
    FOREIGN KEY (migration, table_name, chunk) REFERENCES transship.chunk ON DELETE CASCADE
);
COMMENT ON TABLE transship.rejected_rows IS
    'source rows that do not fit the target (on_bad_value = "reject"), each committed together with its chunk; column_name and reason are of the first value that does not fit, which is content -> column_name';
COMMENT ON COLUMN transship.rejected_rows.content IS
    'every value of the row in the columns that are migrated: numbers (a REAL has a point or an exponent), strings, null; {"blob": hex}; {"text": hex} where text is not UTF-8 or has a NUL character; {"real": "Infinity"}';

CREATE TABLE IF NOT EXISTS transship.merged_ids (
    migration  text NOT NULL,
    table_name text NOT NULL,
    source_key text[] NOT NULL,
    target_key text[] NOT NULL,
    is_new     boolean NOT NULL,
    PRIMARY KEY (migration, table_name, source_key),
    UNIQUE (migration, table_name, target_key)
);
COMMENT ON TABLE transship.merged_ids IS
    'ids of the source that the target has otherwise (merge.key): of rows that are there already, and, is_new, of rows whose own id another row of the target has';

CREATE TABLE IF NOT EXISTS transship.merged_rows (
    migration  text NOT NULL,
    table_name text NOT NULL,
    chunk      integer NOT NULL,
    key        jsonb NOT NULL,
    prefers    text NOT NULL CHECK (prefers IN ('source', 'target')),
    old        jsonb,
    PRIMARY KEY (migration, table_name, key),
    FOREIGN KEY (migration, table_name, chunk) REFERENCES transship.chunk ON DELETE CASCADE
);
COMMENT ON TABLE transship.merged_rows IS
    'rows that both sides have with different values: whose values the row has (merge.prefer), and those of the target that are overwritten, as texts, for a rollback';

CREATE TABLE IF NOT EXISTS transship.detached (
    migration  text NOT NULL,
    table_name text NOT NULL,
    definition jsonb NOT NULL,
    PRIMARY KEY (migration, table_name)
);
COMMENT ON TABLE transship.detached IS
    'foreign keys and triggers of the application''s tables as they were before they were detached for the load';
ALTER TABLE transship.detached ADD COLUMN IF NOT EXISTS restored boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN transship.detached.restored IS
    'the end of a load has restored everything; what is detached otherwise is asked of the tables themselves';
-- From ledgers that had only the step's row.
UPDATE transship.detached d SET restored = true
WHERE NOT restored AND EXISTS (
    SELECT FROM transship.step s WHERE s.migration = d.migration AND s.id = 'restore:' || d.table_name
);

CREATE TABLE IF NOT EXISTS transship.replaced (
    migration     text NOT NULL,
    table_name    text NOT NULL,
    target_schema text NOT NULL,
    schema_aside  text NOT NULL,
    identity      oid NOT NULL,
    row_count     bigint NOT NULL,
    set_aside_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    discarded_at  timestamptz,
    PRIMARY KEY (migration, table_name)
);
COMMENT ON TABLE transship.replaced IS
    'tables that were set aside for those of the migration (tables = "replace"), until `transship discard` removes them or `transship rollback` brings them back';
COMMENT ON COLUMN transship.replaced.identity IS
    'pg_class.oid of the table: another one of its name is not what was set aside';

DO $$
DECLARE
    words text := current_setting('transship.ledger', true);
BEGIN
    IF words <> '' THEN
        EXECUTE format('COMMENT ON TABLE transship.run IS %L', words);
    END IF;
END
$$;
