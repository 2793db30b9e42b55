//! The line to a PostgreSQL server: bytes out, messages in.

use std::{
    collections::HashMap,
    io::{Error, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    os::unix::net::UnixStream,
    time::Duration,
};

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::{
    backend::{ErrorResponseBody, Message},
    frontend,
};

use super::{
    address::{Address, Host},
    secure::{self, Secure},
};
use crate::engine::fail::{EngineError, Result};

/// The kinds of byte stream.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Local(UnixStream),
    Secure(Box<Secure>),
}

impl Stream {
    /// A stream to a host, with each wait for it bounded, protected as the address asks.
    fn open(host: &Host, address: &Address) -> std::io::Result<Self> {
        let wait = address.patience.max(Duration::from_secs(1));
        if host.name.starts_with('/') {
            let stream = Self::Local(UnixStream::connect(format!("{}/.s.PGSQL.{}", host.name, host.port))?);
            stream.wait_at_most(Some(wait))?;
            return Ok(stream);
        }
        let mut last = Error::new(ErrorKind::NotFound, "the host has no address");
        for place in (host.name.as_str(), host.port).to_socket_addrs()? {
            let connect = || {
                let stream = TcpStream::connect_timeout(&place, address.patience)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(wait))?;
                stream.set_write_timeout(Some(wait))?;
                Ok(stream)
            };
            let mut stream = match connect() {
                Ok(stream) => stream,
                Err(error) => {
                    last = error;
                    continue;
                }
            };
            if !secure::agreed(&mut stream, address.tls.mode)? {
                return Ok(Self::Tcp(stream));
            }
            return Ok(match secure::enter(stream, &host.name, &address.tls)? {
                Some(secure) => Self::Secure(Box::new(secure)),
                None => Self::Tcp(connect()?),
            });
        }
        Err(last)
    }

    fn wait_at_most(&self, time: Option<Duration>) -> std::io::Result<()> {
        let of_tcp = |stream: &TcpStream| stream.set_read_timeout(time).and_then(|()| stream.set_write_timeout(time));
        match self {
            Self::Tcp(stream) => of_tcp(stream),
            Self::Local(stream) => stream.set_read_timeout(time).and_then(|()| stream.set_write_timeout(time)),
            Self::Secure(stream) => of_tcp(&stream.sock),
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.read(buffer),
            Self::Local(stream) => stream.read(buffer),
            Self::Secure(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Tcp(stream) => stream.write(buffer),
            Self::Local(stream) => stream.write(buffer),
            Self::Secure(stream) => stream.write(buffer),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Tcp(_) | Self::Local(_) => Ok(()),
            Self::Secure(stream) => stream.flush(),
        }
    }
}

/// The line under a connection.
pub(crate) struct Line {
    stream: Stream,
    incoming: BytesMut,
    pub(super) outgoing: BytesMut,
    pub(super) prepared: HashMap<String, String>,
    pub(super) names: u64,
    pub(super) broken: bool,
    /// Within a transaction, sound or failed, as the server last said.
    pub(crate) in_transaction: bool,
}

impl Line {
    /// Opens a line; nothing was said on it yet.
    pub(crate) fn open(host: &Host, address: &Address) -> Result<Self> {
        Ok(Self {
            stream: Stream::open(host, address)?,
            incoming: BytesMut::with_capacity(32 * 1024),
            outgoing: BytesMut::with_capacity(32 * 1024),
            prepared: HashMap::new(),
            names: 0,
            broken: false,
            in_transaction: false,
        })
    }

    /// How long to wait for the server's next bytes; none for ever.
    pub(crate) fn wait_at_most(&self, time: Option<Duration>) -> Result<()> {
        Ok(self.stream.wait_at_most(time)?)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.broken {
            self.outgoing.clear();
            frontend::terminate(&mut self.outgoing);
            drop(self.flush());
        }
    }
}

impl Line {
    /// Writes what stands in `outgoing`.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.stream.write_all(&self.outgoing)?;
        self.stream.flush()?;
        self.outgoing.clear();
        Ok(())
    }

    /// Where messages are written before [`Line::flush`].
    pub(crate) fn outgoing(&mut self) -> &mut BytesMut {
        &mut self.outgoing
    }

    /// The next message that answers something.
    pub(crate) fn next(&mut self) -> Result<Message> {
        loop {
            match Message::parse(&mut self.incoming)? {
                Some(Message::NoticeResponse(_) | Message::ParameterStatus(_) | Message::NotificationResponse(_)) => {}
                Some(message) => return Ok(message),
                None => {
                    let mut chunk = [0; 16 * 1024];
                    let n = self.stream.read(&mut chunk)?;
                    if n == 0 {
                        return Err(Error::from(ErrorKind::UnexpectedEof).into());
                    }
                    self.incoming.extend_from_slice(&chunk[..n]);
                }
            }
        }
    }

    /// Reads until the server is ready again.
    pub(crate) fn until_ready(&mut self) -> Result<()> {
        let mut failed = None;
        loop {
            match self.next()? {
                Message::ErrorResponse(body) => failed = Some(said(&body)),
                Message::ReadyForQuery(body) => {
                    self.in_transaction = body.status() != b'I';
                    return failed.map_or(Ok(()), Err);
                }
                _ => {}
            }
        }
    }
}

/// What the server said of a failure: its code and its sentence, never the detail, which may quote a row.
pub(crate) fn said(body: &ErrorResponseBody) -> EngineError {
    let (mut code, mut says) = (String::new(), String::new());
    let mut fields = body.fields();
    while let Ok(Some(field)) = fields.next() {
        let value = String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'C' => code = value,
            b'M' => says = value,
            _ => {}
        }
    }
    EngineError::Postgres { code, says }
}
