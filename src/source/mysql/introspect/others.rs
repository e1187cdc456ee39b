//! Views, triggers, procedures, functions and events, each with a statement that makes it again. Who defined
//! it is left out: the same structure is the same plan on every server.

use super::{TableListing, Texts, said, word};
use crate::catalog::{OtherObject, OtherObjectKind};
use crate::dialect::mysql::{literal, quote, with_known_names, without_escapes};
use crate::source::mysql::client::ClientError;
use crate::source::mysql::database::Database;
use crate::source::mysql::snapshot::Reader;

impl Reader {
    pub(super) fn views(&self, listed: &TableListing<'_>) -> Result<Vec<OtherObject>, ClientError> {
        let known = |database: &str, name: &str| {
            let read = listed.databases.iter().find(|read| read.stored == database)?;
            Some(read.database.known(name))
        };
        let view = |row: &Texts| {
            let name = word(row, 0);
            let named = listed.columns.get(&name).map(|rows| rows.iter().map(|row| word(row, 1)).collect());
            let name = listed.database.known(&name);
            // The text is empty for a user without the right SHOW VIEW.
            let shown = |select| without_escapes(&self.view_text(&word(row, 0), select));
            let select = said(row, 1).map(|select| with_known_names(&shown(select), &known));
            let sql = select.map(|select| format!("CREATE VIEW {} AS {select}", quote(&name)));
            OtherObject { columns: named.unwrap_or_default(), ..other(OtherObjectKind::View, name, sql) }
        };
        Ok(self.texts(include_str!("../queries/views.sql"))?.iter().map(view).collect())
    }

    pub(super) fn triggers(&self, database: &Database) -> Result<Vec<OtherObject>, ClientError> {
        let trigger = |row: &Texts| {
            let name = database.known(&word(row, 0));
            let sql = format!(
                "CREATE TRIGGER {} {} {} ON {} FOR EACH ROW {}",
                quote(&name),
                word(row, 1),
                word(row, 2),
                quote(&database.known(&word(row, 3))),
                word(row, 4)
            );
            other(OtherObjectKind::Trigger, name, Some(sql))
        };
        Ok(self.texts(include_str!("../queries/triggers.sql"))?.iter().map(trigger).collect())
    }

    pub(super) fn routines(&self, database: &Database) -> Result<Vec<OtherObject>, ClientError> {
        let parameters = self.texts(include_str!("../queries/parameters.sql"))?;
        let routine = |row: &Texts| {
            let (name, kind) = (word(row, 0), word(row, 1));
            let of_routine = parameters.iter().filter(|given| word(given, 0) == name && word(given, 1) == kind);
            let is_function = kind == "FUNCTION";
            let parameter = |given: &Texts| {
                let mode = said(given, 2).filter(|_| !is_function).map(|mode| format!("{mode} ")).unwrap_or_default();
                format!("{mode}{} {}", quote(&word(given, 3)), word(given, 4))
            };
            let list = of_routine.map(parameter).collect::<Vec<_>>().join(", ");
            let returns = said(row, 2).map(|returned| format!(" RETURNS {returned}")).unwrap_or_default();
            // The body is hidden from a user who may not see it.
            let body = said(row, 3).unwrap_or_else(|| "…".to_owned());
            let sql = format!("CREATE {kind} {} ({list}){returns}\n{body}", quote(&name));
            let kind = if is_function { OtherObjectKind::Function } else { OtherObjectKind::Procedure };
            other(kind, database.known(&name), Some(sql))
        };
        Ok(self.texts(include_str!("../queries/routines.sql"))?.iter().map(routine).collect())
    }

    pub(super) fn events(&self, database: &Database) -> Result<Vec<OtherObject>, ClientError> {
        let event = |row: &Texts| {
            let name = word(row, 0);
            let schedule = match said(row, 1) {
                Some(at) => format!("AT {}", literal(&at)),
                None => format!("EVERY {} {}", word(row, 2), word(row, 3)),
            };
            let sql = format!("CREATE EVENT {} ON SCHEDULE {schedule} DO\n{}", quote(&name), word(row, 4));
            other(OtherObjectKind::Event, database.known(&name), Some(sql))
        };
        Ok(self.texts(include_str!("../queries/events.sql"))?.iter().map(event).collect())
    }
}

fn other(kind: OtherObjectKind, name: String, sql: Option<String>) -> OtherObject {
    OtherObject { kind, name, sql, columns: Vec::new(), refusal: None, virtual_table: None, sequence: None }
}
