//! Counters of keys: the source's go on behind every number that the target has given.

use super::error::BackError;
use crate::catalog::KeyGeneration;
use crate::plan::{Finding, FindingCode, Severity};
use crate::spec::Spec;
use crate::survey::Survey;
use crate::target::Session;
use crate::target::draws::{Draw, DrawnSequence, read_draws};

/// Work during which the target is asked.
const DOING: &str = "asking the sequences of the tables";

/// Finding of a counter whose last number is not known.
const UNKNOWN: FindingCode = FindingCode::CounterUnknown;

/// The last numbers of the counters that never give a key twice, as the target's sequences have them; and findings about those that are
/// not known.
pub(super) async fn counters(
    session: &Session,
    spec: &Spec,
    survey: &Survey,
) -> Result<(Vec<(String, i64)>, Vec<Finding>), BackError> {
    let (schemas, mut counters, mut findings) = (&spec.target.schemas, Vec::new(), Vec::new());
    for mapping in &survey.plan.tables {
        let table = survey.catalog.table(&mapping.source);
        let counted = table.and_then(|table| {
            table.columns.iter().find(|column| column.generates_keys == Some(KeyGeneration::NeverTwice))
        });
        let Some(counted) = counted else { continue };
        let Some(column) = mapping.target_column(&counted.name) else { continue };
        let place = schemas.place(&mapping.target);
        for found in read_draws(session, place.schema, Some(place.name), DOING).await? {
            if found.column != column {
                continue;
            }
            let reason = match drawn_from(&found.draw) {
                Ok(drawn) => {
                    let position =
                        drawn.read_position(session, &schemas.qualified(&mapping.target), column, DOING).await?;
                    let last = position.next.map(|next| next - 1).or(position.last_key);
                    counters.extend(last.map(|last| (mapping.source.clone(), last)));
                    continue;
                }
                Err(reason) => reason,
            };
            let message = format!(
                "{reason}: the counter goes on behind the keys that there are, and may give those of removed rows again"
            );
            let finding = Finding::about(UNKNOWN, Severity::Warns, &mapping.source, message);
            findings.push(finding.in_column(&counted.name));
        }
    }
    Ok((counters, findings))
}

/// The sequence that a column draws its numbers from, upwards; otherwise the reason for which its last number is not known.
fn drawn_from(draw: &Draw) -> Result<&DrawnSequence, String> {
    match draw {
        Draw::Unclear(unclear) => {
            Err(format!("its default in the target, {}, {}", unclear.default, unclear.cause.words()))
        }
        Draw::From(drawn) if !drawn.is_readable => {
            Err(format!("the role of `target.url` may not read {} and the column", drawn.sequence))
        }
        Draw::From(drawn) if !drawn.is_number => {
            Err(format!("{} of the target gives numbers to a column that holds none", drawn.sequence))
        }
        Draw::From(drawn) if drawn.rule.cycles || drawn.rule.increment < 1 => {
            Err(format!("{} of the target does not count upwards for ever", drawn.sequence))
        }
        Draw::From(drawn) => Ok(drawn),
    }
}
