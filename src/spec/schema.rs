//! The JSON Schema of a spec, for editors.
//!
//! It is written by hand, because its descriptions are read by people; `tests/documents/schema.rs` holds it against the
//! parser, key by key and word by word.

/// The schema as JSON, of draft 4, which Taplo and Even Better TOML read.
pub const SCHEMA: &str = include_str!("../../specs/spec.schema.json");
