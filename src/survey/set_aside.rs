//! Tables that are to be set aside (`tables = "replace"`): what would keep them from being moved is found out before
//! anything is written.

use crate::name::Schema;
use crate::plan::{Finding, FindingCode, Plan, Severity, Step, StepKind, schema_aside};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::Session;
use crate::target::structure::{SetAsideObstacle, read_set_aside_obstacles};

/// Asks the target about the tables that are still to be set aside.
pub(crate) async fn find(spec: &Spec, session: &Session, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
    let to_do = plan.steps.iter().filter(|step| step.is_pending(StepKind::SetAside));
    let tables = to_do.filter_map(Step::target_table).collect::<Vec<_>>();
    let mut findings = Vec::<Finding>::new();
    for schema in spec.target.schemas.iter() {
        let of_schema = tables.iter().filter_map(|table| schema.own(table)).collect::<Vec<_>>();
        if of_schema.is_empty() {
            continue;
        }
        for finding in obstacles(spec, session, plan, schema, &of_schema).await? {
            // A right on the database is missing for each of the schemas.
            if !findings.contains(&finding) {
                findings.push(finding);
            }
        }
    }
    Ok(findings)
}

/// Asks about the tables of one schema.
async fn obstacles(
    spec: &Spec,
    session: &Session,
    plan: &Plan,
    schema: &Schema,
    tables: &[&str],
) -> Result<Vec<Finding>, ExecuteError> {
    let aside = schema_aside(&plan.name, &spec.target.schemas, schema.prefix());
    let obstacles = read_set_aside_obstacles(session, schema.name(), tables, &aside).await?;
    let finding = |obstacle: SetAsideObstacle| {
        let table = match &obstacle {
            SetAsideObstacle::NotOwner { table, .. } | SetAsideObstacle::Partition { table, .. } => {
                Some(schema.known(table))
            }
            SetAsideObstacle::NoSchemaRight { .. } | SetAsideObstacle::ForeignSchema { .. } => None,
        };
        let name = table.as_ref().map(|table| spec.target.schemas.shown(table)).unwrap_or_default();
        let administrator = |statement: &str| format!("let an administrator run `{statement};`");
        let (message, suggestion) = match obstacle {
            SetAsideObstacle::NotOwner { statement, .. } => {
                (format!("{name} is replaced, and only its owner can set it aside"), administrator(&statement))
            }
            SetAsideObstacle::Partition { parent, .. } => (
                format!("{name} is a partition of {parent}, which would go on holding its rows when it is set aside"),
                format!("detach it yourself, or migrate into another schema (`{}`)", spec.target.schema_key()),
            ),
            SetAsideObstacle::NoSchemaRight { statement } => (
                format!(
                    "the role of `target.url` may not make the schema {aside}, into which replaced tables are moved"
                ),
                format!("{}, or make the schema for it, as its owner", administrator(&statement)),
            ),
            SetAsideObstacle::ForeignSchema { owner } => (
                format!(
                    "the schema {aside}, into which replaced tables are moved, belongs to the role {owner}, which \
                         could remove them"
                ),
                "remove or rename it, or give it to the role of `target.url`".to_owned(),
            ),
        };
        let source = plan.tables.iter().find(|mapping| Some(&mapping.target) == table.as_ref());
        let finding = match source {
            Some(mapping) => Finding::about(FindingCode::TargetNotSetAside, Severity::Blocks, &mapping.source, message),
            None => Finding::general(FindingCode::TargetNotSetAside, Severity::Blocks, message),
        };
        finding.suggesting(suggestion)
    };
    Ok(obstacles.into_iter().map(finding).collect())
}
