-- The ledger: what transship has done in this database. `transship status` reads it; only transship writes it.
CREATE SCHEMA IF NOT EXISTS transship;
COMMENT ON SCHEMA transship IS 'ledger of transship, version 1';

CREATE TABLE IF NOT EXISTS transship.run (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    migration   text NOT NULL,
    plan_digest text NOT NULL,
    program     text NOT NULL,
    state       text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    started_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    message     text
);
COMMENT ON TABLE transship.run IS 'one row for every apply that had something to do';

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
    PRIMARY KEY (migration, id)
);
COMMENT ON TABLE transship.step IS 'the steps that are done, each committed together with its effect';

CREATE TABLE IF NOT EXISTS transship.chunk (
    migration    text NOT NULL,
    table_name   text NOT NULL,
    ordinal      integer NOT NULL,
    key_from     bigint,
    key_below    bigint,
    run          bigint REFERENCES transship.run,
    row_count    bigint,
    digest       text,
    committed_at timestamptz,
    PRIMARY KEY (migration, table_name, ordinal)
);
COMMENT ON TABLE transship.chunk IS
    'key ranges of the source tables; one with a digest is in the target, committed together with its rows';
