//! Tables that are to be set aside (`tables = "replace"`): what would keep them from being moved is found out before
//! anything is written.

use crate::plan::{Finding, Plan, Severity, Step, StepKind, schema_aside};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::Session;
use crate::target::structure::{SetAsideObstacle, set_aside_obstacles};

/// Asks the target about the tables that are still to be set aside.
pub(crate) async fn find(spec: &Spec, session: &Session, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
    let to_do = plan.steps.iter().filter(|step| step.is_pending(StepKind::SetAside));
    let tables = to_do.filter_map(Step::target_table).collect::<Vec<_>>();
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let (schema, aside) = (spec.target.schemas.first(), schema_aside(&plan.name));
    let obstacles = set_aside_obstacles(session, schema, &tables, &aside).await?;
    let finding = |SetAsideObstacle { table, kind, object }: SetAsideObstacle| {
        let name = table.as_ref().map(|table| format!("{schema}.{table}")).unwrap_or_default();
        let administrator = || format!("let an administrator run `{object};`");
        let (message, suggestion) = match kind.as_str() {
            "owner" => (format!("{name} is replaced, and only its owner can set it aside"), administrator()),
            "partition" => (
                format!("{name} is a partition of {object}, which would go on holding its rows when it is set aside"),
                "detach it yourself, or migrate into another schema (`target.schema`)".to_owned(),
            ),
            "database" => (
                format!(
                    "the role of `target.url` may not make the schema {aside}, into which replaced tables are moved"
                ),
                format!("{}, or make the schema for it, as its owner", administrator()),
            ),
            _ => (
                format!(
                    "the schema {aside}, into which replaced tables are moved, belongs to the role {object}, which \
                         could remove them"
                ),
                "remove or rename it, or give it to the role of `target.url`".to_owned(),
            ),
        };
        let source = plan.tables.iter().find(|mapping| Some(&mapping.target) == table.as_ref());
        let finding = match source {
            Some(mapping) => Finding::about("target_not_set_aside", Severity::Blocks, &mapping.source, message),
            None => Finding::general("target_not_set_aside", Severity::Blocks, message),
        };
        finding.suggesting(suggestion)
    };
    Ok(obstacles.into_iter().map(finding).collect())
}
