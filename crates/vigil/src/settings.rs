//! Every setting, declared once: from one line follow the flag, the environment variable, the line of `vigil.toml`, the help and
//! what `vigil config` prints.

use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches, parser::ValueSource};
use serde::Serialize;
use vigil_store::Address;

/// One setting as declared.
#[derive(Debug)]
pub struct Declared {
    /// Its one name: flag `--NAME`, key of `vigil.toml`; the environment variable follows from it.
    pub name: &'static str,
    /// The value when nobody says anything; empty for none.
    pub default: &'static str,
    /// What the value looks like.
    pub value: &'static str,
    /// One line of help.
    pub help: &'static str,
}

impl Declared {
    /// The environment variable: `data-dir` is `VIGIL_DATA_DIR`.
    pub fn env(&self) -> String {
        format!("VIGIL_{}", self.name.to_uppercase().replace('-', "_"))
    }
}

/// Where a value came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// A line of `vigil.toml`.
    File,
    /// The environment.
    Env,
    /// The command line.
    Flag,
}

/// A value in force and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InForce {
    /// The setting.
    pub name: &'static str,
    /// The value as text.
    pub value: String,
    /// Where it came from.
    pub from: Source,
}

/// A type that a setting's text becomes.
pub trait FromText: Sized {
    /// Reads the text; the error says what was expected.
    fn from_text(text: &str) -> Result<Self, String>;
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.to_owned())
    }
}

impl FromText for PathBuf {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("a path".into()) } else { Ok(text.into()) }
    }
}

impl FromText for SocketAddr {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "an address and a port, such as 127.0.0.1:8080".into())
    }
}

impl FromText for usize {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "a whole number above 0".into())
    }
}

impl FromText for u64 {
    fn from_text(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| "a whole number".into())
    }
}

impl FromText for Vec<PathBuf> {
    fn from_text(text: &str) -> Result<Self, String> {
        Ok(text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(PathBuf::from).collect())
    }
}

impl<T: FromText> FromText for Option<T> {
    fn from_text(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::from_text(text).map(Some) }
    }
}

/// A size in bytes: `8388608`, `512KiB`, `8MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub usize);

impl FromText for Bytes {
    fn from_text(text: &str) -> Result<Self, String> {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
        let times = match unit.trim() {
            "" | "B" => Some(1),
            "KiB" => Some(1 << 10),
            "MiB" => Some(1 << 20),
            "GiB" => Some(1 << 30),
            _ => None,
        };
        let size = number.parse::<usize>().ok().zip(times).and_then(|(n, t)| n.checked_mul(t));
        size.filter(|s| *s > 0).map(Self).ok_or_else(|| "a size such as 8MiB, 512KiB or a number of bytes".into())
    }
}

/// A share, from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(pub f64);

impl FromText for Share {
    fn from_text(text: &str) -> Result<Self, String> {
        let share = text.parse::<f64>().ok().filter(|share| (0.0..=1.0).contains(share));
        share.map(Self).ok_or_else(|| "a share from 0 to 1, such as 0.05".into())
    }
}

/// Where a collector listens: `http://HOST:PORT[/PATH]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collector {
    /// Host and port.
    pub at: String,
    /// The path, `/v1/traces` unless said otherwise.
    pub path: String,
}

impl FromText for Collector {
    fn from_text(text: &str) -> Result<Self, String> {
        let what = || "the address of a collector near by, such as http://127.0.0.1:4318 (without TLS)".to_owned();
        let rest = text.strip_prefix("http://").ok_or_else(what)?;
        let (at, path) = rest.split_once('/').unwrap_or((rest, ""));
        let host = at.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
        let clean = |c: char| c.is_ascii_graphic();
        if host.is_none() || !text.chars().all(clean) || at.contains('@') {
            return Err(what());
        }
        let path = if path.is_empty() { "/v1/traces".to_owned() } else { format!("/{path}") };
        Ok(Self { at: at.to_owned(), path })
    }
}

/// What keeps the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreAt {
    /// SQLite, in the data directory.
    Sqlite,
    /// PostgreSQL.
    Postgres(Address),
}

impl FromText for StoreAt {
    fn from_text(text: &str) -> Result<Self, String> {
        match text {
            "sqlite" => Ok(Self::Sqlite),
            address => Address::parse(address).map(Self::Postgres).map_err(|fault| {
                format!("sqlite, or an address such as postgres://vigil@db.example.org/vigil; {fault}")
            }),
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }
        impl FromText for $name {
            fn from_text(text: &str) -> Result<Self, String> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(format!("one of {}", [$($word),+].join(", "))),
                }
            }
        }
    };
}

words! {
    /// How unknown members are answered.
    Membership {
        /// Only members of the roster.
        Roster = "roster",
        /// Well-formed unknown members are enrolled for now.
        Provisional = "provisional",
    }
}

words! {
    /// The form of the log.
    LogFormat {
        /// For people.
        Text = "text",
        /// For machines, one object a line.
        Json = "json",
    }
}

words! {
    /// On, off, or what fits the address listened on.
    Switch {
        /// On unless listening on loopback.
        Auto = "auto",
        /// On.
        On = "on",
        /// Off.
        Off = "off",
    }
}

macro_rules! settings {
    ($($(#[$doc:meta])* $field:ident: $kind:ty = $name:literal, $default:literal, $value:literal, $help:literal;)+) => {
        /// Every setting as declared, in the order of the help.
        pub static DECLARED: &[Declared] =
            &[$(Declared { name: $name, default: $default, value: $value, help: $help }),+];

        /// The settings in force.
        #[derive(Debug, Clone)]
        pub struct Settings {
            $($(#[$doc])* pub $field: $kind,)+
            /// Each value as text, with where it came from.
            pub in_force: Vec<InForce>,
        }

        impl Settings {
            fn of(in_force: Vec<InForce>) -> Result<Self, SettingsError> {
                let text = |name: &str| in_force.iter().find(|v| v.name == name).map_or("", |v| v.value.as_str());
                Ok(Self {
                    $($field: <$kind>::from_text(text($name)).map_err(|expected| SettingsError::Value {
                        name: $name,
                        value: shown($name, text($name)),
                        expected,
                    })?,)+
                    in_force,
                })
            }
        }
    };
}

settings! {
    /// Where everything is kept.
    data_dir: PathBuf = "data-dir", "vigil-data", "DIR", "Where everything is kept; made when missing";
    /// Which engine keeps the store.
    store: StoreAt = "store", "sqlite", "sqlite|postgres://USER@HOST/DATABASE", "What keeps the store: SQLite in the data directory, or a PostgreSQL that several nodes may share";
    /// The password of a PostgreSQL store.
    store_password_file: Option<PathBuf> = "store-password-file", "", "FILE", "A file with the password of a PostgreSQL store (or the variable VIGIL_STORE_PASSWORD)";
    /// The address served.
    listen: SocketAddr = "listen", "127.0.0.1:8080", "ADDRESS:PORT", "The address to serve on";
    /// How others reach this server.
    base_url: Option<String> = "base-url", "", "URL", "The address under which others reach this server (default: http:// or https:// and what is listened on)";
    /// How unknown members are answered.
    membership: Membership = "membership", "roster", "roster|provisional", "How unknown members are answered: an error, or enrolled for now with an eligibility check";
    /// The contract of provisional members.
    provisional_contract: Option<PathBuf> = "provisional-contract", "", "FILE", "The contract for provisional members, as TOML or JSON (default: the demonstration contract)";
    /// Folders laid over the packs.
    packs_overlay: Vec<PathBuf> = "packs-overlay", "", "DIR", "A folder of packs laid over the built-in ones; repeatable, later ones on top";
    /// The largest body read.
    body_limit: Bytes = "body-limit", "8MiB", "SIZE", "The largest message read";
    /// Minutes without a click until sign-in is asked for again.
    session_idle_minutes: u64 = "session-idle-minutes", "30", "MINUTES", "Minutes without a click until sign-in is asked for again";
    /// Hours until sign-in is asked for in any case.
    session_hours: u64 = "session-hours", "12", "HOURS", "Hours until sign-in is asked for again in any case";
    /// Cookies over https only.
    secure_cookies: Switch = "secure-cookies", "auto", "auto|on|off", "Send cookies over https only (auto: on with tls-certificate, and unless listening on loopback)";
    /// Where letters are laid for the mail room.
    outbox_dir: Option<PathBuf> = "outbox-dir", "", "DIR", "Where finished letters are laid for the mail room (default: outbox inside the data directory)";
    /// The address on which hospitals' feeds are taken.
    mllp: Option<SocketAddr> = "mllp", "", "ADDRESS:PORT", "The address on which HL7 version 2 feeds are taken over MLLP (default: none)";
    /// The certificate of the address served.
    tls_certificate: Option<PathBuf> = "tls-certificate", "", "FILE", "The certificate with its chain (PEM) that pages and interfaces are served with over TLS (default: none, plain HTTP)";
    /// The key of that certificate.
    tls_key: Option<PathBuf> = "tls-key", "", "FILE", "The private key (PEM) of tls-certificate";
    /// The certificate of the feeds' address.
    mllp_certificate: Option<PathBuf> = "mllp-certificate", "", "FILE", "The certificate with its chain (PEM) that feeds are taken with over TLS (default: none, plain MLLP)";
    /// The key of that certificate.
    mllp_key: Option<PathBuf> = "mllp-key", "", "FILE", "The private key (PEM) of mllp-certificate";
    /// Whose holders may send feeds.
    mllp_client_ca: Option<PathBuf> = "mllp-client-ca", "", "FILE", "The authorities (PEM) of whose certificates a sender of feeds must show one (default: none is asked for)";
    /// Where the counters are told without a token.
    metrics_listen: Option<SocketAddr> = "metrics-listen", "", "ADDRESS:PORT", "Another address for /metrics, /health and /ready, without a token: one that only the watchers reach";
    /// The collector of traces.
    traces_endpoint: Option<Collector> = "traces-endpoint", "", "URL", "A collector of OpenTelemetry traces near by, such as http://127.0.0.1:4318: OTLP over HTTP (default: none)";
    /// How many requests are followed.
    traces_share: Share = "traces-share", "1", "0..1", "The share of requests that are followed when their sender does not say";
    /// Connections open at once.
    connections: usize = "max-connections", "4096", "NUMBER", "Connections open at once; more wait outside";
    /// Requests answered at once.
    requests: usize = "max-requests", "1024", "NUMBER", "Requests answered at once; more get 503 with Retry-After";
    /// Requests of one sender answered at once.
    requests_per_sender: usize = "max-requests-per-sender", "512", "NUMBER", "Requests of one interface token answered at once; more get 429 with Retry-After";
    /// Memory for bodies being read.
    memory_for_bodies: Bytes = "memory-for-bodies", "256MiB", "SIZE", "Memory for the bodies of requests being answered; more get 503 with Retry-After";
    /// Writes that wait for the disk.
    write_queue: usize = "write-queue", "2048", "NUMBER", "Writes that may wait for the disk; more get 503 with Retry-After";
    /// Seconds for the head of a request.
    head_seconds: u64 = "head-seconds", "20", "SECONDS", "How long the head of a request may take, and an idle connection is kept";
    /// Seconds for an answer.
    answer_seconds: u64 = "answer-seconds", "60", "SECONDS", "How long reading and answering a request may take, and a reader may leave its answer";
    /// Seconds to finish when told to stop.
    drain_seconds: u64 = "drain-seconds", "20", "SECONDS", "How long running answers get when the process is told to stop";
    /// The form of the log.
    log_format: LogFormat = "log-format", "text", "text|json", "The form of the log on standard error";
    /// What is logged.
    log_filter: String = "log-filter", "info", "FILTER", "What is logged: error, warn, info, debug, or a filter such as vigil=debug";
}

/// A value as it may be shown: the address of a store without its password.
fn shown(name: &str, value: &str) -> String {
    match (name, StoreAt::from_text(value)) {
        ("store", Ok(StoreAt::Postgres(address))) => address.shown(),
        ("store", Err(_)) => "(not shown: it may hold a password)".to_owned(),
        _ => value.to_owned(),
    }
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("cannot read {}: {why}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A key nobody knows.
    #[error("{}: there is no setting {key:?}; the settings are: {}", file.display(), known())]
    UnknownKey {
        /// The file.
        file: PathBuf,
        /// The key.
        key: String,
    },
    /// A value of the wrong kind.
    #[error("{name} = {value:?}: expected {expected}")]
    Value {
        /// The setting.
        name: &'static str,
        /// The value.
        value: String,
        /// What would do.
        expected: String,
    },
}

fn known() -> String {
    DECLARED.iter().map(|d| d.name).collect::<Vec<_>>().join(", ")
}

/// The flag that names the file of settings.
const FILE_FLAG: &str = "config";
const FILE_ENV: &str = "VIGIL_CONFIG";
const FILE_DEFAULT: &str = "vigil.toml";
/// The password of a PostgreSQL store; no setting, so that nothing ever prints it.
const PASSWORD_ENV: &str = "VIGIL_STORE_PASSWORD";

/// The flags, for the command line. Every one may stand before or after the command.
pub fn flags() -> Vec<Arg> {
    let file = Arg::new(FILE_FLAG)
        .long(FILE_FLAG)
        .value_name("FILE")
        .global(true)
        .help("The file of settings [env: VIGIL_CONFIG] [default: vigil.toml, when it is there]");
    let one = |d: &'static Declared| {
        let many = d.name == "packs-overlay";
        let default = if d.default.is_empty() { String::new() } else { format!(" [default: {}]", d.default) };
        Arg::new(d.name)
            .long(d.name)
            .value_name(d.value)
            .global(true)
            .action(if many { ArgAction::Append } else { ArgAction::Set })
            .help(format!("{} [env: {}]{default}", d.help, d.env()))
    };
    let mut flags: Vec<Arg> = std::iter::once(file).chain(DECLARED.iter().map(one)).collect();
    for flag in &mut flags {
        *flag = flag.clone().help_heading("Settings").hide_short_help(true);
    }
    flags
}

/// Puts together flag, environment, file and default, in this order.
///
/// # Errors
/// An unreadable file, an unknown key, or a value of the wrong kind: always said with what would do.
pub fn settings(matches: &ArgMatches, env: &dyn Fn(&str) -> Option<String>) -> Result<Settings, SettingsError> {
    let named = matches.get_one::<String>(FILE_FLAG).cloned().or_else(|| env(FILE_ENV));
    let in_file = match named {
        Some(file) => read_file(Path::new(&file))?,
        None if Path::new(FILE_DEFAULT).exists() => read_file(Path::new(FILE_DEFAULT))?,
        None => BTreeMap::new(),
    };
    let in_force = DECLARED.iter().map(|d| {
        let flag = matches!(matches.value_source(d.name), Some(ValueSource::CommandLine))
            .then(|| matches.get_many::<String>(d.name))
            .flatten()
            .map(|values| values.map(String::as_str).collect::<Vec<_>>().join(","));
        let (value, from) = if let Some(value) = flag {
            (value, Source::Flag)
        } else if let Some(value) = env(&d.env()) {
            (value, Source::Env)
        } else if let Some(value) = in_file.get(d.name) {
            (value.clone(), Source::File)
        } else {
            (d.default.to_owned(), Source::Default)
        };
        InForce { name: d.name, value, from }
    });
    let mut settings = Settings::of(in_force.collect())?;
    for value in &mut settings.in_force {
        value.value = shown(value.name, &value.value);
    }
    if let StoreAt::Postgres(address) = &settings.store {
        let password = match (&settings.store_password_file, env(PASSWORD_ENV)) {
            (Some(file), _) => {
                let unreadable =
                    |e: std::io::Error| SettingsError::Unreadable { file: file.clone(), why: e.to_string() };
                Some(fs::read_to_string(file).map_err(unreadable)?.trim_end_matches(['\n', '\r']).to_owned())
            }
            (None, password) => password,
        };
        settings.store = StoreAt::Postgres(address.clone().with_password(password));
    }
    Ok(settings)
}

fn read_file(file: &Path) -> Result<BTreeMap<String, String>, SettingsError> {
    let unreadable = |why: String| SettingsError::Unreadable { file: file.to_owned(), why };
    let text = fs::read_to_string(file).map_err(|e| unreadable(e.to_string()))?;
    let table: toml::Table = text.parse().map_err(|e: toml::de::Error| unreadable(e.to_string()))?;
    let mut values = BTreeMap::new();
    for (key, value) in table {
        if !DECLARED.iter().any(|d| d.name == key) {
            return Err(SettingsError::UnknownKey { file: file.to_owned(), key });
        }
        let text =
            text_of(&value).ok_or_else(|| unreadable(format!("{key}: expected text, a number or a list of texts")))?;
        values.insert(key, text);
    }
    Ok(values)
}

fn text_of(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(list) => list.iter().map(text_of).collect::<Option<Vec<_>>>().map(|texts| texts.join(",")),
        _ => None,
    }
}

impl Settings {
    /// The address others use, without a slash at its end.
    pub fn base_url(&self) -> String {
        let url = self.base_url.clone().unwrap_or_else(|| format!("{}://{}", self.scheme(), self.listen));
        url.trim_end_matches('/').to_owned()
    }

    /// `https` with a certificate, `http` without.
    pub fn scheme(&self) -> &'static str {
        if self.tls_certificate.is_some() { "https" } else { "http" }
    }

    /// Whether cookies go over https only.
    pub fn cookies_are_secure(&self) -> bool {
        match self.secure_cookies {
            Switch::On => true,
            Switch::Off => false,
            Switch::Auto => self.tls_certificate.is_some() || !self.listen.ip().is_loopback(),
        }
    }

    /// Where letters are laid.
    pub fn outbox(&self) -> PathBuf {
        self.outbox_dir.clone().unwrap_or_else(|| self.data_dir.join("outbox"))
    }
}
