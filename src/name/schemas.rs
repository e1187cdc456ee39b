//! Schemas of the target, and the one in which each table lies.
//!
//! A table has one name wherever it is named: in the spec, in steps, findings and the ledger. Where tables come from one
//! database, that is the table's own name, and all lie in one schema. Where they come from several, the database stands
//! before it, as in `crm.people`, and each database has its schema. So two tables of one name stay apart, and nothing but
//! what asks for a place has to know of the two parts.

use super::quote::quote_identifier;
use std::fmt;

/// Words before the schemas of several databases where a single text is kept. They are longer than the name of a schema
/// can be, so that no schema is taken for them.
const SEVERAL: &str = "The schemas of several databases, each after the name of its database: ";

/// The schemas of the target that the migrated tables lie in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schemas {
    /// At least one; one whose prefix is empty stands alone.
    all: Vec<Schema>,
}

/// One schema, with the tables of one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The database and a point, with which the names of its tables begin; empty where there is only one database.
    prefix: String,
    /// The schema's name.
    name: String,
}

/// A table's, or another object's, name in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QualifiedName<'a> {
    /// The schema.
    pub schema: &'a str,
    /// The name inside the schema.
    pub name: &'a str,
}

/// The database before the name of a table, as the names of tables of several databases have it: in double quotes if the
/// database's own name has a point or such a quote in it. What stands behind the first point outside of quotes is the
/// table's name, whatever is in it.
#[must_use]
pub fn database_prefix(database: &str) -> String {
    if database.contains(['.', '"']) {
        format!("\"{}\".", database.replace('"', "\"\""))
    } else {
        format!("{database}.")
    }
}

/// The database and the table of a name that begins with a database; `None` if it has no database.
#[must_use]
pub fn split_database(name: &str) -> Option<(String, &str)> {
    let Some(quoted) = name.strip_prefix('"') else {
        return name.split_once('.').map(|(database, table)| (database.to_owned(), table));
    };
    let (mut database, mut letters) = (String::new(), quoted.char_indices());
    while let Some((at, letter)) = letters.next() {
        let rest = &quoted[at + letter.len_utf8()..];
        match letter {
            '"' if rest.starts_with('"') => {
                database.push('"');
                letters.next();
            }
            '"' => return rest.strip_prefix('.').map(|table| (database, table)),
            letter => database.push(letter),
        }
    }
    None
}

impl Schemas {
    /// One schema for all tables.
    #[must_use]
    pub fn one(schema: &str) -> Self {
        Self { all: vec![Schema { prefix: String::new(), name: schema.to_owned() }] }
    }

    /// A schema for each of several databases, in pairs of database and schema; `None` if there are none.
    #[must_use]
    pub fn of_databases<'a>(databases: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let schema =
            |(database, schema): (&str, &str)| Schema { prefix: database_prefix(database), name: schema.to_owned() };
        let all = databases.into_iter().map(schema).collect::<Vec<_>>();
        (!all.is_empty()).then_some(Self { all })
    }

    /// The schemas, in the order of their databases.
    pub fn iter(&self) -> impl Iterator<Item = &Schema> {
        self.all.iter()
    }

    /// The first schema.
    #[must_use]
    pub fn first(&self) -> &str {
        self.all.first().map_or("public", Schema::name)
    }

    /// Whether each of several databases has its schema, so that names begin with a database.
    #[must_use]
    pub fn are_of_databases(&self) -> bool {
        self.all.first().is_some_and(|schema| !schema.prefix.is_empty())
    }

    /// Whether a name begins as those of a schema's tables do.
    #[must_use]
    pub fn knows(&self, name: &str) -> bool {
        self.all.iter().any(|schema| schema.own(name).is_some())
    }

    /// The schema of a table or another object of this name. A name of no known database counts for the first schema: only
    /// a ledger can have one, of a spec that had another database.
    #[must_use]
    pub fn place<'a>(&'a self, name: &'a str) -> QualifiedName<'a> {
        let of = |schema: &'a Schema| Some(QualifiedName { schema: &schema.name, name: schema.own(name)? });
        self.all.iter().find_map(of).unwrap_or(QualifiedName { schema: self.first(), name })
    }

    /// The name by which a relation of a schema is known; `None` for another schema.
    #[must_use]
    pub fn name_of(&self, schema: &str, relation: &str) -> Option<String> {
        self.all.iter().find(|known| known.name == schema).map(|known| known.known(relation))
    }

    /// The schema in which a table or another object of this name lies.
    #[must_use]
    pub fn schema_of(&self, name: &str) -> &str {
        self.all.iter().find(|schema| schema.own(name).is_some()).map_or(self.first(), Schema::name)
    }

    /// The name of something inside a schema, changed where it begins as the names of tables of a database do: it would be
    /// taken for one.
    #[must_use]
    pub fn unlike_tables(&self, name: String) -> String {
        if self.are_of_databases() && self.knows(&name) { name.replace('.', "_") } else { name }
    }

    /// The name in SQL: quoted, with the schema before it.
    #[must_use]
    pub fn qualified(&self, name: &str) -> String {
        self.place(name).sql()
    }

    /// The name for messages: with the schema before it, and not quoted.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        let QualifiedName { schema, name } = self.place(name);
        format!("{schema}.{name}")
    }

    /// The name inside its schema.
    #[must_use]
    pub fn bare<'a>(&'a self, name: &'a str) -> &'a str {
        self.place(name).name
    }

    /// The name of another object in the schema in which the object of this name lies.
    #[must_use]
    pub fn beside(&self, name: &str, other: &str) -> String {
        self.within(name, |_| other.to_owned())
    }

    /// The name with another one inside its schema.
    #[must_use]
    pub fn within(&self, name: &str, change: impl FnOnce(&str) -> String) -> String {
        let bare = self.bare(name);
        let prefix = &name[..name.len() - bare.len()];
        format!("{prefix}{}", change(bare))
    }

    /// The same databases in other schemas, by the beginning of the names of their tables.
    #[must_use]
    pub fn placed(&self, schema_of: &dyn Fn(&str) -> String) -> Self {
        let one = |schema: &Schema| Schema { name: schema_of(&schema.prefix), prefix: schema.prefix.clone() };
        Self { all: self.all.iter().map(one).collect() }
    }

    /// The same schemas under other names, for those for which there is one.
    #[must_use]
    pub fn renamed(&self, renamed: &dyn Fn(&str) -> Option<String>) -> Self {
        let one = |schema: &Schema| Schema {
            name: renamed(&schema.name).unwrap_or_else(|| schema.name.clone()),
            ..schema.clone()
        };
        Self { all: self.all.iter().map(one).collect() }
    }

    /// The schemas as PostgreSQL's search path has them.
    #[must_use]
    pub fn search_path(&self) -> String {
        self.all.iter().map(|schema| quote_identifier(&schema.name)).collect::<Vec<_>>().join(", ")
    }

    /// The schemas as one text, from which [`Schemas::parse`] makes them again: a single schema is its name.
    #[must_use]
    pub fn text(&self) -> String {
        if !self.are_of_databases() {
            return self.first().to_owned();
        }
        let pairs = self.all.iter().map(|schema| (schema.prefix.as_str(), schema.name.as_str())).collect::<Vec<_>>();
        // Texts in pairs have a form in JSON.
        format!("{SEVERAL}{}", serde_json::json!(pairs))
    }

    /// The schemas of [`Schemas::text`].
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let pairs =
            text.strip_prefix(SEVERAL).and_then(|pairs| serde_json::from_str::<Vec<(String, String)>>(pairs).ok());
        match pairs {
            Some(pairs) if !pairs.is_empty() => {
                Self { all: pairs.into_iter().map(|(prefix, name)| Schema { prefix, name }).collect() }
            }
            _ => Self::one(text),
        }
    }
}

impl fmt::Display for Schemas {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, schema) in self.all.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(formatter, "{comma}{}", schema.name)?;
        }
        Ok(())
    }
}

impl Schema {
    /// The schema's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The beginning of the names of its tables.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The name by which a relation of the schema is known.
    #[must_use]
    pub fn known(&self, relation: &str) -> String {
        format!("{}{relation}", self.prefix)
    }

    /// The name inside the schema of an object by its known name; `None` if it lies in another schema.
    #[must_use]
    pub fn own<'a>(&self, name: &'a str) -> Option<&'a str> {
        name.strip_prefix(&self.prefix)
    }
}

impl QualifiedName<'_> {
    /// The name in SQL: quoted, with the schema before it.
    #[must_use]
    pub fn sql(self) -> String {
        format!("{}.{}", quote_identifier(self.schema), quote_identifier(self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_schema_takes_every_name_as_it_is() {
        let schemas = Schemas::one("My app");
        assert_eq!(schemas.qualified("a.b"), "\"My app\".\"a.b\"");
        assert_eq!((schemas.shown("a.b").as_str(), schemas.bare("a.b")), ("My app.a.b", "a.b"));
        assert_eq!(schemas.beside("a.b", "c"), "c");
        assert_eq!(Schemas::parse(&schemas.text()), schemas);
    }

    #[test]
    fn tables_of_several_databases_lie_in_their_schemas() {
        let schemas =
            Schemas::of_databases([("shop", "shop"), ("crm", "Customers"), ("a.b", "x"), ("a", "y")]).unwrap();
        assert_eq!(schemas.qualified("crm.people"), "\"Customers\".people");
        assert_eq!(schemas.shown("shop.a.b"), "shop.a.b");
        // A point in a database's name and one in a table's are different.
        assert_eq!(schemas.place("\"a.b\".c"), QualifiedName { schema: "x", name: "c" });
        assert_eq!(schemas.place("a.b.c"), QualifiedName { schema: "y", name: "b.c" });
        assert_eq!(schemas.beside("crm.people", "people_status"), "crm.people_status");
        assert_eq!(schemas.name_of("Customers", "people").as_deref(), Some("crm.people"));
        assert_eq!(schemas.name_of("public", "people"), None);
        assert_eq!(schemas.search_path(), "shop, \"Customers\", x, y");
        assert!(schemas.text().len() > 63);
        assert_eq!(Schemas::parse(&schemas.text()), schemas);
    }

    #[test]
    fn a_database_and_a_table_are_told_apart() {
        for (database, table) in [("shop", "t"), ("a.b", "c.d"), ("a\"b", "\""), ("\"", "."), ("ä", "x")] {
            let name = format!("{}{table}", database_prefix(database));
            assert_eq!(split_database(&name), Some((database.to_owned(), table)), "{name}");
        }
        assert_eq!(split_database("shop"), None);
    }
}
