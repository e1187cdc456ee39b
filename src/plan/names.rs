//! Names in the target that must not collide.

use crate::name::{LONGEST_NAME, Schemas, shorten};
use std::collections::{BTreeMap, BTreeSet};

/// The names of one PostgreSQL namespace that are taken. Tables and indexes of a schema share one
/// (PostgreSQL documentation, catalog `pg_class`); the constraints of a table share another.
#[derive(Debug, Clone, Default)]
pub struct Namespace {
    taken: BTreeSet<String>,
    /// The smallest number that may still be free, by wished name: a thousand CHECKs of one table wish for the same name.
    numbers: BTreeMap<String, u64>,
}

impl Namespace {
    /// Takes a name that must stay as it is; false if it was taken before.
    pub fn take(&mut self, name: &str) -> bool {
        self.taken.insert(name.to_owned())
    }

    /// Whether a name is taken.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.taken.contains(name)
    }

    /// Takes the wished name; if it is taken, the name with a number appended.
    pub fn take_free(&mut self, wished: &str) -> String {
        let wished = shorten(wished);
        if self.take(&wished) {
            return wished;
        }
        let mut number = self.numbers.get(&wished).copied().unwrap_or(1);
        let name = loop {
            let candidate = shorten(&format!("{wished}_{number}"));
            number += 1;
            if self.take(&candidate) {
                break candidate;
            }
        };
        self.numbers.insert(wished, number);
        name
    }
}

/// The names of relations that are taken in each schema of the target. Names are those by which tables are known
/// ([`Schemas`]).
#[derive(Debug, Clone)]
pub struct RelationNames<'a> {
    schemas: &'a Schemas,
    taken: BTreeMap<&'a str, Namespace>,
}

impl<'a> RelationNames<'a> {
    /// No name of these schemas.
    #[must_use]
    pub fn new(schemas: &'a Schemas) -> Self {
        Self { schemas, taken: BTreeMap::new() }
    }

    /// Takes a name that must stay as it is; false if it was taken before.
    pub fn take(&mut self, name: &str) -> bool {
        let place = self.schemas.place(name);
        self.of(name).take(place.name)
    }

    /// Whether a name is taken.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        let place = self.schemas.place(name);
        self.taken.get(place.schema).is_some_and(|taken| taken.holds(place.name))
    }

    /// Takes the wished name; if it is taken in its schema, the name with a number appended.
    pub fn take_free(&mut self, wished: &str) -> String {
        let schemas = self.schemas;
        let taken = self.of(wished);
        schemas.within(wished, |wished| taken.take_free(wished))
    }

    fn of(&mut self, name: &str) -> &mut Namespace {
        self.taken.entry(self.schemas.schema_of(name)).or_default()
    }
}

/// The name that PostgreSQL gives to the sequence of an identity column: table, column and `seq`, of which the longer
/// of the first two is cut byte by byte until all fit. If that name is taken by an existing relation, the number of
/// tries is appended. Source: `makeObjectName()` and `ChooseRelationName()` in PostgreSQL's `commands/indexcmds.c`.
#[must_use]
pub fn sequence_name(table: &str, column: &str, tries: u64) -> String {
    let label = if tries == 0 { "_seq".to_owned() } else { format!("_seq{tries}") };
    let room = LONGEST_NAME - 1 - label.len();
    let (mut of_table, mut of_column) = (table.len(), column.len());
    while of_table + of_column > room {
        if of_table > of_column {
            of_table -= 1;
        } else {
            of_column -= 1;
        }
    }
    let (table, column) =
        (&table[..table.floor_char_boundary(of_table)], &column[..column.floor_char_boundary(of_column)]);
    format!("{table}_{column}{label}")
}

/// The name that PostgreSQL gives to the type of arrays of a table's or view's rows while it is free: an underscore and
/// the name, cut if it is too long. Source: `makeArrayTypeName()` in PostgreSQL's `catalog/pg_type.c`.
#[must_use]
pub fn array_type_name(relation: &str) -> String {
    format!("_{}", &relation[..relation.floor_char_boundary(LONGEST_NAME - 1)])
}

#[cfg(test)]
mod tests {
    #[test]
    fn sequences_are_named_as_postgresql_names_them() {
        let sequence_name = |table: &str, column: &str| super::super::names::sequence_name(table, column, 0);
        assert_eq!(sequence_name("t", "id"), "t_id_seq");
        assert_eq!(super::super::names::sequence_name("t", "id", 2), "t_id_seq2");
        let (table, column) = ("t".repeat(63), "c".repeat(40));
        // Seen in PostgreSQL 15.
        assert_eq!(sequence_name(&table, "id"), format!("{}_id_seq", "t".repeat(56)));
        assert_eq!(sequence_name(&table, &column), format!("{}_{}_seq", "t".repeat(29), "c".repeat(29)));
        assert_eq!(sequence_name(&"é".repeat(31), "id"), format!("{}_id_seq", "é".repeat(28)));
        assert_eq!(sequence_name(&format!("x{}", "é".repeat(31)), "id"), format!("x{}_id_seq", "é".repeat(27)));
    }
}
