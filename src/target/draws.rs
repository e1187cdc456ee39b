//! Where a column's next number comes from: the one place that decides which sequence gives it, for a plan that sets the sequence
//! and for the proof that its next number is free.
//!
//! A sequence stands for a column if the column is an identity, if the default is `nextval` of that sequence and nothing else but
//! casts, or if the sequence belongs to a column whose default draws from nothing. Whatever else may draw is unclear: nothing of the
//! user's is executed to find out.

use super::{Row, Session, TargetError};
use crate::catalog::Sequence;
use crate::name::quote_identifier;

/// Origin of the numbers of a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnDraw {
    /// The table's name in its schema.
    pub table: String,
    /// The column.
    pub column: String,
    /// The sequence, or the reason for which it is not known.
    pub draw: Draw,
}

/// Origin of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Draw {
    /// A sequence, whose next number is the column's.
    From(DrawnSequence),
    /// A default that may draw from a sequence in a way that is not understood.
    Unclear(UnclearDraw),
}

/// A default that may draw from a sequence in a way that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnclearDraw {
    /// The default, of the column or its domain.
    pub default: String,
    /// The part of it that is not understood.
    pub cause: UnclearCause,
    /// The sequences that it names.
    pub sequences: Vec<String>,
}

/// Part of a default that is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnclearCause {
    /// It computes with the number of a sequence.
    Computed,
    /// It computes the name of the sequence.
    NameComputed,
    /// It calls a function or an operator that is not PostgreSQL's own.
    Called,
}

/// A sequence that gives a column its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrawnSequence {
    /// Its name in SQL, quoted and with its schema.
    pub sequence: String,
    /// Its rule; the first number is that of its smallest or largest.
    pub rule: Sequence,
    /// Whether the role may read it and the column.
    pub is_readable: bool,
    /// Whether the column holds numbers.
    pub is_number: bool,
}

/// Position of a sequence beside the keys that rows have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequencePosition {
    /// The next number; `None` if it has given its last.
    pub next: Option<i64>,
    /// The last key among the rows, in the direction in which the sequence counts.
    pub last_key: Option<i64>,
}

impl DrawnSequence {
    /// Whether this next number is one that was given before, up to the last key of a source that counts upwards.
    #[must_use]
    pub fn gives_again(&self, next: i64, last_key: i64) -> bool {
        self.rule.increment > 0 && !self.rule.is_behind(next.into(), last_key.into())
    }

    /// Its position beside the rows of a table, whose name is quoted and has its schema, and of one of its columns.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn read_position(
        &self,
        session: &Session,
        table: &str,
        column: &str,
        doing: &str,
    ) -> Result<SequencePosition, TargetError> {
        let (rule, column) = (&self.rule, quote_identifier(column));
        let last = if rule.increment > 0 { format!("max({column})") } else { format!("min({column})") };
        // A number that is no bigint is beyond every number of a sequence.
        let (low, high) = (i64::MIN, i64::MAX);
        let last = format!("CASE WHEN {last} < {low} THEN {low} WHEN {last} > {high} THEN {high} ELSE {last} END");
        let sql = format!("SELECT last_value, is_called, (SELECT {last}::bigint FROM {table}) FROM {}", self.sequence);
        let row = session.query_one(&sql, &[], doing).await?;
        let (at, is_called): (i64, bool) = (row.get(0), row.get(1));
        let next = if is_called { at.checked_add(rule.increment) } else { Some(at) };
        let next = next.filter(|next| (rule.minimum..=rule.maximum).contains(next));
        Ok(SequencePosition { next, last_key: row.get(2) })
    }
}

/// A column as it was found.
#[derive(Debug)]
struct ColumnCandidates {
    table: String,
    column: String,
    type_name: String,
    default: Option<String>,
    /// Whether the default calls `nextval`.
    draws: bool,
    /// Whether the default calls what is not PostgreSQL's own.
    calls: bool,
    candidates: Vec<SequenceCandidate>,
}

/// A sequence that could be behind a column.
#[derive(Debug, Clone)]
struct SequenceCandidate {
    place: SequenceLink,
    /// Its name as PostgreSQL writes it where a default draws from it, a text in quotes.
    name: String,
    drawn: DrawnSequence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SequenceLink {
    Identity,
    Default,
    Owned,
}

impl UnclearCause {
    /// The cause as a verb with its object.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            UnclearCause::Computed => "computes with the number of a sequence",
            UnclearCause::NameComputed => "computes the name of its sequence",
            UnclearCause::Called => "calls a function that may draw from a sequence",
        }
    }
}

/// The origins of numbers of the columns of a schema's tables, or of one of them, in their order.
///
/// # Errors
/// PostgreSQL's refusal.
pub async fn read_draws(
    session: &Session,
    schema: &str,
    table: Option<&str>,
    doing: &str,
) -> Result<Vec<ColumnDraw>, TargetError> {
    let rows = session.query(include_str!("queries/draws.sql"), &[&schema, &table], doing).await?;
    let mut columns: Vec<ColumnCandidates> = Vec::new();
    for row in &rows {
        let (table, column): (&str, &str) = (row.get(0), row.get(1));
        if !columns.last().is_some_and(|last| last.table == table && last.column == column) {
            columns.push(ColumnCandidates {
                table: table.to_owned(),
                column: column.to_owned(),
                type_name: row.get(2),
                default: row.get(4),
                draws: row.get(5),
                calls: row.get(6),
                candidates: Vec::new(),
            });
        }
        if let Some(last) = columns.last_mut() {
            last.candidates.extend(candidate(row));
        }
    }
    let origin = |found: ColumnCandidates| {
        let draw = found.draw()?;
        Some(ColumnDraw { table: found.table, column: found.column, draw })
    };
    Ok(columns.into_iter().filter_map(origin).collect())
}

fn candidate(row: &Row) -> Option<SequenceCandidate> {
    let place = match row.get::<_, Option<&str>>(7)? {
        "identity" => SequenceLink::Identity,
        "default" => SequenceLink::Default,
        _ => SequenceLink::Owned,
    };
    let (schema, name): (&str, &str) = (row.get(8), row.get(9));
    let (increment, minimum, maximum): (i64, i64, i64) = (row.get(11), row.get(12), row.get(13));
    let start = if increment > 0 { minimum } else { maximum };
    let drawn = DrawnSequence {
        sequence: format!("{}.{}", quote_identifier(schema), quote_identifier(name)),
        rule: Sequence { start, increment, minimum, maximum, cycles: row.get(14) },
        is_readable: row.get(15),
        is_number: row.get(3),
    };
    Some(SequenceCandidate { place, name: row.get(10), drawn })
}

impl SequenceCandidate {
    /// The call that draws from it.
    fn call(&self) -> String {
        format!("nextval({}::regclass)", self.name)
    }

    /// The same call with the name as a text, as dumps of serials from before PostgreSQL 8.1 have it.
    fn late_call(&self) -> String {
        format!("nextval(({}::text)::regclass)", self.name)
    }
}

impl ColumnCandidates {
    /// The deciding line.
    fn draw(&self) -> Option<Draw> {
        let at = |place| self.candidates.iter().filter(move |candidate| candidate.place == place);
        let from = |candidate: &SequenceCandidate| Some(Draw::From(candidate.drawn.clone()));
        if let Some(identity) = at(SequenceLink::Identity).next() {
            return from(identity);
        }
        let owned = || at(SequenceLink::Owned).next().and_then(from);
        let is_late = |owned: &&SequenceCandidate| {
            self.default.as_ref().is_some_and(|default| is_plain(default, &owned.late_call(), &self.type_name))
        };
        let Some(default) = &self.default else { return owned() };
        let named = at(SequenceLink::Default).collect::<Vec<_>>();
        let cause = match named.as_slice() {
            [only] if is_plain(default, &only.call(), &self.type_name) => return from(only),
            [_, ..] => UnclearCause::Computed,
            [] if at(SequenceLink::Owned).any(|owned| is_late(&owned)) => return owned(),
            [] if self.draws => UnclearCause::NameComputed,
            [] if self.calls => UnclearCause::Called,
            [] => return owned(),
        };
        let sequences = named.iter().map(|candidate| candidate.drawn.sequence.clone()).collect();
        Some(Draw::Unclear(UnclearDraw { default: default.clone(), cause, sequences }))
    }
}

/// Casts that change no whole number, or fail.
const FAITHFUL: [&str; 6] = ["smallint", "integer", "bigint", "numeric", "text", "character varying"];

/// Whether a default is this call, and nothing else but casts; the last may be to the column's own type.
fn is_plain(default: &str, call: &str, column_type: &str) -> bool {
    // PostgreSQL writes `((call)::integer)::bigint`.
    let inner = default.trim_start_matches('(');
    let depth = default.len() - inner.len();
    let Some(behind) = inner.strip_prefix(call) else { return false };
    let mut casts = behind.split(")::");
    if casts.next() != Some("") {
        return false;
    }
    let casts = casts.collect::<Vec<_>>();
    let is_faithful =
        |(at, cast): (usize, &&str)| FAITHFUL.contains(cast) || (at + 1 == casts.len() && *cast == column_type);
    casts.len() == depth && casts.iter().enumerate().all(is_faithful)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "nextval('app.s'::regclass)";

    #[test]
    fn a_call_alone_or_in_casts_is_plain() {
        for default in [
            CALL,
            "(nextval('app.s'::regclass))::integer",
            "((nextval('app.s'::regclass))::text)::bigint",
            "(nextval('app.s'::regclass))::app.key",
        ] {
            assert!(is_plain(default, CALL, "app.key"), "{default}");
        }
        for default in [
            "(- nextval('app.s'::regclass))",
            "(nextval('app.s'::regclass) / 2)",
            "(nextval('app.s'::regclass) + nextval('app.s'::regclass))",
            "((nextval('app.s'::regclass))::integer % 10)",
            "(((nextval('app.s'::regclass))::text || 'x'::text))::bigint",
            "((nextval('app.s'::regclass))::app.key)::bigint",
            "(nextval('app.s'::regclass))::real",
            "abs(nextval('app.s'::regclass))",
            "nextval('app.t'::regclass)",
            "nextval((('app.'::text || 's'::text))::regclass)",
        ] {
            assert!(!is_plain(default, CALL, "app.key"), "{default}");
        }
    }

    #[test]
    fn a_sequence_that_belongs_to_a_column_counts_if_its_default_draws_from_nothing() {
        let drawn = |name: &str| DrawnSequence {
            sequence: name.to_owned(),
            rule: Sequence { start: 1, increment: 1, minimum: 1, maximum: 9, cycles: false },
            is_readable: true,
            is_number: true,
        };
        let candidate = |place, name: &str| SequenceCandidate { place, name: format!("'{name}'"), drawn: drawn(name) };
        let found = |default: Option<&str>, (draws, calls), candidates| {
            let found = ColumnCandidates {
                table: "t".to_owned(),
                column: "id".to_owned(),
                type_name: "bigint".to_owned(),
                default: default.map(str::to_owned),
                draws,
                calls,
                candidates,
            };
            match found.draw() {
                Some(Draw::From(drawn)) => drawn.sequence,
                Some(Draw::Unclear(unclear)) => format!("{:?} {}", unclear.cause, unclear.sequences.join(", ")),
                None => "nothing".to_owned(),
            }
        };
        let owned = || vec![candidate(SequenceLink::Owned, "app.own")];
        let (nothing, nextval) = ((false, false), (true, false));
        assert_eq!(found(None, nothing, owned()), "app.own");
        assert_eq!(found(Some("0"), nothing, owned()), "app.own");
        assert_eq!(found(Some("'nextval('::text"), nothing, owned()), "app.own");
        assert_eq!(found(Some("app.nid()"), (false, true), owned()), "Called ");
        assert_eq!(found(Some("nextval(('own'::text)::regclass)"), nextval, owned()), "NameComputed ");
        assert_eq!(found(Some("nextval(('app.own'::text)::regclass)"), nextval, owned()), "app.own");
        let both = vec![candidate(SequenceLink::Default, "app.s"), candidate(SequenceLink::Owned, "app.own")];
        assert_eq!(found(Some(CALL), nextval, both.clone()), "app.s");
        assert_eq!(found(Some("(- nextval('app.s'::regclass))"), nextval, both), "Computed app.s");
        assert_eq!(found(Some("now()"), nothing, Vec::new()), "nothing");
        assert_eq!(found(None, nothing, vec![candidate(SequenceLink::Identity, "app.id")]), "app.id");
    }
}
