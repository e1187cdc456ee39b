//! Checks `[bench]`.

use super::Checker;
use crate::spec::bench::BenchSpec;
use crate::spec::problem::{Problem, code};
use crate::spec::raw::{RawBench, RawField};
use crate::spec::read::{Scalar, Text};
use crate::spec::time::parse_time;
use std::collections::BTreeMap;
use std::time::Duration;
use toml::Spanned;

/// The parts of a question.
const FORM: &str = "write source = \"SELECT …\" in the source's SQL, and target = \"SELECT …\" in PostgreSQL's";

impl Checker<'_> {
    pub(super) fn benches(&self, raw: &[RawBench]) -> BTreeMap<String, BenchSpec> {
        raw.iter().filter_map(|bench| Some((self.title(&bench.name, "bench")?, self.bench(bench)?))).collect()
    }

    fn bench(&self, raw: &RawBench) -> Option<BenchSpec> {
        let place = format!("the bench `{}`", raw.name.get_ref());
        let needed = |key: &str, field: &RawField<Text>| match field {
            RawField::Absent => self.missing(key, raw.name.span(), &place, FORM),
            field if key == "source" => self.source_query_of_parameters(field.value()?, key),
            field => self.target_query(field.value()?, key),
        };
        let (source, target) = (needed("source", &raw.source), needed("target", &raw.target));
        let parameters = match &raw.parameters {
            Some(text) => self.source_query(text, "parameters").map(Some),
            None => Some(None),
        };
        let clients = raw.clients.as_ref().map_or_else(|| Some(BenchSpec::CLIENTS.to_vec()), |list| self.clients(list));
        let duration = raw.duration.as_ref().map_or(Some(BenchSpec::DURATION), |text| self.bench_duration(text));
        let p95_ms = match &raw.p95_ms {
            Some(budget) => self.milliseconds(budget).map(Some),
            None => Some(None),
        };
        Some(BenchSpec {
            source: source?,
            target: target?,
            parameters: parameters?,
            clients: clients?,
            duration: duration?,
            p95_ms: p95_ms?,
            not_slower_than_source: raw.not_slower_than_source.as_ref().is_some_and(|word| *word.get_ref()),
        })
    }

    fn clients(&self, list: &Spanned<Vec<Spanned<Scalar>>>) -> Option<Vec<usize>> {
        let number = |scalar: &Spanned<Scalar>| match scalar.get_ref() {
            Scalar::Integer(number) => {
                number.parse::<usize>().ok().filter(|number| (1..=BenchSpec::MOST_CLIENTS).contains(number))
            }
            _ => None,
        };
        let wrong = list.get_ref().iter().find(|scalar| number(scalar).is_none());
        if let Some(span) = wrong.map(Spanned::span).or_else(|| list.get_ref().is_empty().then(|| list.span())) {
            let problem = Problem::new(code::BAD_VALUE, span, "`clients` are numbers of clients");
            return self.report(problem.label("not such a number").hint("write integers from 1 to 256: [1, 8, 32]"));
        }
        let mut clients = list.get_ref().iter().filter_map(number).collect::<Vec<_>>();
        clients.sort_unstable();
        clients.dedup();
        Some(clients)
    }

    fn bench_duration(&self, text: &Text) -> Option<Duration> {
        let value = self.plain(text)?;
        parse_time(&value.text).or_else(|| {
            let message = format!("`duration` cannot be `{}`", value.shown);
            let problem = Problem::new(code::BAD_VALUE, value.span, message).label("not a time");
            self.report(problem.hint("write a number and a unit: \"500ms\", \"10s\", \"1m\""))
        })
    }

    fn milliseconds(&self, budget: &Spanned<Scalar>) -> Option<f64> {
        if let Scalar::Integer(number) | Scalar::Float(number) = budget.get_ref()
            && let Ok(number) = number.replace('_', "").parse::<f64>()
            && number.is_finite()
            && number > 0.0
        {
            return Some(number);
        }
        let problem = Problem::new(code::BAD_VALUE, budget.span(), "`p95_ms` is a number of milliseconds");
        self.report(problem.label("not such a number").hint("write a number above 0, such as p95_ms = 20"))
    }
}
