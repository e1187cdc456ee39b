//! SQL by which rows are brought together with those that the target has: into a temporary table, ids mapped there, compared
//! with what is there, and the rest added. A survey asks the same questions that a run acts on.

use super::mapping::merging::integer_limit;
use super::{ColumnMapping, TableMapping};
use crate::catalog::{ColumnType, EqualityOperator};
use crate::name::{Schemas, quote_identifier, quote_literal};
use crate::spec::MergeSide;

/// The temporary table that holds the source's rows.
pub const STAGED: &str = "pg_temp.transship_rows";

/// The ledger's mapping of ids.
pub const MERGED_IDS: &str = "transship.merged_ids";

/// The ledger's rows that are there with other values.
const MERGED_ROWS: &str = "transship.merged_rows";

/// The SQL for one table.
#[derive(Debug, Clone)]
pub struct MergeSql<'a> {
    mapping: &'a TableMapping,
    /// The table with its schema, quoted.
    pub table: String,
    migration: String,
    /// The relation with the mapping of ids.
    ids: &'static str,
}

impl<'a> MergeSql<'a> {
    /// The SQL for a table by the mapping of its copied columns; `ids` is the relation that maps ids.
    #[must_use]
    pub fn of(mapping: &'a TableMapping, schemas: &Schemas, migration: &str, ids: &'static str) -> Self {
        Self { mapping, table: schemas.qualified(&mapping.target), migration: quote_literal(migration), ids }
    }

    /// Makes the temporary table for the columns of the mapping.
    #[must_use]
    pub fn create(&self) -> String {
        let one = |column: &ColumnMapping| {
            let name = quote_identifier(&column.target);
            // A value that PostgreSQL itself reads comes as a document: it decides whether its row is rejected, and is not compared.
            if column.is_judged() { format!("NULL::pg_catalog.json AS {name}") } else { name.into_owned() }
        };
        format!(
            "CREATE TEMPORARY TABLE transship_rows ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA",
            self.mapping.columns.iter().map(one).collect::<Vec<_>>().join(", "),
            self.table
        )
    }

    /// The COPY into it.
    #[must_use]
    pub fn copy(&self) -> String {
        format!("COPY {STAGED} ({}) FROM STDIN (FORMAT binary)", self.columns(""))
    }

    /// Puts the target's ids in the place of the source's, in columns that reference other tables.
    #[must_use]
    pub fn translate_references(&self) -> Vec<String> {
        let others = self.mapping.mapped_references.iter().filter(|reference| reference.table != self.mapping.source);
        others.map(|reference| self.follow(&reference.table, &reference.columns)).collect()
    }

    /// Puts the target's ids in the place of the source's, in the table's own key and in columns that reference it.
    #[must_use]
    pub fn translate_own(&self) -> Vec<String> {
        let Some(merging) = self.mapping.merges.as_ref().filter(|merging| !merging.identity.is_empty()) else {
            return Vec::new();
        };
        let own = self.mapping.mapped_references.iter().filter(|reference| reference.table == self.mapping.source);
        let own = own.map(|reference| &reference.columns).chain([&merging.identity]);
        own.map(|columns| self.follow(&self.mapping.source, columns)).collect()
    }

    fn follow(&self, table: &str, columns: &[String]) -> String {
        let set = columns.iter().enumerate().map(|(at, column)| {
            format!("{} = (ids.target_key[{}])::{}", quote_identifier(column), at + 1, self.type_of(column))
        });
        format!(
            "UPDATE {STAGED} AS row_ SET {} FROM {} AS ids WHERE {} AND ids.source_key = {}",
            set.collect::<Vec<_>>().join(", "),
            self.ids,
            self.ids_of(table),
            texts("row_", columns)
        )
    }

    /// The condition for the mapped ids of a table of the source.
    fn ids_of(&self, table: &str) -> String {
        format!("ids.migration = {} AND ids.table_name = {}", self.migration, quote_literal(table))
    }

    /// Maps the ids of the rows in the temporary table, whose references are translated: the target's id for a row that is
    /// there by its natural key, and a new one for a row whose own id another row has.
    #[must_use]
    pub fn settle(&self) -> Vec<String> {
        let Some(merging) = self.mapping.merges.as_ref().filter(|merging| !merging.identity.is_empty()) else {
            return Vec::new();
        };
        let (table, source) = (&self.table, quote_literal(&self.mapping.source));
        let (by_key, by_id) = (self.equal(&merging.key), self.equal(&merging.identity));
        let into = format!(
            "INSERT INTO {} (migration, table_name, source_key, target_key, is_new) SELECT {}, {source}, {}",
            self.ids,
            self.migration,
            texts("row_", &merging.identity)
        );
        let mut statements = vec![format!(
            "{into}, {}, false FROM {STAGED} AS row_ JOIN {table} AS there ON {by_key} WHERE NOT ({by_id})",
            texts("there", &merging.identity)
        )];
        if let Some(last) = self.last_id() {
            let id = quote_identifier(&merging.identity[0]);
            statements.push(format!(
                "{into}, ARRAY[(last_id.number + row_number() OVER (ORDER BY row_.{id}))::text], true FROM {STAGED} AS row_ \
                 CROSS JOIN (SELECT {last}) AS last_id (number) WHERE {}",
                self.taken()
            ));
        }
        statements
    }

    /// The number behind which new ids begin, as an expression; `None` if no new ids can be given.
    fn last_id(&self) -> Option<String> {
        let merging = self.mapping.merges.as_ref()?;
        let (sequence, id) = (merging.sequence.as_ref()?, quote_identifier(merging.identity.first()?));
        let largest = |relation: &str| format!("(SELECT max({id})::bigint FROM {relation} AS there)");
        Some(format!("greatest({}, {}, (SELECT last_value FROM {sequence}))", largest(&self.table), largest(STAGED)))
    }

    /// The condition for rows that are not there, and whose id another row has.
    fn taken(&self) -> String {
        let Some(merging) = &self.mapping.merges else { return "false".to_owned() };
        let there =
            |columns: &[String]| format!("EXISTS (SELECT FROM {} AS there WHERE {})", self.table, self.equal(columns));
        format!("NOT {} AND {}", there(&merging.key), there(&merging.identity))
    }

    /// Counts rows that need a new id, and how many of them get none: there is no sequence, or no room in the type.
    #[must_use]
    pub fn count_taken(&self) -> String {
        let without = self.last_id().zip(self.id_limit()).map_or_else(
            || "count(*)".to_owned(),
            |(last, limit)| format!("greatest(0, least(count(*), ({last})::numeric + count(*) - {limit}))::bigint"),
        );
        format!("SELECT count(*), {without} FROM {STAGED} AS row_ WHERE {}", self.taken())
    }

    /// The largest number that an id can be.
    fn id_limit(&self) -> Option<i64> {
        let id = self.mapping.merges.as_ref()?.identity.first()?;
        integer_limit(&self.column(id)?.column_type)
    }

    /// Counts rows without a whole key, rows whose key an earlier row has, and keys of theirs that several rows of the target
    /// have.
    #[must_use]
    pub fn doubts_about_keys(&self) -> String {
        let key = self.mapping.merges.as_ref().map(|merging| merging.key.as_slice()).unwrap_or_default();
        let names = key.iter().map(|column| quote_identifier(column)).collect::<Vec<_>>();
        let (list, table) = (names.join(", "), &self.table);
        let null = names.iter().map(|name| format!("{name} IS NULL")).collect::<Vec<_>>().join(" OR ");
        let qualified = names.iter().map(|name| format!("there.{name}")).collect::<Vec<_>>().join(", ");
        format!(
            "SELECT (SELECT count(*) FROM {STAGED} WHERE {null}), \
             (SELECT coalesce(sum(number - 1), 0)::bigint FROM (SELECT count(*) AS number FROM {STAGED} WHERE NOT ({null}) \
             GROUP BY {list} HAVING count(*) > 1) AS several), \
             (SELECT count(*) FROM (SELECT FROM {table} AS there WHERE EXISTS (SELECT FROM {STAGED} AS row_ WHERE {}) \
             GROUP BY {qualified} HAVING count(*) > 1) AS several), \
             (SELECT count(*) FROM {table} AS there WHERE {null})",
            self.equal(key)
        )
    }

    /// The query's part from FROM on for rows that have an id and a natural key of two different rows: what was settled is not
    /// true of them. `None` if ids are not mapped.
    #[must_use]
    pub fn unsettled(&self) -> Option<String> {
        let merging = self.mapping.merges.as_ref().filter(|merging| !merging.identity.is_empty())?;
        let (by_key, by_id) = (self.equal(&merging.key), self.equal(&merging.identity));
        let one = |by: &str, other: &str| {
            let table = &self.table;
            format!("SELECT row_.* FROM {STAGED} AS row_ JOIN {table} AS there ON {by} WHERE ({other}) IS NOT TRUE")
        };
        Some(format!("FROM ({} UNION ALL {}) AS row_", one(&by_key, &by_id), one(&by_id, &by_key)))
    }

    /// The query's part from FROM on for rows that are there already.
    #[must_use]
    pub fn there(&self) -> String {
        format!("FROM {STAGED} AS row_ JOIN {} AS there ON {}", self.table, self.found())
    }

    /// The condition for a row of both sides to have the same values.
    #[must_use]
    pub fn same(&self) -> String {
        let columns = self.mapping.columns.iter().map(same).collect::<Vec<_>>();
        if columns.is_empty() { "true".to_owned() } else { columns.join(" AND ") }
    }

    /// The condition for a row of both sides to have the same values in these columns.
    #[must_use]
    pub fn same_in(&self, columns: &[String]) -> String {
        let columns = columns.iter().filter_map(|name| self.column(name)).map(same).collect::<Vec<_>>();
        if columns.is_empty() { "true".to_owned() } else { columns.join(" AND ") }
    }

    /// An array of the names of columns in which a row of both sides differs.
    #[must_use]
    pub fn differing(&self) -> String {
        let one = |column: &ColumnMapping| {
            format!("CASE WHEN NOT ({}) THEN {} END", same(column), quote_literal(&column.source))
        };
        format!("ARRAY[{}]::text[]", self.mapping.columns.iter().map(one).collect::<Vec<_>>().join(", "))
    }

    /// The condition for a row of both sides to have the same key, byte for byte: by the key's own operator all of them have.
    #[must_use]
    pub fn same_key(&self) -> String {
        self.same_in(self.mapping.merges.as_ref().map(|merging| merging.found_by()).unwrap_or_default())
    }

    /// The name of a row; the empty text if no column may name it.
    #[must_use]
    pub fn words(&self, shows_values: bool) -> String {
        let merging = self.mapping.merges.as_ref();
        let found_by = merging.map(|merging| merging.found_by()).unwrap_or_default();
        let named_by = match merging.is_some_and(|merging| merging.is_by_primary) {
            true => found_by.to_vec(),
            false => named_by(self.mapping, found_by, shows_values),
        };
        self.named(&named_by)
    }

    /// A row of the temporary table by these columns, with the ids of the source; the empty text if there are none.
    #[must_use]
    pub fn named(&self, columns: &[String]) -> String {
        let words = columns.iter().map(|column| {
            let name = self.column(column).map_or(column, |column| &column.source);
            format!("{} || coalesce({}, 'NULL')", quote_literal(&format!("{name}=")), self.of_source(column))
        });
        let words = words.collect::<Vec<_>>();
        if words.is_empty() { "''".to_owned() } else { format!("concat_ws(', ', {})", words.join(", ")) }
    }

    /// A column's value in the source, as text, where the temporary table has the target's ids in its place.
    fn of_source(&self, column: &String) -> String {
        let value = format!("row_.{}::text", quote_identifier(column));
        let own = self.mapping.merges.as_ref().map(|merging| (&self.mapping.source, &merging.identity));
        let references = self.mapping.mapped_references.iter().map(|reference| (&reference.table, &reference.columns));
        let ids = own.into_iter().chain(references).find_map(|(table, columns)| {
            let at = columns.iter().position(|name| name == column)?;
            Some(format!(
                "(SELECT ids.source_key[{}] FROM {} AS ids WHERE {} AND ids.target_key = {})",
                at + 1,
                self.ids,
                self.ids_of(table),
                texts("row_", columns)
            ))
        });
        ids.map_or(value.clone(), |ids| format!("coalesce({ids}, {value})"))
    }

    /// Writes into the ledger which rows of the chunk `$1` are there with other values: with the target's values where those of
    /// the source take their place.
    #[must_use]
    pub fn remember(&self) -> String {
        let Some(merging) = &self.mapping.merges else { return String::new() };
        let overwrites = merging.prefer == Some(MergeSide::Source);
        let all = self.mapping.columns.iter().map(|column| column.target.clone()).collect::<Vec<_>>();
        let old = if overwrites { object("there", &all) } else { "NULL".to_owned() };
        // The key as the row has it afterwards: by it the proof and a rollback find the row.
        let (side, keyed) = if overwrites { (MergeSide::Source, "row_") } else { (MergeSide::Target, "there") };
        format!(
            "INSERT INTO {MERGED_ROWS} (migration, table_name, chunk, key, prefers, old) \
             SELECT {}, {}, $1, {}, '{}', {old} {} WHERE NOT ({})",
            self.migration,
            quote_literal(&self.mapping.source),
            object(keyed, merging.found_by()),
            side.word(),
            self.there(),
            self.same()
        )
    }

    /// Deletes from the temporary table the rows that the target already holds and that are not written.
    #[must_use]
    pub fn leave_out(&self) -> String {
        let prefers = self.mapping.merges.as_ref().and_then(|merging| merging.prefer);
        let stays = if prefers == Some(MergeSide::Target) { "true".to_owned() } else { self.same() };
        format!("DELETE FROM {STAGED} AS own WHERE own.ctid IN (SELECT row_.ctid {} WHERE {stays})", self.there())
    }

    /// Gives rows that are there the values of the source; `None` if these are not preferred.
    #[must_use]
    pub fn overwrite(&self) -> Option<String> {
        let merging = self.mapping.merges.as_ref().filter(|merging| merging.prefer == Some(MergeSide::Source))?;
        // A key of another spelling is overwritten too; one that cannot differ stays, for an identity may not be written.
        let stays = |column: &&ColumnMapping| {
            let is_key = merging.found_by().contains(&column.target);
            merging.fixed.contains(&column.target) || is_key && column.column_type.is_equal_only_to_itself()
        };
        let set = self.mapping.columns.iter().filter(|column| !stays(column));
        let set = set.map(|column| quote_identifier(&column.target)).map(|name| format!("{name} = row_.{name}"));
        let set = set.collect::<Vec<_>>();
        (!set.is_empty()).then(|| {
            let (table, set, found, same) = (&self.table, set.join(", "), self.found(), self.same());
            format!("UPDATE {table} AS there SET {set} FROM {STAGED} AS row_ WHERE {found} AND NOT ({same})")
        })
    }

    /// Adds the rows that are not there.
    #[must_use]
    pub fn add(&self) -> String {
        let columns = self.columns("");
        let new = match &self.mapping.merges {
            Some(_) => format!(" WHERE NOT EXISTS (SELECT FROM {} AS there WHERE {})", self.table, self.found()),
            None => String::new(),
        };
        format!(
            "INSERT INTO {} ({columns}) OVERRIDING SYSTEM VALUE SELECT {} FROM {STAGED} AS row_{new}",
            self.table,
            self.columns("row_.")
        )
    }

    /// The statements of a chunk, for people: `$1` is its number.
    #[must_use]
    pub fn script(&self) -> String {
        let mut statements = vec![self.create(), self.copy()];
        statements.extend(self.translate_references());
        statements.extend(self.translate_own());
        if self.mapping.merges.as_ref().is_some_and(|merging| merging.prefer.is_some()) {
            statements.push(self.remember());
        }
        statements.extend(self.overwrite());
        statements.push(self.add());
        statements.iter().map(|statement| format!("{statement};")).collect::<Vec<_>>().join("\n")
    }

    /// The statements that settle ids, for people.
    #[must_use]
    pub fn settling_script(&self) -> String {
        let statements = [self.create(), self.copy()].into_iter().chain(self.translate_references());
        let statements = statements.chain(self.settle());
        statements.map(|statement| format!("{statement};")).collect::<Vec<_>>().join("\n")
    }

    /// The condition for a row of both sides to be the same row, once ids are mapped.
    fn found(&self) -> String {
        self.equal(self.mapping.merges.as_ref().map(|merging| merging.found_by()).unwrap_or_default())
    }

    /// The columns by which a row is found, with the operators that compare them.
    #[must_use]
    pub fn found_by(&self) -> Vec<(String, String)> {
        let found_by = self.mapping.merges.as_ref().map(|merging| merging.found_by()).unwrap_or_default();
        found_by
            .iter()
            .map(|column| (quote_identifier(column).into_owned(), self.operator(column).to_string()))
            .collect()
    }

    fn equal(&self, columns: &[String]) -> String {
        let one = |column: &String| {
            let name = quote_identifier(column);
            format!("row_.{name} {} there.{name}", self.operator(column))
        };
        let equal = columns.iter().map(one).collect::<Vec<_>>();
        if equal.is_empty() { "false".to_owned() } else { equal.join(" AND ") }
    }

    fn operator(&self, column: &str) -> EqualityOperator {
        let merging = self.mapping.merges.as_ref();
        merging.and_then(|merging| merging.equality.get(column)).cloned().unwrap_or_default()
    }

    fn column(&self, target: &str) -> Option<&ColumnMapping> {
        self.mapping.columns.iter().find(|column| column.target == target)
    }

    fn type_of(&self, target: &str) -> String {
        self.column(target).map_or_else(|| "text".to_owned(), ColumnMapping::type_words)
    }

    fn columns(&self, prefix: &str) -> String {
        let name = |column: &ColumnMapping| format!("{prefix}{}", quote_identifier(&column.target));
        self.mapping.columns.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}

/// An array of columns as texts.
fn texts(of: &str, columns: &[String]) -> String {
    let texts = columns.iter().map(|column| format!("{of}.{}::text", quote_identifier(column)));
    format!("ARRAY[{}]", texts.collect::<Vec<_>>().join(", "))
}

/// A JSON object of one side's values as texts, which lose nothing.
fn object(of: &str, columns: &[String]) -> String {
    let names = columns.iter().map(|column| quote_literal(column)).collect::<Vec<_>>().join(", ");
    format!("jsonb_object(ARRAY[{names}]::text[], {}::text[])", texts(of, columns))
}

/// The target's columns that name a row in findings and errors: those of its key in the source. Other columns `beside` it hold values of
/// rows, which are shown where the user permits that; a number or a UUID among them names a row that has no other name.
#[must_use]
pub fn named_by(mapping: &TableMapping, beside: &[String], shows_values: bool) -> Vec<String> {
    let identity = mapping.row_identity.declared_columns().and_then(|sources| mapping.target_columns(sources));
    let mut columns = identity.unwrap_or_default();
    let has_none = columns.is_empty();
    let is_plain = |name: &String| {
        let column = mapping.columns.iter().find(|column| column.target == *name);
        column.is_some_and(|column| column.column_type.is_number() || column.column_type == ColumnType::Uuid)
    };
    for name in beside {
        if !columns.contains(name) && (shows_values || has_none && is_plain(name)) {
            columns.push(name.clone());
        }
    }
    columns
}

/// The condition for a column of both sides to have the same value. Where a type has an equality that means the same value, it
/// decides; any other type is compared by its text, byte for byte, `1.0` and `1.00` among them: what is equal here is equal to
/// whoever reads it, and to the proof.
fn same(column: &ColumnMapping) -> String {
    let name = quote_identifier(&column.target);
    if column.column_type.is_equal_only_to_itself() {
        return format!("row_.{name} IS NOT DISTINCT FROM there.{name}");
    }
    format!(
        "row_.{name}::text COLLATE pg_catalog.\"C\" IS NOT DISTINCT FROM there.{name}::text COLLATE pg_catalog.\"C\""
    )
}
