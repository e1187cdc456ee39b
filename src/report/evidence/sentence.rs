//! Result of a command in one sentence, for the head of the page.

use super::{CommandEnd, Evidence, TableEvidence, TableState};
use crate::report::layout::{count, counted};

/// The sentence; `None` where the outcome's words say all.
pub(super) fn sentence(evidence: &Evidence) -> Option<String> {
    if evidence.tables.is_empty() {
        return None;
    }
    let said = match evidence.outcome {
        CommandEnd::Declined | CommandEnd::Refused => return None,
        CommandEnd::Equal => equal(evidence),
        CommandEnd::NotEqual => not_equal(evidence),
        CommandEnd::Done
        | CommandEnd::NothingToDo
        | CommandEnd::ChecksFailed
        | CommandEnd::Interrupted
        | CommandEnd::Failed => {
            if evidence.command == "verify" {
                return None;
            }
            applied(evidence)
        }
    };
    Some(said)
}

fn tables(number: usize) -> String {
    counted(number as u64, "table", "tables")
}

/// Where the rows of the source are.
fn applied(evidence: &Evidence) -> String {
    let rows = &evidence.rows;
    let (source, all) = (counted(rows.source, "row", "rows"), tables(evidence.tables.len()));
    if !rows.adds_up {
        let right = evidence.tables.iter().filter(|table| table.state.is_right()).count();
        return format!(
            "{} of {all} are whole: {} of {source} are in PostgreSQL.",
            count(right as u64),
            count(rows.loaded)
        );
    }
    let verb = |number: u64| if number == 1 { "was" } else { "were" };
    let apart = [(rows.already_there, "there already"), (rows.rejected, "rejected"), (rows.filtered, "left out")];
    let apart = apart.iter().filter(|(number, _)| *number > 0);
    let apart = apart.map(|(number, word)| format!("{} {} {word}", count(*number), verb(*number)));
    let apart = apart.collect::<Vec<_>>().join(", ");
    let mut said = if apart.is_empty() {
        format!("All {source} of {all} are in PostgreSQL.")
    } else {
        format!("Of {source} in {all}, {} are in PostgreSQL; {apart}, as the spec says.", count(rows.loaded))
    };
    let (nulled, shortened) =
        (sum(evidence, |table| table.nulled_values), sum(evidence, |table| table.shortened_values));
    if nulled > 0 {
        said += &format!(" {} NULL.", counted(nulled, "value became", "values became"));
    }
    if shortened > 0 {
        said += &format!(" {} shortened.", counted(shortened, "value was", "values were"));
    }
    said
}

fn sum(evidence: &Evidence, of: fn(&TableEvidence) -> u64) -> u64 {
    evidence.tables.iter().map(of).sum()
}

fn equal(evidence: &Evidence) -> String {
    let compared = evidence.tables.iter().filter(|table| table.state == TableState::Equal).count();
    let rows = counted(evidence.rows.loaded + evidence.rows.already_there, "row", "rows");
    let altered = altered(evidence);
    match (evidence.sample, evidence.not_compared.len()) {
        (Some(sample), _) => format!(
            "In a sample of {sample} every value is the same on both sides{altered}; all {rows} of {} were counted.",
            tables(compared)
        ),
        (None, 0) => format!("Every value of {rows} in {} is the same on both sides{altered}.", tables(compared)),
        (None, left) => format!(
            "As far as was compared, {rows} in {} are the same on both sides{altered}; {} not compared, for the reason below.",
            tables(compared),
            counted(left as u64, "part was", "parts were")
        ),
    }
}

/// The values that are the same in another sense: as what the spec makes of them.
fn altered(evidence: &Evidence) -> String {
    let parts = [
        (sum(evidence, |table| table.shortened_values), ["value", "values"], "as shortened"),
        (sum(evidence, |table| table.nulled_values), ["value", "values"], "as NULL"),
        (sum(evidence, |table| table.target_preferred_rows), ["row", "rows"], "with the target's own values"),
    ];
    let parts = parts.iter().filter(|(number, ..)| *number > 0);
    let parts = parts.map(|(number, [one, many], how)| format!("{} {how}", counted(*number, one, many)));
    let parts = parts.collect::<Vec<_>>();
    if parts.is_empty() { String::new() } else { format!(", {}, as the spec says", parts.join(", ")) }
}

fn not_equal(evidence: &Evidence) -> String {
    let wrong = evidence.tables.iter().filter(|table| table.state == TableState::NotEqual).collect::<Vec<_>>();
    let sum = |of: fn(&super::TableEvidence) -> Option<u64>| wrong.iter().filter_map(|table| of(table)).sum::<u64>();
    let rows = [
        (sum(|table| table.missing), "missing"),
        (sum(|table| table.extra), "too many"),
        (sum(|table| table.different), "different"),
    ];
    let rows = rows.iter().filter(|(number, _)| *number > 0);
    let rows = rows.map(|(number, word)| format!("{} {word}", counted(*number, "row", "rows"))).collect::<Vec<_>>();
    let mut parts = Vec::new();
    if !wrong.is_empty() {
        let rows = if rows.is_empty() { String::new() } else { format!(" ({})", rows.join(", ")) };
        let verb = if wrong.len() == 1 { "differs" } else { "differ" };
        parts.push(format!("{} of {} {verb}{rows}", count(wrong.len() as u64), tables(evidence.tables.len())));
    }
    let others = [
        (evidence.checks.iter().filter(|check| check.is_failure()).count(), "check failed", "checks failed"),
        (evidence.views.iter().filter(|view| view.equal == Some(false)).count(), "view differs", "views differ"),
        (evidence.structure.len(), "object is not as apply left it", "objects are not as apply left them"),
    ];
    for (number, one, many) in others.into_iter().filter(|(number, ..)| *number > 0) {
        parts.push(counted(number as u64, one, many));
    }
    format!("{}.", parts.join("; "))
}
