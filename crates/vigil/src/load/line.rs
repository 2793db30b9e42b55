//! One connection of a sender: HTTP/1.1, kept alive, opened again when it breaks.

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// A connection.
pub(super) struct Line {
    at: String,
    head: String,
    stream: Option<TcpStream>,
    out: Vec<u8>,
    have: Vec<u8>,
}

impl Line {
    /// To an address, with a path and a token.
    pub(super) fn new(at: &str, path: &str, token: &str) -> Self {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {token}\r\nContent-Type: application/fhir+json\r\nContent-Length: "
        );
        Self { at: at.to_owned(), head, stream: None, out: Vec::new(), have: Vec::new() }
    }

    /// Sends a body and gives the status of its whole answer; none when the connection broke.
    pub(super) async fn post(&mut self, body: &[u8]) -> Option<u16> {
        let status = self.tried(body).await;
        if status.is_none() {
            self.stream = None;
        }
        status
    }

    async fn tried(&mut self, body: &[u8]) -> Option<u16> {
        if self.stream.is_none() {
            let stream = TcpStream::connect(&self.at).await.ok()?;
            stream.set_nodelay(true).ok()?;
            self.stream = Some(stream);
        }
        let stream = self.stream.as_mut()?;
        self.out.clear();
        self.out.extend_from_slice(self.head.as_bytes());
        self.out.extend_from_slice(format!("{}\r\n\r\n", body.len()).as_bytes());
        self.out.extend_from_slice(body);
        stream.write_all(&self.out).await.ok()?;
        self.have.clear();
        loop {
            if stream.read_buf(&mut self.have).await.ok()? == 0 {
                return None;
            }
            if let Some((status, whole)) = answer(&self.have)
                && self.have.len() >= whole
            {
                return Some(status);
            }
        }
    }
}

/// Status and whole length of an answer, once its head is here.
fn answer(have: &[u8]) -> Option<(u16, usize)> {
    let end = have.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&have[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Some((status, end + 4 + length.unwrap_or(0)))
}
