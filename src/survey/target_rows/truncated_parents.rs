//! Tables that are emptied before the load while rows of other tables, which stay, reference theirs: these would belong to whichever
//! rows of the source have the same keys then, or to none.

use super::TargetContents;
use super::words::rows;
use crate::name::{quote_identifier, quote_toml_key};
use crate::plan::{ColumnMapping, Finding, FindingCode, Plan, Severity, StepKind, TableMapping};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::Session;

/// The findings about the tables that this plan empties. `others` is the condition for rows that no run has written.
pub(super) async fn find(
    spec: &Spec,
    session: &Session,
    plan: &Plan,
    held: &TargetContents,
    others: &str,
) -> Result<Vec<Finding>, ExecuteError> {
    let is_emptied = |mapping: &&TableMapping| {
        let mut steps = plan.steps.iter().filter(|step| step.is_pending(StepKind::Truncate));
        held.rows.contains_key(&mapping.target) && steps.any(|step| step.id == StepKind::Truncate.id(&mapping.target))
    };
    let mut findings = Vec::new();
    for parent in plan.tables.iter().filter(is_emptied) {
        let (mut staying, mut count, mut children) = (Vec::new(), 0, Vec::new());
        for child in plan.tables.iter().filter(|child| held.may_read(&child.target)) {
            for reference in child.emptied_references.iter().filter(|reference| reference.table == parent.source) {
                let table = spec.target.schemas.qualified(&child.target);
                let columns = reference.columns.iter().map(|name| quote_identifier(name)).collect::<Vec<_>>();
                let sql = format!(
                    "SELECT count(*) FROM {table} WHERE {others} AND pg_catalog.num_nulls({}) = 0",
                    columns.join(", ")
                );
                let doing = format!("looking for rows of {table} that stay and reference rows that are removed");
                let found = session.query_one(&sql, &[], &doing).await?.get::<_, i64>(0);
                let found =
                    u64::try_from(found).map_err(|_| ExecuteError::Task(format!("{doing}: {found} is no count")))?;
                if found > 0 {
                    let shown = spec.target.schemas.shown(&child.target);
                    staying.push(format!("{} of {shown} by ({})", rows(found), reference.columns.join(", ")));
                    count += found;
                    children.push(child.source.clone());
                }
            }
        }
        if count > 0 {
            let message = format!(
                "rows of {} cannot be removed: rows that stay reference them, and would belong to whichever rows of the source have \
                 these keys, or to none: {}",
                spec.target.schemas.shown(&parent.target),
                staying.join(", ")
            );
            children.dedup();
            let finding = Finding::about(FindingCode::TruncateReferenced, Severity::Blocks, &parent.source, message);
            findings.push(Finding { count, ..finding }.suggesting(suggestion(parent, &children)));
        }
    }
    Ok(findings)
}

/// The lines by which the referenced rows stay as well.
fn suggestion(parent: &TableMapping, children: &[String]) -> String {
    // Rows are brought together by a key of theirs, and by values that transship reads itself.
    let has_key = parent.row_identity.declared_columns().is_some();
    let merges = has_key && !parent.columns.iter().any(ColumnMapping::is_judged);
    format!(
        "# these rows stay as well; or `existing_rows = \"truncate\"` for {}, whose rows are removed then, too\n[tables.{}]\n\
         existing_rows = \"{}\"",
        children.join(", "),
        quote_toml_key(&parent.source),
        if merges { "merge" } else { "keep" }
    )
}
