//! The bytes between client and server: a socket, with or without TLS.

use super::ClientError;
use super::error::TlsFailure;
use crate::connection::{MysqlEndpoint, MysqlSource, TlsMode, tls_configuration};
use rustls::pki_types::ServerName;
use rustls::{ClientConnection, StreamOwned};
use socket2::{SockRef, TcpKeepalive};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Keepalives that notice a lost connection within a minute, as on the side of the target.
const KEEPALIVE: TcpKeepalive =
    TcpKeepalive::new().with_time(Duration::from_secs(30)).with_interval(Duration::from_secs(10)).with_retries(3);

/// A socket that is connected.
#[derive(Debug)]
pub(super) enum Socket {
    /// Over TCP.
    Tcp(TcpStream),
    /// A socket of this machine.
    Unix(UnixStream),
}

/// A connection's stream.
#[derive(Debug)]
pub(super) enum Stream {
    /// Bytes as they are.
    Plain(Socket),
    /// Encrypted.
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

/// Moment until which a connection has to be made; `None` for no limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    pub(super) fn after(limit: Option<Duration>) -> Self {
        Self(limit.and_then(|limit| Instant::now().checked_add(limit)))
    }

    /// The time that is left; `None` for no limit.
    fn left(self) -> io::Result<Option<Duration>> {
        let Some(deadline) = self.0 else { return Ok(None) };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Socket {
    /// Connects; each address of a name is tried.
    pub(super) fn open(endpoint: &MysqlEndpoint, deadline: Deadline) -> io::Result<Self> {
        let (host, port) = match endpoint {
            // A socket whose listeners are busy blocks for as long as they are; it is not worth a thread.
            MysqlEndpoint::Unix(path) => return Ok(Self::Unix(UnixStream::connect(path)?)),
            MysqlEndpoint::Tcp { host, port } => (host.as_str(), *port),
        };
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in (host, port).to_socket_addrs()? {
            let connected = match deadline.left()? {
                Some(left) => TcpStream::connect_timeout(&address, left),
                None => TcpStream::connect(address),
            };
            match connected {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    SockRef::from(&stream).set_tcp_keepalive(&KEEPALIVE)?;
                    return Ok(Self::Tcp(stream));
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn limit(&self, limit: Option<Duration>) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.set_read_timeout(limit).and_then(|()| stream.set_write_timeout(limit)),
            Self::Unix(stream) => stream.set_read_timeout(limit).and_then(|()| stream.set_write_timeout(limit)),
        }
    }

    fn encrypt(self, server: &MysqlSource, deadline: Deadline) -> Result<Stream, ClientError> {
        let own = server.client_certificate.as_ref();
        let configuration = tls_configuration(server.tls, &server.root_certificates, own, "ssl-ca");
        let configuration = configuration.map_err(TlsFailure::Files)?;
        let host = match &server.endpoint {
            MysqlEndpoint::Tcp { host, .. } => host.as_str(),
            MysqlEndpoint::Unix(_) => "localhost",
        };
        let name = ServerName::try_from(host.to_owned()).map_err(|error| TlsFailure::NotTrusted(error.to_string()))?;
        let connection = ClientConnection::new(Arc::new(configuration), name);
        let connection = connection.map_err(|error| TlsFailure::Handshake(error.to_string()))?;
        let mut stream = StreamOwned::new(connection, self);
        while stream.conn.is_handshaking() {
            stream.sock.limit(deadline.left()?)?;
            stream.conn.complete_io(&mut stream.sock).map_err(tls_failure)?;
        }
        Ok(Stream::Tls(Box::new(stream)))
    }
}

/// The failure of a handshake: the certificate's, the other side's, or the socket's.
fn tls_failure(error: io::Error) -> ClientError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidCertificate(cause)) => TlsFailure::NotTrusted(cause.to_string()).into(),
        Some(cause) => TlsFailure::Handshake(cause.to_string()).into(),
        None => error.into(),
    }
}

impl Stream {
    /// Encrypts what follows, and checks the server's certificate as the mode asks for.
    pub(super) fn encrypt(self, server: &MysqlSource, deadline: Deadline) -> Result<Self, ClientError> {
        match self {
            Self::Plain(socket) => socket.encrypt(server, deadline),
            encrypted @ Self::Tls(_) => Ok(encrypted),
        }
    }

    /// Limits every reading and writing to what is left until the deadline.
    pub(super) fn limit_until(&self, deadline: Deadline) -> io::Result<()> {
        self.limit(deadline.left()?)
    }

    /// Limits the time in which the other side has to say or take something; `None` for no limit.
    pub(super) fn limit(&self, limit: Option<Duration>) -> io::Result<()> {
        self.socket().limit(limit)
    }

    fn socket(&self) -> &Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &stream.sock,
        }
    }

    /// Whether nobody between client and server can read.
    pub(super) fn is_encrypted(&self) -> bool {
        matches!(self, Self::Tls(_))
    }

    /// Whether it is a socket of this machine.
    pub(super) fn is_unix(&self) -> bool {
        matches!(self.socket(), Socket::Unix(_))
    }

    /// Whether nothing leaves this machine.
    pub(super) fn is_local(&self) -> bool {
        match self.socket() {
            Socket::Unix(_) => true,
            Socket::Tcp(stream) => stream.peer_addr().is_ok_and(|address| address.ip().to_canonical().is_loopback()),
        }
    }
}

/// Whether a connection to the server asks for TLS. On a socket of the machine the default asks for none, as for MySQL's
/// programs.
pub(super) fn asks_for_tls(server: &MysqlSource) -> bool {
    match server.tls {
        TlsMode::Disable => false,
        TlsMode::Prefer => matches!(server.endpoint, MysqlEndpoint::Tcp { .. }),
        TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull => true,
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Unix(stream) => stream.read(buffer),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(buffer),
            Self::Unix(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.flush(),
            Self::Unix(stream) => stream.flush(),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(buffer),
            Self::Tls(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}
