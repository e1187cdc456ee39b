//! Places of a finding about several, folded below it.

use super::layout::count;
use crate::plan::Finding;

/// Most places that a document for people names one by one; the JSON plan has all.
const NAMED: usize = 8;

/// A place with what was found there.
pub(super) struct FoundPlace {
    pub(super) place: String,
    /// The number of rows and some of their keys, or the message about the place.
    pub(super) words: String,
}

impl FoundPlace {
    /// Place and words on one line.
    pub(super) fn line(&self) -> String {
        if self.words.is_empty() { self.place.clone() } else { format!("{}: {}", self.place, self.words) }
    }
}

/// The places of a finding; none where it has but one, or where its examples are the names of the objects.
pub(super) fn places(finding: &Finding) -> Vec<FoundPlace> {
    if finding.examples_are_names() {
        return Vec::new();
    }
    let is_same = finding.members.iter().all(|member| member.message == finding.members[0].message);
    let detail = |member: &Finding| member.cause.as_ref().and_then(|cause| cause.detail.clone());
    let is_one_detail = finding.members.iter().all(|member| detail(member) == detail(&finding.members[0]));
    let place = |member: &Finding| {
        let words = match (&member.cause, is_same) {
            // The detail that the message leaves out, where the places differ in it.
            (Some(_), _) => {
                let detail = detail(member).filter(|_| !is_one_detail).unwrap_or_default();
                count(member.count) + &detail + &member.rows_in_words()
            }
            (None, true) => member.rows_in_words().trim().to_owned(),
            (None, false) => member.message.clone() + &member.rows_in_words(),
        };
        FoundPlace { place: member.place(), words }
    };
    finding.members.iter().map(place).collect()
}

/// The first places, and the number of the others in words.
pub(super) fn first(places: &[FoundPlace]) -> (&[FoundPlace], Option<String>) {
    // To count one place takes as much room as to name it.
    let named = if places.len() <= NAMED + 1 { places.len() } else { NAMED };
    let more = (named < places.len()).then(|| format!("and {} more", count((places.len() - named) as u64)));
    (&places[..named], more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::FindingCode;
    use crate::plan::Severity;

    #[test]
    fn few_places_are_named_and_many_are_counted() {
        let member = |table: usize| Finding {
            examples: vec!["id=1".to_owned()],
            ..Finding::about(FindingCode::RowTooWide, Severity::Blocks, &format!("t{table}"), "wide")
        };
        let finding = |number| Finding {
            members: (0..number).map(member).collect(),
            ..Finding::general(FindingCode::RowTooWide, Severity::Blocks, "wide")
        };
        let told = |number| {
            let places = places(&finding(number));
            let (named, more) = first(&places);
            (named.len(), more)
        };
        assert_eq!([told(0), told(9)], [(0, None), (9, None)]);
        assert_eq!(told(30), (NAMED, Some("and 22 more".to_owned())));
        assert_eq!(places(&finding(2))[1].line(), "t1: (rows: id=1)");
    }
}
