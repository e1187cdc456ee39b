-- Ids that the target has otherwise: of users by their addresses, of what they own by user and name, and of everything below.
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE, manager_id INTEGER REFERENCES users);
CREATE TABLE projects (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES users, name TEXT NOT NULL, UNIQUE (owner_id, name));
CREATE TABLE tasks (project_id INTEGER NOT NULL REFERENCES projects, number INTEGER NOT NULL, assignee_id INTEGER REFERENCES users, title TEXT, PRIMARY KEY (project_id, number));
CREATE TABLE notes (id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, number INTEGER NOT NULL, FOREIGN KEY (project_id, number) REFERENCES tasks);
INSERT INTO users VALUES (1, 'ada@example.org', 2), (2, 'grace@example.org', NULL), (3, 'new@example.org', 1), (4, 'other@example.org', 3);
INSERT INTO projects VALUES (1, 1, 'engine'), (2, 2, 'compiler'), (3, 3, 'engine');
INSERT INTO tasks VALUES (1, 1, 2, 'a'), (1, 2, NULL, 'b'), (2, 1, 1, 'c'), (3, 1, 4, 'd');
INSERT INTO notes VALUES (1, 1, 1), (2, 2, 1), (3, 3, 1);
