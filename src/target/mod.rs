//! The target: a PostgreSQL server, what it holds, and how rows and the ledger get into it.
//!
//! [`server`] finds or starts the server, [`session`] is one connection, `pooler` says whether it is one, [`structure`] reads
//! what is there, [`fingerprint`] makes the whole of it comparable, [`identity`] tells objects from others of the same name,
//! [`grants`] says what the role is not allowed, [`conditions`] what the server
//! sets, [`ledger`] remembers what was done, [`copy`] is the binary format of
//! COPY, [`mod@tuple`] says how large rows will be, [`embedded`] the private server of `embedded:`.

pub mod conditions;
pub mod copy;
pub mod embedded;
pub mod error;
pub mod existing;
pub mod fingerprint;
pub mod grants;
pub mod identity;
pub mod ledger;
pub mod pglz;
mod pooler;
pub mod server;
pub mod session;
mod sqlstate;
pub mod structure;
mod tls;
pub mod tuple;
mod words;

pub use error::TargetError;
pub use ledger::Ledger;
pub use server::Server;
pub use session::Session;
pub use words::{Private, instead_of_user_code};
