//! Differences between two plans as one self-contained HTML page: each step before and after.

use super::{SCRIPT, STYLE, environment};
use crate::name::visible::{visible_name, visible_sql};
use crate::report::difference::{ChangedValue, PlanDifference};
use minijinja::context;
use serde_json::{Value, json};

const PAGE: &str = include_str!("difference.html");
const OWN_STYLE: &str = include_str!("difference.css");

/// The difference as an HTML page, with each step before and after.
///
/// # Errors None in practice: the template engine's interface is fallible, but a difference always renders.
pub fn difference_html(difference: &PlanDifference, name: &str) -> Result<String, minijinja::Error> {
    environment("difference.html", PAGE)?.get_template("difference.html")?.render(context! {
        name => name,
        before => difference.before.as_str(),
        after => difference.after.as_str(),
        same => difference.same,
        inputs => minijinja::value::Serde(&difference.inputs),
        new_findings => minijinja::value::Serde(findings(&difference.new_findings)),
        gone_findings => minijinja::value::Serde(findings(&difference.gone_findings)),
        steps => minijinja::value::Serde(steps(difference)),
        style => [STYLE, OWN_STYLE].concat(),
        script => SCRIPT,
    })
}

/// Findings in words, whose first is the severity.
fn findings(words: &[String]) -> Vec<Value> {
    let one = |words: &String| json!({ "severity": words.split(' ').next(), "words": words });
    words.iter().map(one).collect()
}

fn steps(difference: &PlanDifference) -> Vec<Value> {
    let sql = |sql: &str| visible_sql(sql).into_owned();
    let value =
        |value: &ChangedValue| json!({ "of": visible_name(&value.of), "before": value.before, "after": value.after });
    let changed = difference.changed.iter().map(|change| {
        // The steps that it waits for stand among its values.
        let [before, after] = if change.what.contains(&"sql") {
            [sql(&change.sql[0]), sql(&change.sql[1])]
        } else {
            [String::new(), String::new()]
        };
        json!({
            "how": "changed", "id": visible_name(&change.id), "before": before, "after": after,
            "values": change.values.iter().map(value).collect::<Vec<_>>(),
        })
    });
    let alone = |how: &'static str, at: &'static str| move |step: &[String; 2]| json!({ "how": how, "id": visible_name(&step[0]), at: sql(&step[1]) });
    let added = difference.added_sql.iter().map(alone("new", "after"));
    let removed = difference.removed_sql.iter().map(alone("gone", "before"));
    added.chain(removed).chain(changed).collect()
}
