-- Row-level security: a session of the application sees the rows of one user and no others. It says whose, in each transaction:
--
--     SELECT set_config('mem0.user_id', $1, true);
--
-- Without it there are no rows at all. The owner of the tables, who migrates, sees everything; so does mem0_audit, which only reads.
CREATE FUNCTION mem0.current_user_id() RETURNS uuid LANGUAGE sql STABLE
    AS $$ SELECT nullif(current_setting('mem0.user_id', true), '')::uuid $$;

-- Tables that name their user, present and future ones of the schema alike when this file is run again.
DO $$
DECLARE
    place record;
BEGIN
    FOR place IN
        SELECT c.oid::regclass AS "table", a.attname AS "column"
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'mem0'::regnamespace AND c.relkind = 'r'
            AND (a.attname = 'user_id' OR (c.relname = 'users' AND a.attname = 'id'))
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', place."table");
        EXECUTE format('CREATE POLICY own_rows ON %s TO mem0_app USING (%I = mem0.current_user_id())', place."table", place."column");
        EXECUTE format('CREATE POLICY all_rows ON %s FOR SELECT TO mem0_audit USING (true)', place."table");
    END LOOP;
END
$$;

-- Tables that join memories: both ends have to be the user's. The policies of `memories` and `tags` apply inside of these, too.
ALTER TABLE mem0.memory_links ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON mem0.memory_links TO mem0_app
    USING (EXISTS (SELECT FROM mem0.memories m WHERE m.id = from_id) AND EXISTS (SELECT FROM mem0.memories m WHERE m.id = to_id));
CREATE POLICY all_rows ON mem0.memory_links FOR SELECT TO mem0_audit USING (true);

ALTER TABLE mem0.memory_tags ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON mem0.memory_tags TO mem0_app
    USING (EXISTS (SELECT FROM mem0.memories m WHERE m.id = memory_id) AND EXISTS (SELECT FROM mem0.tags t WHERE t.id = tag_id));
CREATE POLICY all_rows ON mem0.memory_tags FOR SELECT TO mem0_audit USING (true);
