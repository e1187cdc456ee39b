//! A TCP proxy in front of a server: a network that a test can cut, stall and mend.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The proxy. Its threads end with the process.
pub(crate) struct Proxy {
    port: u16,
    line: Arc<Mutex<Line>>,
}

/// The state of the network.
#[derive(Default)]
struct Line {
    /// Bytes on their way to the server that still pass; then everything is cut, once.
    budget: Option<usize>,
    /// Whether new connections are dropped as soon as a cut has happened.
    stays_dead: bool,
    dead: bool,
    /// Whether bytes wait instead of passing.
    stalled: bool,
    cuts: usize,
    open: Vec<TcpStream>,
}

impl Line {
    fn cut(&mut self) {
        self.budget = None;
        self.cuts += 1;
        self.dead = self.stays_dead;
        for stream in self.open.drain(..) {
            // The other side may have closed it before.
            stream.shutdown(Shutdown::Both).ok();
        }
    }
}

impl Proxy {
    /// Listens in front of the server at this port of the loopback interface.
    pub(crate) fn before(server: u16) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let line = Arc::new(Mutex::new(Line::default()));
        let shared = Arc::clone(&line);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mut state = shared.lock().unwrap();
                if state.dead {
                    continue;
                }
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)) else { continue };
                for (from, to, counts) in [(&client, &server, true), (&server, &client, false)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let line = Arc::clone(&shared);
                    std::thread::spawn(move || pass(from, to, counts, &line));
                }
                state.open.extend([client, server]);
            }
        });
        Proxy { port, line }
    }

    /// The port that is listened to.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The URL by way of the proxy.
    pub(crate) fn url(&self, url: &str) -> String {
        let (before, rest) = url.rsplit_once(':').unwrap();
        let (_, database) = rest.split_once('/').unwrap();
        format!("{before}:{}/{database}", self.port)
    }

    /// Cuts every connection when so many more bytes have gone to the server; where it `stays_dead`, new ones are cut too.
    pub(crate) fn cut_after(&self, bytes: usize, stays_dead: bool) {
        let mut line = self.line.lock().unwrap();
        (line.budget, line.stays_dead) = (Some(bytes), stays_dead);
    }

    /// How often the network was cut.
    pub(crate) fn cuts(&self) -> usize {
        self.line.lock().unwrap().cuts
    }

    /// Lets nothing pass any more, and does not say so either.
    pub(crate) fn stall(&self) {
        self.line.lock().unwrap().stalled = true;
    }

    /// Cuts what is open and lets everything new pass.
    pub(crate) fn mend(&self) {
        let mut line = self.line.lock().unwrap();
        line.cut();
        (line.dead, line.stays_dead, line.stalled) = (false, false, false);
    }
}

/// Passes bytes on until one side closes.
fn pass(mut from: TcpStream, mut to: TcpStream, counts: bool, line: &Mutex<Line>) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read) = from.read(&mut buffer) {
        let patience = Instant::now() + Duration::from_secs(60);
        while line.lock().unwrap().stalled && Instant::now() < patience {
            std::thread::sleep(Duration::from_millis(10));
        }
        if counts {
            let mut state = line.lock().unwrap();
            if let Some(budget) = state.budget {
                state.budget = budget.checked_sub(read);
                if state.budget.is_none() {
                    state.cut();
                }
            }
        }
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        stream.shutdown(Shutdown::Both).ok();
    }
}
