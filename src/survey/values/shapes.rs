//! Findings and words about the shapes of a column's dates.

use crate::catalog::ColumnType;
use crate::plan::{Cause, Finding, FindingCode, Severity, TableMapping};
use crate::survey::values::profile::Profiler;
use crate::value::{DateShape, Reading, Zone};

/// Shapes named in a message; the profile has them all.
const NAMED: usize = 6;

/// How the dates of a column are written, as the end of a message; nothing where the column holds no dates, or all of
/// them are written alike.
pub(crate) fn told(shapes: &[(DateShape, u64)]) -> String {
    if shapes.len() < 2 {
        return String::new();
    }
    let named = shapes.iter().take(NAMED).map(|(shape, count)| format!("{shape} ({count})"));
    let more = shapes.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("{more} more"));
    format!("; stored are {}", named.chain(more).collect::<Vec<_>>().join(", "))
}

/// A note for each column in which some times say their zone and others do not: those without it are understood in the
/// source's zone, which a reviewer should have seen.
pub(crate) fn zones_mixed(mapping: &TableMapping, profiler: &Profiler, zone: &Zone) -> Vec<Finding> {
    let mixed = (0..mapping.columns.len()).filter_map(|position| {
        let shapes = profiler.shapes(position);
        let count = |says_zone: bool| {
            let alike = shapes.iter().filter(|(shape, _)| shape.says_zone() == Some(says_zone));
            alike.map(|(_, count)| count).sum::<u64>()
        };
        mixed(mapping, position, (count(true), count(false)), zone)
    });
    mixed.collect()
}

/// The note about one column, of so many times that say their zone and so many that do not.
pub(crate) fn mixed(
    mapping: &TableMapping,
    position: usize,
    (with, without): (u64, u64),
    zone: &Zone,
) -> Option<Finding> {
    let column = &mapping.columns[position];
    let reads_text = matches!(column.reading, Reading::Stored | Reading::Iso);
    if !reads_text || !matches!(column.column_type, ColumnType::Timestamptz(_)) || with == 0 || without == 0 {
        return None;
    }
    let said = if column.timezone.is_some() { "the column's timezone" } else { "source.timezone" };
    let zone = column.zone(zone);
    let message = format!(
        "timestamps that say their zone ({with}) and others ({without}), which are taken as local time of {zone} ({said})"
    );
    let words = format!("no zone beside others that do, and are taken as local time of {zone} ({said})");
    let cause = Cause::new(["timestamp says", "timestamps say"], words);
    let finding = Finding::about(FindingCode::ZonesMixed, Severity::Notes, &mapping.source, message).because(cause);
    Some(Finding { count: without, ..finding.in_column(&column.source) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Cell;

    #[test]
    fn the_most_frequent_shapes_are_named() {
        let shape = |text: &str| DateShape::of(Cell::Text(text.as_bytes())).unwrap().shape;
        let shapes = [(shape("2024-01-01"), 7), (shape("soon"), 2)];
        assert_eq!(told(&shapes), "; stored are YYYY-MM-DD (7), other text (2)");
        assert_eq!(told(&shapes[..1]), "");
    }
}
