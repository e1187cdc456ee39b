//! Identity of the objects that the steps have made: catalog and number (oid) of an object stay the same when it is
//! renamed or moved to another schema, and change when it is dropped and another object is made under its name.
//!
//! An oid is reused after four thousand million others at the earliest, and never while the object exists. A dump
//! does not keep oids: [`DatabaseIdentity`] tells a database from its copies.

use super::{Session, TargetError};
use crate::name::{QualifiedName, quote_identifier};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The query for all objects that a step can make: class, oid, relation, writer.
pub const OBJECTS: &str = include_str!("queries/objects.sql");

/// A statement that undoes a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UndoStatement {
    /// Text of the statement. If it is about an object: a format with `%s` for the object's place, `%I` for a
    /// constraint's name and `%R` for the grantee.
    pub text: String,
    /// The object that it is about; `None` if the statement is the user's, or about no object.
    pub object: Option<ObjectName>,
}

/// The name of an object that a step is about to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectName {
    /// `relation`, `constraint`, `trigger`, `function` (one without arguments), `schema`, `extension`, `collation`, `type` or
    /// `role`.
    pub kind: String,
    /// Schema and name; schema, table and name of a constraint or a trigger; the name alone of what has no schema.
    pub names: Vec<String>,
    /// The role that is granted something on it.
    pub grantee: Option<String>,
}

impl ObjectName {
    /// A table, a view or an index.
    #[must_use]
    pub fn relation(place: QualifiedName<'_>) -> Self {
        let names = vec![place.schema.to_owned(), place.name.to_owned()];
        Self { kind: "relation".to_owned(), names, grantee: None }
    }
}

/// An object of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// Oid of the catalog, which is the same in every database.
    pub class: u32,
    /// Oid of the object.
    pub oid: u32,
}

impl Identity {
    /// `pg_class`: tables, views, indexes, sequences.
    pub const RELATION: u32 = 1259;
    /// `pg_constraint`.
    pub const CONSTRAINT: u32 = 2606;
    /// `pg_proc`.
    pub const FUNCTION: u32 = 1255;
    /// `pg_trigger`.
    pub const TRIGGER: u32 = 2620;
    /// `pg_namespace`.
    pub const SCHEMA: u32 = 2615;
    /// `pg_extension`.
    pub const EXTENSION: u32 = 3079;
    /// `pg_collation`.
    pub const COLLATION: u32 = 3456;
    /// `pg_type`.
    pub const TYPE: u32 = 1247;
    /// `pg_authid`.
    pub const ROLE: u32 = 1260;

    /// The word for the catalog in [`ObjectName::kind`]; `None` if there is none.
    fn kind(self) -> Option<&'static str> {
        match self.class {
            Self::RELATION => Some("relation"),
            Self::CONSTRAINT => Some("constraint"),
            Self::SCHEMA => Some("schema"),
            Self::EXTENSION => Some("extension"),
            Self::COLLATION => Some("collation"),
            Self::TYPE => Some("type"),
            Self::FUNCTION => Some("function"),
            Self::TRIGGER => Some("trigger"),
            Self::ROLE => Some("role"),
            _ => None,
        }
    }
}

/// Object that a step has made, or that its undo is about, as the ledger records it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedObject {
    /// The object.
    #[serde(flatten)]
    pub identity: Identity,
    /// Type and name at the time of the step.
    #[serde(flatten)]
    pub named: ObjectAddress,
    /// Number of columns of a table at that time, dropped columns included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<i16>,
    /// Position of the step's statement about it, from zero; `None` if the user's SQL has made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<usize>,
    /// The statement as a pattern: `%s`, `%I` and `%R` stand for the names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Oid of the role that was granted a privilege on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grantee: Option<u32>,
}

/// Type and name of an object, in the form of `pg_identify_object_as_address()`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectAddress {
    /// `table`, `index`, `table constraint`, `function` and so on.
    pub r#type: String,
    /// The names, the outermost first.
    pub names: Vec<String>,
    /// Arguments that belong to its address, such as those of a function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<String>,
}

/// An object in its present state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentObject {
    /// Type and present name.
    pub named: ObjectAddress,
    /// The relation that it is or belongs to.
    pub relation: Option<u32>,
    /// The columns of a table.
    pub columns: Option<i16>,
}

/// Identity of a database: oids are valid in this one only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseIdentity {
    /// System identifier that initdb gave the cluster; `None` if the role may not read it.
    pub cluster: Option<String>,
    /// Oid of the database.
    pub database: u32,
}

impl DatabaseIdentity {
    /// Identity of the session's database.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn of(session: &Session) -> Result<Self, TargetError> {
        let row =
            session.client().query_one(include_str!("queries/place.sql"), &[]).await.map_err(|error| failed(&error))?;
        let cluster = if row.get(1) {
            let sql = "SELECT system_identifier::text FROM pg_control_system()";
            Some(session.client().query_one(sql, &[]).await.map_err(|error| failed(&error))?.get(0))
        } else {
            None
        };
        Ok(Self { cluster, database: row.get(0) })
    }
}

impl ObjectAddress {
    /// The name in words: `table app.users`, `table constraint users_pkey on app.users`.
    #[must_use]
    pub fn words(&self) -> String {
        let quoted = |names: &[String]| names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(".");
        let arguments =
            if self.arguments.is_empty() { String::new() } else { format!("({})", self.arguments.join(", ")) };
        match self.names.as_slice() {
            [place @ .., name] if self.is_on_a_table() => {
                let kind = self.r#type.trim_start_matches("table ");
                format!("{kind} {} on {}", quote_identifier(name), quoted(place))
            }
            names => format!("{} {}{arguments}", self.r#type, quoted(names)),
        }
    }

    /// Whether the last name is that of an object on a table.
    fn is_on_a_table(&self) -> bool {
        matches!(self.r#type.as_str(), "table constraint" | "trigger" | "rule" | "policy")
    }

    /// The name in SQL; for an object on a table, the table's name.
    #[must_use]
    pub fn place(&self) -> String {
        let names = match self.names.as_slice() {
            [place @ .., _] if self.is_on_a_table() => place,
            names => names,
        };
        names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(".")
    }

    /// The statement about the object under this name.
    #[must_use]
    pub fn statement(&self, format: &str, grantee: Option<&str>) -> String {
        let name = self.names.last().map(|name| quote_identifier(name)).unwrap_or_default();
        rendered(format, &self.place(), &name, &grantee.map(quote_identifier).unwrap_or_default())
    }
}

/// PostgreSQL's `format()` with `%s`, `%I`, `%R` and `%%`, where all names are quoted already.
fn rendered(format: &str, place: &str, name: &str, grantee: &str) -> String {
    let (mut text, mut rest) = (String::new(), format);
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let mut letters = after.chars();
        match letters.next() {
            Some('s') => text.push_str(place),
            Some('I') => text.push_str(name),
            Some('R') => text.push_str(grantee),
            Some(other) => text.push(other),
            None => {}
        }
        rest = letters.as_str();
    }
    text + rest
}

impl UndoStatement {
    /// The statement with the names at the time of the step.
    #[must_use]
    pub fn statement(&self) -> String {
        let Some(object) = &self.object else { return self.text.clone() };
        let r#type = if object.kind == "constraint" { "table constraint" } else { object.kind.as_str() };
        ObjectAddress { r#type: r#type.to_owned(), names: object.names.clone(), arguments: Vec::new() }
            .statement(&self.text, object.grantee.as_deref())
    }
}

/// An object that was found by its name.
struct ObjectUnderName {
    /// Position of the name in the list.
    place: usize,
    identity: Identity,
    /// Type, in the words of `pg_identify_object()`.
    r#type: String,
    columns: Option<i16>,
}

/// Objects under some names. The query uses indexes of the catalog, for every step runs it.
async fn by_name(session: &Session, objects: &[ObjectName]) -> Result<Vec<ObjectUnderName>, TargetError> {
    let name = |at: usize| objects.iter().map(|object| object.names.get(at).cloned()).collect::<Vec<_>>();
    let kinds = objects.iter().map(|object| object.kind.as_str()).collect::<Vec<_>>();
    let sql = include_str!("queries/object_by_name.sql");
    let (one, two, three) = (name(0), name(1), name(2));
    let rows = session.client().query(sql, &[&kinds, &one, &two, &three]).await.map_err(|error| failed(&error))?;
    let found = |row: &tokio_postgres::Row| ObjectUnderName {
        place: place(row),
        identity: Identity { class: row.get(1), oid: row.get(2) },
        r#type: row.get(3),
        columns: row.get(4),
    };
    Ok(rows.iter().map(found).collect())
}

/// Position from zero, out of WITH ORDINALITY.
fn place(row: &tokio_postgres::Row) -> usize {
    usize::try_from(row.get::<_, i32>(0)).unwrap_or_default().saturating_sub(1)
}

/// Present names and columns of objects; `None` for one that is gone.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_present(session: &Session, objects: &[Identity]) -> Result<Vec<Option<PresentObject>>, TargetError> {
    let mut found = vec![None; objects.len()];
    if objects.is_empty() {
        return Ok(found);
    }
    let classes = objects.iter().map(|object| object.class).collect::<Vec<_>>();
    let oids = objects.iter().map(|object| object.oid).collect::<Vec<_>>();
    let sql = format!("WITH object AS MATERIALIZED ({OBJECTS}) {}", include_str!("queries/objects_present.sql"));
    for row in session.client().query(&sql, &[&classes, &oids]).await.map_err(|error| failed(&error))? {
        let named = ObjectAddress { r#type: row.get(1), names: row.get(2), arguments: row.get(3) };
        if let Some(entry) = found.get_mut(place(&row)) {
            *entry = Some(PresentObject { named, relation: row.get(4), columns: row.get(5) });
        }
    }
    Ok(found)
}

/// Objects that a finished step has made, for the ledger: those of its statements, and for a step of the user's those
/// that are not in `before`.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_made(
    session: &Session,
    undo: &[UndoStatement],
    other: &[ObjectName],
    before: Option<&BTreeSet<Identity>>,
) -> Result<Vec<RecordedObject>, TargetError> {
    let about = undo.iter().enumerate().filter_map(|(at, undo)| Some((Some(at), undo.object.as_ref()?)));
    let about = about.chain(other.iter().map(|object| (None, object))).collect::<Vec<_>>();
    let mut made = Vec::new();
    if !about.is_empty() {
        let names = about.iter().map(|(_, object)| (*object).clone()).collect::<Vec<_>>();
        let grantee = grantee(session, &names).await?;
        for ObjectUnderName { place, identity, r#type, columns } in by_name(session, &names).await? {
            let Some((statement, object)) = about.get(place) else { continue };
            let format = statement.and_then(|at| undo.get(at)).map(|undo| undo.text.clone());
            let named = ObjectAddress { r#type, names: object.names.clone(), arguments: Vec::new() };
            made.push(RecordedObject { identity, named, columns, statement: *statement, format, grantee });
        }
    }
    if let Some(before) = before {
        let new = read_objects(session).await?.difference(before).copied().collect::<Vec<_>>();
        let present = read_present(session, &new).await?;
        made.extend(new.into_iter().zip(present).filter_map(|(identity, present)| {
            let PresentObject { named, columns, .. } = present?;
            Some(RecordedObject { identity, named, columns, statement: None, format: None, grantee: None })
        }));
    }
    Ok(made)
}

/// The role of a grant.
async fn grantee(session: &Session, objects: &[ObjectName]) -> Result<Option<u32>, TargetError> {
    let Some(role) = objects.iter().find_map(|object| object.grantee.clone()) else { return Ok(None) };
    let role = ObjectName { kind: "role".to_owned(), names: vec![role], grantee: None };
    Ok(by_name(session, &[role]).await?.first().map(|found| found.identity.oid))
}

/// All objects that exist now.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_objects(session: &Session) -> Result<BTreeSet<Identity>, TargetError> {
    let sql = format!("SELECT class, oid FROM ({OBJECTS}) AS object");
    let rows = session.client().query(&sql, &[]).await.map_err(|error| failed(&error))?;
    Ok(rows.iter().map(|row| Identity { class: row.get(0), oid: row.get(1) }).collect())
}

/// Names of roles by oid; roles that are gone are left out.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_roles(session: &Session, oids: &[u32]) -> Result<BTreeMap<u32, String>, TargetError> {
    if oids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql = "SELECT oid, rolname::text FROM pg_roles WHERE oid = ANY ($1)";
    let rows = session.client().query(sql, &[&oids]).await.map_err(|error| failed(&error))?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Another object under the recorded name; `None` if there is none. Runs in a transaction.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_impostor(session: &Session, made: &RecordedObject) -> Result<Option<Identity>, TargetError> {
    let found = if let Some(kind) = made.identity.kind() {
        let object = ObjectName { kind: kind.to_owned(), names: made.named.names.clone(), grantee: None };
        by_name(session, &[object]).await?.first().map(|found| found.identity)
    } else {
        // The function raises an error for a name without an object.
        let sql = "SELECT classid, objid FROM pg_get_object_address($1, $2, $3)";
        let ObjectAddress { r#type, names, arguments } = &made.named;
        let row = session.savepoint(session.client().query_opt(sql, &[r#type, names, arguments])).await?;
        row.ok().flatten().map(|row| Identity { class: row.get(0), oid: row.get(1) })
    };
    Ok(found.filter(|found| *found != made.identity))
}

fn failed(error: &tokio_postgres::Error) -> TargetError {
    TargetError::statement("looking at the objects of the database", error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_follows_the_object() {
        let constraint = ObjectName {
            kind: "constraint".to_owned(),
            names: ["my app", "users", "100% sure"].map(str::to_owned).to_vec(),
            grantee: None,
        };
        let undo = UndoStatement { text: "ALTER TABLE %s DROP CONSTRAINT %I".to_owned(), object: Some(constraint) };
        assert_eq!(undo.statement(), "ALTER TABLE \"my app\".users DROP CONSTRAINT \"100% sure\"");
        let named = ObjectAddress {
            r#type: "table".to_owned(),
            names: ["new", "b"].map(str::to_owned).to_vec(),
            arguments: Vec::new(),
        };
        let revoke = named.statement("REVOKE SELECT (\"a%%b\") ON TABLE %s FROM %R", Some("A"));
        assert_eq!(revoke, "REVOKE SELECT (\"a%b\") ON TABLE new.b FROM \"A\"");
        let plain = UndoStatement { text: "DROP VIEW \"%s\"".to_owned(), object: None };
        assert_eq!(plain.statement(), "DROP VIEW \"%s\"");
    }
}
