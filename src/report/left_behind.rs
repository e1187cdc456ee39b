//! Omitted objects in words: their number, and the list with equal reasons stated once.

use super::layout::{count, wrapped};
use crate::name::visible::visible_name;
use crate::plan::{Finding, Omitted, Plan};

/// Most names of one entry of the list.
const NAMED: usize = 5;

/// Most lines of a suggestion for many objects; the rest is in the JSON plan.
const LINES: usize = 16;

/// `3 defaults, 1 view and 2 triggers stay behind`; `None` if the spec has decided about all omitted objects.
#[must_use]
pub fn left_behind_words(plan: &Plan) -> Option<String> {
    let verb = if let [(1, _)] = plan.left_behind().as_slice() { "stays" } else { "stay" };
    omissions(plan).map(|omissions| format!("{omissions} {verb} behind"))
}

/// Number of omitted objects, for a table.
pub(super) fn left_behind_figure(plan: &Plan) -> String {
    omissions(plan).unwrap_or_else(|| "nothing undecided".to_owned())
}

fn omissions(plan: &Plan) -> Option<String> {
    let omissions = plan.left_behind().into_iter().map(|(number, noun)| format!("{} {noun}", count(number)));
    let omissions = omissions.collect::<Vec<_>>();
    Some(match omissions.split_last()? {
        (last, []) => last.clone(),
        (last, others) => format!("{} and {last}", others.join(", ")),
    })
}

/// Most characters of an object's text beside its name.
const LONGEST_TEXT: usize = 40;

/// Omitted objects of one kind with the same reason.
pub(super) struct OmittedGroup<'a> {
    pub(super) first: &'a Omitted,
    pub(super) members: Vec<&'a Omitted>,
}

impl OmittedGroup<'_> {
    /// The names, the first few of them; each with its text where the texts differ.
    pub(super) fn names(&self) -> String {
        let is_same = self.has_one_text();
        let on_one_line = |text: &String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let name = |one: &&Omitted| match one.text.as_ref().map(on_one_line) {
            Some(text) if !is_same && text.chars().count() <= LONGEST_TEXT => {
                format!("{} ({})", visible_name(&one.name), visible_name(&text))
            }
            _ => visible_name(&one.name).into_owned(),
        };
        let shown = self.members.iter().take(NAMED).map(name).collect::<Vec<_>>().join(", ");
        match self.members.len().saturating_sub(NAMED) {
            0 => shown,
            more => format!("{shown} and {} more", count(more as u64)),
        }
    }

    /// The reason: with what can be said of it in the spec for one object, in short for several.
    pub(super) fn reason(&self) -> String {
        let is_one_reason = self.members.iter().all(|one| one.reason == self.first.reason);
        match (is_one_reason, &self.first.text) {
            (true, _) => self.first.reason.clone(),
            (false, Some(text)) if self.has_one_text() && !text.contains('\n') => {
                format!("{}: {text}", self.first.cause)
            }
            _ => self.first.cause.clone(),
        }
    }

    fn has_one_text(&self) -> bool {
        self.members.iter().all(|one| one.text == self.first.text)
    }
}

/// Groups of alike objects, each at the position of its first.
pub(super) fn groups(omitted: &[Omitted]) -> Vec<OmittedGroup<'_>> {
    let mut groups: Vec<OmittedGroup<'_>> = Vec::new();
    for one in omitted {
        let is_alone = one.kind.is_program() && one.finding.is_some();
        let is_alike = |group: &&mut OmittedGroup<'_>| {
            let has_own_text = is_alone && group.first.reason != one.reason;
            !has_own_text
                && (group.first.kind, &group.first.cause, group.first.finding) == (one.kind, &one.cause, one.finding)
        };
        // Sorted by kind: those alike are near the end.
        match groups.iter_mut().rev().take_while(|group| group.first.kind == one.kind).find(is_alike) {
            Some(group) => group.members.push(one),
            None => groups.push(OmittedGroup { first: one, members: vec![one] }),
        }
    }
    groups
}

/// The list as text.
pub(super) fn list(omitted: &[Omitted]) -> String {
    let one =
        |group: &OmittedGroup<'_>| format!("  {} {}\n{}", group.first.kind, group.names(), wrapped(&group.reason(), 6));
    groups(omitted).iter().map(one).collect::<Vec<_>>().join("\n")
}

/// Title in front of a finding's examples; `None` if its message has the only name already.
pub(super) fn examples_title(finding: &Finding) -> Option<&'static str> {
    // The places have their rows beside them.
    if !finding.members.is_empty() && !finding.examples_are_names() {
        return None;
    }
    match (finding.examples.is_empty(), finding.examples_are_names()) {
        (true, _) => None,
        (false, false) => Some("rows"),
        (false, true) => (finding.count > 1).then_some("among them"),
    }
}

/// Suggestion for people: of lines for many objects only the first, in whole headings.
pub(super) fn shown_suggestion(finding: &Finding) -> Option<String> {
    let suggestion = finding.suggestion.as_deref()?;
    let lines = suggestion.lines().collect::<Vec<_>>();
    let is_heading = |at: &usize| lines[*at].starts_with('[');
    let first = (0..lines.len()).find(is_heading).unwrap_or(0);
    if lines.len() <= LINES || finding.members.is_empty() {
        return Some(suggestion.to_owned());
    }
    // At least the first heading with its lines.
    let end = (first + 1..lines.len()).filter(is_heading).take_while(|at| *at <= LINES).last();
    let end = end.or_else(|| (first + 1..lines.len()).find(is_heading)).unwrap_or(lines.len());
    let mut shown = lines[..end].join("\n");
    if end < lines.len() {
        shown.push_str("\n# and so on: `transship plan --format json` has the lines for all of them");
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::FindingCode;
    use crate::plan::Severity;

    #[test]
    fn a_long_suggestion_ends_behind_a_whole_heading() {
        let block = |name: usize| format!("[steps.s{name}]\nsql = '''\nline\n'''\nundo = \"\"");
        let lines = format!("# advice\n{}", (0..9).map(block).collect::<Vec<_>>().join("\n"));
        let finding = Finding::general(FindingCode::TriggerOmitted, Severity::Warns, "m").suggesting(lines.clone());
        let many = Finding { count: 9, members: vec![finding.clone(); 9], ..finding.clone() };
        let shown = shown_suggestion(&many).unwrap();
        assert!(shown.lines().count() <= LINES + 1 && shown.contains("[steps.s2]") && !shown.contains("s3"), "{shown}");
        assert_eq!(shown_suggestion(&finding), Some(lines));
    }
}
