//! A door that only TLS opens: its certificate (read again when it is renewed), and the authorities whose holders it lets in.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, NoClientAuth, ResolvesServerCert, WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::CertifiedKey,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsAcceptor;

use super::Wire;

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How often the files are looked at for a renewed certificate.
const LOOK: Duration = Duration::from_secs(60);

/// Why a door cannot be hung.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file cannot be used.
    #[error("{}: {why}", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// One setting without the other it needs.
    #[error("{has} needs {lacks} too")]
    Half {
        /// The setting that is there.
        has: &'static str,
        /// The setting that is missing.
        lacks: &'static str,
    },
}

fn bad(file: &Path, why: impl ToString) -> TlsFault {
    TlsFault::File { file: file.to_owned(), why: why.to_string() }
}

/// A door.
#[derive(Clone)]
pub struct Door {
    acceptor: TlsAcceptor,
    kept: Arc<Kept>,
}

impl Door {
    /// A door that shows a certificate with its chain, and lets in only holders of a certificate of the authorities in `clients`
    /// where that is said. All files are PEM.
    ///
    /// # Errors
    /// The file that cannot be used, and why.
    pub fn hang(certificate: &Path, key: &Path, clients: Option<&Path>) -> Result<Self, TlsFault> {
        let kept = Arc::new(Kept::read(certificate, key)?);
        let provider = Arc::new(ring::default_provider());
        let verifier: Arc<dyn ClientCertVerifier> = match clients {
            None => Arc::new(NoClientAuth),
            Some(file) => {
                let roots = Arc::new(authorities(file)?);
                let built = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
                built.map_err(|why| bad(file, why))?
            }
        };
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|why| bad(certificate, why))?.with_client_cert_verifier(verifier);
        let config = builder.with_cert_resolver(Arc::clone(&kept) as Arc<dyn ResolvesServerCert>);
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), kept })
    }

    /// Hangs a door where the settings ask for one: `names` are those of certificate, key and clients.
    ///
    /// # Errors
    /// A file that cannot be used, or one setting without another.
    pub fn of(
        names: [&'static str; 3],
        certificate: Option<&Path>,
        key: Option<&Path>,
        clients: Option<&Path>,
    ) -> Result<Option<Self>, TlsFault> {
        match (certificate, key) {
            (Some(certificate), Some(key)) => Self::hang(certificate, key, clients).map(Some),
            (Some(_), None) => Err(TlsFault::Half { has: names[0], lacks: names[1] }),
            (None, Some(_)) => Err(TlsFault::Half { has: names[1], lacks: names[0] }),
            (None, None) if clients.is_some() => Err(TlsFault::Half { has: names[2], lacks: names[0] }),
            (None, None) => Ok(None),
        }
    }

    /// Shakes hands with who has come.
    ///
    /// # Errors
    /// Why not, in words for the log.
    pub async fn enter(&self, stream: TcpStream) -> Result<Wire, String> {
        self.kept.look(LOOK);
        match timeout(HANDSHAKE, self.acceptor.accept(stream)).await {
            Ok(Ok(stream)) => Ok(Wire::from(Box::new(stream))),
            Ok(Err(error)) => Err(said(&error)),
            Err(_) => {
                Err(format!("no TLS handshake in {} seconds: does the other side speak TLS?", HANDSHAKE.as_secs()))
            }
        }
    }
}

/// A failed handshake in words for an operator.
fn said(error: &io::Error) -> String {
    let fault = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match fault {
        Some(rustls::Error::InvalidMessage(_)) => {
            "the other side does not speak TLS, and this address asks for it".into()
        }
        Some(rustls::Error::NoCertificatesPresented) => {
            "the other side showed no certificate, and this address asks for one".into()
        }
        Some(rustls::Error::InvalidCertificate(why)) => format!("the other side's certificate is not taken: {why}"),
        Some(rustls::Error::AlertReceived(alert)) => format!("the other side ended the handshake: {alert:?}"),
        Some(other) => other.to_string(),
        None if error.kind() == io::ErrorKind::UnexpectedEof => {
            "the other side went away before the TLS handshake".into()
        }
        None => error.to_string(),
    }
}

fn authorities(file: &Path) -> Result<RootCertStore, TlsFault> {
    let mut roots = RootCertStore::empty();
    for certificate in chain(file)? {
        roots.add(certificate).map_err(|why| bad(file, why))?;
    }
    Ok(roots)
}

/// The certificates of a file.
pub(super) fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(file).map_err(|why| bad(file, why))?.collect();
    let read = read.map_err(|why| bad(file, why))?;
    if read.is_empty() { Err(bad(file, "it holds no certificate in PEM form")) } else { Ok(read) }
}

/// What a door shows, with the files it came from.
#[derive(Debug)]
struct Kept {
    certificate: PathBuf,
    key: PathBuf,
    now: Mutex<Now>,
}

#[derive(Debug)]
struct Now {
    shown: Arc<CertifiedKey>,
    /// The two files as read.
    texts: (Vec<u8>, Vec<u8>),
    looked: Instant,
}

impl Kept {
    fn read(certificate: &Path, key: &Path) -> Result<Self, TlsFault> {
        let (shown, texts) = read(certificate, key)?;
        let now = Mutex::new(Now { shown, texts, looked: Instant::now() });
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), now })
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Shows a renewed certificate, looking so often at most. While the files do not fit together the old one is shown.
    fn look(&self, every: Duration) {
        let mut now = self.now();
        if now.looked.elapsed() < every {
            return;
        }
        now.looked = Instant::now();
        match texts(&self.certificate, &self.key) {
            Ok(texts) if texts == now.texts => return,
            _ => {}
        }
        match read(&self.certificate, &self.key) {
            Ok((shown, texts)) => {
                (now.shown, now.texts) = (shown, texts);
                tracing::info!(file = %self.certificate.display(), "a renewed certificate is shown from now on");
            }
            Err(fault) => tracing::error!(%fault, "the renewed certificate cannot be used; the old one is shown"),
        }
    }
}

impl ResolvesServerCert for Kept {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.now().shown))
    }
}

type Texts = (Vec<u8>, Vec<u8>);

fn texts(certificate: &Path, key: &Path) -> Result<Texts, TlsFault> {
    let read = |file: &Path| fs::read(file).map_err(|why| bad(file, why));
    Ok((read(certificate)?, read(key)?))
}

fn read(certificate: &Path, key: &Path) -> Result<(Arc<CertifiedKey>, Texts), TlsFault> {
    let texts = texts(certificate, key)?;
    let chain = chain(certificate)?;
    let secret = PrivateKeyDer::from_pem_slice(&texts.1).map_err(|why| bad(key, why))?;
    let shown = CertifiedKey::from_der(chain, secret, &ring::default_provider());
    let shown = shown.map_err(|why| bad(key, format!("it does not go with {}: {why}", certificate.display())))?;
    Ok((Arc::new(shown), texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let (certificate, key) = (folder.join("shown.pem"), folder.join("key.pem"));
        fs::write(&certificate, made.cert.pem()).unwrap();
        fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        (certificate, key)
    }

    #[test]
    fn a_renewed_certificate_is_shown_and_a_torn_renewal_is_not() {
        let folder = std::env::temp_dir().join(format!("vigil-door-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (certificate, key) = pair(&folder, "first");
        let door = Door::hang(&certificate, &key, None).unwrap();
        let shown = || door.kept.now().shown.cert[0].clone();
        let first = shown();
        pair(&folder, "second");
        door.kept.look(LOOK);
        assert_eq!(shown(), first, "not within a minute");
        door.kept.look(Duration::ZERO);
        let second = shown();
        assert_ne!(second, first);
        let torn = rcgen::generate_simple_self_signed(["third".to_owned()]).unwrap();
        fs::write(&certificate, torn.cert.pem()).unwrap();
        door.kept.look(Duration::ZERO);
        assert_eq!(shown(), second, "a certificate without its key is not shown");
        assert!(Door::hang(&certificate, &key, None).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
