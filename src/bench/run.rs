//! A bench from beginning to end: question after question.

use super::answer::{AnswerComparer, refusal};
use super::budget::judge;
use super::draw::{Drawn, DrawnParameters, draw};
use super::ids::{ColumnIds, MappedColumns};
use super::index_trial::IndexTrial;
use super::meaning::{AnswerColumn, IdColumn, ParameterForm, columns, time_zone, words};
use super::measure::{Slices, milliseconds};
use super::missing_index::suggest;
use super::outcome::{Bench, BenchResult, Measurement, ProgramVersions, Slowest};
use super::plan_node::nodes;
use super::source_side::{self, SourceClients, within};
use super::target_side::{self, TargetClients, application_session, rolled_back};
use crate::dialect;
use crate::plan::Plan;
use crate::run::{ExecuteError, Stop};
use crate::source::Reader;
use crate::spec::{BenchSpec, Spec};
use crate::survey::Survey;
use crate::target::{ColumnOrigin, Server, Session, TargetQuery};
use jiff::tz::TimeZone;
use std::sync::Arc;
use std::time::Duration;

/// Version of the document's form.
const FORM: u32 = 1;

/// Part of the duration for which each side is asked before the times count, and its most.
const WARM_UP: u32 = 10;
const LONGEST_WARM_UP: Duration = Duration::from_secs(1);

/// Options of a bench.
#[derive(Debug, Clone, PartialEq)]
pub struct BenchOptions {
    /// The questions to ask, by their names in the spec; all of them if empty.
    pub only: Vec<String>,
    /// The numbers of clients, in place of the spec's.
    pub clients: Option<Vec<usize>>,
    /// The duration for each side and number of clients, in place of the spec's.
    pub duration: Option<Duration>,
    /// Most parameters that are drawn for a question; both sides' answers are compared for each of them.
    pub parameters: usize,
    /// Time after which an answer is no longer waited for.
    pub timeout: Duration,
    /// Whether times are measured; otherwise the answers are only compared.
    pub measures: bool,
    /// Most differences that are shown for a question.
    pub examples: usize,
    /// Whether values may be shown.
    pub show_values: bool,
    /// Whether suggested indexes are tried in the target, in a transaction that is rolled back.
    pub tries_indexes: bool,
}

/// Listener to what is being done, in words.
pub type WorkListener<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// The parts that all questions have in common.
struct BenchContext<'a> {
    spec: &'a Spec,
    plan: &'a Plan,
    zone: TimeZone,
    server: &'a Server,
    /// A session that asks the catalog.
    session: Session,
    /// The session whose answers are compared, and which explains: it is open before the clients take what there is.
    asking: Session,
    origins: Vec<ColumnOrigin>,
    mapped: MappedColumns,
    options: &'a BenchOptions,
    stop: &'a Stop,
    told: WorkListener<'a>,
}

/// A question with equal answers on both sides, and the parameters with which it is asked.
#[derive(Clone, Copy)]
struct EqualQuestion<'a> {
    bench: &'a BenchSpec,
    parameters: &'a [DrawnParameters],
    form: &'a ParameterForm,
}

/// The clients of both sides.
struct Clients {
    source: SourceClients,
    target: TargetClients,
}

/// Asks the questions of the spec, the selected ones in the order of their names.
///
/// # Errors
/// A side cannot be asked at all. Answers that differ, a question that is refused and a budget that is not met are results,
/// and so is an interruption.
pub async fn run(
    spec: &Spec,
    survey: Survey,
    server: &Server,
    options: &BenchOptions,
    stop: &Stop,
    told: WorkListener<'_>,
) -> Result<Bench, ExecuteError> {
    let Survey { plan, mut readers, zone, .. } = survey;
    let mut reader = readers.pop().map(Reader::independent);
    drop(readers);
    let zone = time_zone(&zone).ok_or_else(|| ExecuteError::Task(format!("the time zone {zone} is not known")))?;
    let session = server.connect().await?;
    let tables = plan.tables.iter().map(|table| spec.target.schemas.qualified(&table.target)).collect::<Vec<_>>();
    let origins = session.read_column_origins(&tables).await?;
    let versions =
        ProgramVersions { transship: env!("CARGO_PKG_VERSION"), postgresql: session.read_server_version().await? };
    let asking = application_session(spec, server, options.timeout).await?;
    let mapped = MappedColumns::read(&session, spec, &plan, &zone, stop).await?;
    let context =
        BenchContext { spec, plan: &plan, zone, server, session, asking, origins, mapped, options, stop, told };
    let selected = spec.benches.iter().filter(|(name, _)| options.only.is_empty() || options.only.contains(name));
    let (mut questions, mut clients, mut interrupted) = (Vec::new(), None, false);
    for (name, bench) in selected {
        let mut result = BenchResult { name: name.clone(), ..BenchResult::default() };
        let asked = context.question(bench, &mut reader, &mut clients, &mut result).await;
        let is_interrupted = matches!(asked, Err(ExecuteError::Interrupted));
        if !is_interrupted {
            asked?;
        } else if result.equal.is_none() && result.refused.is_none() {
            result.refused = Some("interrupted before all answers were compared".to_owned());
        }
        known_lines(&questions, &mut result);
        questions.push(result);
        if is_interrupted {
            interrupted = true;
            break;
        }
    }
    let passed = !interrupted && questions.iter().all(BenchResult::passed);
    let timeout_ms = u64::try_from(options.timeout.as_millis()).unwrap_or(u64::MAX);
    Ok(Bench { bench: FORM, passed, interrupted, migration: spec.name.clone(), versions, timeout_ms, questions })
}

impl BenchContext<'_> {
    /// One question: draws the parameters, compares the answers, and measures if they are equal.
    async fn question(
        &self,
        bench: &BenchSpec,
        reader: &mut Option<Reader>,
        clients: &mut Option<Clients>,
        result: &mut BenchResult,
    ) -> Result<(), ExecuteError> {
        (self.told)(&format!("{}: comparing the answers of both sides", result.name));
        let drawn = match self.drawn(bench, reader).await? {
            Ok(drawn) => drawn,
            Err(reason) => {
                result.refused = Some(format!("the source does not answer `parameters`: {reason}"));
                return Ok(());
            }
        };
        result.parameter_rows = drawn.rows;
        if drawn.parameters.is_empty() {
            result.refused = Some("`parameters` returns no rows to take parameters from".to_owned());
            return Ok(());
        }
        let doing = format!("the bench \"{}\"", result.name);
        let session = &self.asking;
        let question = match self.stop.or_end(session.prepare_question(&bench.target, &doing)).await {
            Ok(question) => question,
            Err(ExecuteError::Target(error)) => {
                let reason = refusal(error, self.options.show_values)?;
                result.refused = Some(format!("the target does not answer: {reason}"));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        if let Some(reason) = self.unfilled(bench, &drawn, &question, reader).await? {
            result.refused = Some(reason);
            return Ok(());
        }
        let ids = match self.ids_of(&drawn) {
            Ok(ids) => ids,
            Err(reason) => {
                result.refused = Some(reason);
                return Ok(());
            }
        };
        let form = ParameterForm::of(question.parameters(), &ids, self.plan, &self.zone);
        let sides = (self.origins.as_slice(), &self.mapped);
        let columns: Arc<[_]> = columns(&bench.target, question.columns(), self.plan, sides, &self.zone).into();
        let dialect = self.plan.tables.first().map(|table| dialect::of(table.engine));
        let source_orders = dialect.is_some_and(|dialect| dialect.is_ordered(&bench.source));
        let target_orders = dialect::postgresql::is_ordered(&bench.target);
        result.in_order = source_orders && target_orders;
        result.order_not_compared = match (source_orders, target_orders) {
            (true, false) => Some("order not compared: only the source's query orders its rows"),
            (false, true) => Some("order not compared: only the target's query orders its rows"),
            _ => None,
        };
        result.not_compared = columns.iter().filter_map(AnswerColumn::not_compared).collect();
        if !columns.is_empty() && columns.iter().all(|column| !column.is_compared()) {
            let names = result.not_compared.join(", ");
            let reason = format!("no column of the answer can be compared ({names}): cast one to text in both queries");
            result.refused = Some(reason);
            return Ok(());
        }
        let comparing = AnswerComparer {
            sql: bench.source.as_str().into(),
            session,
            question: &question,
            columns,
            form: &form,
            doing: &doing,
            timeout: self.options.timeout,
            in_order: result.in_order,
            examples: self.options.examples,
            show_values: self.options.show_values,
            stop: self.stop,
        };
        comparing.compare(&drawn.parameters, reader, result).await?;
        if result.equal != Some(true) || !self.options.measures {
            return Ok(());
        }
        let question = EqualQuestion { bench, parameters: &drawn.parameters, form: &form };
        self.measured(question, reader, clients, result).await
    }

    /// The ids that the target has otherwise, for each column of `parameters` that is one.
    ///
    /// # Errors
    /// The reason for which the target cannot be asked with them.
    fn ids_of(&self, drawn: &Drawn) -> Result<Vec<Option<IdColumn>>, String> {
        let ids = drawn.origins.iter().map(|origin| {
            let Some(origin) = origin else { return Ok(None) };
            match self.mapped.of_source(origin) {
                None => Ok(None),
                Some(ColumnIds::Whole(ids)) => Ok(Some(ids.clone())),
                Some(ColumnIds::Part) => Err(format!(
                    "`parameters` gives {} of {}, a part of ids that `merge.key` maps: the target has others",
                    origin.column, origin.table
                )),
            }
        });
        ids.collect()
    }

    /// Draws the parameters. The inner result is the reason for which the source does not give them.
    async fn drawn(
        &self,
        bench: &BenchSpec,
        reader: &mut Option<Reader>,
    ) -> Result<Result<Drawn, String>, ExecuteError> {
        let Some(sql) = bench.parameters.clone() else { return Ok(Ok(Drawn::nothing())) };
        let most = self.options.parameters;
        within(reader, self.options.timeout, self.stop, move |reader| draw(reader, &sql, most)).await
    }

    /// The reason for which the parameters of the two queries and the columns of `parameters` do not meet.
    async fn unfilled(
        &self,
        bench: &BenchSpec,
        drawn: &Drawn,
        question: &TargetQuery,
        reader: &mut Option<Reader>,
    ) -> Result<Option<String>, ExecuteError> {
        let sql = bench.source.clone();
        let asked =
            within(reader, self.options.timeout, self.stop, move |reader| Ok(reader.prepare(&sql)?.parameters()))
                .await?;
        let in_source = match asked {
            Ok(number) => number,
            Err(reason) => return Ok(Some(format!("the source does not answer: {reason}"))),
        };
        let in_target = question.parameters().len();
        let given = match bench.parameters {
            Some(_) => format!("`parameters` gives {}", counted(drawn.columns, "column")),
            None => "`parameters` is not given".to_owned(),
        };
        let side = |name: &str, number: usize| {
            (number > drawn.columns)
                .then(|| format!("the {name}'s query has {}, and {given}", counted(number, "parameter")))
        };
        let unused = drawn.columns > in_source.max(in_target);
        let unused = unused.then(|| format!("{given}, and the queries have {in_source} and {in_target} parameters"));
        Ok(side("source", in_source).or_else(|| side("target", in_target)).or(unused))
    }

    /// Measures both sides with each number of clients, in turns; then looks at the target's longest answer.
    async fn measured(
        &self,
        question: EqualQuestion<'_>,
        reader: &mut Option<Reader>,
        clients: &mut Option<Clients>,
        result: &mut BenchResult,
    ) -> Result<(), ExecuteError> {
        let EqualQuestion { bench, parameters, form } = question;
        let numbers = self.options.clients.as_ref().unwrap_or(&bench.clients);
        let both = match clients {
            Some(both) => both,
            None => {
                let most = self.most_clients();
                (self.told)(&format!("opening {} to each side", counted(most, "connection")));
                let source = SourceClients::open(self.spec, most, self.stop).await?;
                let target = TargetClients::open(self.spec, self.server, most, self.options.timeout, self.stop).await?;
                clients.insert(Clients { source, target })
            }
        };
        both.target.forget();
        let timeout = self.options.timeout;
        let source =
            source_side::SourceQuestion { sql: bench.source.as_str().into(), parameters: parameters.into(), timeout };
        let target = target_side::TargetQuestion {
            sql: bench.target.as_str().into(),
            parameters: target_side::written(form, parameters),
            timeout,
        };
        let duration = self.options.duration.unwrap_or(bench.duration);
        let mut slowest = None;
        for number in numbers.iter().copied() {
            (self.told)(&format!("{}: {} on each side in turns", result.name, counted(number, "client")));
            let (ours, theirs) = self.level(both, number, &source, &target, duration).await?;
            slowest = slowest.into_iter().chain(theirs.slowest()).max_by_key(|(time, _)| *time);
            if !ours.is_empty() && !theirs.is_empty() {
                let source = ours.figures(number, both.source.refused.as_ref());
                let target = theirs.figures(number, both.target.refused.as_ref());
                result.measurements.push(Measurement { clients: number, source, target });
            }
            if self.stop.is_thrown() {
                return Err(ExecuteError::Interrupted);
            }
        }
        result.budgets = judge(bench, &result.measurements);
        self.explained(question, slowest, reader, result).await
    }

    /// The most clients that the selected questions ask with.
    fn most_clients(&self) -> usize {
        let only = &self.options.only;
        let selected = self.spec.benches.iter().filter(|(name, _)| only.is_empty() || only.contains(name));
        let own = selected.flat_map(|(_, bench)| bench.clients.iter());
        let given = self.options.clients.as_ref();
        given.map_or_else(|| own.max().copied(), |clients| clients.iter().max().copied()).unwrap_or(1)
    }

    /// Times of both sides with one number of clients: the source, twice the target, the source again, so that what the
    /// machine does meanwhile meets both.
    async fn level(
        &self,
        both: &mut Clients,
        number: usize,
        source: &source_side::SourceQuestion,
        target: &target_side::TargetQuestion,
        duration: Duration,
    ) -> Result<(Slices, Slices), ExecuteError> {
        let warm_up = (duration / WARM_UP).min(LONGEST_WARM_UP);
        both.source.ask(number, source, warm_up, self.stop).await?;
        both.target.ask(number, target, warm_up, self.stop).await?;
        let (mut ours, mut theirs) = (Slices::new()?, Slices::new()?);
        for is_source in [true, false, false, true] {
            if self.stop.is_thrown() {
                break;
            }
            if is_source {
                let (times, clients, elapsed) = both.source.ask(number, source, duration / 2, self.stop).await?;
                ours.add(times, clients, elapsed)?;
            } else {
                let (times, clients, elapsed) = both.target.ask(number, target, duration / 2, self.stop).await?;
                theirs.add(times, clients, elapsed)?;
            }
        }
        Ok((ours, theirs))
    }

    /// Plans of both sides for the target's longest answer, and the indexes that the target's shows to be missing.
    async fn explained(
        &self,
        EqualQuestion { bench, parameters, form }: EqualQuestion<'_>,
        slowest: Option<(Duration, usize)>,
        reader: &mut Option<Reader>,
        result: &mut BenchResult,
    ) -> Result<(), ExecuteError> {
        let Some((time, parameters)) = slowest.and_then(|(time, place)| Some((time, parameters.get(place)?))) else {
            return Ok(());
        };
        let shows = self.options.show_values;
        let mut found = Slowest {
            parameter: parameters.row,
            parameters: (shows && parameters.row.is_some()).then(|| words(&parameters.values)),
            ms: milliseconds(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)),
            ..Slowest::default()
        };
        let (sql, values) = (bench.source.clone(), parameters.values.clone());
        let explained =
            within(reader, self.options.timeout, self.stop, move |reader| Ok(reader.explain(&sql, &values)?)).await?;
        found.source_plan = explained.unwrap_or_else(|reason| vec![format!("no plan: {reason}")]);
        let doing = format!("explaining the bench \"{}\"", result.name);
        let values = form.written(&parameters.values);
        let explaining = rolled_back(&self.asking, self.asking.explain(&bench.target, &values, &doing));
        match self.stop.or_end(explaining).await {
            Ok(json) => found.target_plan = nodes(&json, shows).unwrap_or_default(),
            Err(ExecuteError::Target(error)) => {
                let reason = refusal(error, shows)?;
                tracing::warn!(reason, "the target does not explain the question");
            }
            Err(error) => return Err(error),
        }
        result.suggestions = suggest(&found.target_plan, self.plan, self.spec, &self.session).await?;
        result.slowest = Some(found);
        if !self.options.tries_indexes {
            return Ok(());
        }
        let (session, timeout) = (&self.asking, self.options.timeout);
        let trial = IndexTrial { session, sql: &bench.target, values: &values, timeout, stop: self.stop };
        for suggestion in &mut result.suggestions {
            (self.told)(&format!("{}: trying {}", result.name, suggestion.create));
            match trial.of(&suggestion.create).await? {
                Ok(tried) => suggestion.tried = Some(tried),
                Err(reason) => suggestion.not_tried = Some(reason),
            }
        }
        Ok(())
    }
}

/// Names the earlier question that a suggestion has its lines from.
fn known_lines(earlier: &[BenchResult], result: &mut BenchResult) {
    for suggestion in &mut result.suggestions {
        let is_known = |question: &&BenchResult| question.suggestions.iter().any(|known| known.spec == suggestion.spec);
        suggestion.same_as = earlier.iter().find(is_known).map(|question| question.name.clone());
    }
}

/// `1 client`, `8 clients`
fn counted(number: usize, one: &str) -> String {
    format!("{number} {one}{}", if number == 1 { "" } else { "s" })
}
