//! How the values of some columns are spelled, looked up in the rows before the plan is made of them.

use crate::catalog::Selection;
use crate::plan::{TableMapping, mapping};
use crate::run::ExecuteError;
use crate::source::Reader;
use crate::survey::rows::{for_each, selection};
use crate::survey::side_by_side::side_by_side;
use crate::survey::surveyor::Surveyor;
use crate::value::{Cell, Spelling};
use std::collections::{BTreeMap, BTreeSet};

/// Spellings of one column that are told apart; more are one too many however many there are.
const MOST: usize = 64;

/// The spellings seen in a column. Most values are spelled like the one before.
#[derive(Debug, Default)]
pub(crate) struct Spellings {
    seen: Vec<Spelling>,
    last: usize,
    are_too_many: bool,
}

impl Spellings {
    /// Takes in a value.
    #[inline]
    pub(crate) fn add(&mut self, cell: Cell<'_>) {
        if self.seen.get(self.last).is_some_and(|last| last.is_of(cell)) {
            return;
        }
        if let Some(spelling) = Spelling::of(cell) {
            self.note(spelling);
        }
    }

    fn note(&mut self, spelling: Spelling) {
        let known = self.seen.iter().position(|seen| *seen == spelling);
        self.last = known.unwrap_or(self.seen.len());
        match known {
            None if self.seen.len() == MOST => self.are_too_many = true,
            None => self.seen.push(spelling),
            Some(_) => {}
        }
    }

    fn append(&mut self, other: Self) {
        self.are_too_many |= other.are_too_many;
        other.seen.into_iter().for_each(|spelling| self.note(spelling));
    }

    /// The spellings seen; other text alone where they are too many to tell.
    pub(crate) fn finish(self) -> BTreeSet<Spelling> {
        if self.are_too_many { [Spelling::Other].into() } else { self.seen.into_iter().collect() }
    }
}

/// The spellings by table and column.
pub(crate) type OfTables = BTreeMap<String, BTreeMap<String, BTreeSet<Spelling>>>;

/// Reads the columns of the mapped tables whose spelling matters, with all readers. How far the survey looks has no say in
/// it: what a plan carries over must not depend on that.
pub(crate) fn read_spellings(
    surveyor: &Surveyor<'_>,
    tables: &[TableMapping],
    readers: &mut [Reader],
) -> Result<OfTables, ExecuteError> {
    let (mut found, mut passes) = (OfTables::new(), Vec::new());
    for mapping in tables {
        let positions = mapping::spelled(surveyor.catalog, mapping);
        if !positions.is_empty() {
            passes.extend(mapping.parts().into_iter().map(|range| (mapping, positions.clone(), range)));
        }
    }
    let seen = side_by_side(readers, passes, |reader, (mapping, positions, range)| {
        let mut columns = positions.iter().map(|_| Spellings::default()).collect::<Vec<_>>();
        let selection = Selection { range, ..selection(mapping, &positions, None) };
        for_each(surveyor, reader, &selection, |row| {
            columns.iter_mut().enumerate().for_each(|(at, column)| column.add(row.cell(at)));
        })?;
        Ok((mapping, positions, columns))
    })?;
    let mut of_columns: BTreeMap<(&str, usize), (&str, Spellings)> = BTreeMap::new();
    for (mapping, positions, columns) in seen {
        for (position, column) in positions.into_iter().zip(columns) {
            let name = mapping.columns[position].source.as_str();
            let (_, spellings) = of_columns.entry((&mapping.source, position)).or_insert((name, Spellings::default()));
            spellings.append(column);
        }
    }
    for ((table, _), (column, spellings)) in of_columns {
        found.entry(table.to_owned()).or_default().insert(column.to_owned(), spellings.finish());
    }
    Ok(found)
}
