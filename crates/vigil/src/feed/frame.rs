//! MLLP framing: a message between 0x0B and 0x1C 0x0D. Bytes between frames are passed over; a frame too large is said.

use tokio::io::{AsyncRead, AsyncReadExt};

/// Begins a frame.
pub const START: u8 = 0x0B;
/// Ends a frame, followed by a carriage return.
pub const END: [u8; 2] = [0x1C, 0x0D];

/// How every TLS connection begins.
const TLS: [u8; 2] = [0x16, 0x03];

/// Why no message came.
#[derive(Debug, thiserror::Error)]
pub enum FrameFault {
    /// The connection ended between frames.
    #[error("the connection was closed")]
    Closed,
    /// The connection ended inside a frame.
    #[error("the connection ended inside a message")]
    Cut,
    /// The frame is larger than what is read.
    #[error("a message is larger than {0} bytes")]
    TooLarge(usize),
    /// The other side began TLS where none is spoken.
    #[error("the other side speaks TLS, and this address takes feeds without it (see mllp-certificate)")]
    Tls,
    /// The connection broke.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// Reads frames off a stream.
pub struct Frames<R> {
    stream: R,
    buffer: Vec<u8>,
    limit: usize,
    begun: bool,
}

impl<R: AsyncRead + Unpin> Frames<R> {
    /// Frames of at most so many bytes.
    pub fn new(stream: R, limit: usize) -> Self {
        Self { stream, buffer: Vec::with_capacity(16 * 1024), limit, begun: false }
    }

    /// Whether a frame has begun and not ended.
    pub fn is_inside(&self) -> bool {
        self.buffer.contains(&START)
    }

    /// The next message. Safe to drop while it waits: what was read stays in the buffer.
    pub async fn next(&mut self) -> Result<Vec<u8>, FrameFault> {
        let mut searched = 0;
        loop {
            if let Some(body) = self.take(&mut searched) {
                return if body.len() > self.limit { Err(FrameFault::TooLarge(self.limit)) } else { Ok(body) };
            }
            if self.buffer.len() > self.limit {
                return Err(FrameFault::TooLarge(self.limit));
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(if self.is_inside() { FrameFault::Cut } else { FrameFault::Closed });
            }
            if !self.begun && self.buffer.starts_with(&TLS) {
                return Err(FrameFault::Tls);
            }
            self.begun = true;
        }
    }

    /// A whole message out of the buffer. What stands before its start is passed over.
    fn take(&mut self, searched: &mut usize) -> Option<Vec<u8>> {
        match self.buffer.iter().position(|b| *b == START) {
            Some(0) => {}
            Some(start) => {
                self.buffer.drain(..start);
                *searched = 0;
            }
            None => {
                self.buffer.clear();
                *searched = 0;
                return None;
            }
        }
        let from = searched.saturating_sub(1);
        let end = self.buffer[from..].windows(2).position(|pair| pair == END).map(|at| from + at);
        *searched = self.buffer.len();
        let end = end?;
        let body = self.buffer[1..end].to_vec();
        self.buffer.drain(..end + END.len());
        *searched = 0;
        Some(body)
    }
}

/// A message in its frame.
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + 3);
    out.push(START);
    out.extend_from_slice(message);
    out.extend_from_slice(&END);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn frames_come_whole_in_order_and_noise_is_passed_over() {
        let mut bytes = b"noise".to_vec();
        bytes.extend(framed(b"MSH|one\rPID|"));
        bytes.extend(b"\r\n");
        bytes.extend(framed(b"MSH|two"));
        bytes.extend(b"\x0bMSH|cut");
        let mut frames = Frames::new(&bytes[..], 64);
        assert_eq!(frames.next().await.unwrap(), b"MSH|one\rPID|");
        assert_eq!(frames.next().await.unwrap(), b"MSH|two");
        assert!(matches!(frames.next().await, Err(FrameFault::Cut)));
        let large = framed(&[b'x'; 100]);
        assert!(matches!(Frames::new(&large[..], 64).next().await, Err(FrameFault::TooLarge(64))));
        assert!(matches!(Frames::new(&b""[..], 64).next().await, Err(FrameFault::Closed)));
        let hello = b"\x16\x03\x01\x0b\x00";
        assert!(matches!(Frames::new(&hello[..], 64).next().await, Err(FrameFault::Tls)));
    }
}
