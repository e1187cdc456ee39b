//! Rules of the application's tables that removing rows would fire: no rollback removes what they write. A plan asks about
//! them too, but whoever disables them for the load may have enabled them since.

use crate::name::{QualifiedName, quote_identifier};
use crate::run::ExecuteError;
use crate::target::Session;
use crate::target::structure::read_rules;

/// Makes sure that no rule would fire: rows of these tables are deleted, and where it is said, updated before that.
///
/// # Errors
/// [`ExecuteError::RulesInTheWay`], or PostgreSQL's refusal.
pub(super) async fn expect_none<'a>(
    session: &Session,
    tables: impl IntoIterator<Item = (QualifiedName<'a>, bool)>,
) -> Result<(), ExecuteError> {
    let (mut found, mut statements) = (Vec::new(), Vec::new());
    for (table, is_updated) in tables {
        for (name, event) in read_rules(session, table).await? {
            if event == "DELETE" || is_updated && event == "UPDATE" {
                found.push(format!("{name} on {} (ON {event})", table.sql()));
                statements.push(format!("ALTER TABLE {} DISABLE RULE {};", table.sql(), quote_identifier(&name)));
            }
        }
    }
    if found.is_empty() { Ok(()) } else { Err(ExecuteError::RulesInTheWay { rules: found, statements }) }
}
