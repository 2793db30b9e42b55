//! TLS under the line to a PostgreSQL server: asked for as the address says, and whom it believes.

use std::{
    io::{Error, ErrorKind, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    sync::Arc,
};

use bytes::BytesMut;
use postgres_protocol::message::frontend;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore, SignatureScheme,
    StreamOwned,
    client::{
        ResolvesClientCert, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject as _},
    sign::CertifiedKey,
};

use super::address::{Protection, Tls};

/// A protected stream.
pub(crate) type Secure = StreamOwned<ClientConnection, TcpStream>;

/// Asks the server whether it speaks TLS, where the address wants it. Its answer is one byte, read alone: what came behind it
/// in the clear would not be the server's.
pub(crate) fn agreed(stream: &mut TcpStream, mode: Protection) -> std::io::Result<bool> {
    if mode == Protection::Disable {
        return Ok(false);
    }
    let mut asked = BytesMut::new();
    frontend::ssl_request(&mut asked);
    stream.write_all(&asked)?;
    let mut answer = [0];
    stream.read_exact(&mut answer)?;
    match (answer[0], mode) {
        (b'S', _) => Ok(true),
        (b'N', Protection::Prefer) => Ok(false),
        (b'N', _) => Err(refused("the server speaks no TLS (ssl = off there) and the address asks for it (sslmode)")),
        _ => Err(refused("what answers is no PostgreSQL server")),
    }
}

/// Shakes hands; none when that fails and the address only prefers TLS: the caller then begins anew in the clear, as
/// PostgreSQL's own clients do. Every fault says what an operator can change.
pub(crate) fn enter(mut stream: TcpStream, host: &str, tls: &Tls) -> std::io::Result<Option<Secure>> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| refused(&format!("{host} is no name for TLS")))?;
    let config = Arc::new(config(tls)?);
    let mut connection = ClientConnection::new(config, name).map_err(Error::other)?;
    while connection.is_handshaking() {
        let Err(error) = connection.complete_io(&mut stream) else { continue };
        // A server that is only slow is not one that cannot.
        let late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        if tls.mode == Protection::Prefer && !late {
            return Ok(None);
        }
        return Err(said(error, host, tls));
    }
    Ok(Some(StreamOwned::new(connection, stream)))
}

fn config(tls: &Tls) -> std::io::Result<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    // As PostgreSQL's own clients do: with authorities named, even `require` believes nobody else.
    let chain = match (&tls.roots, tls.mode) {
        (Some(roots), mode) if mode != Protection::Prefer => {
            let roots = Arc::new(authorities(roots)?);
            let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider)).build();
            Some(verifier.map_err(Error::other)?)
        }
        _ => None,
    };
    let shown = tls.shown.as_ref().map(|(certificate, key)| identity(certificate, key, &provider)).transpose()?;
    let believed = Believed {
        chain,
        name_too: tls.mode == Protection::VerifyFull,
        algorithms: provider.signature_verification_algorithms,
    };
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(Error::other)?.dangerous().with_custom_certificate_verifier(Arc::new(believed));
    Ok(builder.with_client_cert_resolver(Arc::new(Shown(shown.map(Arc::new)))))
}

fn unreadable(file: &Path, why: &dyn std::fmt::Display) -> Error {
    refused(&format!("{} cannot be used: {why}", file.display()))
}

fn authorities(file: &Path) -> std::io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let mut last: Option<String> = None;
    for certificate in CertificateDer::pem_file_iter(file).map_err(|why| unreadable(file, &why))? {
        let certificate = certificate.map_err(|why| unreadable(file, &why))?;
        // A machine's bundle may hold some that no modern reader takes; the others count.
        last = roots.add(certificate).err().map(|why| why.to_string()).or(last);
    }
    if roots.is_empty() {
        let why = last.unwrap_or_else(|| "it holds no certificate in PEM form".to_owned());
        return Err(unreadable(file, &why));
    }
    Ok(roots)
}

fn identity(certificate: &Path, key: &Path, provider: &CryptoProvider) -> std::io::Result<CertifiedKey> {
    let chain: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(certificate).map_err(|why| unreadable(certificate, &why))?.collect();
    let chain = chain.map_err(|why| unreadable(certificate, &why))?;
    let secret = PrivateKeyDer::from_pem_file(key).map_err(|why| unreadable(key, &why))?;
    CertifiedKey::from_der(chain, secret, provider).map_err(|why| unreadable(certificate, &why))
}

/// A fault of the handshake in words that say what to change.
fn said(error: Error, host: &str, tls: &Tls) -> Error {
    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
        return Error::new(ErrorKind::TimedOut, "the server did not finish the TLS handshake in time");
    }
    let Some(fault) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) else { return error };
    let roots = tls.roots.as_ref().map(|file| file.display().to_string()).unwrap_or_default();
    let why = match fault {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
            format!("the server's certificate was not issued by an authority of {roots} (sslrootcert)")
        }
        rustls::Error::InvalidCertificate(CertificateError::NotValidForName)
        | rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { .. }) => {
            format!("the server's certificate is not for {host} (sslmode=verify-full)")
        }
        rustls::Error::AlertReceived(alert) => format!("the server ended the TLS handshake: {alert:?}"),
        other => format!("TLS with the server failed: {other}"),
    };
    refused(&why)
}

fn refused(why: &str) -> Error {
    Error::new(ErrorKind::InvalidData, why)
}

/// Whom the line believes: an authority's word, with or without the name; or anyone, as `prefer` and `require` say.
#[derive(Debug)]
struct Believed {
    chain: Option<Arc<WebPkiServerVerifier>>,
    name_too: bool,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Believed {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let Some(chain) = &self.chain else { return Ok(ServerCertVerified::assertion()) };
        match chain.verify_server_cert(shown, between, name, stapled, now) {
            // The name is looked at last: all else was right.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.name_too => Ok(ServerCertVerified::assertion()),
            other => other,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// What this side shows when it is asked.
#[derive(Debug)]
struct Shown(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _authorities: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}
