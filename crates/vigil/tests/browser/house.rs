//! The house under test: the real binary on a directory of its own, with its demonstration people.

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{LazyLock, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use crate::driver::{Driver, Session, free_port};

/// The password of every demonstration account.
const PASSWORD: &str = "demonstration";

/// A running Vigil.
pub struct House {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
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
        let child = Command::new(env!("CARGO_BIN_EXE_vigil"))
            .args(["demo", "--membership", "provisional", "--data-dir"])
            .arg(&dir)
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .map_err(|error| format!("vigil does not start: {error}"))?;
        let house = Self { base: format!("http://127.0.0.1:{port}"), dir, driver, child: Mutex::new(child) };
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

    /// Enters a request as intake does, and gives the case number.
    pub fn request(
        &self,
        page: &Session<'_>,
        family: &str,
        member: &str,
        code: &str,
        amount: &str,
        note: &str,
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

impl Drop for House {
    fn drop(&mut self) {
        if let Ok(child) = self.child.get_mut() {
            let _gone = child.kill();
            let _waited = child.wait();
        }
        let _removed = std::fs::remove_dir_all(&self.dir);
    }
}
