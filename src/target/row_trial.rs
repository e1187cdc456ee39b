//! A trial of rows: they are copied into a temporary table that is like the application's, and PostgreSQL is asked whether
//! they meet what the application's table demands; or a table that the migration itself is going to make. Nothing of it stays, and no row of the application's is touched.
//!
//! The constraints themselves are not added, for the first row that breaks one would end the trial: each is asked as a query
//! over all rows. What PostgreSQL cannot evaluate fails the copy later in the same way, and is a result too.

use super::copy::CopyIn;
use super::sqlstate::is_of_rows;
use super::trial_demand::{Demand, DemandKind};
use super::{Ledger, Parameters, SearchPath, Session, TargetError};
use crate::name::quote_identifier;

const DOING: &str = "trying rows against the target's constraints";

/// The column of the temporary table that names a row.
const KEY: &str = "transship_key";

/// Rows that are named for each constraint.
const EXAMPLES: usize = 20;

/// The application's table, and the columns that rows come with.
#[derive(Debug, Clone)]
pub struct RowTrial {
    /// The migration: rows that its runs have written already are among those that come.
    pub migration: String,
    /// The table with its schema, quoted.
    pub table: String,
    /// The columns in their order, and the type in SQL of one that comes as a document.
    pub columns: Vec<(String, Option<String>)>,
    /// Tables with their schemas: foreign keys to them are followed elsewhere.
    pub filled: Vec<String>,
    /// Whether rows that the table holds stay beside the tried ones.
    pub keeps_rows: bool,
    /// How rows that both sides have are found, if they are brought together.
    pub merges: Option<TrialMerge>,
    /// The schemas in which types are found.
    pub search_path: Option<String>,
    /// The table, where it is not there yet.
    pub made: Option<MadeTable>,
}

/// A table that the migration is going to make, of which the target knows nothing yet.
#[derive(Debug, Clone)]
pub struct MadeTable {
    /// The types of the columns in SQL, in their order.
    pub types: Vec<String>,
    /// Statements that make what these need; one that fails says nothing.
    pub preparation: Vec<String>,
    /// Unique keys that the table is to have: each in words, with its columns.
    pub keys: Vec<(String, Vec<String>)>,
}

/// Rows that both sides have: one of the two stays out of the trial.
#[derive(Debug, Clone)]
pub struct TrialMerge {
    /// The columns that name a row on both sides, with the operators that compare them.
    pub key: Vec<(String, String)>,
    /// Whether the target's row stays as it is.
    pub leaves_target: bool,
    /// Columns of ids that are mapped: the rows that came have others in them than the target would have.
    pub mapped: Vec<String>,
}

impl TrialMerge {
    /// Whether an answer rests on ids that are mapped: those that the demand reads, and those by which rows are found.
    fn rests_on_ids(&self, demand: &Demand) -> bool {
        self.mapped.iter().any(|name| demand.reads(name) || self.key.iter().any(|(key, _)| key == name))
    }

    /// The condition for a row of the trial and one of the table to be the same.
    fn is_same(&self) -> String {
        let one = |(name, operator): &(String, String)| {
            let name = quote_identifier(name);
            format!("came.{name} {operator} there.{name}")
        };
        if self.key.is_empty() {
            "false".to_owned()
        } else {
            self.key.iter().map(one).collect::<Vec<_>>().join(" AND ")
        }
    }
}

/// A demand that rows do not meet, or of which that is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmetDemand {
    /// The demand in words: `CHECK positive`.
    pub demand: String,
    /// How rows break it.
    pub how: HowUnmet,
}

/// How rows break a demand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HowUnmet {
    /// Number of rows that break the demand, and the names of some.
    Rows(u64, Vec<String>),
    /// PostgreSQL fails where it evaluates it, with this message.
    Fails(String),
    /// It could not be asked, for this reason.
    Unknown(String),
}

impl Session {
    /// Makes the temporary table and begins the copy into it, in the transaction in progress.
    ///
    /// # Errors
    /// PostgreSQL's refusal.
    pub async fn begin_trial(&self, trial: &RowTrial) -> Result<CopyIn, TargetError> {
        for statement in trial.made.iter().flat_map(|made| &made.preparation) {
            if let Err(refusal) = self.attempt(statement, DOING).await? {
                tracing::debug!(code = refusal.code, "what a type needs could not be made");
            }
        }
        self.set_search_path(SearchPath::of(trial.search_path.as_deref()).in_transaction()).await?;
        let names = trial.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        let found = match &trial.made {
            Some(made) => names.iter().map(|name| (*name).to_owned()).zip(made.types.iter().cloned()).collect(),
            None => {
                let sql = include_str!("queries/trial_columns.sql");
                let rows = self.query(sql, &[&trial.table, &names], DOING).await?;
                rows.iter().map(|row| (row.get(0), row.get(1))).collect::<Vec<(String, String)>>()
            }
        };
        let column = |(name, own): &(String, String)| {
            let is_document = trial.columns.iter().any(|(column, judged)| column == name && judged.is_some());
            let column_type = if is_document { "pg_catalog.json" } else { own };
            format!("{} {column_type}", quote_identifier(name))
        };
        let columns = found.iter().map(column).collect::<Vec<_>>().join(", ");
        let list = names.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>().join(", ");
        self.execute(
            &format!("CREATE TEMPORARY TABLE transship_came ({columns}, {KEY} pg_catalog.text) ON COMMIT DROP"),
            DOING,
        )
        .await?;
        self.copy_in(&format!("COPY pg_temp.transship_came ({list}, {KEY}) FROM STDIN (FORMAT binary)")).await
    }

    /// Asks, of the rows that have been copied, which demands they do not meet.
    ///
    /// # Errors
    /// The connection is lost, or the server is in no state to answer.
    pub async fn end_trial(&self, trial: &RowTrial) -> Result<Vec<UnmetDemand>, TargetError> {
        let names = include_str!("queries/trial_names.sql");
        let columns = self.query(names, &[], DOING).await?.iter().map(|row| row.get(0)).collect::<Vec<String>>();
        self.execute(&read_rows(trial, &columns), DOING).await?;
        if trial.keeps_rows {
            let list = trial.columns.iter().map(|(name, _)| quote_identifier(name)).collect::<Vec<_>>().join(", ");
            let mut others = String::new();
            let of_others = Ledger::of(&trial.migration).read_condition_for_others(self).await?;
            let table = format!("(SELECT * FROM {} WHERE {of_others})", trial.table);
            if let Some(merge) = &trial.merges {
                let same = merge.is_same();
                if merge.leaves_target {
                    let sql =
                        format!("DELETE FROM pg_temp.transship_trial AS came USING {table} AS there WHERE {same}");
                    self.execute(&sql, DOING).await?;
                } else {
                    others = format!(" WHERE NOT EXISTS (SELECT FROM pg_temp.transship_trial AS came WHERE {same})");
                }
            }
            let sql =
                format!("INSERT INTO pg_temp.transship_trial ({list}) SELECT {list} FROM {table} AS there{others}");
            self.execute(&sql, DOING).await?;
        }
        self.execute("ANALYZE pg_temp.transship_trial", DOING).await?;
        self.set_search_path(SearchPath::CATALOG.in_transaction()).await?;
        let (demands, made) = match &trial.made {
            Some(table) => {
                (table.keys.iter().map(|(words, columns)| Demand::of_key(words, columns)).collect(), Vec::new())
            }
            None => self.demands(trial).await?,
        };
        let mut unmet = Vec::new();
        for demand in demands {
            if let Some(column) = made.iter().find(|column| demand.reads(column)) {
                let reason = format!("functions of the application give {column} its value, and are not called");
                unmet.push(UnmetDemand { demand: demand.words, how: HowUnmet::Unknown(reason) });
                continue;
            }
            let how = match self.savepoint(self.asked(trial, &demand)).await? {
                Ok(None) => continue,
                Ok(Some(how)) => how,
                Err(TargetError::Statement { message, code: Some(code), transient: false, .. }) => {
                    if is_of_rows(&code) { HowUnmet::Fails(message) } else { HowUnmet::Unknown(message) }
                }
                Err(error) => return Err(error),
            };
            unmet.push(UnmetDemand { demand: demand.words, how });
        }
        Ok(unmet)
    }

    /// The demands of the application's table, and its columns that its functions give their values.
    async fn demands(&self, trial: &RowTrial) -> Result<(Vec<Demand>, Vec<String>), TargetError> {
        // A CHECK over a column that cannot be computed for all rows is not known to hold; the column is a demand of its own.
        for row in self.query(include_str!("queries/trial_computed.sql"), &[&trial.table], DOING).await? {
            if let Err(refusal) = self.attempt(row.get(0), DOING).await? {
                tracing::debug!(code = refusal.code, "a column that PostgreSQL computes is left out of the trial");
            }
        }
        let judged = trial.columns.iter().filter(|(_, judged)| judged.is_some()).map(|(name, _)| name.as_str());
        let judged = judged.collect::<Vec<_>>();
        let parameters: Parameters<'_> = &[&trial.table, &trial.filled, &judged];
        let demands = self.query(include_str!("queries/trial_demands.sql"), parameters, DOING).await?;
        let names = trial.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        let found = self.query(include_str!("queries/trial_columns.sql"), &[&trial.table, &names], DOING).await?;
        let made = found.iter().filter(|row| row.get(2)).map(|row| row.get(0)).collect::<Vec<String>>();
        let demands = demands.iter().map(|row| Demand::read(row, DOING)).collect::<Result<_, _>>()?;
        Ok((demands, made))
    }

    async fn asked(&self, trial: &RowTrial, demand: &Demand) -> Result<Option<HowUnmet>, TargetError> {
        let list = demand.expressions.join(", ");
        let all = |predicate: &Option<String>| predicate.clone().unwrap_or_else(|| "true".to_owned());
        let rows = "pg_temp.transship_trial";
        let broken = match &demand.kind {
            DemandKind::Check => {
                format!("SELECT {KEY} AS k FROM {rows} WHERE {KEY} IS NOT NULL AND ({list}) IS FALSE")
            }
            DemandKind::Domain { column } => {
                let column = quote_identifier(column);
                format!(
                    "SELECT d.k FROM (SELECT {KEY} AS k, {column} AS value FROM {rows}) AS d WHERE d.k IS NOT NULL AND ({list}) IS FALSE"
                )
            }
            DemandKind::Computed { predicate } => {
                let values = demand.expressions.iter().map(|value| format!("pg_catalog.count({value})"));
                let values = values.collect::<Vec<_>>().join(", ");
                self.query(&format!("SELECT {values} FROM {rows} WHERE {}", all(predicate)), &[], DOING).await?;
                return Ok(None);
            }
            DemandKind::Unique { predicate, nulls_equal } => {
                // Keys that rows of the target have already are a question of their own, unless PostgreSQL reads the values.
                let is_judged = trial.columns.iter().any(|(name, judged)| judged.is_some() && demand.reads(name));
                let tried = if is_judged { "true".to_owned() } else { format!("{KEY} IS NOT NULL") };
                let whole = if *nulls_equal { "true" } else { &format!("pg_catalog.num_nulls({list}) = 0") };
                format!(
                    "SELECT pg_catalog.concat_ws(' and ', pg_catalog.min({KEY}), coalesce(nullif(pg_catalog.max({KEY}), pg_catalog.min({KEY})), 'a row of the target')) AS k \
                     FROM {rows} WHERE ({}) AND {whole} AND {tried} GROUP BY {list} HAVING count(*) > 1 AND count({KEY}) > 0",
                    all(predicate)
                )
            }
            DemandKind::Reference { parent, columns } => {
                let pairs = demand.expressions.iter().zip(columns);
                let pairs = pairs.map(|(own, referenced)| format!("r.{referenced} = c.{own}")).collect::<Vec<_>>();
                let own = demand.expressions.iter().map(|own| format!("c.{own}")).collect::<Vec<_>>().join(", ");
                format!(
                    "SELECT c.{KEY} AS k FROM {rows} AS c WHERE c.{KEY} IS NOT NULL AND pg_catalog.num_nulls({own}) = 0 \
                     AND NOT EXISTS (SELECT FROM {parent} AS r WHERE {})",
                    pairs.join(" AND ")
                )
            }
            DemandKind::Exclusion { .. } if trial.merges.as_ref().is_some_and(|merge| merge.rests_on_ids(demand)) => {
                return Ok(Some(HowUnmet::Unknown("it rests on ids that are mapped".to_owned())));
            }
            DemandKind::Exclusion { operators, predicate } => {
                self.excluded(&demand.expressions, operators, &all(predicate)).await?
            }
        };
        let sql = format!(
            "SELECT pg_catalog.count(*), (pg_catalog.array_agg(b.k ORDER BY b.k COLLATE \"C\"))[1:{EXAMPLES}] FROM ({broken}) AS b"
        );
        let row = self.query_one(&sql, &[], DOING).await?;
        let count = u64::try_from(row.get::<_, i64>(0)).unwrap_or(0);
        let examples = row.get::<_, Option<Vec<String>>>(1).unwrap_or_default();
        Ok((count > 0).then_some(HowUnmet::Rows(count, examples)))
    }

    /// The query for rows that an exclusion constraint does not let stand beside others; an index like the constraint's
    /// helps where the columns have one.
    async fn excluded(
        &self,
        expressions: &[String],
        operators: &[String],
        condition: &str,
    ) -> Result<String, TargetError> {
        let values = expressions.iter().enumerate().map(|(at, value)| format!("({value}) AS e{at}"));
        let values = values.collect::<Vec<_>>().join(", ");
        self.execute(
            &format!(
                "CREATE TEMPORARY TABLE transship_excluded ON COMMIT DROP AS SELECT pg_catalog.row_number() OVER () AS n, {KEY} AS k, {values} \
                 FROM pg_temp.transship_trial WHERE {condition}"
            ),
            DOING,
        )
        .await?;
        let names = (0..expressions.len()).map(|at| format!("e{at}")).collect::<Vec<_>>().join(", ");
        let index = format!("CREATE INDEX ON pg_temp.transship_excluded USING gist ({names})");
        if let Err(refusal) = self.attempt(&index, DOING).await? {
            tracing::debug!(code = refusal.code, "no index helps to try an exclusion constraint");
        }
        let pairs = operators.iter().enumerate().map(|(at, operator)| format!("a.e{at} {operator} b.e{at}"));
        let pairs = pairs.collect::<Vec<_>>().join(" AND ");
        Ok(format!(
            "SELECT a.k FROM pg_temp.transship_excluded AS a WHERE a.k IS NOT NULL \
             AND EXISTS (SELECT FROM pg_temp.transship_excluded AS b WHERE a.n <> b.n AND {pairs})"
        ))
    }
}

/// The statement that makes the rows what the table would have: documents become values on the way.
fn read_rows(trial: &RowTrial, columns: &[String]) -> String {
    let judged =
        |name: &String| trial.columns.iter().find(|(judged, _)| judged == name).and_then(|(_, own)| own.as_ref());
    let values = columns.iter().enumerate().map(|(at, name)| {
        let quoted = quote_identifier(name);
        if judged(name).is_some() { format!("j{at}.v AS {quoted}") } else { format!("r.{quoted}") }
    });
    let records = columns.iter().enumerate().filter_map(|(at, name)| Some((at, name, judged(name)?)));
    let records = records.map(|(at, name, column_type)| {
        let document = format!("pg_catalog.json_build_object('v', r.{})", quote_identifier(name));
        format!("CROSS JOIN LATERAL pg_catalog.json_to_record({document}) AS j{at} (v {column_type})")
    });
    format!(
        "CREATE TEMPORARY TABLE transship_trial ON COMMIT DROP AS SELECT {} FROM pg_temp.transship_came AS r {}",
        values.collect::<Vec<_>>().join(", "),
        records.collect::<Vec<_>>().join(" ")
    )
}
