-- a comment; with a semicolon
CREATE INDEX posts_body ON posts USING gin (body gin_trgm_ops);
CREATE INDEX posts_body_length ON posts (length(body));
