//! The source databases, each built once for each scale.

mod chat;
mod tpch;

pub(crate) use chat::Chat;
pub(crate) use tpch::{DATABASE as TPCH, Tpch};

use std::path::Path;

/// A source and how large it is.
pub(crate) struct Source {
    /// Its name in file names.
    pub(crate) name: &'static str,
    pub(crate) engine: Engine,
    /// The tables, the referenced before the referencing.
    pub(crate) tables: &'static [&'static str],
    pub(crate) rows: i64,
    pub(crate) bytes: u64,
}

/// What holds it.
pub(crate) enum Engine {
    /// A file of SQLite.
    Sqlite(Chat),
    /// A database of a private MariaDB server.
    Mysql(Tpch),
}

impl Source {
    /// Builds the sources that are asked for, by the names of their engines.
    pub(crate) fn build(workshop: &Path, engine: &str, scale: f64) -> Source {
        match engine {
            "sqlite" => chat::build(workshop, scale),
            "mysql" => tpch::build(workshop, scale * 0.15),
            other => panic!("SOURCE is sqlite, mysql, or both with a comma between them; not {other}"),
        }
    }

    /// `source.url` of a spec.
    pub(crate) fn url(&self) -> String {
        match &self.engine {
            Engine::Sqlite(chat) => format!("sqlite:{}", chat.path.display()),
            // The socket, as for all who read the server here.
            Engine::Mysql(tpch) => {
                format!("mysql://root@localhost/{}?socket={}", tpch::DATABASE, tpch.server.socket().display())
            }
        }
    }

    /// The engine in words.
    pub(crate) fn engine_words(&self) -> String {
        match &self.engine {
            Engine::Sqlite(_) => "SQLite".to_owned(),
            Engine::Mysql(tpch) => format!("MariaDB {}", tpch.version),
        }
    }
}
