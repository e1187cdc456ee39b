//! Dependencies of objects of the database: objects that are dropped with them, objects that prevent the drop, and the
//! foreign keys that reference tables.

use super::identity::{Identity, OBJECTS};
use super::{Row, Session, TargetError};

/// Objects to drop, and the dependent objects that need no report.
#[derive(Debug, Clone, Copy)]
pub struct DropSet<'a> {
    /// Objects to drop.
    pub objects: &'a [Identity],
    /// Dependent objects that are not reported.
    pub known: &'a [Identity],
    /// Transactions whose objects are not reported.
    pub transactions: &'a [String],
    /// Roles whose privileges are not reported.
    pub roles: &'a [String],
    /// Tables among the objects, by their numbers, and how many columns they had when they were made.
    pub tables: &'a [(u32, i16)],
}

/// A dependency on an object, which is given by its position among the objects to drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dependency {
    /// An object of others that is dropped with it: index, column, trigger, comment, privilege and the like; in words.
    Attached(usize, String),
    /// An object that prevents the drop; in words.
    Depending(usize, String),
    /// Number of objects that are dropped with this one, itself included.
    Weight(usize, usize),
}

/// Reads the dependencies on objects to drop.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_dependencies(session: &Session, going: DropSet<'_>) -> Result<Vec<Dependency>, TargetError> {
    let classes = |objects: &[Identity]| objects.iter().map(|object| object.class).collect::<Vec<_>>();
    let oids = |objects: &[Identity]| objects.iter().map(|object| object.oid).collect::<Vec<_>>();
    let (tables, columns): (Vec<u32>, Vec<i16>) = going.tables.iter().copied().unzip();
    let sql =
        format!("WITH RECURSIVE object AS MATERIALIZED ({OBJECTS}), {}", include_str!("queries/dependencies.sql"));
    let rows = session
        .query(
            &sql,
            &[
                &classes(going.objects),
                &oids(going.objects),
                &classes(going.known),
                &oids(going.known),
                &going.transactions,
                &going.roles,
                &tables,
                &columns,
            ],
            "looking at what others have attached",
        )
        .await?;
    Ok(rows.iter().filter_map(dependency).collect())
}

fn dependency(row: &Row) -> Option<Dependency> {
    let root = usize::try_from(row.get::<_, i32>(0)).ok()?.checked_sub(1)?;
    let words = || row.get::<_, Option<String>>(2).unwrap_or_default();
    Some(match row.get(1) {
        "attached" => Dependency::Attached(root, words()),
        "depends" => Dependency::Depending(root, words()),
        _ => {
            let weight = row.get::<_, Option<i64>>(3).unwrap_or_default();
            Dependency::Weight(root, usize::try_from(weight).unwrap_or(usize::MAX))
        }
    })
}

/// A foreign key, with names as SQL has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferencingKey {
    /// Its name.
    pub name: String,
    /// The table that it is on.
    pub from: String,
    /// The referenced table.
    pub to: String,
    /// The table that it is on, if it is one of those asked for.
    pub child: Option<String>,
    /// The referenced table, one of those asked for.
    pub parent: String,
    /// The condition that a row `child` and the row `parent` that it references fulfil.
    pub condition: String,
}

/// Foreign keys that reference some tables, whose names are quoted and qualified.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_referencing_keys(
    session: &Session,
    tables: &[&str],
    doing: &str,
) -> Result<Vec<ReferencingKey>, TargetError> {
    let rows = session.query(include_str!("queries/referencing_keys.sql"), &[&tables], doing).await?;
    let key = |row: &Row| ReferencingKey {
        name: row.get(0),
        from: row.get(1),
        to: row.get(2),
        child: row.get(3),
        parent: row.get(4),
        condition: row.get(5),
    };
    Ok(rows.iter().map(key).collect())
}

/// The table that each of these foreign keys references, all by oid.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_referenced_tables(session: &Session, keys: &[u32]) -> Result<Vec<(u32, u32)>, TargetError> {
    let sql = include_str!("queries/referenced_tables.sql");
    let rows = session.query(sql, &[&keys], "looking at foreign keys").await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Current oids of constraints, in this order; each is given by its table, quoted and qualified, and its name.
/// `None` for one that is not there.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_constraint_numbers(
    session: &Session,
    tables: &[String],
    names: &[&str],
) -> Result<Vec<Option<u32>>, TargetError> {
    let sql = include_str!("queries/constraint_numbers.sql");
    let rows = session.query(sql, &[&tables, &names], "looking at foreign keys").await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// A foreign key of another table, seen from the referenced one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyTo {
    /// The schema of the table that it is on.
    pub schema: String,
    /// The table that it is on.
    pub table: String,
    /// The referenced columns.
    pub referenced: Vec<String>,
    /// The condition that a row `child` and the row `there` that it references fulfil; `None` if the role does not see all rows.
    pub condition: Option<String>,
}

/// Foreign keys of other tables to one, whose name is quoted and qualified.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_keys_to(session: &Session, table: &str, doing: &str) -> Result<Vec<KeyTo>, TargetError> {
    let rows = session.query(include_str!("queries/keys_to.sql"), &[&table], doing).await?;
    let key =
        |row: &Row| KeyTo { schema: row.get(0), table: row.get(1), referenced: row.get(2), condition: row.get(3) };
    Ok(rows.iter().map(key).collect())
}
