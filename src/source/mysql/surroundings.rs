//! Servers beside the one that is read: the other nodes of its cluster, and the server that it is a replica of.

use super::client::{Client, TextRow};
use super::columns::{integer, text};
use super::snapshot::{NoLock, ServerMoment, failure};
use crate::connection::MysqlSource;
use crate::source::SourceError;

const DOING: &str = "looking for other writers";

/// Writers that a hold of this server does not reach. Where the user may not ask for them, that is said.
///
/// # Errors
/// The session is lost.
pub(super) fn other_writers(server: &MysqlSource) -> Result<Vec<String>, SourceError> {
    let mut moment = ServerMoment::now(server)?;
    let client = moment.client();
    let mut notes = Vec::new();
    let mut ask = |sql: &str| asked(server, client, sql);
    let nodes = ask("SHOW GLOBAL STATUS LIKE 'wsrep_cluster_size'")?.rows().first().and_then(|row| integer(row, 1));
    // Everybody may ask for this one; without a group nobody needs to ask for its members.
    let group = ask("SHOW GLOBAL VARIABLES LIKE 'group_replication_group_name'")?;
    let is_grouped = group.rows().first().and_then(|row| text(row, 1)).is_some_and(|name| !name.is_empty());
    let members = match is_grouped {
        true => ask("SELECT count(*) FROM performance_schema.replication_group_members WHERE member_state = 'ONLINE'")?,
        false => SurroundingsAnswer::Rows(Vec::new()),
    };
    let nodes = nodes.unwrap_or(0).max(members.rows().first().and_then(|row| integer(row, 0)).unwrap_or(0));
    if nodes > 1 {
        notes.push(format!(
            "The server is one of {nodes} of a cluster: writers of the others are not kept out; stop them."
        ));
    }
    if let SurroundingsAnswer::Refused(reason) = members {
        notes.push(format!(
            "How many servers its group has is not known ({reason}): writers of the others are not kept out; stop them, or grant \
             SELECT on performance_schema.replication_group_members."
        ));
    }
    match replication(server, client)? {
        SurroundingsAnswer::Rows(rows) if !rows.is_empty() => notes.push(
            "The server is a replica of another: what is written there arrives here after the lock, and not in the target; cut over \
             from the other, or stop the replication first."
                .to_owned(),
        ),
        SurroundingsAnswer::Refused(reason) => notes.push(format!(
            "Whether the server is a replica of another is not known ({reason}): what is written there would arrive here after the \
             lock, and not in the target; grant REPLICATION CLIENT (MySQL), REPLICA MONITOR (MariaDB)."
        )),
        SurroundingsAnswer::Rows(_) | SurroundingsAnswer::Unknown => {}
    }
    Ok(notes)
}

/// The servers that this one is a replica of: no rows if it is none.
fn replication(server: &MysqlSource, client: &mut Client) -> Result<SurroundingsAnswer, SourceError> {
    if !client.is_mariadb() {
        return match asked(server, client, "SHOW REPLICA STATUS")? {
            SurroundingsAnswer::Unknown => asked(server, client, "SHOW SLAVE STATUS"),
            told => Ok(told),
        };
    }
    // A connection with a name is not among those of SHOW SLAVE STATUS.
    match asked(server, client, "SHOW ALL SLAVES STATUS")? {
        // Everybody may ask whether one is at work.
        SurroundingsAnswer::Refused(reason) => match asked(server, client, "SHOW GLOBAL STATUS LIKE 'slaves_running'")?
        {
            SurroundingsAnswer::Rows(rows) => Ok(match rows.first().and_then(|row| integer(row, 1)) {
                Some(0) => SurroundingsAnswer::Rows(Vec::new()),
                Some(_) => SurroundingsAnswer::Rows(rows),
                None => SurroundingsAnswer::Refused(reason),
            }),
            SurroundingsAnswer::Unknown | SurroundingsAnswer::Refused(_) => Ok(SurroundingsAnswer::Refused(reason)),
        },
        told => Ok(told),
    }
}

/// Answer to a question about a server's surroundings.
enum SurroundingsAnswer {
    Rows(Vec<TextRow>),
    /// The server does not know the question: it has no such objects.
    Unknown,
    /// The user may not ask, for this reason.
    Refused(String),
}

impl SurroundingsAnswer {
    fn rows(&self) -> &[TextRow] {
        match self {
            Self::Rows(rows) => rows,
            Self::Unknown | Self::Refused(_) => &[],
        }
    }
}

fn asked(server: &MysqlSource, client: &mut Client, sql: &str) -> Result<SurroundingsAnswer, SourceError> {
    match client.query(sql) {
        Ok(rows) => Ok(SurroundingsAnswer::Rows(rows)),
        // A syntax, a table or a variable that this version does not have.
        Err(error) if matches!(error.code(), Some(1064 | 1109 | 1146 | 1193)) => Ok(SurroundingsAnswer::Unknown),
        Err(error) => match NoLock::from(error) {
            NoLock::Failed(error) => Err(failure(server, DOING, &error)),
            NoLock::Refused(reason) | NoLock::Timeout(reason) => Ok(SurroundingsAnswer::Refused(reason)),
        },
    }
}
