//! transship migrates a SQLite database into PostgreSQL: a **spec** in git says what goes where, a **plan** shows in code
//! review exactly what will happen, **apply** does it, **verify** proves that every value arrived.
//!
//! # The way of the data
//!
//! ```text
//! spec ──────────────┐
//!                    ├─> plan ─> execute ─> target
//! source ─> catalog ─┘            │  ^         │
//!    │                            v  │         v
//!    └──────────────────────────> rows ─────> verify ─> report
//! ```
//!
//! # The modules, from the ground up
//!
//! | module | holds | may use |
//! |---|---|---|
//! | [`name`] | identifiers, name styles, the only quoting code | – |
//! | [`value`] | neutral cells and their exact meaning: dates, decimals, text, JSON | – |
//! | [`catalog`] | a database's structure as plain data, the target's column types | name |
//! | [`dialect`] | what an engine's SQL is, by its text alone: one expression, one query | – |
//! | [`spec`] | the TOML file: document, problems with their places, the checked [`spec::Spec`] | name, dialect, plain type names |
//! | [`source`] | SQLite: one snapshot for all readers, structure, sizes, rows | spec's connection, catalog, name, value |
//! | [`target`] | PostgreSQL: sessions, ledger, the binary COPY format, the embedded server | spec's connection, catalog, name, value |
//! | [`plan`] | mapping, translation of types and SQL, templates, the DAG, the digest; no I/O | spec, dialect, catalog, name, value |
//! | [`execute`] | the survey of both sides, the run: jobs, workers, chunks, events | plan, source, target |
//! | [`verify`] | both sides compared value by value, the spec's checks | plan, source, target |
//! | [`report`] | the documents: text, JSON, markdown, HTML; evidence of a run | the data of the above |
//!
//! The binary's `cli` sits on top and is the only part that prints. `tests/architecture.rs` holds the `use` lines against
//! this table.
//!
//! # Where to find what
//!
//! - What a declared type becomes: [`plan::types`]; a default or a CHECK: [`plan::expression`]; the DDL itself: `templates/`.
//! - Why the spec's own SQL cannot change how many rows there are: [`dialect::sqlite`], and the source's reader, which counts.
//! - How a stored value becomes bytes: [`target::copy`] on top of [`value`].
//! - What becomes of a value that does not fit: [`execute::treatment`]; how a rejected row is kept: [`value::stored`].
//! - What a run remembers, and why it may be killed at any moment: [`target::ledger`].
//! - How two tables are compared in one pass and little memory: [`verify`].

pub mod catalog;
pub mod dialect;
pub mod execute;
pub mod name;
pub mod plan;
pub mod report;
pub mod source;
pub mod spec;
pub mod target;
pub mod value;
pub mod verify;
