//! Opening a connection: socket, handshake, authentication.
//! Source: MySQL internals, "Connection Phase".

use super::authentication::{Exchange, Transport};
use super::error::{AuthenticationFailure, TlsFailure};
use super::stream::{Deadline, Socket, Stream, asks_for_tls};
use super::{Client, ClientError};
use crate::connection::{MysqlSource, TlsMode};
use crate::source::mysql::sign_in_failure::SignInFailure;
use bytes::BytesMut;
use mysql_common::auth::plugins::AuthProc;
use mysql_common::constants::{CapabilityFlags, StatusFlags};
use mysql_common::io::ParseBuf;
use mysql_common::packets::{AuthPlugin, AuthSwitchRequest, HandshakePacket, HandshakeResponse, SslRequest};
use mysql_common::proto::MySerialize;
use mysql_common::proto::codec::PacketCodec;
use mysql_common::proto::codec::error::PacketCodecError;
use mysql_common::proto::sync_framed::MySyncFramed;
use secrecy::ExposeSecret;

/// Limit on one packet: MySQL's own greatest `max_allowed_packet`.
const LARGEST_PACKET: u32 = 1 << 30;

/// Size of the buffer that a socket is read into.
const READ_BUFFER: usize = 256 * 1024;

/// The collation `utf8mb4_general_ci`, in whose character set names of users and databases are sent.
const UTF8MB4: u8 = 45;

/// Features of the protocol that the client asks for. Without CLIENT_DEPRECATE_EOF, the end of rows is a packet of its own
/// in every version; without CLIENT_MULTI_STATEMENTS, no text of a spec can begin a second statement.
const CAPABILITIES: CapabilityFlags = CapabilityFlags::CLIENT_LONG_PASSWORD
    .union(CapabilityFlags::CLIENT_LONG_FLAG)
    .union(CapabilityFlags::CLIENT_PROTOCOL_41)
    .union(CapabilityFlags::CLIENT_TRANSACTIONS)
    .union(CapabilityFlags::CLIENT_SECURE_CONNECTION)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH)
    .union(CapabilityFlags::CLIENT_PLUGIN_AUTH_LENENC_CLIENT_DATA)
    .union(CapabilityFlags::CLIENT_CONNECT_WITH_DB);

impl Client {
    /// Opens a session.
    ///
    /// # Errors
    /// [`ClientError::Connect`]: the server cannot be reached, refuses the user, or asks for more than the connection may do.
    pub(in crate::source::mysql) fn connect(server: &MysqlSource) -> Result<Self, ClientError> {
        let mut is_encrypted = false;
        Self::open(server, &mut is_encrypted).map_err(|error| ClientError::Connect {
            refusal: SignInFailure::of(&error, is_encrypted),
            cause: error.to_string(),
        })
    }

    fn open(server: &MysqlSource, is_encrypted: &mut bool) -> Result<Self, ClientError> {
        let deadline = Deadline::after(server.connect_timeout);
        let mut codec = PacketCodec::default();
        codec.max_allowed_packet = LARGEST_PACKET as usize;
        let stream = Stream::Plain(Socket::open(&server.endpoint, deadline).map_err(ClientError::Unreachable)?);
        let mut client = Self {
            framed: framed(codec, stream),
            capabilities: CAPABILITIES,
            version: String::new(),
            connection_id: 0,
            packet: Vec::new(),
            is_unfinished: false,
            abandoned: None,
            status: StatusFlags::empty(),
        };
        client.framed.get_ref().limit_until(deadline)?;
        client.receive()?;
        let packet = std::mem::take(&mut client.packet);
        let hello: HandshakePacket<'_> = ParseBuf(&packet).parse(())?;
        client.version = hello.server_version_str().into_owned();
        client.connection_id = hello.connection_id();
        client.capabilities = CAPABILITIES & (hello.capabilities() | CapabilityFlags::CLIENT_LONG_PASSWORD);
        if asks_for_tls(server) {
            if hello.capabilities().contains(CapabilityFlags::CLIENT_SSL) {
                client = client.encrypt(server, deadline)?;
                *is_encrypted = true;
            } else if server.tls != TlsMode::Prefer {
                return Err(TlsFailure::NotOffered.into());
            }
        }
        client.sign_in(server, &hello, deadline)?;
        client.framed.get_ref().limit(server.read_timeout)?;
        Ok(client)
    }

    /// Tells the server that TLS follows, and encrypts the stream. A failure is no reason to go on without.
    fn encrypt(mut self, server: &MysqlSource, deadline: Deadline) -> Result<Self, ClientError> {
        self.capabilities |= CapabilityFlags::CLIENT_SSL;
        let mut bytes = Vec::new();
        SslRequest::new(self.capabilities, LARGEST_PACKET, UTF8MB4).serialize(&mut bytes);
        self.send(&bytes)?;
        let (rest, _, codec, stream) = self.framed.destruct();
        if !rest.is_empty() {
            // Bytes that came without protection must not count as if they had come under it.
            return Err(ClientError::protocol("it goes on before the connection is encrypted"));
        }
        let framed = framed(codec, stream.encrypt(server, deadline)?);
        Ok(Self { framed, ..self })
    }

    fn sign_in(
        &mut self,
        server: &MysqlSource,
        hello: &HandshakePacket<'_>,
        deadline: Deadline,
    ) -> Result<(), ClientError> {
        let transport = Transport::of(self.framed.get_ref(), server.allows_public_key_retrieval);
        let plugin = hello.auth_plugin().unwrap_or(AuthPlugin::MysqlNativePassword).into_owned();
        let password = server.password.as_ref().map(|password| password.expose_secret()).unwrap_or_default();
        // The server's default says nothing about the user's: for the user's own it asks to switch. Nothing is said by one
        // that is not known, or that gives more than a hash.
        let is_harmless = matches!(
            AuthProc::init(&plugin),
            Ok(AuthProc::CachingSha2Password(_) | AuthProc::MysqlNativePassword(_) | AuthProc::ClientEd25519(_))
        );
        let plugin = if is_harmless { plugin } else { AuthPlugin::MysqlNativePassword };
        let mut exchange = Exchange::begin(&plugin, scramble(hello), password, transport)?;
        let first = exchange.first()?;
        let response = HandshakeResponse::new(
            first.as_deref(),
            hello.server_version_parsed().unwrap_or((5, 5, 3)),
            server.user.as_deref().map(str::as_bytes),
            Some(server.database.as_bytes()),
            Some(plugin),
            self.capabilities,
            None,
            LARGEST_PACKET,
        );
        let mut bytes = Vec::new();
        response.serialize(&mut bytes);
        self.send(&bytes)?;
        loop {
            self.framed.get_ref().limit_until(deadline)?;
            self.receive()?;
            let answer = match self.packet.first() {
                Some(0x00) => return Ok(()),
                Some(0xfe) if self.packet.len() == 1 => return Err(AuthenticationFailure::Outdated.into()),
                Some(0xfe) => {
                    let packet = std::mem::take(&mut self.packet);
                    let switch: AuthSwitchRequest<'_> = ParseBuf(&packet).parse(())?;
                    let scramble = switch.plugin_data().to_vec();
                    exchange = Exchange::begin(&switch.auth_plugin(), scramble, password, transport)?;
                    exchange.first()?
                }
                Some(0x01) => exchange.answer(&self.packet[1..])?,
                _ => return Err(ClientError::protocol("an unknown packet while signing in")),
            };
            if let Some(answer) = answer {
                self.send(&answer)?;
            }
        }
    }
}

fn framed(codec: PacketCodec, stream: Stream) -> MySyncFramed<Stream> {
    MySyncFramed::construct(BytesMut::with_capacity(READ_BUFFER), BytesMut::new(), codec, stream)
}

/// The random bytes of the server's greeting, without the zero that ends them.
fn scramble(hello: &HandshakePacket<'_>) -> Vec<u8> {
    let mut scramble = hello.scramble_1_ref().to_vec();
    scramble.extend_from_slice(hello.scramble_2_ref().unwrap_or_default());
    scramble.resize(20, 0);
    scramble
}

/// Packets.
impl Client {
    /// Sends a command: the first packet of an exchange.
    pub(super) fn command(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.framed.codec_mut().reset_seq_id();
        self.send(bytes)
    }

    /// Sends a packet that continues an exchange.
    fn send(&mut self, mut bytes: &[u8]) -> Result<(), ClientError> {
        self.framed.send(&mut bytes).map_err(broken)
    }

    /// Reads the next packet.
    ///
    /// # Errors
    /// The server's refusal, or a lost connection.
    #[inline]
    pub(super) fn receive(&mut self) -> Result<(), ClientError> {
        self.packet.clear();
        match self.framed.next_packet(&mut self.packet) {
            Ok(true) if self.packet.first() == Some(&0xff) => Err(self.refusal()),
            Ok(true) => Ok(()),
            Ok(false) => Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into()),
            Err(error) => Err(broken(error)),
        }
    }

    /// The server's error: its number, the SQL state behind a `#` that servers leave out before a session has begun, and words.
    #[cold]
    fn refusal(&self) -> ClientError {
        let Some((code, rest)) = self.packet[1..].split_first_chunk::<2>() else {
            return ClientError::protocol("an error that is cut short");
        };
        let words = if rest.first() == Some(&b'#') { rest.get(6..).unwrap_or_default() } else { rest };
        let message = String::from_utf8_lossy(words).into_owned();
        ClientError::Server { code: u16::from_le_bytes(*code), message }
    }
}

/// The failure of the framing: most often the socket's.
fn broken(error: PacketCodecError) -> ClientError {
    match error {
        PacketCodecError::Io(error) => ClientError::Io(error),
        error => ClientError::protocol(error.to_string()),
    }
}
