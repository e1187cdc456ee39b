//! Free ports for servers that are told where to listen.
//!
//! The kernel takes ports of outgoing connections, and those for whoever asks for any, from 32768 on (ip_local_port_range; other
//! systems begin higher). A port below is taken by nobody between the moment in which it is found free and the server's start.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Ports of one process, before those of another begin.
const OF_PROCESS: u16 = 100;

/// A port of the loopback interface on which nobody listens, given only once.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = 10_000 + u16::try_from(std::process::id() % 200).unwrap() * OF_PROCESS;
    let ports =
        std::iter::repeat_with(|| begin + NEXT.fetch_add(1, Ordering::Relaxed)).take_while(|port| *port < 32_768);
    let mut free = ports.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.next().expect("no port is free")
}
