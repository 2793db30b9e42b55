//! A small WebDriver client over plain HTTP: enough to click, type, look and take pictures.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A command whose process ends with this one, however this one ends: a static house is never dropped. A shell waits for
/// the end of its standard input, which the caller keeps open, then ends the process and removes what it left.
pub fn tied(program: &str, leaves: Option<&std::path::Path>) -> Command {
    let script = "exec 3<&0; leaves=$1; shift; \"$@\" 3<&- & child=$!; \
                  (read -r _ <&3; kill $child; [ -z \"$leaves\" ] || { sleep 1; rm -rf \"$leaves\"; }) & exec 3<&-; wait $child";
    let mut command = Command::new("sh");
    command.args(["-c", script, "tied"]).arg(leaves.unwrap_or_else(|| "".as_ref())).arg(program).stdin(Stdio::piped());
    command
}

/// A running chromedriver.
pub struct Driver {
    port: u16,
    // Its standard input is what keeps it alive.
    _child: Child,
}

/// One browser window with its own cookies.
pub struct Session<'a> {
    driver: &'a Driver,
    id: String,
}

/// An element of a page.
#[derive(Debug, Clone)]
pub struct Element(String);

impl Driver {
    /// Starts one, or says why there is none.
    pub fn start() -> Result<Self, String> {
        let port = free_port();
        let child = tied("chromedriver", None)
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("chromedriver does not start: {error}"))?;
        let driver = Self { port, _child: child };
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if driver.call("GET", "/status", None).is_ok() {
                return Ok(driver);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("chromedriver does not answer".to_owned())
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let text = body.map(|b| b.to_string()).unwrap_or_default();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(|e| e.to_string())?;
        stream.set_read_timeout(Some(Duration::from_secs(60))).map_err(|e| e.to_string())?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            text.len()
        );
        stream
            .write_all(head.as_bytes())
            .and_then(|()| stream.write_all(text.as_bytes()))
            .map_err(|e| e.to_string())?;
        let mut answer = Vec::new();
        // The driver keeps the connection open: read by the length it states.
        let mut part = [0_u8; 65536];
        loop {
            let n = stream.read(&mut part).map_err(|e| format!("{method} {path}: {e}"))?;
            answer.extend_from_slice(&part[..n]);
            if n == 0 || whole(&answer) {
                break;
            }
        }
        let at = answer.windows(4).position(|w| w == b"\r\n\r\n").ok_or("no answer")? + 4;
        let value: Value = serde_json::from_slice(&answer[at..]).map_err(|e| e.to_string())?;
        match value.get("value") {
            Some(inner) if inner.get("error").is_some() => Err(format!("{method} {path}: {inner}")),
            Some(inner) => Ok(inner.clone()),
            None => Err(format!("{method} {path}: {value}")),
        }
    }

    /// A new window.
    pub fn session(&self, width: u32, height: u32, dark: bool) -> Session<'_> {
        let mut args = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--hide-scrollbars".to_owned(),
            "--force-device-scale-factor=1".to_owned(),
            format!("--window-size={width},{height}"),
        ];
        if dark {
            args.push("--force-dark-mode".to_owned());
            args.push("--blink-settings=preferredColorScheme=0".to_owned());
        }
        let wanted =
            json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": {"args": args}}}});
        let made = self.call("POST", "/session", Some(wanted)).expect("a browser session begins");
        let id = made["sessionId"].as_str().expect("a session has an id").to_owned();
        let session = Session { driver: self, id };
        session.emulate(width, height, dark);
        session
    }
}

fn whole(answer: &[u8]) -> bool {
    let Some(at) = answer.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..at]).to_lowercase();
    let length = head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_some_and(|length| answer.len() >= at + 4 + length)
}

/// A port nobody listens on.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("the machine has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}

impl Session<'_> {
    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        self.driver.call(method, &format!("/session/{}{path}", self.id), body)
    }

    /// Sets size and colour scheme exactly.
    pub fn emulate(&self, width: u32, height: u32, dark: bool) {
        let cdp = |cmd: &str, params: Value| {
            self.call("POST", "/goog/cdp/execute", Some(json!({"cmd": cmd, "params": params})))
                .expect("the browser emulates")
        };
        cdp(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}),
        );
        let scheme = if dark { "dark" } else { "light" };
        cdp("Emulation.setEmulatedMedia", json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}));
    }

    /// Goes to an address.
    pub fn go(&self, url: &str) {
        self.call("POST", "/url", Some(json!({"url": url}))).expect("the page loads");
    }

    /// The address.
    pub fn url(&self) -> String {
        self.call("GET", "/url", None).expect("a page has an address").as_str().unwrap_or_default().to_owned()
    }

    /// Elements by a CSS selector.
    pub fn all(&self, css: &str) -> Vec<Element> {
        let found = self.call("POST", "/elements", Some(json!({"using": "css selector", "value": css})));
        let found = found.ok().and_then(|v| v.as_array().cloned()).unwrap_or_default();
        found.iter().filter_map(|e| Some(Element(e[ELEMENT].as_str()?.to_owned()))).collect()
    }

    /// The first element, waited for.
    ///
    /// # Panics
    /// When it does not come: with what the page says instead.
    pub fn one(&self, css: &str) -> Element {
        let until = Instant::now() + Duration::from_secs(8);
        loop {
            if let Some(found) = self.all(css).into_iter().next() {
                return found;
            }
            assert!(Instant::now() < until, "{css} does not come at {}:\n{}", self.url(), self.text("body"));
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    /// The words of the first element.
    pub fn text(&self, css: &str) -> String {
        let script = format!("var e = document.querySelector({css:?}); return e ? e.innerText : '';");
        self.run(&script).as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the page says something.
    pub fn says(&self, words: &str) {
        let until = Instant::now() + Duration::from_secs(8);
        while !self.text("body").contains(words) {
            assert!(
                Instant::now() < until,
                "the page at {} does not say {words:?}:\n{}",
                self.url(),
                self.text("body")
            );
            std::thread::sleep(Duration::from_millis(60));
        }
    }

    /// Clicks.
    pub fn click(&self, css: &str) {
        let Element(id) = self.one(css);
        if self.call("POST", &format!("/element/{id}/click"), Some(json!({}))).is_err() {
            // Something sticky stands before it: a person would scroll a little more.
            self.run(&format!("document.querySelector({css:?}).scrollIntoView({{block: 'center'}});"));
            self.call("POST", &format!("/element/{id}/click"), Some(json!({}))).expect("it can be clicked");
        }
    }

    /// Clears a field and types into it.
    pub fn fill(&self, css: &str, text: &str) {
        let Element(id) = self.one(css);
        let _cleared = self.call("POST", &format!("/element/{id}/clear"), Some(json!({})));
        self.call("POST", &format!("/element/{id}/value"), Some(json!({"text": text}))).expect("it can be typed into");
    }

    /// Sets a field that a keyboard fills differently in each locale (days, times).
    pub fn set(&self, css: &str, value: &str) {
        self.one(css);
        self.run(&format!(
            "var e = document.querySelector({css:?}); e.value = {value:?}; e.dispatchEvent(new Event('change', {{bubbles: true}}));"
        ));
    }

    /// Chooses an option by its value.
    pub fn choose(&self, css: &str, value: &str) {
        self.set(css, value);
    }

    /// Presses keys wherever the focus is.
    pub fn keys(&self, keys: &str) {
        let mut actions = Vec::new();
        for key in keys.chars() {
            actions.push(json!({"type": "keyDown", "value": key.to_string()}));
            actions.push(json!({"type": "keyUp", "value": key.to_string()}));
        }
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.call("POST", "/actions", Some(body)).expect("keys are pressed");
    }

    /// Draws a stroke in an element, as a finger or a pen does.
    pub fn draw(&self, css: &str) {
        let Element(id) = self.one(css);
        self.run(&format!("document.querySelector({css:?}).scrollIntoView({{block: 'center'}});"));
        let element = json!({"element-6066-11e4-a52e-4f735466cecf": id});
        let to = |x: i32, y: i32| json!({"type": "pointerMove", "duration": 40, "origin": element, "x": x, "y": y});
        let strokes = [
            to(-120, 20),
            json!({"type": "pointerDown", "button": 0}),
            to(-40, -30),
            to(20, 25),
            to(110, -10),
            json!({"type": "pointerUp", "button": 0}),
        ];
        let pen = json!({"type": "pointer", "id": "pen", "parameters": {"pointerType": "pen"}, "actions": strokes});
        self.call("POST", "/actions", Some(json!({"actions": [pen]}))).expect("a stroke is drawn");
    }

    /// Runs a script and gives what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", Some(json!({"script": script, "args": []}))).expect("the script runs")
    }

    /// Runs a script that answers later.
    pub fn run_later(&self, script: &str) -> Value {
        self.call("POST", "/execute/async", Some(json!({"script": script, "args": []}))).expect("the script answers")
    }

    /// A picture of the window, as PNG in base 64.
    pub fn picture(&self) -> String {
        self.call("GET", "/screenshot", None).expect("a picture is taken").as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        let _gone = self.call("DELETE", "", None);
    }
}
