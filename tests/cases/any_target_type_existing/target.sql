CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('sad', 'happy');
CREATE DOMAIN app."Period" AS daterange CHECK (NOT lower_inf(VALUE));
CREATE DOMAIN app.code AS varchar(5)[] CHECK (array_length(VALUE, 1) = 1);
CREATE TYPE app.place AS (city text, code integer);
CREATE TABLE app.orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    amount numeric(6,2),
    place app.place,
    moods app.mood[],
    mood app.mood,
    period app."Period",
    code app.code,
    names varchar(5)[],
    digest bytea[],
    kind "char"[]
);
