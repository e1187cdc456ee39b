//! Signing in: one way of authentication after another, as the server asks for them.
//!
//! The ways themselves are `mysql_common`'s; here stands which of them a connection may go, so that nobody between client
//! and server learns the password.

use super::error::AuthenticationFailure;
use super::stream::Stream;
use mysql_common::auth::plugins::{AuthProc, ChallengeResponsePlugin, Context, Error, Response};
use mysql_common::packets::AuthPlugin;

/// Facts about a connection that decide what may be said over it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Transport {
    /// The connection is encrypted.
    is_encrypted: bool,
    /// A socket of this machine.
    is_unix: bool,
    /// A key of the server's may be believed although it comes over a connection that is not protected: someone in between
    /// could send his own, and read the password. MySQL's programs ask for `--get-server-public-key` in every such case; over
    /// the loopback interface there is nobody in between.
    takes_public_key: bool,
}

impl Transport {
    pub(super) fn of(stream: &Stream, allows_public_key_retrieval: bool) -> Self {
        Self {
            is_encrypted: stream.is_encrypted(),
            is_unix: stream.is_unix(),
            takes_public_key: allows_public_key_retrieval || stream.is_local(),
        }
    }
}

/// One way of authentication, under way.
pub(super) struct Exchange<'a> {
    procedure: AuthProc,
    name: String,
    scramble: Vec<u8>,
    password: &'a str,
    transport: Transport,
}

impl<'a> Exchange<'a> {
    /// Begins the way that the server names.
    ///
    /// # Errors
    /// The way is not known, or would reveal the password on this connection.
    pub(super) fn begin(
        plugin: &AuthPlugin<'_>,
        scramble: Vec<u8>,
        password: &'a str,
        transport: Transport,
    ) -> Result<Self, AuthenticationFailure> {
        let name = String::from_utf8_lossy(plugin.as_bytes()).into_owned();
        let procedure = AuthProc::init(plugin).map_err(|_| AuthenticationFailure::Unknown(name.clone()))?;
        match procedure {
            AuthProc::MysqlOldPassword(_) => return Err(AuthenticationFailure::Outdated),
            AuthProc::MysqlClearPassword(_) if !transport.is_encrypted && !transport.is_unix => {
                return Err(AuthenticationFailure::Unprotected);
            }
            _ => {}
        }
        Ok(Self { procedure, name, scramble, password, transport })
    }

    /// The first answer; `None` if there is nothing to say.
    pub(super) fn first(&mut self) -> Result<Option<Vec<u8>>, AuthenticationFailure> {
        let challenge = self.scramble.clone();
        self.answer(&challenge)
    }

    /// The answer to a challenge; `None` if there is nothing to say.
    pub(super) fn answer(&mut self, challenge: &[u8]) -> Result<Option<Vec<u8>>, AuthenticationFailure> {
        let context =
            Credentials { password: self.password, scramble: self.scramble.clone(), transport: self.transport };
        let (packet, is_asking) = match self.procedure.run(context, challenge) {
            Ok(Response::Next { packet }) => (packet, true),
            Ok(Response::Last { packet }) => (packet, false),
            Err(Error::FeatureRequired(_)) => return Err(AuthenticationFailure::Unknown(self.name.clone())),
            Err(error) => {
                return Err(AuthenticationFailure::Exchange { name: self.name.clone(), cause: error.to_string() });
            }
        };
        // One byte asks for the server's key.
        let asks_for_key = is_asking && packet.as_ref().is_some_and(|packet| packet.len() == 1);
        let by_key = matches!(self.procedure, AuthProc::CachingSha2Password(_) | AuthProc::Sha256Password(_));
        if by_key && asks_for_key && !self.transport.takes_public_key {
            return Err(AuthenticationFailure::KeyNotTrusted(self.name.clone()));
        }
        Ok(packet)
    }
}

/// Knowledge of a way of authentication.
struct Credentials<'a> {
    password: &'a str,
    scramble: Vec<u8>,
    transport: Transport,
}

impl Context for Credentials<'_> {
    fn pass(&self) -> &[u8] {
        self.password.as_bytes()
    }

    fn is_ipc_transport(&self) -> bool {
        self.transport.is_unix
    }

    fn is_tls_transport(&self) -> bool {
        self.transport.is_encrypted
    }

    fn scramble(&self) -> &[u8] {
        &self.scramble
    }

    fn server_key_pem(&self) -> Option<&[u8]> {
        None
    }
}
