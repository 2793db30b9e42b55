//! Where a PostgreSQL store is: `postgres://user:password@host:port,host:port/database?schema=vigil`.

use std::{fmt, path::PathBuf, time::Duration};

use crate::StoreFault;

const PORT: u16 = 5432;

/// A host that may serve the store; a path is the folder of a local socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) port: u16,
}

/// How far the line to the server is protected, in PostgreSQL's words (`sslmode`). A local socket never is: nobody is between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Protection {
    /// Never.
    Disable,
    /// When the server can; it need not prove who it is.
    #[default]
    Prefer,
    /// Always; it need not prove who it is, unless `sslrootcert` names whom to believe.
    Require,
    /// Always, with a certificate of an authority that `sslrootcert` names.
    VerifyCa,
    /// The same, and the certificate is for the host asked for.
    VerifyFull,
}

/// The words of `sslmode`.
const PROTECTIONS: [(&str, Protection); 5] = [
    ("disable", Protection::Disable),
    ("prefer", Protection::Prefer),
    ("require", Protection::Require),
    ("verify-ca", Protection::VerifyCa),
    ("verify-full", Protection::VerifyFull),
];

/// How the line is protected, and with which files (PEM).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tls {
    pub(crate) mode: Protection,
    /// `sslrootcert`: the authorities believed.
    pub(crate) roots: Option<PathBuf>,
    /// `sslcert` and `sslkey`: what this side shows when the server asks who it is.
    pub(crate) shown: Option<(PathBuf, PathBuf)>,
}

/// The address of a PostgreSQL store. Several hosts may be named: the first that takes writes is used, so that a
/// promoted replica is found without a change of settings.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    pub(crate) hosts: Vec<Host>,
    pub(crate) user: String,
    pub(crate) password: Option<String>,
    pub(crate) database: String,
    pub(crate) schema: String,
    pub(crate) patience: Duration,
    /// What transactions may see of each other, in PostgreSQL's words.
    pub(crate) isolation: &'static str,
    pub(crate) tls: Box<Tls>,
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// What is missing or not understood; never the password.
    pub fn parse(text: &str) -> Result<Self, StoreFault> {
        let bad = |why: &str| StoreFault::Address { why: why.to_owned() };
        let rest = text.strip_prefix("postgres://").or_else(|| text.strip_prefix("postgresql://"));
        let rest = rest.ok_or_else(|| bad("it does not begin with postgres://"))?;
        let (rest, asked) = rest.split_once('?').unwrap_or((rest, ""));
        let (place, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (who, hosts) = place.rsplit_once('@').unwrap_or(("", place));
        let (user, password) = match who.split_once(':') {
            Some((user, password)) => (plain(user), Some(plain(password))),
            None => (plain(who), None),
        };
        let mut address = Self {
            hosts: hosts.split(',').map(host).collect::<Option<_>>().ok_or_else(|| bad("a port is not a number"))?,
            user: if user.is_empty() { "vigil".to_owned() } else { user },
            password,
            database: if database.is_empty() { "vigil".to_owned() } else { plain(database) },
            schema: "vigil".to_owned(),
            patience: Duration::from_secs(5),
            isolation: "read committed",
            tls: Box::default(),
        };
        let mut shown = (None, None);
        for (name, value) in asked.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "sslcert" => shown.0 = Some(PathBuf::from(plain(value))),
                "sslkey" => shown.1 = Some(PathBuf::from(plain(value))),
                _ => address.take(name, value).map_err(|why| bad(&why))?,
            }
        }
        address.tls.shown = match shown {
            (Some(certificate), Some(key)) => Some((certificate, key)),
            (None, None) => None,
            _ => return Err(bad("sslcert and sslkey go together")),
        };
        address.checked().map_err(|why| bad(&why))
    }

    /// Takes one of the words behind the question mark.
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "schema" => self.schema = plain(value),
            "host" => {
                let port = self.hosts.first().map_or(PORT, |host| host.port);
                self.hosts = vec![Host { name: plain(value), port }];
            }
            "port" => {
                let port = value.parse().map_err(|_| "port is not a number")?;
                self.hosts.iter_mut().for_each(|host| host.port = port);
            }
            "connect_timeout" => {
                let seconds = value.parse().map_err(|_| "connect_timeout is not a number of seconds")?;
                self.patience = Duration::from_secs(seconds);
            }
            "isolation" => {
                self.isolation = match value {
                    "read-committed" => "read committed",
                    "serializable" => "serializable",
                    _ => return Err("isolation is read-committed or serializable".to_owned()),
                }
            }
            "sslmode" => {
                let known = PROTECTIONS.iter().find(|(word, _)| *word == value);
                let (_, mode) = known.ok_or("sslmode is disable, prefer, require, verify-ca or verify-full")?;
                self.tls.mode = *mode;
            }
            "sslrootcert" => self.tls.roots = Some(PathBuf::from(plain(value))),
            _ => {
                return Err(format!(
                    "{name} is not known: schema, host, port, connect_timeout, isolation, sslmode, sslrootcert, sslcert, sslkey"
                ));
            }
        }
        Ok(())
    }

    /// The address, when its parts fit each other.
    fn checked(self) -> Result<Self, String> {
        let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.schema.is_empty() || !self.schema.chars().all(word) {
            return Err("a schema's name has lower-case letters, digits and _".to_owned());
        }
        if self.hosts.iter().any(|host| host.name.is_empty()) {
            return Err("it names no host".to_owned());
        }
        if matches!(self.tls.mode, Protection::VerifyCa | Protection::VerifyFull) && self.tls.roots.is_none() {
            return Err("sslmode=verify-ca and verify-full need sslrootcert, the file of the authorities believed \
                (the machine's own is /etc/ssl/certs/ca-certificates.crt on Debian)"
                .to_owned());
        }
        Ok(self)
    }

    /// The same address with a password from elsewhere, where it names none itself.
    #[must_use]
    pub fn with_password(mut self, password: Option<String>) -> Self {
        self.password = self.password.or(password);
        self
    }

    /// The address for people and logs: without its password.
    pub fn shown(&self) -> String {
        let hosts: Vec<String> = self.hosts.iter().map(|host| format!("{}:{}", host.name, host.port)).collect();
        let said = PROTECTIONS.iter().find(|(_, mode)| *mode == self.tls.mode && *mode != Protection::default());
        let protected = said.map(|(word, _)| format!("&sslmode={word}")).unwrap_or_default();
        format!("postgres://{}@{}/{}?schema={}{protected}", self.user, hosts.join(","), self.database, self.schema)
    }
}

fn host(text: &str) -> Option<Host> {
    match text.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => {
            Some(Host { name: plain(name.trim_matches(['[', ']'])), port: port.parse().ok()? })
        }
        _ => Some(Host { name: plain(text.trim_matches(['[', ']'])), port: PORT }),
    }
}

/// Resolves `%2F` and the like.
fn plain(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes().iter().copied();
    let mut at = 0;
    while let Some(byte) = rest.next() {
        at += 1;
        let pair = if byte == b'%' { text.as_bytes().get(at..at + 2) } else { None };
        match pair.and_then(|pair| std::str::from_utf8(pair).ok()).and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(meant) => {
                bytes.push(meant);
                rest.nth(1);
                at += 2;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_shown_without_their_password() {
        let read = Address::parse("postgres://vig%40il:s%3Acret@a:1,b/plan?schema=north&connect_timeout=2").unwrap();
        assert_eq!(
            (read.user.as_str(), read.password.as_deref(), read.database.as_str()),
            ("vig@il", Some("s:cret"), "plan")
        );
        assert_eq!(read.hosts, [Host { name: "a".into(), port: 1 }, Host { name: "b".into(), port: 5432 }]);
        assert_eq!((read.schema.as_str(), read.patience), ("north", Duration::from_secs(2)));
        assert_eq!(read.shown(), "postgres://vig@il@a:1,b:5432/plan?schema=north");
        assert_eq!(format!("{read:?}"), read.shown());
        let socket = Address::parse("postgres://localhost:5555/x?host=%2Frun%2Fpg").unwrap();
        assert_eq!(socket.hosts, [Host { name: "/run/pg".into(), port: 5555 }]);
        let safe = Address::parse("postgres://h/x?sslmode=verify-full&sslrootcert=%2Fca.pem").unwrap();
        assert_eq!((safe.tls.mode, safe.tls.roots.as_deref()), (Protection::VerifyFull, Some("/ca.pem".as_ref())));
        assert_eq!(safe.shown(), "postgres://vigil@h:5432/x?schema=vigil&sslmode=verify-full");
        for wrong in [
            "sqlite",
            "postgres:///x",
            "postgres://h:port/x",
            "postgres://h/x?schema=A;B",
            "postgres://h/x?sslmode=allow",
            "postgres://h/x?sslmode=verify-full",
            "postgres://h/x?sslcert=a.pem",
            "postgres://h/x?what=1",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
