-- Names that differ in case alone, each with a section of its own.
CREATE TABLE Cased (id INT PRIMARY KEY, note VARCHAR(10) COLLATE utf8mb4_nopad_bin);
CREATE TABLE cased (id INT PRIMARY KEY, note VARCHAR(10) COLLATE utf8mb4_nopad_bin, cased_id INT,
    FOREIGN KEY (cased_id) REFERENCES Cased (id));
INSERT INTO Cased VALUES (1, 'one'), (2, 'two');
INSERT INTO cased VALUES (1, 'eins', 1), (2, 'zwei', 2), (3, 'drei', 2);

-- An enum is named after the first table of the source that has it, though that is left out.
CREATE TABLE archive (id INT PRIMARY KEY, state ENUM('open', 'done'));
-- An expression of PostgreSQL takes an enum for no text: it is equal to its labels alone.
CREATE TABLE tasks (
    id INT PRIMARY KEY, state ENUM('open', 'done') COLLATE utf8mb4_nopad_bin,
    shown VARCHAR(20) COLLATE utf8mb4_nopad_bin AS (coalesce(state, 'none')) VIRTUAL,
    changed DATETIME ON UPDATE CURRENT_TIMESTAMP, seen DATETIME ON UPDATE CURRENT_TIMESTAMP,
    CONSTRAINT known CHECK (state IN ('open', 'done')), CONSTRAINT never CHECK (state <> 'nothing')
);
INSERT INTO tasks (id, state) VALUES (1, 'open'), (2, 'done'), (3, NULL);
