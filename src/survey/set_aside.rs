//! Tables that are to be set aside (`tables = "replace"`): what would keep them from being moved is found out before
//! anything is written.

use crate::plan::{Finding, Plan, Severity, StepKind, StepState, schema_aside};
use crate::run::ExecuteError;
use crate::spec::Spec;
use crate::target::{Session, TargetError};

/// Asks the target about the tables that are still to be set aside.
pub(crate) async fn find(spec: &Spec, session: &Session, plan: &Plan) -> Result<Vec<Finding>, ExecuteError> {
    let is_to_do = |step: &&crate::plan::Step| step.kind == StepKind::SetAside && step.state == StepState::Pending;
    let tables = plan.steps.iter().filter(is_to_do).filter_map(|step| step.id.split_once(':').map(|(_, name)| name));
    let tables = tables.collect::<Vec<_>>();
    if tables.is_empty() {
        return Ok(Vec::new());
    }
    let (schema, aside) = (&spec.target.schema, schema_aside(&plan.name));
    let failed = |error: tokio_postgres::Error| TargetError::statement("looking at the replaced tables", &error);
    let sql = include_str!("../target/queries/set_aside_obstacles.sql");
    let rows = session.client().query(sql, &[schema, &tables, &aside]).await.map_err(failed)?;
    let finding = |row: &tokio_postgres::Row| {
        let (table, object) = (row.get::<_, Option<&str>>(0), row.get::<_, &str>(2));
        let name = table.map(|table| format!("{schema}.{table}")).unwrap_or_default();
        let administrator = || format!("let an administrator run `{object};`");
        let (message, suggestion) = match row.get::<_, &str>(1) {
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
        let source = plan.tables.iter().find(|mapping| Some(mapping.target.as_str()) == table);
        let finding = match source {
            Some(mapping) => Finding::about("target_not_set_aside", Severity::Blocks, &mapping.source, message),
            None => Finding::general("target_not_set_aside", Severity::Blocks, message),
        };
        finding.suggesting(suggestion)
    };
    Ok(rows.iter().map(finding).collect())
}
