//! The target: a PostgreSQL server, what it holds, and how rows and the ledger get into it.
//!
//! [`server`] finds or starts the server, [`session`] is one connection, `pooler` says whether it is one, `transaction` begins
//! and ends transactions, `statement` and `cursor` ask, [`structure`] reads what is there, [`fingerprint`] makes the whole of it comparable, [`identity`] tells objects from others of the same name,
//! [`grants`] says what the role is not allowed, [`conditions`] what the server
//! sets, [`ledger`] remembers what was done, `input` has PostgreSQL judge values, `kept_whole` knows which it keeps, `each_text` asks about many, [`copy`] is the binary format of
//! COPY, [`mod@tuple`] says how large rows will be, [`embedded`] the private server of `embedded:`.

pub mod conditions;
mod configuration;
pub mod copy;
mod cursor;
pub mod dependencies;
pub mod draws;
mod dump;
mod each_text;
pub mod embedded;
pub mod error;
pub mod existing;
pub mod fingerprint;
pub mod grants;
pub mod identity;
mod judging;
mod kept_whole;
pub mod ledger;
mod made_of_texts;
mod outline;
pub mod pglz;
mod pooler;
mod probe;
mod question;
mod row_trial;
pub mod server;
pub mod session;
pub(crate) mod sqlstate;
mod statement;
pub mod structure;
mod throw_away;
mod tls;
mod transaction;
mod trial_demand;
pub mod tuple;
mod words;

pub use cursor::{QueryCursor, TextRow};
pub use dump::{Dump, Ownership};
pub use error::TargetError;
pub use judging::{InputAnswer, InputQuestion};
pub use ledger::Ledger;
pub use outline::Outline;
pub use probe::Probe;
pub use question::{ColumnOrigin, QuestionColumn, TargetQuery, WrittenValue};
pub use row_trial::{HowUnmet, MadeTable, RowTrial, TrialMerge, UnmetDemand};
pub use server::Server;
pub use session::{SearchPath, Session};
pub use statement::{
    CopyOut, Incoming, IncomingRows, Parameter, Parameters, RawValue, Row, ServerType, ServerTypeKind,
};
pub use throw_away::ThrowAway;
pub use transaction::TransactionScope;
pub use words::{Private, ServerError};

/// Part of the driver's log that holds NOTICEs, in which functions and triggers of the application say what they like.
pub const DRIVER_LOG: &str = "tokio_postgres::connection";
