//! The plan as one self-contained HTML page, without network or other files.

mod difference;

pub use difference::difference_html;

use super::decided::{self, DecisionGroup};
use super::graph::Graph;
use super::layout::{count, counted, size};
use super::left_behind::{OmittedGroup, examples_title, groups, left_behind_figure, shown_suggestion};
use super::markdown::notes;
use super::places;
use super::plan::{PlanContext, source_words};
use super::types::{self, TypeCount};
use crate::name::Schemas;
use crate::name::visible::{visible_json, visible_name, visible_sql};
use crate::plan::{ColumnMapping, Finding, Omitted, Plan, Severity, Step, StepKind, StepState, TableMapping};
use crate::spec::Decision;
use crate::value::Reading;
use minijinja::{Environment, HtmlEscape, context};
use serde_json::{Value, json};

const PAGE: &str = include_str!("page.html");
/// Style sheet of every page.
pub(super) const STYLE: &str = include_str!("page.css");
/// Script of every page: colours and filters.
pub(super) const SCRIPT: &str = include_str!("page.js");
/// Tables beyond which folded parts of a plan are kept in comments: they cost a browser nothing until they are opened.
/// Names and SQL are escaped, so nothing in them ends one.
const LARGE: usize = 200;

const GRAPH: &str = include_str!("graph.js");

/// The plan as an HTML page.
///
/// # Errors None in practice: the template engine's interface is fallible, but a plan always renders.
pub fn plan_html(plan: &Plan, context: PlanContext<'_>) -> Result<String, minijinja::Error> {
    let environment = environment("page.html", PAGE)?;
    let severities = [Severity::Blocks, Severity::Warns, Severity::Notes].map(|severity| {
        let number = plan.findings.iter().filter(|finding| finding.severity == severity).count();
        (severity.word(), count(number as u64))
    });
    let parts = [
        ("summary", "Summary"),
        ("findings", "Findings"),
        ("steps", "Steps"),
        ("tables", "Tables"),
        ("ddl", "SQL"),
        ("omitted", "Left behind"),
    ];
    environment.get_template("page.html")?.render(context! {
        name => plan.name.as_str(),
        is_large => plan.tables.len() > LARGE,
        spec => context.spec,
        digest => plan.digest.as_str(),
        source => source_words(plan),
        target => context.target,
        overlay => context.environment,
        decisions => minijinja::value::Serde(decisions(context.decisions)),
        types => minijinja::value::Serde(types(plan)),
        notes => minijinja::value::Serde(context.notes),
        blocking => plan.blocking().count(),
        parts => minijinja::value::Serde(parts),
        figures => minijinja::value::Serde(figures(plan)),
        severities => minijinja::value::Serde(severities),
        proposal => plan.proposal(),
        findings => minijinja::value::Serde(plan.findings.iter().map(finding).collect::<Vec<_>>()),
        tables => minijinja::value::Serde(plan.tables.iter().map(|mapping| table(mapping, context.schemas)).collect::<Vec<_>>()),
        statements => minijinja::value::Serde(plan.steps.iter().map(statement).collect::<Vec<_>>()),
        omitted => minijinja::value::Serde(omitted(&plan.omitted)),
        omitted_count => plan.omitted.len(),
        graph => graph(plan),
        style => STYLE,
        script => [SCRIPT, GRAPH].concat(),
    })
}

/// An environment with one page, and the head and the foot that all pages share. The names end in `.html`, so that every value
/// is escaped.
pub(super) fn environment(name: &'static str, text: &'static str) -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    environment.add_filter("coded", coded);
    environment.add_template("head.html", include_str!("head.html"))?;
    environment.add_template("foot.html", include_str!("foot.html"))?;
    environment.add_template(name, text)?;
    Ok(environment)
}

/// Text in which what stands between backticks is code. A backtick without a partner stays.
fn coded(text: &str) -> minijinja::Value {
    let mut page = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while let Some((before, (code, behind))) =
        rest.split_once('`').and_then(|(before, behind)| Some((before, behind.split_once('`')?)))
    {
        page += &format!("{}<code>{}</code>", HtmlEscape(before), HtmlEscape(code));
        rest = behind;
    }
    page += &HtmlEscape(rest).to_string();
    minijinja::Value::from_safe_string(page)
}

/// The decisions of the spec, alike ones together; the last may be the number of those that are not shown.
pub(super) fn decisions(decisions: &[Decision]) -> Vec<Value> {
    let (groups, more) = decided::groups(decisions);
    let one = |group: &DecisionGroup<'_>| json!({ "line": group.line(), "reason": group.reason() });
    let more = (more > 0).then(|| json!({ "line": "…", "reason": format!("and {more} more: the spec has them") }));
    groups.iter().map(one).chain(more).collect()
}

fn types(plan: &Plan) -> Vec<Value> {
    let one =
        |one: TypeCount| json!({ "declared": one.declared, "becomes": one.becomes, "columns": count(one.columns) });
    types::types(plan).into_iter().map(one).collect()
}

fn figures(plan: &Plan) -> Vec<(&'static str, String)> {
    let pending = || plan.steps.iter().filter(|step| step.state == StepState::Pending);
    let copies = || pending().filter(|step| step.kind() == StepKind::Copy);
    vec![
        ("Steps to do", format!("{} of {}", count(pending().count() as u64), count(plan.steps.len() as u64))),
        ("Tables to copy", count(copies().count() as u64)),
        ("Rows", count(copies().filter_map(Step::rows).sum())),
        ("Data, about", size(copies().filter_map(Step::bytes).sum())),
        ("Findings", count(plan.findings.len() as u64)),
        ("Left behind", left_behind_figure(plan)),
    ]
}

pub(super) fn finding(finding: &Finding) -> Value {
    let place = finding.place();
    let place_of = |place: &places::FoundPlace| json!({ "place": visible_name(&place.place), "words": place.words });
    json!({
        "severity": finding.severity.word(),
        "place": visible_name(&place),
        "code": finding.code,
        "message": finding.message,
        "examples": finding.examples,
        "examples_title": examples_title(finding),
        "places": places::places(finding).iter().map(place_of).collect::<Vec<_>>(),
        "more": finding.count > finding.examples.len() as u64,
        "suggestion": shown_suggestion(finding),
        "is_spec": finding.suggests_lines(),
    })
}

/// Omitted objects; alike ones are grouped.
pub(super) fn omitted(omitted: &[Omitted]) -> Vec<Value> {
    let group =
        |group: &OmittedGroup<'_>| json!({ "kind": group.first.kind, "name": group.names(), "reason": group.reason() });
    groups(omitted).iter().map(group).collect()
}

fn table(table: &TableMapping, schemas: &Schemas) -> Value {
    json!({
        "source": visible_name(&table.source),
        "target": visible_name(&schemas.shown(&table.target)),
        "rows": counted(table.size.rows, "row", "rows"),
        "size": format!("about {}", size(table.size.bytes)),
        "filter": table.filter_words(),
        "columns": table.columns.iter().map(column).collect::<Vec<_>>(),
    })
}

fn column(column: &ColumnMapping) -> Value {
    let reading =
        if column.reading == Reading::Stored { "as stored".to_owned() } else { format!("from {}", column.reading) };
    // The name and the reading have columns of their own.
    let plain = ColumnMapping { target: column.source.clone(), reading: Reading::Stored, ..column.clone() };
    json!({
        "source": visible_name(&column.source),
        "declared": if column.declared_type.is_empty() { "(no type)" } else { &column.declared_type },
        "target": visible_name(&column.target),
        "becomes": column.column_type.to_string(),
        "reading": reading,
        "notes": notes(&plain),
    })
}

fn statement(step: &Step) -> Value {
    json!({
        "id": visible_name(&step.id.to_string()),
        "state": if step.state == StepState::Done { "done" } else { "to do" },
        "rows": step.rows().map(|rows| counted(rows, "row", "rows")),
        "sql": visible_sql(&step.shown_sql()),
    })
}

/// The graph for the script. JSON may hold `</script>` in a name; with `<` as an escape it ends nothing.
fn graph(plan: &Plan) -> String {
    let graph = Graph::of(plan);
    let nodes = graph.nodes.iter().map(|node| {
        json!({ "title": node.title, "kind": node.kind, "rows": node.rows, "done": node.is_done, "table": node.table })
    });
    let keys = graph.keys.iter().map(|key| json!([key.table, key.references, key.name]));
    let graph = json!({ "nodes": nodes.collect::<Vec<_>>(), "edges": graph.edges, "keys": keys.collect::<Vec<_>>() });
    visible_json(&graph.to_string()).replace('<', "\\u003c")
}
