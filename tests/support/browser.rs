//! A headless Chromium, driven by the DevTools protocol through a pipe: no port, no driver, no crate.
//!
//! The browser reads commands from file descriptor 3 and writes answers to 4, as JSON with a zero byte behind each; a
//! shell puts its standard input and output there.

use base64::Engine as _;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// Nothing is fetched, nothing is asked; root has no sandbox.
const FLAGS: [&str; 12] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// A running browser; it ends with this.
pub(crate) struct Browser {
    child: Child,
    input: RefCell<ChildStdin>,
    messages: Receiver<Value>,
    last: Cell<u64>,
    /// What came that was no answer.
    events: RefCell<Vec<Value>>,
    _profile: tempfile::TempDir,
}

/// A page in a tab of its own.
pub(crate) struct Page<'b> {
    browser: &'b Browser,
    session: String,
}

impl Browser {
    pub(crate) fn start() -> Browser {
        let profile = tempfile::Builder::new().prefix("transship-browser-").tempdir().unwrap();
        let mut child = Command::new("/bin/sh")
            .args(["-c", r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null"#, "browser"])
            .arg(program())
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            // It keeps a socket among the temporary files, and is killed before it could remove that.
            .env("TMPDIR", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = RefCell::new(child.stdin.take().unwrap());
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                if sender.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    break;
                }
            }
        });
        Browser { child, input, messages, last: Cell::new(0), events: RefCell::default(), _profile: profile }
    }

    /// Opens a file and waits until it is loaded.
    pub(crate) fn open(&self, file: &Path, width: u32) -> Page<'_> {
        let target = self.call(None, "Target.createTarget", &json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = self.call(None, "Target.attachToTarget", &attach)["sessionId"].as_str().unwrap().to_owned();
        let page = Page { browser: self, session };
        for domain in ["Page", "Runtime", "Log", "Network", "Performance"] {
            page.call(&format!("{domain}.enable"), &json!({}));
        }
        page.resize(width);
        self.events.borrow_mut().clear();
        page.call("Page.navigate", &json!({ "url": format!("file://{}", file.display()) }));
        self.wait("Page.loadEventFired");
        page
    }

    fn call(&self, session: Option<&str>, method: &str, parameters: &Value) -> Value {
        let id = self.last.get() + 1;
        self.last.set(id);
        let mut message = json!({ "id": id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut input = self.input.borrow_mut();
        input.write_all(message.to_string().as_bytes()).unwrap();
        input.write_all(&[0]).unwrap();
        drop(input);
        loop {
            let message = self.receive(method);
            if message["id"] == id {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.borrow_mut().push(message);
        }
    }

    fn wait(&self, event: &str) {
        while !self.events.borrow().iter().any(|seen| seen["method"] == event) {
            let message = self.receive(event);
            self.events.borrow_mut().push(message);
        }
    }

    fn receive(&self, what: &str) -> Value {
        self.messages.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("the browser does not answer: {what}"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Page<'_> {
    pub(crate) fn call(&self, method: &str, parameters: &Value) -> Value {
        self.browser.call(Some(&self.session), method, parameters)
    }

    /// The value of an expression.
    #[track_caller]
    pub(crate) fn ask(&self, script: &str) -> Value {
        let parameters = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let answer = self.call("Runtime.evaluate", &parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{script}: {answer}");
        answer["result"]["value"].clone()
    }

    #[track_caller]
    pub(crate) fn number(&self, script: &str) -> u64 {
        self.ask(script).as_u64().unwrap_or_else(|| panic!("{script}: {}", self.ask(script)))
    }

    /// Waits until an expression is true.
    #[track_caller]
    pub(crate) fn until(&self, script: &str) {
        let patience = Instant::now() + PATIENCE;
        while self.ask(script) != true {
            assert!(Instant::now() < patience, "never true: {script}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    pub(crate) fn resize(&self, width: u32) {
        self.resize_to(width, 900);
    }

    fn resize_to(&self, width: u32, height: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", &metrics);
    }

    /// `dark` or `light`; `media` is `screen` or `print`.
    pub(crate) fn look(&self, scheme: &str, media: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }

    /// Clicks in the middle of the element, as a person does.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        let [x, y] = self.middle(selector);
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Presses at one point, moves by so much, and lets go.
    #[track_caller]
    pub(crate) fn drag(&self, selector: &str, across: f64, down: f64) {
        let [x, y] = self.middle(selector);
        let event = |kind: &str, x: f64, y: f64| {
            let event = json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", &event);
        };
        event("mousePressed", x, y);
        for part in 1..=4 {
            event("mouseMoved", x + across * f64::from(part) / 4.0, y + down * f64::from(part) / 4.0);
        }
        event("mouseReleased", x + across, y + down);
    }

    /// Where the element is, after it was scrolled to.
    #[track_caller]
    fn middle(&self, selector: &str) -> [f64; 2] {
        let place = self.ask(&format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{ block: 'center' }});
            const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        ));
        [0, 1].map(|at| place[at].as_f64().unwrap())
    }

    /// Presses a key; a single letter is also typed.
    pub(crate) fn press(&self, key: &str) {
        let text = match key {
            "Enter" => Some("\r"),
            key if key.chars().count() == 1 => Some(key),
            _ => None,
        };
        let mut event = json!({ "type": "keyDown", "key": key });
        if let Some(text) = text {
            event["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", &event);
        self.call("Input.dispatchKeyEvent", &json!({ "type": "keyUp", "key": key }));
    }

    /// Types into what has the focus.
    pub(crate) fn write(&self, text: &str) {
        self.call("Input.insertText", &json!({ "text": text }));
    }

    /// Errors and warnings that the page has made, and what it asked a network for.
    pub(crate) fn troubles(&self) -> Vec<String> {
        // An answer comes behind every event that was before it.
        self.ask("1");
        let events = self.browser.events.borrow();
        let own = events.iter().filter(|event| event["sessionId"] == self.session.as_str());
        let trouble = own.filter_map(|event| {
            let parameters = &event["params"];
            let is_trouble = match event["method"].as_str()? {
                "Runtime.exceptionThrown" => true,
                "Runtime.consoleAPICalled" => parameters["type"] != "log",
                "Log.entryAdded" => parameters["entry"]["level"] != "verbose",
                "Network.requestWillBeSent" => parameters["type"] != "Document",
                _ => false,
            };
            is_trouble.then(|| event.to_string())
        });
        trouble.collect()
    }

    /// The page as a PDF.
    pub(crate) fn print(&self) -> Vec<u8> {
        let printed = self.call("Page.printToPDF", &json!({ "printBackground": false, "preferCSSPageSize": true }));
        decoded(&printed["data"])
    }

    /// Writes the whole page as a picture into the directory that `TRANSSHIP_SCREENSHOTS` names, where it does: to be
    /// looked at by people.
    pub(crate) fn picture(&self, name: &str) {
        let Some(directory) = std::env::var_os("TRANSSHIP_SCREENSHOTS").map(PathBuf::from) else { return };
        std::fs::create_dir_all(&directory).unwrap();
        let size = self.ask("[document.documentElement.clientWidth, document.documentElement.scrollHeight]");
        let height = size[1].as_u64().unwrap().min(6000);
        // What is out of sight is not laid out.
        let width = u32::try_from(size[0].as_u64().unwrap()).unwrap();
        self.resize_to(width, u32::try_from(height).unwrap());
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": height, "scale": 1 });
        let taken = self.call("Page.captureScreenshot", &json!({ "captureBeyondViewport": true, "clip": clip }));
        std::fs::write(directory.join(format!("{name}.png")), decoded(&taken["data"])).unwrap();
        self.resize(width);
    }
}

fn decoded(data: &Value) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(data.as_str().unwrap()).unwrap()
}

/// The browser of this machine.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
    let places = std::env::split_paths(&path).collect::<Vec<_>>();
    let mac = PathBuf::from("/Applications/Chromium.app/Contents/MacOS/Chromium");
    let found = names.iter().flat_map(|name| places.iter().map(move |place| place.join(name)));
    found.chain([mac]).find(|place| place.is_file()).expect("no Chromium on this machine: apt-get install chromium")
}
