//! Starting, joining and stopping the private server.

use std::fmt;
use std::path::Path;
use std::process::Child;

use secrecy::SecretString;

use super::installation::Installation;
use super::layout::ClusterLayout;
use super::locks::{LOCK_PATIENCE, StartLock, UserLock};
use super::password::ROLE;
use super::postmaster::Postmaster;
use super::privileges::ServerUser;
use super::process::{join, launch, shut_down};
use super::{EmbeddedError, Endpoint, Machine, cluster, password};

/// A share in the running private server of a spec's directory. Several processes may hold one at once.
pub struct EmbeddedServer {
    endpoint: Endpoint,
    layout: ClusterLayout,
    user_lock: Option<UserLock>,
    /// The keeper or, without one, the server itself; `None` if another process has started it.
    child: Option<Child>,
}

impl EmbeddedServer {
    /// Starts the server of `spec_directory`, making the cluster if there is none, or joins the one that runs already:
    /// started by another transship process, left by one that was killed, or started by the user by hand.
    ///
    /// Blocks until it accepts connections.
    ///
    /// # Errors
    /// No usable PostgreSQL is installed, the directory cannot be used, or the server does not start; see
    /// [`EmbeddedError`]. The messages name the cure, and the end of the server's log where there is one.
    pub fn start(spec_directory: &Path) -> Result<EmbeddedServer, EmbeddedError> {
        EmbeddedServer::start_on(&Machine::this_one(), spec_directory)
    }

    pub(super) fn start_on(machine: &Machine, spec_directory: &Path) -> Result<EmbeddedServer, EmbeddedError> {
        let user = match ClusterLayout::existing(spec_directory, &machine.shelter)? {
            Some(layout) if layout.data_directory().exists() => ServerUser::of_cluster(&layout.data_directory())?,
            _ => ServerUser::for_new_cluster()?,
        };
        let installations = Installation::find_all(&machine.programs, &user)?;
        let probe = installations.first().map(|installation| installation.program("postgres")).unwrap_or_default();
        let layout = ClusterLayout::prepare(spec_directory, &machine.shelter, &user, |directory| {
            !user.is_foreign() || user.can_enter(directory, &probe)
        })?;

        let _start_lock = StartLock::acquire(&layout.start_lock(), LOCK_PATIENCE)?;
        let layout = layout.look_again()?;
        let user_lock = UserLock::acquire(&layout.users_lock())?;
        let major = cluster::major(&layout)?;
        let installation = Installation::choose(&installations, major, &layout.data_directory())?;
        if major.is_none() {
            cluster::create(&layout, &installation, &user)?;
        }
        let password = password::read(&layout)?;
        let (postmaster, child) = match join(&layout)? {
            Some(postmaster) => (postmaster, None),
            None => {
                let (postmaster, child) = launch(&layout, &installation, &user, machine.keeper.as_deref())?;
                (postmaster, Some(child))
            }
        };
        let endpoint = endpoint(&layout, &postmaster, password);
        Ok(EmbeddedServer { endpoint, layout, user_lock: Some(user_lock), child })
    }

    /// Endpoint of the server.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Gives the share back, and stops the server (fast shutdown: open transactions are rolled back) if nobody else
    /// has one. The data stays. A server that the user started by hand stays too.
    ///
    /// Dropping does the same, except that a failure is only logged.
    ///
    /// # Errors
    /// The lock files or the server's process cannot be reached, or the server does not end in time.
    pub fn stop(mut self) -> Result<(), EmbeddedError> {
        self.release()
    }

    /// Releases the user lock, as the kernel does for a killed process.
    #[cfg(test)]
    pub(super) fn forget_user_lock(&mut self) {
        self.user_lock = None;
    }

    fn release(&mut self) -> Result<(), EmbeddedError> {
        let Some(user_lock) = self.user_lock.take() else { return Ok(()) };
        if !self.layout.data_directory().exists() {
            // The keeper knows where the server is.
            tracing::warn!(
                "`{}` was moved or removed while its server ran; the server ends by itself",
                self.layout.data_directory().display()
            );
            return Ok(());
        }
        let _start_lock = StartLock::acquire(&self.layout.start_lock(), LOCK_PATIENCE)?;
        if !user_lock.is_last(&self.layout.users_lock())? {
            return Ok(());
        }
        match Postmaster::read(&self.layout.data_directory())? {
            Some(postmaster) if postmaster.is_alive() && postmaster.was_started_by_us()? => {
                shut_down(&self.layout, &postmaster)?;
            }
            _ => return Ok(()),
        }
        // It has ended; asked for its status, it does not stay a zombie.
        if let Some(Err(error)) = self.child.take().map(|mut child| child.try_wait()) {
            tracing::debug!(%error, "could not wait for the server's keeper");
        }
        Ok(())
    }
}

impl fmt::Debug for EmbeddedServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EmbeddedServer").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Drop for EmbeddedServer {
    fn drop(&mut self) {
        if let Err(error) = self.release() {
            tracing::warn!("{error}");
        }
    }
}

/// Endpoint of a running server.
pub(super) fn endpoint(layout: &ClusterLayout, postmaster: &Postmaster, password: SecretString) -> Endpoint {
    Endpoint {
        socket_directory: postmaster.socket_directory.clone(),
        port: postmaster.port,
        user: ROLE.to_owned(),
        password,
        data_directory: layout.data_directory(),
        password_file: layout.password_file(),
        log_file: layout.log_file(),
    }
}
