-- What SQLAlchemy 2.1 and Alembic 1.20 make in SQLite, and some rows (dump of it).
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO alembic_version VALUES('3f1c0a9d2b47');
CREATE TABLE users (
	id INTEGER NOT NULL, 
	username VARCHAR(80) NOT NULL, 
	email VARCHAR(120) NOT NULL, 
	role VARCHAR(6) DEFAULT 'member' NOT NULL, 
	active BOOLEAN DEFAULT 1 NOT NULL, 
	created_at DATETIME DEFAULT (CURRENT_TIMESTAMP) NOT NULL, 
	last_seen DATETIME, 
	settings JSON, 
	token CHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (username)
);
INSERT INTO users VALUES(1,'ada','ada@example.org','admin',1,'2024-05-01 10:00:00.123456','2024-05-02 08:30:00.000000','{"theme": "dark", "n": [1, 2]}','0123456789abcdef0123456789abcdef');
INSERT INTO users VALUES(2,'grace','grace@example.org','member',0,'2024-05-03 09:00:00.000000',NULL,'null',NULL);
CREATE TABLE projects (
	id INTEGER NOT NULL, 
	owner_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	budget NUMERIC(12, 2), 
	ratio FLOAT, 
	starts DATE, 
	opens TIME, 
	took DATETIME, 
	picture BLOB, 
	PRIMARY KEY (id), 
	CONSTRAINT ck_projects_budget CHECK (budget >= 0), 
	CONSTRAINT fk_projects_owner FOREIGN KEY(owner_id) REFERENCES users (id) ON DELETE CASCADE, 
	CONSTRAINT uq_projects_owner_name UNIQUE (owner_id, name)
);
INSERT INTO projects VALUES(1,1,'engine',12.5,0.10000000000000000555,'2024-01-02','09:30:00.000000','1970-01-01 01:00:00.000005',X'00ff');
INSERT INTO projects VALUES(2,2,'compilér',NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE project_members (
	project_id INTEGER NOT NULL, 
	user_id INTEGER NOT NULL, 
	since BIGINT, 
	PRIMARY KEY (project_id, user_id), 
	FOREIGN KEY(project_id) REFERENCES projects (id), 
	FOREIGN KEY(user_id) REFERENCES users (id)
);
INSERT INTO project_members VALUES(1,2,1714557600);
CREATE INDEX ix_users_email ON users (email);
