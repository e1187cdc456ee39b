//! transship migrates a SQLite, MySQL or MariaDB database into PostgreSQL: a **spec** in git says what goes where, a
//! **plan** shows in code review exactly what will happen, **apply** does it, **verify** proves that every value arrived.
//!
//! # The way of the data
//!
//! ```text
//! spec ──────────────┐                                      ┌─> rollback
//!                    ├─> survey ─> plan ─> apply ─> ledger ─┤
//! source ─> catalog ─┘                       │              └─> verify ─> report
//!    └──────────────────> rows ──────────────┘
//! ```
//!
//! # The rooms, from the ground up
//!
//! A room may use what its row names, and nothing else; every room that it names stands above it, so there is no circle.
//! `tests/documents/architecture` reads this table and holds every `use` line against it.
//!
//! | room | holds | may use |
//! |---|---|---|
//! | [`name`] | identifiers, name styles, schemas and the tables in them, the quoting for PostgreSQL, ids of steps | – |
//! | [`value`] | neutral cells and their exact meaning: dates, decimals, text, JSON | – |
//! | [`catalog`] | a database's structure as plain data, declared types, the target's column types | name |
//! | [`connection`] | URLs of all spellings, TLS modes, secrets | name |
//! | [`dialect`] | what an engine's SQL means, by its text alone: expressions, queries, triggers, declared types | catalog, value, name |
//! | [`spec`] | the TOML file: document, problems with their places, the checked [`spec::Spec`] | connection, dialect, name, catalog::Engine, catalog::MergeSide, catalog::SnapshotMethod, catalog::WriteHold, catalog::ColumnType, catalog::DeclaredType, value::Reading, value::Forgetting, value::Dropping, value::FractionTreatment, value::RepeatedTime, value::ZeroDates |
//! | [`source`] | one snapshot for all readers, structure, sizes, rows as borrowed cells | connection, catalog, dialect, value, name |
//! | [`target`] | PostgreSQL: sessions, ledger, the binary COPY format, the embedded server | connection, catalog, value, name |
//! | [`template`] | templates in sets, files of the user's that replace some, places in templates | name |
//! | [`plan`] | mapping, the steps as data and their order, the digest; no I/O | spec, catalog, dialect, template, value, name |
//! | [`run`] | carrying work out: stop, events, errors, retry, failpoints, rights of a step | plan, source, target, spec, catalog, name |
//! | [`rows`] | rows from reading to encoding, treatment of bad values, rejected rows | run, plan, source, target, spec, catalog, value, name |
//! | [`survey`] | facts of both sides, findings, the plan made of them, PostgreSQL's judgement of it | rows, run, plan, source, target, spec, template, connection, catalog, dialect, value, name |
//! | [`proof`] | the proving side's own meaning of values, and rows by it; never the encoder | run, plan, source, target, spec, catalog, value, name |
//! | [`checks`] | the spec's questions to both sides | proof, run, plan, source, target, spec, catalog, value, name |
//! | [`apply`] | the run: jobs, workers, chunks, refresh | survey, checks, rows, run, plan, source, target, spec, catalog, value, name |
//! | [`rollback`] | a migration rolled back, object by object | run, plan, target, spec, catalog, value, name |
//! | [`verify`] | both sides compared value by value, views, structure, the spec's checks | survey, checks, proof, run, plan, source, target, spec, catalog, value, name |
//! | [`bench`] | the spec's questions to both sides: equal answers, then times, plans and missing indexes | survey, checks, proof, run, plan, source, target, spec, dialect, catalog, value, name |
//! | [`backup`] | copies of both sides: made, proved, restored, kept | run, source, target, spec, connection, catalog, name |
//! | [`back`] | the way back: the target's present rows in a new file or database, as the source would hold them | backup, verify, apply, survey, proof, run, plan, source, target, spec, connection, catalog, value, name |
//! | [`rehearse`] | the whole run on a private server that is thrown away, its times, and an estimate for the target from them | verify, apply, survey, run, plan, source, target, spec, connection, dialect, catalog, value, name |
//! | [`cutover`] | the last move: the source held and given back, the window measured | rehearse, run, source, spec, connection |
//! | [`kit`] | files rendered from the spec: containers, manifests, configuration, connection strings, a runbook; no I/O | template, spec, connection, value, name |
//! | [`report`] | the documents: text, JSON, markdown, HTML; evidence of a run | cutover, rehearse, bench, back, backup, verify, rollback, apply, rows, run, plan, spec::Decision, target::ledger, catalog, value, name |
//!
//! The binary's `cli` sits on top and is the only part that prints.
//!
//! [`bench`]: mod@bench
//!
//! # Where to find what
//!
//! - What a declared type, a default, a CHECK or a view becomes: [`dialect`]; the DDL itself: `templates/`, which
//!   [`template`] renders.
//! - Where a table lies, whose name may begin with a database: [`name::Schemas`] in the target; in the source, the quoting of its
//!   dialect.
//! - When two texts are equal in the source: [`catalog::Equality`]; what PostgreSQL makes of it:
//!   [`dialect::postgresql::equality`], and of a column's keys: [`plan::ColumnMapping::key_folding`]. By which key a row is found on both sides: [`plan::TableMapping::exact_key`].
//! - Which tables are a migration tool's: [`catalog::migration_tool`]; what follows for a plan: [`plan::mapping`].
//! - Why the spec's own SQL cannot change how many rows there are: [`dialect`], and the source's reader, which counts.
//! - How a stored value becomes bytes: [`target::copy`] on top of [`value`].
//! - What becomes of a value that does not fit: [`rows::treatment`]; how a rejected row is kept: [`value::stored`].
//! - What a run remembers, and why it may be killed at any moment: [`target::ledger`].
//! - How two tables are compared in one pass and little memory: [`verify`].

#![cfg_attr(not(test), warn(clippy::too_many_lines))]

pub mod apply;
pub mod back;
pub mod backup;
pub mod bench;
pub mod catalog;
pub mod checks;
pub mod connection;
pub mod cutover;
pub mod dialect;
pub mod kit;
pub mod name;
pub mod plan;
pub mod proof;
pub mod rehearse;
pub mod report;
pub mod rollback;
pub mod rows;
pub mod run;
pub mod source;
pub mod spec;
pub mod survey;
pub mod target;
pub mod template;
pub mod value;
pub mod verify;
