//! Keys that differ in the source and are equal in the target: a uuid in two spellings, `1.0` and `1.00` as numeric, one
//! instant in two zones, 1 and `'1'` in a column without a type.
//!
//! The source keeps its own keys unique, so only keys are looked at that the conversion could make equal. Their hashes are
//! collected and sorted, a part of them at a time where they are many.

use crate::catalog::{CollationRule, ColumnProfile, ColumnType, DeclaredType, Table, TableProfile, TargetTable};
use crate::dialect::postgresql::equality::{KeyFolding, collation_name};
use crate::name::quote_toml_key;
use crate::plan::{Cause, ColumnMapping, Finding, FindingCode, FindingSuggestion, Severity, TableMapping};
use crate::rows::encoder::{name_row_briefly, shortened};
use crate::run::ExecuteError;
use crate::source::{Reader, Row};
use crate::spec::Spec;
use crate::survey::keys::key_hash::{HashScratch, Hashed, KeyHasher};
use crate::survey::keys::{ConvertedKey, KeyPart, keys, keys_of_prefixes, keys_of_target};
use crate::survey::rows::{FoundRows, for_each, integer_key, keep_every_row, keep_only, leaving_out, selection};
use crate::survey::surveyor::{Depth, Surveyor};
use crate::survey::values::shortened::may_shorten;
use crate::value::Reading;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Groups of equal keys that are followed row by row.
const FOLLOWED: usize = 64;

/// The unique keys that a table will have. Nothing is made on a table of the application: the keys that count there are its
/// own.
pub(crate) fn unique_keys(
    spec: &Spec,
    existing: Option<&BTreeMap<String, TargetTable>>,
    mapping: &TableMapping,
    table: &Table,
) -> Vec<ConvertedKey> {
    let mut keys = match existing.map(|tables| tables.get(&mapping.target)) {
        Some(Some(target)) => keys_of_target(mapping, table, target),
        Some(None) => Vec::new(),
        None => [keys(mapping, table, spec), keys_of_prefixes(mapping, table, spec)].concat(),
    };
    keys.retain(|key| key.unique);
    keys
}

/// Whether the conversion may make equal what this key keeps apart.
pub(crate) fn may_be_shared(mapping: &TableMapping, key: &ConvertedKey, profile: &TableProfile) -> bool {
    merging_parts(mapping, key, profile).next().is_some()
}

/// The parts of a key whose values may become equal.
fn merging_parts(mapping: &TableMapping, key: &ConvertedKey, profile: &TableProfile) -> impl Iterator<Item = KeyPart> {
    let may_merge = |part: &&KeyPart| {
        !key.kept_by_source
            || is_collated(part)
            || has_empty_label(mapping, &mapping.columns[part.position])
            || !keeps_apart(&mapping.columns[part.position], &profile.columns[part.position])
    };
    key.parts.iter().filter(may_merge).copied()
}

/// Whether the empty text is one of the texts that the column lists: of values that are none of them it is the text as well, and
/// the source keeps the two apart by their numbers.
fn has_empty_label(mapping: &TableMapping, column: &ColumnMapping) -> bool {
    let listed = mapping.dialect().labels(&DeclaredType::parse(&column.declared_type));
    listed.one.into_iter().chain(listed.several).flatten().any(|label| label.is_empty())
}

/// Whether the key compares by a collation of PostgreSQL's, which is close to the source's and not the same: that takes ß
/// for s, this for ss.
fn is_collated(part: &KeyPart) -> bool {
    matches!(part.folding, Some(KeyFolding::Collated(CollationRule { letters: Some(_), .. })))
}

/// The finding about rows that share a unique key after their conversion.
pub(crate) fn find_duplicates(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    key: &ConvertedKey,
    profile: &TableProfile,
) -> Result<Option<Finding>, ExecuteError> {
    let merging = merging_parts(mapping, key, profile).collect::<Vec<_>>();
    let Some(hasher) = KeyHasher::new(mapping, &key.parts, surveyor.zone) else { return Ok(None) };
    let hasher = hasher.with_nulls_equal(key.nulls_equal);
    let read = ReadKey { surveyor, reader, mapping, key };
    let duplicates = read.count(&hasher, profile.rows)?;
    if duplicates.rows == 0 {
        return Ok(not_known(mapping, key));
    }
    let found = read.name(&hasher, &duplicates)?;
    let suggestion = read.remedy(&merging, &found, profile)?;
    Ok(Some(finding(mapping, key, &merging, found).suggesting(suggestion)))
}

/// The doubt about a key that PostgreSQL makes of values which it reads itself. Keys of the application's tables are tried there.
pub(crate) fn not_known(mapping: &TableMapping, key: &ConvertedKey) -> Option<Finding> {
    let mut columns = key.parts.iter().map(|part| &mapping.columns[part.position]);
    let judged = columns.find(|column| column.is_judged()).filter(|_| key.left_by.is_some())?;
    let message = format!(
        "whether rows share {} once PostgreSQL has read their values is not known: {} becomes {}",
        key.name,
        judged.source,
        judged.type_words()
    );
    Some(Finding::about(FindingCode::NotInspected, Severity::Warns, &mapping.source, message))
}

/// Whether values that differ in the source always differ in the target. The source takes 1 and 1.0 for equal, so numbers
/// of both classes are one kind; a number and a text are never equal there.
pub(crate) fn keeps_apart(column: &ColumnMapping, profile: &ColumnProfile) -> bool {
    let stored = profile.stored;
    // Values that the source keeps apart say nothing of what is computed from them, nor of what is left without some digits.
    if column.source_sql.is_some() || may_shorten(column) {
        return false;
    }
    if stored.kinds() != 1 {
        return stored.kinds() == 0;
    }
    match &column.column_type {
        // Ignores case, also that of letters beyond ASCII; ignores how a document is laid out.
        ColumnType::Citext | ColumnType::Jsonb | ColumnType::Json => false,
        // Text that was encoded twice becomes one that was encoded once.
        ColumnType::Text | ColumnType::Varchar(_) => column.reading != Reading::MixedUtf8,
        ColumnType::Bytea => stored.text == 0 || column.reading == Reading::Utf8,
        ColumnType::Uuid => stored.text == 0,
        // Numbers are converted exactly, but for days, which are rounded to milliseconds.
        _ => stored.text == 0 && stored.blob == 0 && !matches!(column.reading, Reading::Julian | Reading::Excel),
    }
}

/// Rows whose key an earlier row has.
#[derive(Default)]
struct Duplicates {
    rows: u64,
    /// Values that do not fit their type.
    bad: u64,
    /// The hashes of some keys that more than one row has.
    hashes: Vec<u128>,
}

/// A row that has a key.
struct NamedRow {
    integer: Option<i64>,
    name: String,
}

/// A unique key of a table whose rows are read.
struct ReadKey<'a> {
    surveyor: &'a Surveyor<'a>,
    reader: &'a Reader,
    mapping: &'a TableMapping,
    key: &'a ConvertedKey,
}

impl ReadKey<'_> {
    /// Reads the keys of a table, all of them once for each part that fits into memory.
    fn count(&self, hasher: &KeyHasher, rows: u64) -> Result<Duplicates, ExecuteError> {
        let Self { surveyor, reader, mapping, key } = *self;
        let selection = selection(mapping, &hasher.columns(), key.predicate.as_deref());
        let parts = u128::from(rows.div_ceil(surveyor.keys_in_memory as u64).max(1));
        let mut duplicates = Duplicates::default();
        let (mut hashes, mut scratch) = (Vec::new(), HashScratch::default());
        for part in 0..parts {
            hashes.clear();
            duplicates.bad = 0;
            for_each(surveyor, reader, &selection, |row| match hasher.hash(row, &mut scratch) {
                Hashed::Key(hash) if hash % parts == part => hashes.push(hash),
                Hashed::Bad => duplicates.bad += 1,
                Hashed::Key(_) | Hashed::Null => {}
            })?;
            hashes.sort_unstable();
            for group in hashes.chunk_by(|one, two| one == two).filter(|group| group.len() > 1) {
                duplicates.rows += group.len() as u64 - 1;
                if duplicates.hashes.len() < FOLLOWED {
                    duplicates.hashes.push(group[0]);
                }
            }
        }
        Ok(duplicates)
    }

    /// Names rows that share a key: each with the first row that has it.
    fn name(&self, hasher: &KeyHasher, duplicates: &Duplicates) -> Result<FoundRows, ExecuteError> {
        let Self { surveyor, reader, mapping, key } = *self;
        let mut first: HashMap<u128, Option<NamedRow>> = duplicates.hashes.iter().map(|hash| (*hash, None)).collect();
        let (mut found, mut scratch) = (FoundRows::default(), HashScratch::default());
        let described = |row: &Row<'_>| {
            let values = (surveyor.depth == Depth::ShowingValues).then(|| {
                let values = (0..key.parts.len()).map(|at| shortened(row.cell(at)));
                format!(": {}", values.collect::<Vec<_>>().join(", "))
            });
            name_row_briefly(mapping, row) + values.as_deref().unwrap_or_default()
        };
        let selection = selection(mapping, &hasher.columns(), key.predicate.as_deref());
        for_each(surveyor, reader, &selection, |row| {
            let Hashed::Key(hash) = hasher.hash(row, &mut scratch) else { return };
            let Some(first) = first.get_mut(&hash) else { return };
            let this = NamedRow { integer: integer_key(row), name: described(row) };
            // The source may read the rows in the order of an index; the first row is the one with the lowest number.
            match first.take() {
                None => *first = Some(this),
                Some(other) => {
                    let (lower, upper) = if this.integer < other.integer { (this, other) } else { (other, this) };
                    found.add_as(upper.integer, || format!("{} and {}", lower.name, upper.name));
                    *first = Some(lower);
                }
            }
        })?;
        found.count = duplicates.rows;
        Ok(found)
    }

    /// The lines that keep the rows apart, tried on every row: text keeps spellings, SQL literals keep storage classes as well; a
    /// key can stay behind. Of an application's own key, the later rows do.
    fn remedy(
        &self,
        merging: &[KeyPart],
        found: &FoundRows,
        profile: &TableProfile,
    ) -> Result<FindingSuggestion, ExecuteError> {
        let Self { surveyor, mapping, key, .. } = *self;
        let header = |part: &KeyPart| {
            let column = &mapping.columns[part.position];
            format!("[tables.{}.columns.{}]", quote_toml_key(&mapping.source), quote_toml_key(&column.source))
        };
        if surveyor.existing.is_none() && merging.iter().all(is_collated) {
            let lines = merging.iter().map(|part| format!("{}\ncomparison = \"bytes\"", header(part)));
            return Ok(format!("# compares by bytes\n{}", lines.collect::<Vec<_>>().join("\n")).into());
        }
        let text = (Reading::Stored, "type = \"text\"");
        let literal = (Reading::Literal, "type = \"text\"\nfrom = \"literal\"");
        let as_it_is = (Reading::Text, "from = \"text\"");
        let are_read = |reading| merging.iter().all(|part| mapping.columns[part.position].reading == reading);
        let ways = [text, as_it_is, literal].into_iter().filter(|(reading, _)| match reading {
            // A reading that the spec gives stays when the type is pasted alone.
            Reading::Stored => are_read(Reading::Stored),
            Reading::Text => are_read(Reading::MixedUtf8),
            _ => true,
        });
        for (reading, lines) in ways.filter(|_| surveyor.existing.is_none()) {
            let Some(hasher) = KeyHasher::with_text(mapping, &key.parts, (merging, reading), surveyor.zone) else {
                continue;
            };
            let tried = self.count(&hasher, profile.rows)?;
            if tried.rows == 0 && tried.bad == 0 {
                let lines = merging.iter().map(|part| format!("{}\n{lines}", header(part)));
                return Ok(lines.collect::<Vec<_>>().join("\n").into());
            }
        }
        let condition = leaving_out(mapping, found);
        let differ = "make the keys differ in the source";
        Ok(match (&key.left_by, condition) {
            (Some(line), Some(condition)) => keep_every_row(mapping, line, &condition),
            (Some(line), None) => {
                format!("# keeps every row; or {differ}\n[tables.{}]\n{line}", quote_toml_key(&mapping.source)).into()
            }
            (None, Some(condition)) => {
                // A key of the application's own table is not for the spec to decide: what keeps the rows is done outside of it.
                keep_only(mapping, &condition).map(|behind| {
                    format!(
                        "# keeps every row: {differ}, or let the application drop {} from its table\n# or{}",
                        key.name,
                        behind.replace('\n', "\n# ").trim_start_matches('#')
                    )
                })
            }
            (None, None) => format!("# or {differ}\n{}\nskip = true", header(&merging[0])).into(),
        })
    }
}

fn finding(mapping: &TableMapping, key: &ConvertedKey, merging: &[KeyPart], found: FoundRows) -> Finding {
    let shown = |part: &KeyPart| {
        let column = &mapping.columns[part.position];
        let collated = match part.folding {
            Some(KeyFolding::Collated(CollationRule { letters: Some(letters), .. })) => {
                format!(" by the collation {}", collation_name(letters))
            }
            _ => String::new(),
        };
        (&column.source, format!("{}{collated}", column.column_type))
    };
    let types = merging.iter().map(|part| shown(part).1).collect::<BTreeSet<_>>();
    let rows = if found.count == 1 { "1 row has".to_owned() } else { format!("{} rows have", found.count) };
    let (message, detail, words) = if key.kept_by_source {
        let columns = merging.iter().map(shown).map(|(column, shown)| format!("{column} as {shown}"));
        let detail = format!(" ({}): {} cannot be made", columns.collect::<Vec<_>>().join(", "), key.name);
        let words = "a key that another row has as well, once it is converted";
        let types = types.into_iter().collect::<Vec<_>>().join(" and ");
        (format!("{rows} {words}{detail}"), detail, format!("{words} to {types}"))
    } else {
        let columns = key.parts.iter().map(|part| mapping.columns[part.position].source.as_str());
        let columns = columns.collect::<Vec<_>>().join(", ");
        let detail = format!(" ({columns}): {} of {} refuses it", key.name, mapping.target);
        let message = format!(
            "{rows} a key ({columns}) that another row has as well: {} of {} refuses it",
            key.name, mapping.target
        );
        (message, detail, "a key that another row has as well, and the target's own key refuses".to_owned())
    };
    let cause = Cause { detail: Some(detail), ..Cause::new(["row has", "rows have"], words) };
    let finding = Finding::about(FindingCode::DuplicateKey, Severity::Blocks, &mapping.source, message).because(cause);
    let finding = Finding { count: found.count, examples: found.examples, ..finding };
    match key.parts.as_slice() {
        [part] => finding.in_column(&mapping.columns[part.position].source),
        _ => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Catalog, KeyRange};
    use crate::plan::{Inputs, Plan, RowFacts, TargetState, Templates};
    use crate::run::{Events, Stop};
    use crate::source::{Snapshot, fixture};
    use crate::spec;
    use crate::spec::Spec;
    use crate::survey::values::forgotten_class::find_forgotten_class;
    use crate::survey::values::misfits::MisfitSearch;
    use crate::value::Zone;
    use std::collections::BTreeMap;

    const SPEC: &str = "spec = 1\nname = \"t\"\n[source]\nurl = \"sqlite:t.db\"\n[target]\nurl = \"embedded:\"\n
        [tables.codes.columns.code]\ntype = \"text\"";

    /// A hundred codes, of which every tenth stands there as a number and as text.
    const SOURCE: &str = "CREATE TABLE codes (code, UNIQUE (code));
        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
        INSERT INTO codes SELECT i FROM n UNION ALL SELECT CAST(i AS TEXT) FROM n WHERE i % 10 = 0";

    fn source() -> (tempfile::TempDir, Spec, Snapshot, Catalog) {
        let directory = tempfile::tempdir().unwrap();
        fixture::write_database(&directory.path().join("t.db"), SOURCE);
        std::fs::write(directory.path().join("t.toml"), SPEC).unwrap();
        let spec = spec::load(&directory.path().join("t.toml"), None, &|_| None).unwrap();
        let snapshot = Snapshot::open(&spec.source.connection, 1, None, &|_| true).unwrap();
        let catalog = snapshot.reader().catalog().unwrap();
        (directory, spec, snapshot, catalog)
    }

    #[test]
    fn keys_that_do_not_fit_into_memory_are_counted_part_by_part() {
        let (_directory, spec, snapshot, catalog) = source();
        let (sizes, contents, state) = (BTreeMap::new(), RowFacts::default(), TargetState::default());
        let templates = Templates::new(&crate::name::Schemas::one("app"), Vec::new()).unwrap();
        let inputs = Inputs {
            spec: &spec,
            catalog: &catalog,
            sizes: &sizes,
            contents: &contents,
            chunk_size: crate::plan::ChunkSize::default(),
            templates: &templates,
            target: &state,
        };
        let plan = Plan::make(inputs).unwrap();
        let (mapping, reader) = (&plan.tables[0], snapshot.reader());
        let (events, _listener) = tokio::sync::mpsc::unbounded_channel();
        let (events, stop, zone) = (Events::new(events), Stop::default(), Zone::UTC);
        let search = MisfitSearch::of(mapping, &zone, None, false).unwrap();
        let seen = search.read(reader, &KeyRange::ALL, &stop, &events).unwrap();
        let surveyor = |keys_in_memory: usize| Surveyor {
            spec: &spec,
            catalog: &catalog,
            existing: None,
            zone: &zone,
            depth: Depth::AtValues,
            keys_in_memory,
            asker: None,
            stop: &stop,
            events: &events,
        };
        let profile = search.conclude(&surveyor(1000), reader, seen).unwrap().profile.unwrap();
        let found = |keys_in_memory: usize| {
            let [key] = unique_keys(&spec, None, mapping, &catalog.tables[0]).try_into().unwrap();
            assert!(may_be_shared(mapping, &key, &profile));
            find_duplicates(&surveyor(keys_in_memory), reader, mapping, &key, &profile).unwrap().unwrap()
        };
        let finding = found(1000);
        assert_eq!((finding.code, finding.count, finding.examples.len()), (FindingCode::DuplicateKey, 10, 5));
        assert_eq!(finding.examples[0], "rowid=10 and rowid=101");
        for keys_in_memory in [1, 7, 50] {
            assert_eq!(found(keys_in_memory).count, 10, "{keys_in_memory} at a time");
            let merging =
                find_forgotten_class(&surveyor(keys_in_memory), reader, mapping, 0, profile.stored(0)).unwrap();
            assert_eq!(merging.unwrap().count, 20, "{keys_in_memory} at a time");
        }
    }
}
