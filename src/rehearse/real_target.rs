//! The target that a rehearsal is for: it gives its structure, and is measured. Nothing is written that stays.

use super::outcome::TargetShown;
use crate::connection::TargetConnection;
use crate::run::{ExecuteError, Stop};
use crate::spec::{Spec, TablesMode};
use crate::target::{Outline, Server, TargetError, ThrowAway, embedded};

/// The target, as far as it is needed.
pub(super) struct RealTarget {
    /// The server; `None` if it is not needed, was never made or is not reached.
    pub(super) server: Option<Server>,
    pub(super) shown: TargetShown,
    pub(super) notes: Vec<String>,
    /// Whether it is a private server of this machine, as the one of the rehearsal is.
    pub(super) is_private: bool,
}

impl RealTarget {
    /// Opens the target.
    ///
    /// # Errors
    /// It is not reached although its structure is needed.
    pub(super) async fn open(spec: &Spec, stop: &Stop) -> Result<Self, ExecuteError> {
        let place = spec.target.connection.redacted();
        let shown = TargetShown { place, postgresql: None, probe: None };
        let mut real = Self { server: None, shown, notes: Vec::new(), is_private: false };
        let needs_structure = spec.target.tables != TablesMode::Create;
        match &spec.target.connection {
            TargetConnection::Postgres(_) => {
                let server = Server::open(&spec.target.connection, &spec.name).await?;
                let version = async { server.connect().await?.read_server_version().await };
                match stop.or_end(version).await {
                    Ok(version) => {
                        real.shown.postgresql = Some(version);
                        real.server = Some(server);
                    }
                    Err(ExecuteError::Target(error)) if !needs_structure => {
                        real.notes.push(format!("There is no estimate, for the target is not reached: {error}"));
                    }
                    Err(error) => return Err(error),
                }
            }
            TargetConnection::Embedded { spec_directory } => {
                real.is_private = true;
                real.notes
                    .push("The estimate is for a private server of this machine, as the target is one.".to_owned());
                if needs_structure && embedded::inspect(spec_directory).map_err(TargetError::from)?.is_some() {
                    real.server = Some(Server::open(&spec.target.connection, &spec.name).await?);
                }
            }
            TargetConnection::Unset { variable } if needs_structure => {
                return Err(TargetError::Unset { variable: variable.clone() }.into());
            }
            TargetConnection::Unset { variable } => {
                real.notes.push(format!("There is no estimate: {variable}, which names the target, is not set."));
            }
        }
        Ok(real)
    }

    /// Gives the private server the target's structure, where the spec fills tables that are there; `None` if it begins empty.
    ///
    /// # Errors
    /// The structure cannot be read or made; an extension is not installed on this machine.
    pub(super) async fn outline(
        &self,
        spec: &Spec,
        private: &ThrowAway,
        stop: &Stop,
    ) -> Result<Option<Outline>, ExecuteError> {
        let mut needed = spec.target.extensions.clone();
        let Some(server) = self.server.as_ref().filter(|_| spec.target.tables != TablesMode::Create) else {
            private.server().must_have_extensions(&needed).await?;
            return Ok(None);
        };
        needed.extend(server.read_extensions().await?);
        private.server().must_have_extensions(&needed).await?;
        let directory = private.directory().join("outline");
        let goes_on = {
            let stop = stop.clone();
            move || !stop.is_thrown()
        };
        let told = |error: TargetError| match error {
            TargetError::Stopped { .. } => ExecuteError::Interrupted,
            error => error.into(),
        };
        let outline = server.outline(&spec.name, &directory, goes_on.clone()).await.map_err(told)?;
        private.server().create_roles(&outline.roles).await?;
        private.server().restore_outline(&directory, goes_on).await.map_err(told)?;
        std::fs::remove_dir_all(&directory).map_err(TargetError::Scratch)?;
        Ok(Some(outline))
    }

    /// Measures the target. What keeps it from being measured is a note, not an error.
    ///
    /// # Errors
    /// The user asked to stop.
    pub(super) async fn measure(&mut self, stop: &Stop) -> Result<(), ExecuteError> {
        let Some(server) = self.server.as_ref().filter(|_| !self.is_private) else { return Ok(()) };
        match stop.or_end(server.probe()).await {
            Ok(probe) => {
                if probe.is_temporary {
                    self.notes.push(
                        "The target was measured with a temporary table, which has no write-ahead log: its role may make no \
                         schema there."
                            .to_owned(),
                    );
                }
                self.shown.probe = Some(probe);
                Ok(())
            }
            Err(ExecuteError::Interrupted) => Err(ExecuteError::Interrupted),
            Err(error) => {
                self.notes.push(format!("There is no estimate, for the target was not measured: {error}"));
                Ok(())
            }
        }
    }

    /// Whether the rehearsal's times say anything about it.
    pub(super) fn is_known(&self) -> bool {
        self.is_private || self.shown.probe.is_some()
    }
}
