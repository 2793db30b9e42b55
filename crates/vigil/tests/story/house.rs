//! A Vigil of its own for each story: a directory, a port, a clock that the story may move.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use vigil::{
    access::password,
    app::App,
    cli::serve,
    open,
    settings::{Settings, flags, settings},
};
use vigil_desk::{MAIN_TENANT, time::Time};
use vigil_domain::time::Moment;
use vigil_store::{Account, Token, Write, WriteItem};

/// A directory that goes away with the story.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("vigil-story-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

/// The settings that a command line would give.
pub fn settings_of(arguments: &[&str]) -> Settings {
    let command = clap::Command::new("story").args(flags());
    let matches = command.try_get_matches_from(["story"].iter().chain(arguments)).unwrap();
    let nothing: HashMap<String, String> = HashMap::new();
    settings(&matches, &|name| nothing.get(name).cloned()).unwrap()
}

/// A serving Vigil.
pub struct House {
    pub app: App,
    pub at: SocketAddr,
    pub folder: Folder,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
}

/// When stories begin: a Monday morning in New York.
pub fn start() -> Moment {
    "2026-06-01T13:00:00Z".parse().unwrap()
}

impl House {
    pub async fn open(arguments: &[&str]) -> Self {
        let folder = Folder::new();
        let data = folder.path().join("data").display().to_string();
        let mut all = vec!["--data-dir", &data, "--listen", "127.0.0.1:0", "--membership", "provisional"];
        all.extend(arguments);
        let app = open::house(&settings_of(&all), Time::simulated(start())).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = app.clone();
        let running = tokio::spawn(async move {
            serve::until(serving, listener, async {
                let _told = stopped.await;
            })
            .await;
        });
        // The door is open when it answers.
        assert_eq!(super::client::get(at, "/health", "").await.status, 200);
        Self { app, at, folder, stop: Some(stop), running: Some(running) }
    }

    /// Moves the clock on.
    pub fn later(&self, seconds: i64) {
        let now = self.app.desk.time.now();
        self.app.desk.time.set(now + jiff::SignedDuration::from_secs(seconds));
    }

    /// Someone to sign in as, with the password `correct horse battery`.
    pub async fn account(&self, name: &str, role: &str) {
        let account = Account {
            name: name.into(),
            display: format!("{name} of the story"),
            roles: vec![role.into()],
            password_hash: password::hash_now("correct horse battery").unwrap(),
            active: true,
            credential: None,
        };
        self.write(WriteItem::Account(account)).await;
    }

    /// A physician whose credential was checked.
    pub async fn physician(&self, name: &str, credential: vigil_domain::party::Credential) {
        let account = Account {
            name: name.into(),
            display: format!("{name} of the story"),
            roles: vec!["physician".into()],
            password_hash: password::hash_now("correct horse battery").unwrap(),
            active: true,
            credential: Some(credential),
        };
        self.write(WriteItem::Account(account)).await;
    }

    /// A token, made known to the store.
    pub async fn token(&self, name: &str, scopes: &[&str]) -> String {
        let made = vigil::access::secret::make("vigil");
        let token = Token {
            hash: vigil::access::secret::hash(&made),
            tenant: MAIN_TENANT.into(),
            name: name.into(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            created_at: start(),
            expires_at: Some(start() + jiff::SignedDuration::from_hours(24)),
            revoked_at: None,
        };
        self.write(WriteItem::Token(token)).await;
        made
    }

    pub async fn write(&self, item: WriteItem) {
        self.app.desk.store.write(Write::of(MAIN_TENANT, vec![item])).await.unwrap();
    }

    pub fn data(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    /// Closes in order and leaves the directory.
    pub async fn close_keeping(mut self) -> Folder {
        let folder = std::mem::replace(&mut self.folder, Folder::new());
        self.close().await;
        folder
    }

    /// Closes in order.
    pub async fn close(mut self) {
        let _told = self.stop.take().map(|stop| stop.send(()));
        if let Some(running) = self.running.take() {
            running.await.unwrap();
        }
    }
}
