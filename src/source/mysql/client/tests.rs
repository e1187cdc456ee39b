//! Servers that no test can install: ones that ask for the password in a way that would reveal it, or that are not alone.

use super::{Client, ClientError};
use crate::connection::{SourceConnection, parse_source_url};
use crate::source::mysql::sign_in_failure::SignInFailure;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

const TLS: u32 = 0x800;

/// A packet with its header.
fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    [&length[..3], &[number], payload].concat()
}

/// The greeting of a server with these features beside the usual ones.
fn greeting(features: u32) -> Vec<u8> {
    // Protocol 4.1, databases, long passwords, plugins.
    let features = (0x0008_8208 | features).to_le_bytes();
    let mut payload = b"\x0a8.0.36\0\x07\0\0\0abcdefgh\0".to_vec();
    payload.extend([features[0], features[1], 45, 2, 0, features[2], features[3], 21]);
    payload.extend([0; 10]);
    payload.extend(b"ijklmnopqrst\0mysql_native_password\0");
    packet(0, &payload)
}

fn read_packet(stream: &mut TcpStream) -> Vec<u8> {
    let mut header = [0; 4];
    stream.read_exact(&mut header).unwrap();
    let length = u32::from_le_bytes([header[0], header[1], header[2], 0]);
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).unwrap();
    payload
}

/// Connects to a server that does this, with these parameters of the URL.
fn connect(parameters: &str, serve: impl FnOnce(&mut TcpStream) + Send + 'static) -> Result<Client, ClientError> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || serve(&mut listener.accept().unwrap().0));
    let url = format!("mysql://u:SECRET@127.0.0.1:{port}/db?connect-timeout=5{parameters}");
    let Ok(SourceConnection::Mysql(url)) = parse_source_url(&url, Path::new("")) else { panic!("no server") };
    let connected = Client::connect(&url.resolve().unwrap());
    serving.join().unwrap();
    connected
}

/// Connects to a server that asks the user to sign in another way, and gives the answer.
fn asked_for(way: &'static [u8]) -> (Result<Client, ClientError>, Vec<u8>) {
    let (give, answer) = std::sync::mpsc::channel();
    let connected = connect("", move |stream| {
        stream.write_all(&greeting(0)).unwrap();
        read_packet(stream);
        stream.write_all(&packet(2, way)).unwrap();
        let mut header = [0; 4];
        if stream.read_exact(&mut header).is_ok() {
            let mut payload = vec![0; usize::from(header[0])];
            stream.read_exact(&mut payload).unwrap();
            give.send(payload).unwrap();
            stream.write_all(&packet(4, b"\0\0\0\x02\0\0\0")).unwrap();
        }
    });
    (connected, answer.try_recv().unwrap_or_default())
}

#[track_caller]
fn is_refused(connected: Result<Client, ClientError>, as_what: SignInFailure) {
    match connected {
        Err(ClientError::Connect { refusal, cause }) => assert_eq!(refusal, as_what, "{cause}"),
        other => panic!("{other:?}"),
    }
}

/// The random bytes of a challenge may end with a zero; for other ways the zero is their end.
#[test]
fn a_challenge_that_ends_with_a_zero_is_answered() {
    let (connected, answer) = asked_for(b"\xfeclient_ed25519\0abcdefghijklmnopqrstuvwxyz12345\0");
    connected.unwrap();
    assert_eq!(answer.len(), 64);
    let (connected, answer) = asked_for(b"\xfemysql_native_password\0abcdefghijklmnopqrst\0");
    connected.unwrap();
    assert_eq!(answer.len(), 20);
}

#[test]
fn the_password_is_not_given_to_those_who_ask_for_it_unencrypted() {
    for (way, refusal) in [
        (&b"\xfemysql_clear_password\0"[..], SignInFailure::Unprotected),
        (b"\xfemysql_old_password\0abcdefgh\0", SignInFailure::UnknownMethod),
        (b"\xfe", SignInFailure::UnknownMethod),
        (b"\xfedialog\0Password: ", SignInFailure::UnknownMethod),
    ] {
        let (connected, answer) = asked_for(way);
        is_refused(connected, refusal);
        assert!(answer.is_empty(), "{answer:?}");
    }
}

/// Someone between cannot put bytes in front of those that TLS protects, nor talk the client out of it.
#[test]
fn nothing_goes_on_where_tls_was_to_begin() {
    let connected = connect("", |stream| {
        let whole = [greeting(TLS), packet(2, b"\0\0\0\x02\0\0\0")].concat();
        stream.write_all(&whole).unwrap();
        read_packet(stream);
    });
    is_refused(connected, SignInFailure::NotUnderstood);
    let connected = connect("", |stream| {
        stream.write_all(&greeting(TLS)).unwrap();
        read_packet(stream);
        stream.write_all(&packet(2, b"\0\0\0\x02\0\0\0")).unwrap();
        let mut rest = Vec::new();
        // The client may be gone by then.
        stream.read_to_end(&mut rest).ok();
        assert!(!rest.windows(6).any(|window| window == b"SECRET"));
    });
    is_refused(connected, SignInFailure::TlsHandshake);
    let connected = connect("&ssl-mode=required", |stream| {
        stream.write_all(&greeting(0)).unwrap();
        assert_eq!(stream.read(&mut [0; 64]).unwrap_or(0), 0);
    });
    is_refused(connected, SignInFailure::TlsNotOffered);
}

/// Errors in front of the greeting have no SQL state.
#[test]
fn a_server_that_refuses_at_the_door_is_understood() {
    for (message, refusal) in [
        (&b"\xff\x10\x04Too many connections"[..], SignInFailure::Busy),
        (b"\xff\x6a\x04Host '10.0.0.9' is not allowed to connect to this MariaDB server", SignInFailure::ClientHost),
        (b"\xff\x69\x04#HY000Host '10.0.0.9' is blocked", SignInFailure::Blocked),
        (b"\xff", SignInFailure::NotUnderstood),
    ] {
        let connected = connect("", |stream| stream.write_all(&packet(0, message)).unwrap());
        if let Err(ClientError::Connect { cause, .. }) = &connected {
            assert!(!cause.contains("HY000"), "{cause}");
        }
        is_refused(connected, refusal);
    }
}
