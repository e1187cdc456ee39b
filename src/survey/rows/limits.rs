//! Values that fit their column and still not into PostgreSQL: keys longer than an index page takes, rows wider than a page,
//! documents and rows beyond what one allocation holds.

use crate::catalog::{Catalog, ColumnType, Folding, SelectedColumn, Selection, Table, TableProfile, TargetTable};
use crate::dialect::postgresql::equality::{KeyFolding, fold_key};
use crate::name::quote_toml_key;
use crate::plan::{Cause, Finding, FindingCode, Plan, Severity, TableMapping};
use crate::rows::encoder::{column_encoder, row_encoder};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::spec::{Spec, TablesMode};
use crate::survey::keys::{KeyPart, Term, Tree, keys_of_target, trees};
use crate::survey::rows::{
    FoundRows, RowCondition, for_each, keep_every_row, keep_only, leave_behind, leaving_out, matching, selection,
};
use crate::survey::surveyor::Surveyor;
use crate::target::copy::ColumnEncoder;
use crate::target::tuple::{LARGEST_INDEX_TUPLE, LARGEST_ROW, TupleField, index_tuple, least_row};
use crate::value::Cell;

/// A key whose values are shorter always fits: the rest is headers and alignment.
pub(crate) const SURE_KEY: u64 = 2_500;

/// With fewer columns every row fits, for no column needs more than 24 bytes of the page.
const SURE_COLUMNS: usize = 330;

/// The elements of one jsonb array or object have so many bytes at most (`JENTRY_OFFLENMASK`).
const LARGEST_JSONB: u64 = 0x0FFF_FFFF;

/// A row is formed in one piece of memory (`MaxAllocSize`); what is below leaves room for headers.
const LARGEST_TUPLE: u64 = 0x3FFF_FFFF - 65_536;

/// Limits that rows of a table may break, as far as the lengths of their values tell.
#[derive(Debug, Clone)]
pub(crate) struct LimitsInDoubt {
    /// B-trees of which an entry may be too long.
    pub(crate) trees: Vec<Tree>,
    /// A row may be wider than a page.
    pub(crate) is_wide: bool,
    /// The positions of columns of which a jsonb may be too large.
    pub(crate) documents: Vec<usize>,
    /// A row may be larger than one piece of memory.
    pub(crate) is_large: bool,
}

impl LimitsInDoubt {
    /// The limits of a table with this profile; `None` where all rows keep them. `target` is the application's table.
    pub(crate) fn of(
        spec: &Spec,
        target: Option<&TargetTable>,
        mapping: &TableMapping,
        table: &Table,
        profile: &TableProfile,
    ) -> Option<Self> {
        // Indexes of the source are not made on a table of the application, which has its own.
        let mut trees = match target {
            Some(target) => keys_of_target(mapping, table, target).into_iter().map(Tree::from).collect(),
            None => trees(mapping, table, spec),
        };
        trees.retain(|tree| tree.may_be_long(profile));
        let columns = mapping.columns.iter().enumerate();
        let documents = columns.filter(|(position, column)| {
            column.column_type == ColumnType::Jsonb && longest(profile, *position) > LARGEST_JSONB
        });
        let documents = documents.map(|(position, _)| position).collect::<Vec<_>>();
        let is_wide = mapping.columns.len() > SURE_COLUMNS;
        let longest_row = (0..mapping.columns.len()).map(|position| longest(profile, position)).sum::<u64>();
        let is_large = longest_row > LARGEST_TUPLE;
        let is_sure = trees.is_empty() && !is_wide && documents.is_empty() && !is_large;
        (!is_sure).then_some(Self { trees, is_wide, documents, is_large })
    }
}

/// A finding for every one of these limits that rows of the table break.
pub(crate) fn find_beyond_limits(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    limits: &LimitsInDoubt,
) -> Result<Vec<Finding>, ExecuteError> {
    let mut findings = Vec::new();
    for tree in &limits.trees {
        findings.extend(long_keys(surveyor, reader, mapping, tree)?);
    }
    if limits.is_wide {
        findings.extend(wide_rows(surveyor, reader, mapping)?);
    }
    for position in &limits.documents {
        let condition = format!("{} > {LARGEST_JSONB}", length(mapping, &[*position]));
        let found = matching(surveyor, reader, mapping, &condition)?;
        let column = &mapping.columns[*position];
        let (table, key) = (quote_toml_key(&mapping.source), quote_toml_key(&column.source));
        let message = format!("{} beyond what one jsonb holds (256 MiB)", documents(found.count));
        let words = "beyond what one jsonb holds (256 MiB)";
        let finding = Finding::about(FindingCode::ValueTooLarge, Severity::Blocks, &mapping.source, message)
            .in_column(&column.source)
            .because(Cause::new(["document is", "documents are"], words))
            .suggesting(format!("[tables.{table}.columns.{key}]\ntype = \"json\""));
        findings.push(Finding { count: found.count, examples: found.examples, ..finding });
    }
    if limits.is_large {
        let all = (0..mapping.columns.len()).collect::<Vec<_>>();
        let condition = format!("{} > {LARGEST_TUPLE}", length(mapping, &all));
        let found = matching(surveyor, reader, mapping, &condition)?;
        if found.count > 0 {
            let message = format!("{} larger than PostgreSQL takes in one piece (1 GiB)", rows(found.count));
            let staying = RowCondition::on_values(format!("{} <= {LARGEST_TUPLE}", length(mapping, &all)));
            findings.push(finding(mapping, FindingCode::RowTooLarge, message, found, Some(&staying)));
        }
    }
    Ok(findings)
}

/// The most bytes of a column's text or blob; numbers are short.
pub(crate) fn longest(profile: &TableProfile, position: usize) -> u64 {
    let column = &profile.columns[position];
    column.longest_bytes.max(column.longest_blob).unwrap_or(0)
}

/// The expression that is read for a column, in the source's SQL.
pub(crate) fn stored_value(mapping: &TableMapping, position: usize) -> String {
    mapping.dialect().value(&mapping.columns[position].selected())
}

/// The bytes of some columns together, in the source's SQL.
fn length(mapping: &TableMapping, positions: &[usize]) -> String {
    let values = positions.iter().map(|position| stored_value(mapping, *position)).collect::<Vec<_>>();
    mapping.dialect().byte_length(&values)
}

/// A value of an index's entry, as it is made from what is read.
enum EntryValue<'a> {
    Column(&'a ColumnType, ColumnEncoder, KeyPart),
    /// The source has computed the expression; what the key leaves out of its text.
    Computed(Option<Folding>),
}

impl<'a> EntryValue<'a> {
    /// `None` where no encoder can be made, which is a finding of its own.
    fn of(surveyor: &Surveyor<'_>, mapping: &'a TableMapping, term: &Term) -> Option<Self> {
        match *term {
            Term::Column(part) => {
                let column = &mapping.columns[part.position];
                Some(EntryValue::Column(&column.column_type, column_encoder(column, surveyor.zone).ok()?, part))
            }
            Term::Computed { folding, .. } => Some(EntryValue::Computed(folding)),
        }
    }

    /// Appends the value as the binary COPY format has it; whether it fits its type.
    fn append(&self, cell: Cell<'_>, bytes: &mut Vec<u8>) -> bool {
        let start = bytes.len();
        let (fits, folding) = match self {
            EntryValue::Column(_, encoder, part) => (encoder.encode(cell, bytes).is_ok(), part.folding),
            EntryValue::Computed(folding) => {
                let (length, value) = match cell {
                    Cell::Null => (-1, [].as_slice()),
                    // About what any number takes.
                    Cell::Integer(_) | Cell::Real(_) => (8, [0; 8].as_slice()),
                    Cell::Text(value) | Cell::Blob(value) => (i32::try_from(value.len()).unwrap_or(i32::MAX), value),
                };
                bytes.extend(length.to_be_bytes());
                bytes.extend_from_slice(value);
                (true, folding.map(KeyFolding::Plain))
            }
        };
        let before = bytes.len();
        folding.into_iter().for_each(|folding| fold_key(folding, bytes, start + 4));
        // A field stands behind its length; that of NULL is below zero and has nothing to leave out.
        if bytes.len() < before
            && let Ok(length) = i32::try_from(bytes.len() - start - 4)
        {
            bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        fits
    }

    fn field<'bytes>(&self, bytes: &'bytes [u8]) -> TupleField<'bytes> {
        TupleField::of(
            if let EntryValue::Column(column_type, ..) = self { column_type } else { &ColumnType::Text },
            bytes,
        )
    }
}

/// Keys that do not fit into a third of an index page even when PostgreSQL has compressed them.
fn long_keys(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
    tree: &Tree,
) -> Result<Option<Finding>, ExecuteError> {
    let made = tree.terms.iter().map(|term| EntryValue::of(surveyor, mapping, term)).collect::<Option<Vec<_>>>();
    let Some(made) = made else { return Ok(None) };
    let (mut found, mut largest, mut bytes, mut ends) = (FoundRows::default(), 0, Vec::new(), Vec::new());
    let read = |term: &Term| match term {
        Term::Column(part) => mapping.columns[part.position].selected(),
        Term::Computed { sql, .. } => SelectedColumn::Computed(sql.clone()),
    };
    let columns = tree.terms.iter().map(read).collect::<Vec<_>>();
    let dialect = mapping.dialect();
    let bytes_of_key = dialect.byte_length(&columns.iter().map(|column| dialect.value(column)).collect::<Vec<_>>());
    let condition = match &tree.predicate {
        Some(predicate) => format!("({predicate}\n) AND {bytes_of_key} > {SURE_KEY}"),
        None => format!("{bytes_of_key} > {SURE_KEY}"),
    };
    let selection = Selection { columns, ..selection(mapping, &[], Some(&condition)) };
    for_each(surveyor, reader, &selection, |row| {
        bytes.clear();
        ends.clear();
        for (at, made) in made.iter().enumerate() {
            // A value that does not fit its type is a finding of its own, and stands for nothing here.
            if !made.append(row.cell(at), &mut bytes) {
                return;
            }
            ends.push(bytes.len());
        }
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let fields = made.iter().zip(starts.zip(&ends)).map(|(made, (start, end))| made.field(&bytes[start..*end]));
        let size = index_tuple(fields);
        if size > LARGEST_INDEX_TUPLE {
            largest = largest.max(size);
            found.add(mapping, row);
        }
    })?;
    if found.count == 0 {
        return Ok(None);
    }
    let message = format!(
        "{} too long for {}: a B-tree takes {LARGEST_INDEX_TUPLE} bytes, the longest comes to {largest}, compressed",
        if found.count == 1 { "1 key is".to_owned() } else { format!("{} keys are", found.count) },
        tree.name
    );
    let staying = RowCondition::on_values(format!("{bytes_of_key} <= {SURE_KEY}"));
    let without_key = tree.left_by.as_ref().map(|line| {
        let condition = leaving_out(mapping, &found).unwrap_or_else(|| staying.clone());
        keep_every_row(mapping, line, &condition)
    });
    let finding = finding(mapping, FindingCode::KeyTooLong, message, found, Some(&staying));
    let words = format!("too long for their index: a B-tree takes {LARGEST_INDEX_TUPLE} bytes");
    let cause = Cause {
        detail: Some(format!(": {}, the longest comes to {largest}, compressed", tree.name)),
        ..Cause::new(["key is", "keys are"], words)
    };
    let suggestion = without_key.or_else(|| finding.suggestion.clone());
    let finding = Finding { suggestion, ..finding }.because(cause);
    Ok(Some(match tree.terms.as_slice() {
        [Term::Column(part)] => finding.in_column(&mapping.columns[part.position].source),
        _ => finding,
    }))
}

/// A warning for each index over an expression of which it is not known whether its keys are too long, for the values were
/// not looked at.
pub(crate) fn not_looked_at(plan: &Plan, catalog: &Catalog, spec: &Spec) -> Vec<Finding> {
    let mut findings = Vec::new();
    for mapping in plan.to_be_copied().filter(|mapping| mapping.size.rows > 0) {
        // The application's own keys are not those of the source, and are measured with the values alone.
        let table = catalog.table(&mapping.source).filter(|_| spec.target.tables != TablesMode::Existing);
        let Some(table) = table else { continue };
        for Tree { name, left_by, .. } in trees(mapping, table, spec).iter().filter(|tree| tree.is_computed()) {
            let message = format!(
                "the values were not read (--no-profile), so it is not known whether what {name} computes fits \
                 a B-tree, which takes {LARGEST_INDEX_TUPLE} bytes"
            );
            let (table, line) = (quote_toml_key(&mapping.source), left_by.as_deref().unwrap_or_default());
            let suggestion =
                format!("# plan without --no-profile to know, or leave it behind:\n[tables.{table}]\n{line}");
            let finding = Finding::about(FindingCode::NotInspected, Severity::Warns, &mapping.source, message);
            findings.push(finding.suggesting(suggestion));
        }
    }
    findings
}

/// Rows that do not fit onto a page even with every long value stored elsewhere.
fn wide_rows(
    surveyor: &Surveyor<'_>,
    reader: &Reader,
    mapping: &TableMapping,
) -> Result<Option<Finding>, ExecuteError> {
    let Ok(encoder) = row_encoder(mapping, surveyor.zone) else { return Ok(None) };
    let all = (0..mapping.columns.len()).collect::<Vec<_>>();
    let (mut found, mut largest, mut bytes) = (FoundRows::default(), 0, Vec::new());
    for_each(surveyor, reader, &selection(mapping, &all, None), |row| {
        bytes.clear();
        let mut fields = Vec::with_capacity(all.len());
        for (position, column) in encoder.columns().iter().enumerate() {
            let start = bytes.len();
            if column.encode(row.cell(position), &mut bytes).is_err() {
                return;
            }
            fields.push(TupleField::of(&mapping.columns[position].column_type, &bytes[start..]).inline_size());
        }
        let size = least_row(&fields);
        if size > LARGEST_ROW {
            largest = largest.max(size);
            found.add(mapping, row);
        }
    })?;
    if found.count == 0 {
        return Ok(None);
    }
    let message = format!(
        "{} wider than a page: PostgreSQL takes {LARGEST_ROW} bytes beside what it stores elsewhere, the widest needs \
         {largest}",
        rows(found.count)
    );
    let words = format!("wider than a page: PostgreSQL takes {LARGEST_ROW} bytes beside what it stores elsewhere");
    let cause =
        Cause { detail: Some(format!(", the widest needs {largest}")), ..Cause::new(["row is", "rows are"], words) };
    Ok(Some(finding(mapping, FindingCode::RowTooWide, message, found, None).because(cause)))
}

fn rows(count: u64) -> String {
    crate::value::counted(count, "row is", "rows are")
}

fn documents(count: u64) -> String {
    crate::value::counted(count, "document is", "documents are")
}

/// A blocking finding about rows; few are left behind one by one, many by the condition for those that stay.
fn finding(
    mapping: &TableMapping,
    code: FindingCode,
    message: String,
    found: FoundRows,
    staying: Option<&RowCondition>,
) -> Finding {
    let suggestion =
        leave_behind(mapping, &found).or_else(|| staying.map(|staying| keep_only(mapping, staying))).unwrap_or_else(
            || format!("# or skip columns of it\n[tables.{}]\nskip = true", quote_toml_key(&mapping.source)).into(),
        );
    let finding = Finding::about(code, Severity::Blocks, &mapping.source, message).suggesting(suggestion);
    Finding { count: found.count, examples: found.examples, ..finding }
}
