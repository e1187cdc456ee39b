-- From version 1 of the ledger: bounds of chunks are keys of any kind, steps keep the way back, a run may be a rollback.
ALTER TABLE transship.step ADD COLUMN undo text[], ADD COLUMN place bigint GENERATED ALWAYS AS IDENTITY;
ALTER TABLE transship.chunk
    ALTER COLUMN key_from TYPE jsonb USING
        CASE WHEN key_from IS NOT NULL THEN jsonb_build_array(jsonb_build_object('integer', key_from)) END,
    ALTER COLUMN key_below TYPE jsonb USING
        CASE WHEN key_below IS NOT NULL THEN jsonb_build_array(jsonb_build_object('integer', key_below)) END;
ALTER TABLE transship.run DROP CONSTRAINT run_state_check, ADD CONSTRAINT run_state_check
    CHECK (state IN ('running', 'done', 'failed', 'interrupted', 'rolled_back'));
