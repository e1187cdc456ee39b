//! Opening a connection: socket, handshake, authentication.

use super::stream::Stream;
use super::{Client, ClientError};
use crate::connection::MysqlSource;
use bytes::BytesMut;
use mysql_common::auth::plugins::{AuthProc, ChallengeResponsePlugin, Context, Response};
use mysql_common::constants::{CapabilityFlags, StatusFlags};
use mysql_common::io::ParseBuf;
use mysql_common::packets::{AuthPlugin, AuthSwitchRequest, ErrPacket, HandshakePacket, HandshakeResponse};
use mysql_common::proto::MySerialize;
use mysql_common::proto::codec::PacketCodec;
use mysql_common::proto::codec::error::PacketCodecError;
use mysql_common::proto::sync_framed::MySyncFramed;
use secrecy::ExposeSecret;
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// Limit on the time in which a server must accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Limit on one packet: MySQL's own greatest `max_allowed_packet`.
const LARGEST_PACKET: usize = 1 << 30;

/// Size of the buffer that a socket is read into.
const READ_BUFFER: usize = 256 * 1024;

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
    /// The server cannot be reached, refuses the user, or asks for more than the connection may do.
    pub(in crate::source::mysql) fn connect(server: &MysqlSource) -> Result<Self, ClientError> {
        let mut codec = PacketCodec::default();
        codec.max_allowed_packet = LARGEST_PACKET;
        let buffer = BytesMut::with_capacity(READ_BUFFER);
        let framed = MySyncFramed::construct(buffer, BytesMut::new(), codec, open(server)?);
        let mut client = Self {
            framed,
            capabilities: CAPABILITIES,
            version: String::new(),
            connection_id: 0,
            packet: Vec::new(),
            is_unfinished: false,
            abandoned: None,
            status: StatusFlags::empty(),
        };
        client.handshake(server)?;
        Ok(client)
    }

    fn handshake(&mut self, server: &MysqlSource) -> Result<(), ClientError> {
        self.receive()?;
        let packet = std::mem::take(&mut self.packet);
        let hello: HandshakePacket<'_> = ParseBuf(&packet).parse(())?;
        self.version = hello.server_version_str().into_owned();
        self.connection_id = hello.connection_id();
        self.capabilities = CAPABILITIES & (hello.capabilities() | CapabilityFlags::CLIENT_LONG_PASSWORD);
        let plugin = hello.auth_plugin().unwrap_or(AuthPlugin::MysqlNativePassword).into_owned();
        let scramble = scramble(&hello);
        let password = server.password.as_ref().map(|password| password.expose_secret()).unwrap_or_default();
        // An unknown plugin of the server's default says nothing about the user's: the server asks to switch.
        let plugin = if AuthProc::init(&plugin).is_ok() { plugin } else { AuthPlugin::MysqlNativePassword };
        let mut exchange = Exchange::begin(&plugin, scramble, password, &self.framed)?;
        let first = exchange.answer(None)?;
        let response = HandshakeResponse::new(
            first.as_deref(),
            hello.server_version_parsed().unwrap_or((5, 5, 3)),
            server.user.as_deref().map(str::as_bytes),
            Some(server.database.as_bytes()),
            Some(plugin),
            self.capabilities,
            None,
            u32::try_from(LARGEST_PACKET).unwrap_or(u32::MAX),
        );
        let mut bytes = Vec::new();
        response.serialize(&mut bytes);
        self.send(&bytes)?;
        loop {
            self.receive()?;
            match self.packet.first() {
                Some(0x00) => return Ok(()),
                Some(0xfe) => {
                    let packet = std::mem::take(&mut self.packet);
                    if packet.len() == 1 {
                        return Err(ClientError::Authentication(
                            "the server asks for the password in the format from before MySQL 4.1, which is not safe"
                                .to_owned(),
                        ));
                    }
                    let switch: AuthSwitchRequest<'_> = ParseBuf(&packet).parse(())?;
                    let data = switch.plugin_data();
                    let scramble = data.strip_suffix(&[0]).unwrap_or(data).to_vec();
                    exchange = Exchange::begin(&switch.auth_plugin(), scramble, password, &self.framed)?;
                    if let Some(answer) = exchange.answer(None)? {
                        self.send_next(&answer)?;
                    }
                }
                Some(0x01) => {
                    let challenge = self.packet.split_off(1);
                    if let Some(answer) = exchange.answer(Some(&challenge))? {
                        self.send_next(&answer)?;
                    }
                }
                _ => return Err(ClientError::protocol("an unknown packet while signing in")),
            }
        }
    }
}

/// Connects the socket.
fn open(server: &MysqlSource) -> Result<Stream, ClientError> {
    let mut last = std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address");
    for address in (server.host.as_str(), server.port).to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(Stream::Tcp(stream));
            }
            Err(error) => last = error,
        }
    }
    Err(last.into())
}

/// The random bytes of the server's greeting, without the zero that ends them.
fn scramble(hello: &HandshakePacket<'_>) -> Vec<u8> {
    let mut scramble = hello.scramble_1_ref().to_vec();
    scramble.extend_from_slice(hello.scramble_2_ref().unwrap_or_default());
    scramble.resize(20, 0);
    scramble
}

/// One way of authentication, under way.
struct Exchange<'a> {
    procedure: AuthProc,
    scramble: Vec<u8>,
    password: &'a str,
    is_encrypted: bool,
    is_local: bool,
}

impl<'a> Exchange<'a> {
    fn begin(
        plugin: &AuthPlugin<'_>,
        scramble: Vec<u8>,
        password: &'a str,
        framed: &MySyncFramed<Stream>,
    ) -> Result<Self, ClientError> {
        let procedure = AuthProc::init(plugin).map_err(|error| ClientError::Authentication(error.to_string()))?;
        let is_encrypted = matches!(framed.get_ref(), Stream::Tls(_));
        let is_local = matches!(framed.get_ref(), Stream::Unix(_));
        if matches!(procedure, AuthProc::MysqlClearPassword(_)) && !is_encrypted && !is_local {
            return Err(ClientError::Authentication(
                "the server asks for the password unencrypted, on a connection without TLS".to_owned(),
            ));
        }
        Ok(Self { procedure, scramble, password, is_encrypted, is_local })
    }

    /// The answer to a challenge, or the first one; `None` if there is nothing to say.
    fn answer(&mut self, challenge: Option<&[u8]>) -> Result<Option<Vec<u8>>, ClientError> {
        let challenge = challenge.map_or_else(|| self.scramble.clone(), <[u8]>::to_vec);
        let (password, scramble) = (self.password, self.scramble.clone());
        let context = Transport { password, scramble, is_encrypted: self.is_encrypted, is_local: self.is_local };
        match self.procedure.run(context, &challenge) {
            Ok(Response::Next { packet } | Response::Last { packet }) => Ok(packet),
            Err(error) => Err(ClientError::Authentication(error.to_string())),
        }
    }
}

/// What a way of authentication may know.
struct Transport<'a> {
    password: &'a str,
    scramble: Vec<u8>,
    is_encrypted: bool,
    is_local: bool,
}

impl Context for Transport<'_> {
    fn pass(&self) -> &[u8] {
        self.password.as_bytes()
    }

    fn is_ipc_transport(&self) -> bool {
        self.is_local
    }

    fn is_tls_transport(&self) -> bool {
        self.is_encrypted
    }

    fn scramble(&self) -> &[u8] {
        &self.scramble
    }

    fn server_key_pem(&self) -> Option<&[u8]> {
        None
    }
}

/// Packets.
impl Client {
    /// Sends a command: the first packet of an exchange.
    pub(super) fn command(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.framed.codec_mut().reset_seq_id();
        self.send(bytes)
    }

    /// Sends a packet that continues an exchange.
    fn send_next(&mut self, bytes: &[u8]) -> Result<(), ClientError> {
        self.send(bytes)
    }

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

    #[cold]
    fn refusal(&self) -> ClientError {
        match ParseBuf(&self.packet).parse::<ErrPacket<'_>>(self.capabilities) {
            Ok(ErrPacket::Error(error)) => {
                ClientError::Server { code: error.error_code(), message: error.message_str().into_owned() }
            }
            Ok(ErrPacket::Progress(_)) => ClientError::protocol("a report of progress that nobody asked for"),
            Err(error) => ClientError::protocol(format!("an error that cannot be read: {error}")),
        }
    }
}

/// The failure of the framing: most often the socket's.
fn broken(error: PacketCodecError) -> ClientError {
    match error {
        PacketCodecError::Io(error) => ClientError::Io(error),
        error => ClientError::protocol(error.to_string()),
    }
}
