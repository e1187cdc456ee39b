//! Doing what a plan suggests.

use crate::support::migration::{Migration, Ran};
use serde_json::Value as Json;
use toml::{Table, Value};

/// How often suggestions are pasted: what one leaves behind another table may have referenced.
const ROUNDS: usize = 12;

/// Lays one table over another, as a person merges what stands under the same heading. What is skipped needs nothing else.
pub(crate) fn lay(over: &mut Table, lines: Table) {
    if lines.contains_key("skip") {
        *over = lines;
        return;
    }
    for (key, value) in lines {
        match (over.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(upper)) => lay(under, upper),
            (_, value) => {
                over.insert(key, value);
            }
        }
    }
}

/// Plans, and pastes what the plan suggests until nothing blocks: the plan and how often, or nothing where a suggestion is
/// words for people.
pub(crate) fn unblock(migration: &Migration, spec: &mut Table) -> Result<Option<(Json, usize)>, String> {
    for round in 0..=ROUNDS {
        let planned = migration.run(&["plan", "--format", "json"]);
        if planned.code == Some(0) {
            return Ok(Some((planned.json(), round)));
        }
        let planned = exits(planned, 3)?;
        let plan = planned.json();
        let findings = plan["findings"].as_array().unwrap();
        let mut pasted = false;
        for finding in findings.iter().filter(|finding| finding["severity"] == "blocks") {
            let suggestion = finding["suggestion"].as_str().ok_or_else(|| format!("no suggestion: {finding}"))?;
            let Some(start) = suggestion.lines().position(|line| line.starts_with('[')) else { return Ok(None) };
            if suggestion.contains('…') {
                return Ok(None);
            }
            let lines = suggestion.lines().skip(start).collect::<Vec<_>>().join("\n");
            lay(spec, lines.parse().map_err(|error| format!("{error} in {lines}"))?);
            pasted = true;
        }
        if !pasted || round == ROUNDS {
            return Err(format!("still blocked after {round} rounds: {planned}"));
        }
        migration.write_spec(&toml::to_string(spec).unwrap());
    }
    Ok(None)
}

/// Where the exit code is another, everything that was printed.
pub(crate) fn exits(ran: Ran, code: i32) -> Result<Ran, String> {
    if ran.code == Some(code) { Ok(ran) } else { Err(format!("exits with another code than {code}: {ran}")) }
}
