//! The house under test: the real binary on a directory of its own, with its demonstration people.

use std::{
    io::{Read as _, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::driver::{Driver, Session, free_port, tied};

/// The password of every demonstration account.
const PASSWORD: &str = "demonstration";

/// A running Vigil.
pub struct House {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// The port on which it takes hospitals' feeds.
    pub mllp: u16,
    /// Its data directory.
    pub dir: PathBuf,
    driver: Driver,
    child: Mutex<Child>,
}

static HOUSE: LazyLock<Result<House, String>> = LazyLock::new(House::start);
/// One walk at a time: the people of the house share their work.
static TURN: Mutex<()> = Mutex::new(());

/// The house and the turn to walk in it; none when there is no browser and none is required.
///
/// # Panics
/// When `VIGIL_BROWSER=required` and there is no browser.
pub fn enter() -> Option<(&'static House, MutexGuard<'static, ()>)> {
    let turn = TURN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match &*HOUSE {
        Ok(house) => Some((house, turn)),
        Err(why) if std::env::var("VIGIL_BROWSER").is_ok_and(|v| v == "required") => {
            panic!("VIGIL_BROWSER=required, and {why}")
        }
        Err(why) => {
            eprintln!(
                "skipped: {why} (install chromium and chromium-driver; VIGIL_BROWSER=required makes this a failure)"
            );
            None
        }
    }
}

impl House {
    fn start() -> Result<Self, String> {
        let driver = Driver::start()?;
        let dir = std::env::temp_dir().join(format!("vigil-browser-{}", std::process::id()));
        let _fresh = std::fs::remove_dir_all(&dir);
        let port = free_port();
        let mllp = free_port();
        let child = tied(env!("CARGO_BIN_EXE_vigil"), Some(&dir))
            .args(["demo", "--membership", "provisional", "--data-dir"])
            .arg(&dir)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .args(["--mllp", &format!("127.0.0.1:{mllp}")])
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("vigil does not start: {error}"))?;
        let house = Self { base: format!("http://127.0.0.1:{port}"), mllp, dir, driver, child: Mutex::new(child) };
        let until = Instant::now() + Duration::from_secs(300);
        while Instant::now() < until {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(house);
            }
            let ended = house.child.lock().is_ok_and(|mut child| child.try_wait().is_ok_and(|ended| ended.is_some()));
            assert!(!ended, "vigil ended before it served");
            std::thread::sleep(Duration::from_millis(100));
        }
        Err("vigil does not answer".to_owned())
    }

    /// A window without anybody signed in.
    pub fn window(&self, width: u32, height: u32, dark: bool) -> Session<'_> {
        self.driver.session(width, height, dark)
    }

    /// A window of somebody signed in.
    pub fn signed_in(&self, name: &str) -> Session<'_> {
        self.signed_in_with(name, 1280, 800, false)
    }

    /// A window of a size and colour scheme, with somebody signed in.
    pub fn signed_in_with(&self, name: &str, width: u32, height: u32, dark: bool) -> Session<'_> {
        let page = self.window(width, height, dark);
        page.go(&format!("{}/sign-in", self.base));
        page.fill("input[name=name]", name);
        page.fill("input[name=password]", PASSWORD);
        page.click("main button");
        page.one("header .who");
        page
    }

    /// Enters a request as intake does, and gives the case number. The caller knows where letters go.
    pub fn request(
        &self,
        page: &Session<'_>,
        family: &str,
        member: &str,
        code: &str,
        amount: &str,
        note: &str,
    ) -> String {
        self.enter_request(page, (family, member), (code, amount), note, true)
    }

    /// Enters a request with or without an address.
    pub fn enter_request(
        &self,
        page: &Session<'_>,
        (family, member): (&str, &str),
        (code, amount): (&str, &str),
        note: &str,
        address: bool,
    ) -> String {
        let file = self.dir.join(format!("{member}.txt"));
        std::fs::write(&file, note).expect("a note can be written");
        page.go(&format!("{}/request/new", self.base));
        page.choose("#channel", "fax");
        page.fill("#proof", "fax banner 0412");
        page.fill("#member", member);
        page.fill("#family", family);
        page.fill("#given", "Jane");
        page.set("#born", "1955-02-03");
        page.choose("#sex", "female");
        if address {
            page.fill("#street", "14 Sample Street");
            page.fill("#city", "Albany");
            page.fill("#state", "NY");
            page.fill("#zip", "12207");
        }
        page.fill("#npi", "1234567893");
        page.fill("#requester", "Lakeside Pulmonology");
        page.fill("#diagnoses", "J44.9 Chronic obstructive pulmonary disease");
        page.fill("#code1", code);
        page.fill("#amount1", amount);
        let today = page.run("return new Date(Date.now() + 7 * 864e5).toISOString().slice(0, 10);");
        page.set("#from1", today.as_str().unwrap_or_default());
        page.fill("#files", &file.display().to_string());
        page.click("form[action='/request/new'] button.first");
        page.one(".case-head");
        page.url().rsplit('/').next().unwrap_or_default().to_owned()
    }
}

/// A request of the wire's samples: what an inquiry is made of here.
const SAMPLE: &str = include_str!("../../../wire/tests/samples/home-oxygen.in.json");

impl House {
    /// Runs the binary beside the served directory and gives its standard output.
    pub fn vigil(&self, args: &[&str]) -> Vec<u8> {
        let ran = Command::new(env!("CARGO_BIN_EXE_vigil")).args(args).arg("--data-dir").arg(&self.dir).output();
        let ran = ran.expect("vigil runs");
        assert!(ran.status.success(), "vigil {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
        ran.stdout
    }

    /// What an interface hears that asks for the cases of a member, as one text.
    pub fn inquire(&self, member: &str) -> String {
        let token = String::from_utf8(self.vigil(&["token", "create", &format!("walk-{member}")])).expect("a token");
        let mut body: serde_json::Value = serde_json::from_str(SAMPLE).expect("the sample is JSON");
        let claim = body.pointer_mut("/entry/0/resource").and_then(serde_json::Value::as_object_mut).expect("a claim");
        for name in ["item", "supportingInfo", "diagnosis", "careTeam"] {
            claim.remove(name);
        }
        let body = body.to_string().replace("M100200300", member);
        let at = self.base.trim_start_matches("http://");
        let mut stream = std::net::TcpStream::connect(at).expect("the house answers");
        let head = format!(
            "POST /pas/2.2/fhir/Claim/$inquire HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nAuthorization: Bearer {}\r\nContent-Type: application/fhir+json\r\nContent-Length: {}\r\n\r\n{body}",
            token.trim(),
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("the inquiry is sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the answer is text");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer
    }
}

/// The words of a PDF; none where pdftotext is missing and not required.
pub fn words_of(pdf: &[u8]) -> Option<String> {
    let child =
        Command::new("pdftotext").args(["-layout", "-", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        assert!(
            std::env::var("VIGIL_BROWSER").is_err(),
            "VIGIL_BROWSER is set, and pdftotext (poppler-utils) is missing"
        );
        eprintln!("skipped: the letter's words are not read without pdftotext (install poppler-utils)");
        return None;
    };
    child.stdin.take().expect("a pipe").write_all(pdf).expect("the letter is handed over");
    let read = child.wait_with_output().expect("pdftotext ends");
    assert!(read.status.success(), "pdftotext cannot read the letter");
    Some(String::from_utf8_lossy(&read.stdout).split_whitespace().collect::<Vec<_>>().join(" "))
}
