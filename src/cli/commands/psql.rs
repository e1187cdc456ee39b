//! `transship psql`

use super::super::arguments::PsqlArguments;
use super::super::exit::Exit;
use super::super::failure::Failure;
use super::{close, load, nothing_applied, target_is_made};
use std::process::Command;
use transship::target::Server;

pub(super) async fn run(arguments: PsqlArguments) -> Result<Exit, Failure> {
    let spec = load(&arguments.spec)?;
    if !target_is_made(&spec)? {
        return Err(nothing_applied(&spec));
    }
    let server = Server::open(&spec.target.connection, &spec.name).await?;
    let mut command = Command::new("psql");
    // A service of the environment would win over the other variables.
    command.env_remove("PGSERVICE").env_remove("PGHOSTADDR");
    command.envs(server.libpq_environment(&spec.target.schemas)).args(&arguments.arguments);
    // psql owns the terminal, and Ctrl-C cancels its queries: the command ends only with psql.
    let ran = tokio::task::spawn_blocking(move || command.status()).await;
    let ran = match ran {
        Ok(Ok(status)) if status.success() => Ok(Exit::Done),
        Ok(Ok(_)) => Ok(Exit::Failed),
        Ok(Err(error)) => {
            let hint = "Install PostgreSQL's client programs (Debian: apt-get install postgresql-client).".to_owned();
            Err(Failure::new(Exit::Failed, format!("psql does not start: {error}"), Some(hint)))
        }
        Err(error) => Err(Failure::new(Exit::Failed, format!("psql was lost: {error}"), None)),
    };
    close(server, ran).await
}
