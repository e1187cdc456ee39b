//! What hangs on objects of the database: what goes along when they are dropped, what keeps them from it, and the foreign
//! keys that lead to tables.

use super::identity::{Identity, OBJECTS};
use super::{Row, Session, TargetError};

/// Objects that are to be dropped, and what is known of others.
#[derive(Debug, Clone, Copy)]
pub struct Going<'a> {
    /// The objects.
    pub objects: &'a [Identity],
    /// Other objects that nobody has to be told about.
    pub known: &'a [Identity],
    /// Transactions whose objects nobody has to be told about.
    pub transactions: &'a [String],
    /// Roles with privileges that nobody has to be told about.
    pub roles: &'a [String],
    /// Tables among the objects, by their numbers, and how many columns they had when they were made.
    pub tables: &'a [(u32, i16)],
}

/// Something that hangs on an object, which is given by its position among those that are to be dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dependency {
    /// It goes along and was made by others: an index, a column, a trigger, a comment, a privilege and the like; in words.
    Attached(usize, String),
    /// It keeps the object from being dropped; in words.
    Depending(usize, String),
    /// How many objects go with this one, itself counted in.
    Weight(usize, usize),
}

/// Looks for what hangs on objects that are to be dropped.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn dependencies(session: &Session, going: Going<'_>) -> Result<Vec<Dependency>, TargetError> {
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
    /// The table that it leads to.
    pub to: String,
    /// The one of the tables asked for that it is on.
    pub child: Option<String>,
    /// The one of the tables asked for that it leads to.
    pub parent: String,
    /// The condition that a row `child` and the row `parent` that it references fulfil.
    pub condition: String,
}

/// The foreign keys that lead to some tables, whose names are quoted and have their schema.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn referencing_keys(
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

/// The table that each of these foreign keys leads to, all by their numbers.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn referenced_tables(session: &Session, keys: &[u32]) -> Result<Vec<(u32, u32)>, TargetError> {
    let sql = include_str!("queries/referenced_tables.sql");
    let rows = session.query(sql, &[&keys], "looking at foreign keys").await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// The numbers of constraints as they stand now, in this order: each by its table, quoted with its schema, and its name.
/// `None` for one that is not there.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn constraint_numbers(
    session: &Session,
    tables: &[String],
    names: &[&str],
) -> Result<Vec<Option<u32>>, TargetError> {
    let sql = include_str!("queries/constraint_numbers.sql");
    let rows = session.query(sql, &[&tables, &names], "looking at foreign keys").await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
